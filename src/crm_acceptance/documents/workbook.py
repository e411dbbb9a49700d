"""The form as an Excel workbook: one sheet each for the form, requirements, signatures and conditions."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.drawing.image import Image
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter

from crm_acceptance.documents.packing import office, printable, qr_png
from crm_acceptance.documents.paper import Paper
from crm_acceptance.documents.word import COLOURS, HEAD

LINE = Side(style="thin", color="9AA5B1")
BOX = Border(left=LINE, right=LINE, top=LINE, bottom=LINE)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What Excel would take for a formula; a CRM may have answered with it."""


def workbook(paper: Paper) -> bytes:
    """The .xlsx."""
    book = Workbook()
    _form(book.active, paper)
    _sheet(
        book, "需求", ("编号", "部门", "级别", "需求", "结论", "原因"), (12, 8, 8, 46, 10, 90),
        ((one.id, one.department, one.criticality, one.text, one.proof, one.reason) for one in paper.requirements),
    )  # fmt: skip
    _sheet(
        book, "签字", ("部门", "签字人", "代谁", "意见", "说明", "时间", "密钥", "签字编号", "是否有效"),
        (8, 12, 12, 12, 30, 18, 16, 16, 40),
        ((o.department, o.name, o.behalf, o.answer, o.reason, o.at, o.key, o.short, o.counts) for o in paper.hands),
    )  # fmt: skip
    _sheet(
        book, "条件", ("部门", "条件", "责任人", "期限"), (8, 60, 14, 14),
        ((one.department, one.text, one.owner, one.due) for one in paper.promises),
    )  # fmt: skip
    book.properties.creator = book.properties.lastModifiedBy = "crm-acceptance"
    out = io.BytesIO()
    book.save(out)
    return office(out.getvalue())


def _form(sheet: Any, paper: Paper) -> None:
    sheet.title = "验收单"
    across = 5 + len(paper.dimensions)
    for n, width in enumerate((14, 16, 12, *[10] * len(paper.dimensions), 12, 40), 1):
        sheet.column_dimensions[get_column_letter(n)].width = width
    sheet.append([f"{paper.project}上线验收单"])
    sheet.merge_cells(start_row=1, end_row=1, start_column=1, end_column=across)
    sheet["A1"].font, sheet["A1"].alignment = Font(size=18, bold=True), Alignment(horizontal="center")
    for name, value in _facts(paper):
        sheet.append([name, _safe(value)])
        sheet.merge_cells(start_row=sheet.max_row, end_row=sheet.max_row, start_column=2, end_column=across)
        _box(sheet, sheet.max_row, across)
        sheet.cell(sheet.max_row, 1).fill = PatternFill("solid", fgColor=HEAD)
        if value in COLOURS:
            sheet.cell(sheet.max_row, 2).font = Font(bold=True, color=COLOURS[value])
    _heads(sheet, ("部门", "结论", "已证明", *(one.removesuffix("测试") for one in paper.dimensions), "签字", "说明"))
    for row in paper.rows:
        sheet.append([_safe(text) for text in (row.name, row.decision, row.count, *row.cells, row.state, row.why)])
        _box(sheet, sheet.max_row, across)
        sheet.cell(sheet.max_row, 2).font = Font(bold=True, color=COLOURS.get(row.decision, "000000"))
    sheet.add_image(_picture(paper), f"A{sheet.max_row + 2}")
    _print(sheet)


def _facts(paper: Paper) -> Iterable[tuple[str, str]]:
    return (
        ("系统", paper.system), ("站点", paper.site), ("验收编号", paper.run), ("验收开始", paper.began),
        ("验收结束", paper.ended), ("甲方", paper.client), ("乙方", paper.vendor), ("验收结论", paper.decision),
        ("已证明需求", paper.count), ("签字情况", paper.accepted), ("短码", paper.short),
        ("证据链 SHA-256", paper.head),
        *(("运行不完整", one) for one in paper.problems[:5]),
    )  # fmt: skip


def _picture(paper: Paper) -> Image:
    picture = Image(io.BytesIO(qr_png(paper.code)))
    picture.width = picture.height = 140
    return picture


def _sheet(book: Any, title: str, heads: Sequence[str], widths: Sequence[float], rows: Iterable[Sequence[str]]) -> None:
    sheet = book.create_sheet(title)
    for n, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(n)].width = width
    _heads(sheet, heads)
    sheet.freeze_panes = "A2"
    for row in rows:
        sheet.append([_safe(text) for text in row])
        _box(sheet, sheet.max_row, len(heads))
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(heads))}{sheet.max_row}"
    _print(sheet)


def _heads(sheet: Any, heads: Sequence[str]) -> None:
    row = sheet.max_row + 2 if sheet["A1"].value is not None else 1
    for n, text in enumerate(heads, 1):
        cell = sheet.cell(row, n, text)
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor=HEAD)
    _box(sheet, row, len(heads))


def _box(sheet: Any, row: int, across: int) -> None:
    for n in range(1, across + 1):
        cell = sheet.cell(row, n)
        cell.border, cell.alignment = BOX, Alignment(wrap_text=True, vertical="top")


def _print(sheet: Any) -> None:
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", 9
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _safe(text: str) -> str:
    """As text and never as a formula."""
    clean = printable(text)
    return f"'{clean}" if clean.startswith(FORMULA) else clean
