"""Tables as Excel workbooks: read as people mean them, and one sentence where that cannot be known."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from crm_acceptance import catalogue, sheets
from crm_acceptance.errors import WrongUse

COLUMNS = ("key", "name", "phone")


def saved(tmp_path: Path, *lines: list[Any], change: Any = None) -> Path:
    book = Workbook()
    sheet = book.active
    for line in lines:
        sheet.append(line)
    if change:
        change(book, sheet)
    book.save(tmp_path / "t.xlsx")
    return tmp_path / "t.xlsx"


def rows(file: Path, **more: Any) -> list[dict[str, str]]:
    return [dict(row.cells) for row in catalogue.read_table(file, COLUMNS, **more).rows]


def test_numbers_and_dates_are_read_as_the_text_that_people_see(tmp_path: Path) -> None:
    file = saved(tmp_path, list(COLUMNS), [1, 2.50, 13912345678], [True, datetime.date(2026, 11, 22), None])
    assert rows(file) == [
        {"key": "1", "name": "2.5", "phone": "13912345678"},
        {"key": "TRUE", "name": "2026-11-22", "phone": ""},
    ]


def test_a_merged_cell_speaks_for_every_line_that_it_covers(tmp_path: Path) -> None:
    file = saved(
        tmp_path, list(COLUMNS), ["a", "x", 1], [None, "y", 2], change=lambda book, sheet: sheet.merge_cells("A2:A3")
    )
    assert [row["key"] for row in rows(file)] == ["a", "a"]


def test_a_title_above_the_heading_and_empty_lines_do_not_move_line_numbers(tmp_path: Path) -> None:
    file = saved(tmp_path, ["通讯录"], [], [*COLUMNS, None], [], ["a", "x", 1])
    table = catalogue.read_table(file, COLUMNS)
    assert [(row.line, row.cells["key"]) for row in table.rows] == [(5, "a")]


def test_chinese_headings_are_as_good_as_the_keys(tmp_path: Path) -> None:
    file = saved(tmp_path, ["工号", "姓名", "phone"], ["a", "安", 1])
    assert rows(file, headings=catalogue.PERSON_HEADINGS)[0]["name"] == "安"


def test_the_one_sheet_with_the_heading_is_read_whatever_stands_on_others(tmp_path: Path) -> None:
    def notes(book: Any, sheet: Any) -> None:
        book.create_sheet("说明").append(["这是说明"])

    assert rows(saved(tmp_path, list(COLUMNS), ["a", "x", 1], change=notes)) == [
        {"key": "a", "name": "x", "phone": "1"}
    ]


def _twice(book: Any, sheet: Any) -> None:
    again = book.create_sheet("去年")
    again.append(list(COLUMNS))
    again.append(["b", "y", 2])


@pytest.mark.parametrize(
    ("lines", "change", "said"),
    [
        ([list(COLUMNS), ["a", "x", 1]], _twice, "去年"),
        ([list(COLUMNS), ["a", "=1+1", 1]], None, "B2 是公式"),
        ([["key", "name"], ["a", "x"]], None, "phone"),
        ([], None, "空的"),
        ([list(COLUMNS)], None, "没有一行内容"),
        ([list(COLUMNS), ["a", "x", 1, "多出来"]], None, "第 2 行有 4 格"),
    ],
)
def test_what_cannot_be_known_is_one_sentence(tmp_path: Path, lines: list[Any], change: Any, said: str) -> None:
    with pytest.raises(WrongUse, match=said):
        rows(saved(tmp_path, *lines, change=change))


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("a.xlsx", b"key,name,phone\n", "不是 Excel 工作簿"),
        ("a.xlsx", b"PK\x03\x04rubbish", "不是 Excel 工作簿"),
        ("a.xls", b"\xd0\xcf\x11\xe0old", "旧版"),
    ],
)
def test_a_file_that_is_no_workbook_is_told(tmp_path: Path, name: str, body: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(body)
    with pytest.raises(WrongUse, match=said):
        rows(tmp_path / name)
    with pytest.raises(WrongUse, match="找不到"):
        rows(tmp_path / "gone.xlsx")


def test_what_is_written_is_read_again_word_for_word(tmp_path: Path) -> None:
    (tmp_path / "t.xlsx").write_bytes(sheets.write([COLUMNS, ("007", "=安", "1|2")], "权限"))
    assert rows(tmp_path / "t.xlsx") == [{"key": "007", "name": "=安", "phone": "1|2"}]
