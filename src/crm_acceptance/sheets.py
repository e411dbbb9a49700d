"""Excel workbooks as lines of text cells, and back; which columns a table needs is its reader's business."""

from __future__ import annotations

import datetime
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import MergedCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from crm_acceptance.errors import WrongUse

SUFFIXES = (".xlsx", ".xlsm")
LARGEST = 50_000_000
"""Bytes of an unpacked workbook; a table for people is a thousandth of that."""
HEADING_WITHIN = 10
"""Lines among which the heading is looked for: people put a title and a date above it."""
SPARE_LINES = 500
"""Lines below the last one in which a list of choices still helps whoever adds rows."""
_OLD = b"\xd0\xcf\x11\xe0"
Lines = list[list[str]]


def is_sheet(file: Path) -> bool:
    """Whether the name says that it is a workbook."""
    return file.suffix.lower() in (*SUFFIXES, ".xls")


def read(file: Path, is_heading: Callable[[Sequence[str]], bool]) -> tuple[Lines, int]:
    """Every line of the one sheet that holds the table, and the index of its heading.

    Numbers and dates are text, a merged cell's value stands in each of its cells, a formula is its value. WrongUse in
    one sentence: no workbook, protected by a password, several sheets that could be it, a formula without a value.
    """
    raw = _bytes(file)
    values, formulas = _book(file, raw, True), _book(file, raw, False)
    found = {sheet.title: _lines(sheet) for sheet in values.worksheets if sheet.sheet_state == "visible"}
    filled = {title: lines for title, lines in found.items() if any(any(line) for line in lines)}
    title = _chosen(file, filled, is_heading)
    if not title:
        return [], 0
    _refuse_uncomputed(file, values[title], formulas[title])
    return filled[title], _heading(filled[title], is_heading)


def write(lines: Iterable[Sequence[str]], title: str, choices: Mapping[int, Sequence[str]] | None = None) -> bytes:
    """A workbook with one sheet of text cells, its first line bold and standing still, with filter buttons.

    `choices`: column (1 is A) -> what Excel offers there as a list to choose from, also in lines still to be added.
    """
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title
    for line in lines:
        sheet.append([str(cell) for cell in line])
    for row in sheet.iter_rows():
        for cell in row:
            cell.data_type, cell.number_format = "s", "@"  # "=x" is a text here, no formula
            cell.font = Font(bold=cell.row == 1)
            cell.alignment = Alignment(vertical="top", wrap_text=True)
    for number in range(1, sheet.max_column + 1):
        sheet.column_dimensions[get_column_letter(number)].width = 28
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    for number, offered in (choices or {}).items():
        _offer(sheet, get_column_letter(number), offered)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _offer(sheet: Worksheet, column: str, offered: Sequence[str]) -> None:
    choice = DataValidation(type="list", formula1=f'"{",".join(offered)}"', allow_blank=True)
    choice.error = f"请选择 choose one of: {'、'.join(offered)}"
    sheet.add_data_validation(choice)
    choice.add(f"{column}2:{column}{sheet.max_row + SPARE_LINES}")


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise WrongUse(f"找不到 {file}。请检查 acceptance.toml 的 [tables]。No such file.") from None
    except OSError as refused:
        raise WrongUse(f"读不了 {file}：{refused.strerror}（cannot be read）。") from None


def _book(file: Path, raw: bytes, computed: bool) -> Workbook:
    if raw.startswith(_OLD):
        raise WrongUse(
            f"{file} 是旧版 Excel（.xls）或加了密码。请在 Excel 里“另存为 → Excel 工作簿（.xlsx）”，不设密码。"
            "An old .xls or a protected workbook: save it as .xlsx without a password."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            if sum(member.file_size for member in packed.infolist()) > LARGEST:
                raise WrongUse(f"{file} 解开后超过 {LARGEST // 10**6} MB，不像一张表。Too large for a table.")
        return load_workbook(io.BytesIO(raw), data_only=computed)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError, EOFError, SyntaxError):
        raise WrongUse(
            f"{file} 不是 Excel 工作簿（.xlsx），或者已经损坏。Not an .xlsx workbook, or a damaged one."
        ) from None


def _lines(sheet: Worksheet) -> Lines:
    shared: dict[Any, Any] = {
        (row, column): sheet.cell(area.min_row, area.min_col).value
        for area in sheet.merged_cells.ranges
        for row in range(area.min_row, area.max_row + 1)
        for column in range(area.min_col, area.max_col + 1)
    }
    return [[_text(shared.get((cell.row, cell.column), cell.value)) for cell in row] for row in sheet.iter_rows()]


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return f"{Decimal(str(value)).normalize():f}"
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        value = value.date()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return str(value).strip()


def _chosen(file: Path, filled: dict[str, Lines], is_heading: Callable[[Sequence[str]], bool]) -> str:
    """The sheet with the heading; the only one with content where none has it, so that the missing column is named."""
    fitting = [title for title, lines in filled.items() if any(map(is_heading, lines[:HEADING_WITHIN]))] or list(filled)
    if len(fitting) > 1:
        raise WrongUse(
            f"{file} 有几张表都有内容：{'、'.join(fitting)}，不知道该读哪一张；请只留一张，或把别的另存。"
            "Several sheets with content: keep the one that is meant."
        )
    return fitting[0] if fitting else ""


def _heading(lines: Lines, is_heading: Callable[[Sequence[str]], bool]) -> int:
    near = range(min(HEADING_WITHIN, len(lines)))
    return next((n for n in near if is_heading(lines[n])), next((n for n in near if any(lines[n])), 0))


def _refuse_uncomputed(file: Path, values: Worksheet, formulas: Worksheet) -> None:
    """A workbook written by a program holds formulas without values until Excel has opened it once."""
    empty = [cell.coordinate for cell in _formulas(formulas) if values[cell.coordinate].value is None]
    if empty:
        raise WrongUse(
            f"{file}（{values.title}）的 {'、'.join(empty[:5])} 是公式，文件里没有算好的值；"
            "请在 Excel 里打开并保存一次，或改成文字。"
            "A formula without a value: open and save it in Excel, or write text."
        )


def _formulas(sheet: Worksheet) -> Iterator[Any]:
    for row in sheet.iter_rows():
        yield from (cell for cell in row if not isinstance(cell, MergedCell) and cell.data_type == "f")
