"""`permissions sheet`: the workbook that business people get speaks Chinese and means the same as the table."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from crm_acceptance import catalogue, profile
from crm_acceptance.cli import app
from crm_acceptance.engines.permissions import table

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("system", ["refcrm", "tryton", "nocobase", "creme"])
def test_the_chinese_workbook_means_the_same_as_the_table(
    system: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    out = tmp_path / "权限表.xlsx"
    told = CliRunner().invoke(app, ["permissions", "sheet", str(out), "--system", system])
    assert told.exit_code == 0, told.output
    chosen = profile.load(ROOT, system)
    known = catalogue.load(chosen)
    people = tuple(known.people.values())
    read = table.load(out, {one.role for one in people}, known.requirements, people)
    declared = table.declared(chosen, known)
    assert declared is not None
    assert {rule.cell: rule.meaning for rule in read.rules} == {rule.cell: rule.meaning for rule in declared.rules}


def test_headings_words_and_choices_are_chinese(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    out = tmp_path / "t.xlsx"
    assert CliRunner().invoke(app, ["permissions", "sheet", str(out)]).exit_code == 0
    sheet = load_workbook(out).active
    lines = list(sheet.iter_rows(values_only=True))
    assert lines[0] == ("角色", "动作", "对象", "范围", "字段", "需求")
    assert lines[1][:4] == ("销售代表", "查看、修改历史、附件清单", "线索", "自己")
    assert sheet.data_validations.dataValidation[0].formula1 == '"自己,本团队,本部门,全部,无"'


@pytest.mark.parametrize("name", ["t.csv", "nowhere/t.xlsx"])
def test_a_workbook_that_cannot_be_written_is_one_sentence(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    told = CliRunner().invoke(app, ["permissions", "sheet", str(tmp_path / name)])
    assert "应当是一个还不存在的 .xlsx 文件" in str(told.exception)
