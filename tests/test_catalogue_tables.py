"""requirements.csv and people.csv as Excel and people make them: read, or refused with the place and the remedy."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny_workspace

from crm_acceptance import catalogue, profile
from crm_acceptance.errors import WrongUse


def load(tmp_path: Path, requirements: str | bytes = "", people: str | bytes = "") -> catalogue.Catalogue:
    made = tiny_workspace.make(tmp_path)
    if requirements:
        made.file("features/requirements.csv", requirements)
    if people:
        made.file("fixtures/people.csv", people)
    return catalogue.load(profile.load(made.path))


def refused(tmp_path: Path, requirements: str | bytes = "", people: str | bytes = "") -> str:
    with pytest.raises(WrongUse) as told:
        load(tmp_path, requirements, people)
    return str(told.value)


def test_good_tables_become_nouns(tmp_path: Path) -> None:
    told = load(tmp_path)
    assert told.requirements["FIN-001"].dimension == "abnormal" and told.people["lina"].name == "李娜"
    assert told.notices == ()


def test_a_byte_order_mark_from_excel_is_accepted(tmp_path: Path) -> None:
    assert "SALES-001" in load(tmp_path, b"\xef\xbb\xbf" + tiny_workspace.REQUIREMENTS.encode()).requirements


def test_gbk_from_excel_is_read_and_noticed(tmp_path: Path) -> None:
    told = load(tmp_path, tiny_workspace.REQUIREMENTS.encode("gbk"))
    assert told.requirements["SALES-002"].text == "线索转客户"
    assert "另存为 → CSV UTF-8" in told.notices[0]


def test_bytes_that_are_neither_are_refused_with_the_remedy(tmp_path: Path) -> None:
    assert "CSV UTF-8" in refused(tmp_path, tiny_workspace.REQUIREMENTS.encode() + b"\xff\xff\xff")


def test_windows_line_ends_and_blank_lines_are_fine(tmp_path: Path) -> None:
    text = tiny_workspace.REQUIREMENTS.replace("\n", "\r\n") + "\r\n,,,,,\r\n"
    assert len(load(tmp_path, text).requirements) == 3


def test_names_as_the_report_shows_them_are_as_good_as_keys(tmp_path: Path) -> None:
    row = "MKT-900,市场部,重要,用户场景测试,名片当天登记,\nMKT-901,市场,关键,功能,活动,\n"
    told = load(tmp_path, tiny_workspace.REQUIREMENTS + row).requirements
    assert [told["MKT-900"].department, told["MKT-900"].criticality, told["MKT-900"].dimension] == [
        "marketing", "major", "scenario",
    ]  # fmt: skip
    assert told["MKT-901"].dimension == "functional" and told["MKT-901"].criticality == "critical"


def test_a_misspelt_column_suggests_the_right_one(tmp_path: Path) -> None:
    said = refused(tmp_path, tiny_workspace.REQUIREMENTS.replace("criticality", "critcality"))
    assert "criticality（是不是写成了 critcality？）" in said


def test_a_misspelt_optional_column_is_noticed_too(tmp_path: Path) -> None:
    assert "text_en" in refused(tmp_path, tiny_workspace.REQUIREMENTS.replace("text_en", "text_eng"))


def test_a_missing_column_names_the_known_ones(tmp_path: Path) -> None:
    said = refused(tmp_path, people="key,name,role,login\nlina,李娜,sales_rep,lina\n")
    assert "department" in said and "known: key, name, department, role, login" in said


def test_a_column_of_ones_own_is_fine(tmp_path: Path) -> None:
    lines = tiny_workspace.REQUIREMENTS.strip().splitlines()
    text = "\n".join([lines[0] + ",来源", *(line + ",合同第三条" for line in lines[1:])])
    assert len(load(tmp_path, text).requirements) == 3


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("SALES-001,sales,major,functional,又一个,", "重复 duplicate id: SALES-001（第 2 行"),
        ("SALES-009,sale,major,functional,部门错,", "是不是 sales？"),
        ("SALES-009,sales,majr,functional,级别错,", "是不是 major？"),
        ("SALES-009,sales,major,functinal,维度错,", "是不是 functional？"),
        ("sales9,sales,major,functional,编号错,", "SALES-001"),
        ("SALES-009,sales,major,functional,,", "text is empty"),
        ("SALES-009,sales,major,functional,有逗号,多,一格", "7 cells for 6 columns"),
    ],
)
def test_a_wrong_row_is_named_with_its_line(tmp_path: Path, line: str, said: str) -> None:
    told = refused(tmp_path, tiny_workspace.REQUIREMENTS + line + "\n")
    assert said in told and ("csv:5" in told or "Line 5" in told)


def test_every_wrong_row_is_told_at_once(tmp_path: Path) -> None:
    wrong = tiny_workspace.REQUIREMENTS + "A-1,sale,major,functional,x,\nA-1,sales,majr,functional,y,\n"
    assert len(refused(tmp_path, wrong, "key,name,department,role,login\na,甲,hr,r,a\n").splitlines()) == 4


@pytest.mark.parametrize("column", ["key", "name", "login"])
def test_two_people_may_not_share_what_tells_them_apart(tmp_path: Path, column: str) -> None:
    second = {"key": "li", "name": "李力", "login": "li"} | {
        column: {"key": "lina", "name": "李娜", "login": "lina"}[column]
    }
    text = tiny_workspace.PEOPLE + f"{second['key']},{second['name']},sales,sales_rep,{second['login']}\n"
    assert f"duplicate {column}" in refused(tmp_path, people=text)


@pytest.mark.parametrize(
    ("text", "said"), [("\n", "空的"), (tiny_workspace.REQUIREMENTS.splitlines()[0], "没有一行内容")]
)
def test_an_empty_table_is_refused(tmp_path: Path, text: str, said: str) -> None:
    assert said in refused(tmp_path, text)


def test_a_quotation_mark_left_open_in_a_long_table_is_one_sentence(tmp_path: Path) -> None:
    text = tiny_workspace.REQUIREMENTS + 'SALES-009,sales,major,functional,"' + "线索\n" * 50_000
    assert "不是正确的 CSV" in refused(tmp_path, text)


def test_an_absent_table_is_named(tmp_path: Path) -> None:
    made = tiny_workspace.make(tmp_path)
    (made.path / "features/requirements.csv").unlink()
    with pytest.raises(WrongUse, match=r"找不到 .*requirements\.csv"):
        catalogue.load(profile.load(made.path))
