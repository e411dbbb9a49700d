"""The table at the end of a run, as somebody on a plain console of 80 columns reads it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from greenrun import GreenRun
from rich.cells import cell_len
from rich.console import Console

from crm_acceptance.gate import judge
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
        "销售", "不可上线", "no-go", "x", "0/1", "-", "-", "1/1", "1/1",
    ]  # fmt: skip
    assert "尚未证明 unproven" in next(line for line in lines if line.strip().startswith("客服"))
    assert "可以上线 go" in next(line for line in lines if line.strip().startswith("财务"))


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


def test_what_was_not_selected_is_counted_and_does_not_hide_what_was(mixed: GreenRun, tmp_path: Path) -> None:
    mixed.item("test_peak[morning]")["selected"] = False
    mixed.results.remove(mixed.result("test_peak[morning]"))
    mixed.phase("load")["exit"] = 5
    text = shown(mixed.lay(tmp_path), width=200)
    assert "1 条需求本次没有选中" in text
    assert "PERF-001" not in text


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
