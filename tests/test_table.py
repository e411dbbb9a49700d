"""The table at the end of a run, as somebody on a plain console of 80 columns reads it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from greenrun import GreenRun
from rich.cells import cell_len
from rich.console import Console

from crm_acceptance.gate import Doubts, judge, verdict_of
from crm_acceptance.table import print_table


def shown(folder: Path, width: int = 80) -> str:
    out = io.StringIO()
    print_table(judge(folder), Console(file=out, width=width, no_color=True, force_terminal=False))
    return out.getvalue()


@pytest.fixture
def mixed() -> GreenRun:
    green = GreenRun()
    green.result("test_lead").update(status="failed", statusDetails={"message": "AssertionError: [bold]来源[/bold]"})
    green.result("test_orders").update(status="skipped", statusDetails={"message": "Skipped: 不支持 unsupported"})
    green.phase("scenarios")["exit"] = 1
    return green


def test_every_department_stands_with_its_decision_in_words(mixed: GreenRun, tmp_path: Path) -> None:
    lines = shown(mixed.lay(tmp_path)).splitlines()
    assert next(line for line in lines if line.strip().startswith("销售")).split() == [
        "销售", "不通过", "no-go", "x", "0/1", "-", "-", "1/1", "1/1",
    ]  # fmt: skip
    assert "证据不足 unproven" in next(line for line in lines if line.strip().startswith("客服"))
    assert "通过 go" in next(line for line in lines if line.strip().startswith("财务"))


def test_eighty_columns_are_enough(mixed: GreenRun, tmp_path: Path) -> None:
    mixed.run["finished"] = None
    assert max(cell_len(line) for line in shown(mixed.lay(tmp_path)).splitlines()) <= 80


def test_what_is_open_is_listed_with_its_reason_the_disproven_first(mixed: GreenRun, tmp_path: Path) -> None:
    text = shown(mixed.lay(tmp_path), width=200)
    assert "SALES-001 被推翻 disproven 登记线索各项资料齐全\n  test_lead：不符合 failed: [bold]来源[/bold]\n" in text
    assert text.index("SALES-001") < text.index("SVC-003 待证明 unproven")
    assert "不支持 unsupported" in text


def test_a_long_list_is_cut_and_says_so(tmp_path: Path) -> None:
    green = GreenRun()
    green.requirements += [{**green.requirements[0], "id": f"SALES-1{number:02}"} for number in range(30)]
    text = shown(green.lay(tmp_path))
    assert "还有 20 项" in text
    assert "SALES-129" not in text


def left_out(green: GreenRun, *nodeid_ends: str) -> GreenRun:
    """The run as it would be if those checks had not been selected."""
    for end in nodeid_ends:
        green.item(end)["selected"] = False
        green.results.remove(green.result(end))
    return green


def test_what_was_not_selected_is_counted_and_does_not_hide_what_was(mixed: GreenRun, tmp_path: Path) -> None:
    left_out(mixed, "test_peak[morning]").phase("load")["exit"] = 5
    text = shown(mixed.lay(tmp_path), width=200)
    assert text.startswith(
        "选中的 5 条需求：3 已证明 SALES-004 SEC-002 FIN-001，1 被推翻 SALES-001，"
        "1 待证明 SVC-003（其余 1 条本次没有选中）"
    )
    assert "PERF-001" not in text


def test_a_run_of_one_requirement_names_it_as_proven_before_anything_else(tmp_path: Path) -> None:
    green = left_out(GreenRun(), "test_lead", "test_lead_by_screen", "test_follow", "test_pay", "test_orders")
    left_out(green, "test_cell[sales_rep-read-customer]", "test_roles[readCustomer]")
    text = shown(green.lay(tmp_path), width=200)
    assert text.startswith("选中的 1 条需求：1 已证明 PERF-001（其余 5 条本次没有选中，因此结论不是“通过”）")
    assert "1 selected: 1 proven PERF-001 (the other 5 were not selected" in text


def test_where_the_left_out_requirements_do_not_count_the_line_does_not_contradict_the_decision(
    tmp_path: Path,
) -> None:
    green = left_out(GreenRun(), "test_peak[morning]")
    green.phase("load")["exit"] = 5
    green.run["departments"] = ["sales"]
    text = shown(green.lay(tmp_path), width=200)
    assert "其余 1 条本次没有选中）" in text and "通过 go" in text.splitlines()[-1]


def test_a_requirement_of_which_only_a_part_ran_is_not_called_selected(tmp_path: Path) -> None:
    green = left_out(GreenRun(), "test_lead_by_screen")
    assert "其余 1 条本次没有全部选中" in shown(green.lay(tmp_path), width=200)


def test_what_was_changed_since_the_run_is_told_with_its_reason_and_not_called_left_out(tmp_path: Path) -> None:
    out = io.StringIO()
    stale = Doubts({"FIN-001": "运行之后改过 stale"})
    print_table(verdict_of(GreenRun().lay(tmp_path), stale), Console(file=out, width=200, no_color=True))
    assert "没有选中" not in out.getvalue() and "没有全部选中" not in out.getvalue()
    assert "FIN-001 待证明" in out.getvalue() and "运行之后改过 stale" in out.getvalue()


def test_more_than_ten_selected_requirements_are_counted_and_not_named(tmp_path: Path) -> None:
    green = left_out(GreenRun(), "test_peak[morning]")
    green.requirements += [{**green.requirements[0], "id": f"SALES-1{number:02}"} for number in range(11)]
    assert shown(green.lay(tmp_path), width=200).startswith("选中的 16 条需求：5 已证明 SALES-001 SALES-004")
    assert "11 待证明（其余" in shown(green.lay(tmp_path), width=200)


def test_a_run_that_left_nothing_out_has_no_such_line(mixed: GreenRun, tmp_path: Path) -> None:
    assert "选中的" not in shown(mixed.lay(tmp_path), width=200)


def test_a_console_that_does_not_wrap_keeps_every_sentence_whole(mixed: GreenRun, tmp_path: Path) -> None:
    out = io.StringIO()
    mixed.result("test_lead")["statusDetails"] = {"message": "很长 long " * 30}
    print_table(judge(mixed.lay(tmp_path)), Console(file=out, width=80, no_color=True, soft_wrap=True))
    assert ("很长 long " * 30).strip() in out.getvalue()


@pytest.mark.parametrize(("status", "code"), [("passed", 0), ("failed", 1), ("skipped", 3)])
def test_the_last_sentence_tells_the_exit_code(tmp_path: Path, status: str, code: int) -> None:
    green = GreenRun()
    green.result("test_follow")["status"] = status
    assert f"exit code {code} " in shown(green.lay(tmp_path), width=300).splitlines()[-1]


def test_what_is_wrong_with_the_run_is_said(tmp_path: Path) -> None:
    green = GreenRun()
    green.run["finished"] = None
    assert "! 运行没有结束 the run did not finish" in shown(green.lay(tmp_path))


def test_an_empty_run_still_has_a_closing_sentence(tmp_path: Path) -> None:
    assert "exit code 3" in shown(tmp_path, width=300)
