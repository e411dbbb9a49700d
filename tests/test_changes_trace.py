"""Traceability: every link is there both ways, and what hangs on nothing is told."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import openpyxl
import pytest
import signing_room
import tiny_workspace
from greenrun import RUN, GreenRun, result
from typer.testing import CliRunner

from crm_acceptance import manifest
from crm_acceptance.changes.tracing import Trace, lines, trace
from crm_acceptance.cli import app
from crm_acceptance.commands.trace import _csv
from crm_acceptance.gate import verdict_of
from crm_acceptance.model import Expected, Requirement


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return GreenRun().lay(tmp_path / "run")


def traced(run: Path, *more: Expected, extra: tuple[Requirement, ...] = ()) -> Trace:
    said = manifest.read(run)
    signed = {"sales": ("陈静 yes",)}
    return trace((*said.requirements, *extra), (*said.items, *more), verdict_of(run), signed)


def test_a_requirement_leads_to_its_checks_results_and_signatures(run: Path) -> None:
    found = traced(run)
    row = next(row for row in found.rows if row.requirement.id == "SALES-001")
    assert [(one.nodeid.rpartition("::")[2], one.status) for one in row.checks] == [
        ("test_lead", "passed"),
        ("test_lead_by_screen", "passed"),
    ]
    assert (row.proof, row.signatures) == ("proven", ("陈静 yes",))
    assert found.orphans == ()
    shared = [row.requirement.id for row in found.rows if any("test_pay" in one.nodeid for one in row.checks)]
    assert shared == ["FIN-001", "SVC-003"]


def test_coverage_is_counted_per_department_and_dimension(run: Path) -> None:
    new = Requirement("SALES-099", "sales", "minor", "functional", "还没有检查")
    counts = {(one.department, one.dimension): one for one in traced(run, extra=(new,)).coverage}
    whole, functional = counts["sales", ""], counts["sales", "functional"]
    assert (whole.requirements, whole.checked, whole.proven, whole.signed) == (4, 3, 3, 4)
    assert (functional.requirements, functional.checked, functional.proven) == (2, 1, 1)
    assert counts["finance", ""].signed == 0


def test_every_kind_of_orphan_is_told(tmp_path: Path) -> None:
    green = GreenRun()
    stray = result(99, "features/sales/gone.feature::test_gone", "scenarios", ("SALES-001",))
    green.results.append(stray)
    run = green.lay(tmp_path / "run")
    lost = Expected("a::b", "标题", ("XYZ-1",), "scenarios"), Expected("a::c", "无主", (), "scenarios")
    new = Requirement("SALES-099", "sales", "minor", "functional", "还没有检查")
    found = {(one.kind, one.id) for one in traced(run, *lost, extra=(new,)).orphans}
    assert found == {
        ("requirement without check", "SALES-099"),
        ("check of an unknown requirement", "a::b"),
        ("check without requirement", "a::c"),
        ("result without promise", "features/sales/gone.feature::test_gone"),
    }


def test_the_table_has_a_line_for_every_link(run: Path) -> None:
    heading, *rows = lines(traced(run))
    assert all(len(row) == len(heading) for row in rows)
    promised = sum(len(item.requirements) for item in manifest.read(run).items)
    assert len(rows) == promised
    assert rows[0][:4] == ("SALES-001", "销售", "功能测试", "关键")


def test_the_command_writes_both_files_and_exits_1_for_a_signature_without_its_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = signing_room.make(tmp_path)
    room.sign("chenjing")
    monkeypatch.chdir(tmp_path)
    words = ["trace", str(room.run), "--csv", "t.csv", "--xlsx", "t.xlsx"]
    fine = CliRunner().invoke(app, words)
    assert fine.exit_code == 0, fine.output
    rows = list(csv.reader((tmp_path / "t.csv").read_text("utf-8-sig").splitlines()))
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx").active
    assert sheet is not None
    assert [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)] == rows
    elsewhere = tmp_path / "elsewhere" / room.run.name
    elsewhere.parent.mkdir()
    room.run.rename(elsewhere)
    shown = CliRunner().invoke(app, ["trace", str(elsewhere)])
    assert shown.exit_code == 0, shown.output
    elsewhere.rename(room.run)
    other = GreenRun()
    other.run["id"] = "later"
    for one in other.results:
        next(label for label in one["labels"] if label["name"] == "run")["value"] = "later"
    shutil.rmtree(room.run)
    later = other.lay(tmp_path / "reports" / "later")
    gone = CliRunner().invoke(app, ["trace", str(later)])
    assert gone.exit_code == 1
    assert RUN in gone.output and "签的运行" in gone.output


def test_the_live_workspace_tells_a_requirement_that_nobody_checks(tmp_path: Path) -> None:
    made = tiny_workspace.make(tmp_path)
    found = made.cli("trace")
    assert found.returncode == 1
    assert "SALES-002" in found.stdout and "FIN-001" in found.stdout and "落空" in found.stdout
    assert "SALES-001" not in found.stdout.partition("落空")[2]
    only = made.cli("trace", "--department", "财务")
    assert only.returncode == 1 and "SALES-002" not in only.stdout
    wrong = made.cli("trace", "--department", "仓库")
    assert wrong.returncode == 2 and "没有这个部门" in wrong.stdout


def test_a_tag_that_no_requirement_knows_is_told_not_raised(tmp_path: Path) -> None:
    made = tiny_workspace.make(tmp_path)
    made.feature(
        "# language: zh-CN\n@SALES-404\n功能: 甲\n  场景: 甲\n    那么 线索共 1 条\n", "features/sales/x.feature"
    )
    found = made.cli("trace")
    assert found.returncode == 1
    assert "SALES-404" in found.stdout


def test_what_was_imported_is_no_formula_in_the_csv() -> None:
    body = _csv([("SALES-001", '=HYPERLINK("http://x")', "-1", "登记线索", "")]).decode("utf-8-sig")
    assert next(csv.reader(body.splitlines())) == ["SALES-001", '\'=HYPERLINK("http://x")', "'-1", "登记线索", ""]
