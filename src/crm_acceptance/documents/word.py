"""The form as Word: ours, or a company's own template with the fields filled in; decides nothing."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.exceptions import OpcError
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from crm_acceptance.documents.packing import office, printable, qr_png
from crm_acceptance.documents.paper import Paper, plain
from crm_acceptance.errors import WrongUse, unknown

FONT, ROMAN = "宋体", "Times New Roman"
MUST = ("结论", "签字", "短码")
"""Fields without which a paper is no acceptance form of ours: what was decided, who signed, and of what."""
COLOURS = {"通过": "1E7B3A", "有条件通过": "0B6477", "不通过": "B3261E", "证据不足": "8A5A00"}
HEAD = "E8EDF2"
WHOLE = 17.0
"""How wide a table is, in centimetres."""


def word(paper: Paper, template: Path | None = None) -> bytes:
    """The .docx. WrongUse: the template cannot be read, lacks a field or asks for one that nobody knows."""
    return office(_filled(paper, template) if template else _drawn(paper))


def _filled(paper: Paper, template: Path) -> bytes:
    fields = plain(paper)
    try:
        file = DocxTemplate(template)
        rooms = SandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
        asked = set(file.get_undeclared_template_variables(jinja_env=rooms))
        _check(template, asked, fields)
        file.render(fields, jinja_env=rooms, autoescape=True)
    except (TemplateError, ArithmeticError, TypeError, AttributeError) as wrong:
        raise WrongUse(f"模板 {template.name} 里的字段写错了：{wrong}。A field of the template is wrong.") from None
    except (OSError, ValueError, LookupError, SyntaxError, BadZipFile, OpcError) as wrong:
        raise WrongUse(f"模板 {template} 不能用：{wrong}。应当是 .docx 文件。The template cannot be read.") from None
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def _check(template: Path, asked: set[str], fields: dict[str, Any]) -> None:
    for name in sorted(asked - set(fields)):
        raise unknown(f"字段 field（{template.name}）", name, fields)
    missing = [name for name in MUST if name not in asked]
    if missing:
        written = "、".join("{{ " + name + " }}" for name in missing)
        raise WrongUse(
            f"模板 {template.name} 缺少字段 {written}，没有它们就不是验收单。"
            "The template lacks fields without which it is no acceptance form."
        )


def _drawn(paper: Paper) -> bytes:
    file = Document()
    _page(file)
    _heading(file, paper)
    _facts(file, paper)
    _departments(file, paper)
    _open(file, paper)
    _promises(file, paper)
    _hands(file, paper)
    _proof(file, paper)
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def _page(file: Any) -> None:
    section = file.sections[0]
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin = section.bottom_margin = Cm(1.8)
    style = file.styles["Normal"]
    style.font.name, style.font.size = ROMAN, Pt(10.5)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    style.paragraph_format.space_after = Pt(3)
    core = file.core_properties
    core.author = core.last_modified_by = "crm-acceptance"


def _heading(file: Any, paper: Paper) -> None:
    title = file.add_paragraph()
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(title, f"{paper.project}上线验收单", 18, bold=True)
    under = file.add_paragraph()
    under.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(under, f"验收编号 {paper.run}　短码 {paper.short}", 9)


def _facts(file: Any, paper: Paper) -> None:
    pairs = [
        ("系统", paper.system, "站点", paper.site),
        ("验收开始", paper.began, "验收结束", paper.ended),
        ("甲方", paper.client, "乙方", paper.vendor),
        ("验收结论", paper.decision, "已证明需求", paper.count),
        ("签字情况", paper.accepted, "", ""),
    ]
    table = _table(file, [2.4, 6.1, 2.4, 6.1], None)
    for row in pairs:
        cells = table.add_row().cells
        for n, text in enumerate(row):
            _write(cells[n], text, bold=n % 2 == 0 or text in COLOURS, colour=COLOURS.get(text))
            if n % 2 == 0 and text:
                _shade(cells[n])
    last = table.rows[-1].cells
    merged = last[1].merge(last[3])
    for empty in merged.paragraphs[1:]:
        empty._p.getparent().remove(empty._p)


def _departments(file: Any, paper: Paper) -> None:
    _section(file, "一、各部门结论")
    narrow = [1.8, 2.2, 1.9, *[1.9] * len(paper.dimensions), 1.7]
    widths = [one * WHOLE / sum(narrow) for one in narrow]  # as wide as the other tables, however many dimensions
    table = _table(
        file, widths, ["部门", "结论", "已证明", *(one.removesuffix("测试") for one in paper.dimensions), "签字"]
    )
    for row in paper.rows:
        cells = table.add_row().cells
        for n, text in enumerate((row.name, row.decision, row.count, *row.cells, row.state)):
            _write(cells[n], text, colour=COLOURS.get(text) if n == 1 else None, bold=n == 1)


def _open(file: Any, paper: Paper) -> None:
    _section(file, "二、未证明的需求")
    for problem in paper.problems[:10]:
        _run(file.add_paragraph(), f"运行不完整：{problem}", 9)
    if not paper.open:
        file.add_paragraph("无。" if not paper.problems else "")
        return
    table = _table(file, [2.2, 1.5, 5.3, 1.6, 6.4], ["编号", "部门", "需求", "结论", "原因"])
    for one in paper.open:
        _fill(table, (one.id, one.department, f"{one.text}（{one.criticality}）", one.proof, one.reason), 8.5)


def _promises(file: Any, paper: Paper) -> None:
    _section(file, "三、附带条件")
    if not paper.promises:
        file.add_paragraph("无。")
        return
    table = _table(file, [2, 9, 3, 3], ["部门", "条件", "责任人", "期限"])
    for one in paper.promises:
        _fill(table, (one.department, one.text, one.owner, one.due))


def _hands(file: Any, paper: Paper) -> None:
    _section(file, "四、部门签字")
    table = _table(file, [1.6, 2.6, 2.2, 3, 2.5, 5.1], ["部门", "签字人", "意见", "时间", "签字编号", "说明"])
    for one in paper.hands:
        name = f"{one.name}（代 {one.behalf}）" if one.behalf else one.name
        said = one.counts if one.counts != "有效" else one.reason
        _fill(table, (one.department, name, one.answer, one.at, one.short, said), 8.5)
    signed = {one.department for one in paper.hands}
    for row in paper.rows:
        if row.name not in signed:
            _fill(table, (row.name, "", "", "", "", row.why or "（未签）"), 8.5)
    _stamps(file)


def _stamps(file: Any) -> None:
    """Room for the seals of both sides."""
    file.add_paragraph().paragraph_format.space_after = Pt(0)
    table = _table(file, [2.5, 6, 2.5, 6], None)
    row = table.add_row()
    row.height = Cm(1.9)
    for cell, text in zip(row.cells, ("甲方（盖章）", "", "乙方（盖章）", ""), strict=True):
        _write(cell, text, bold=True)
        if text:
            _shade(cell)


def _proof(file: Any, paper: Paper) -> None:
    _section(file, "五、证据")
    table = _table(file, [3.6, 13.4], None)
    left, right = table.add_row().cells
    left.paragraphs[0].add_run().add_picture(io.BytesIO(qr_png(paper.code)), width=Cm(3.2))
    _write(right, "证据链 SHA-256", bold=True)
    _run(right.add_paragraph(), paper.head, 9)
    _run(
        right.add_paragraph(), "核对：crm-acceptance verify 证据包　或　crm-acceptance documents 运行 --check 本文件", 9
    )
    _run(right.add_paragraph(), "证据、需求或签字有任何改动，上面的校验码就不再相符，签字随之作废。", 9)


def _section(file: Any, text: str) -> None:
    paragraph = file.add_paragraph()
    paragraph.paragraph_format.space_before, paragraph.paragraph_format.keep_with_next = Pt(9), True
    _run(paragraph, text, 12, bold=True)


def _table(file: Any, widths: Sequence[float], titles: Sequence[str] | None) -> Any:
    table = file.add_table(rows=1 if titles else 0, cols=len(widths))
    table.style, table.alignment, table.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    if titles:
        for cell, title in zip(table.rows[0].cells, titles, strict=True):
            _write(cell, title, bold=True)
            _shade(cell)
        mark = OxmlElement("w:tblHeader")
        mark.set(qn("w:val"), "true")
        table.rows[0]._tr.get_or_add_trPr().append(mark)
    return table


def _fill(table: Any, texts: Sequence[str], size: float = 9.5) -> None:
    for cell, text in zip(table.add_row().cells, texts, strict=True):
        _write(cell, text, size)


def _write(cell: Any, text: str, size: float = 9.5, bold: bool = False, colour: str | None = None) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(2)
    _run(paragraph, text, size, bold, colour)


def _shade(cell: Any) -> None:
    shade = OxmlElement("w:shd")
    for name, value in (("w:val", "clear"), ("w:color", "auto"), ("w:fill", HEAD)):
        shade.set(qn(name), value)
    cell._tc.get_or_add_tcPr().append(shade)


def _run(paragraph: Any, text: str, size: float, bold: bool = False, colour: str | None = None) -> None:
    run = paragraph.add_run(printable(text))
    run.font.size, run.font.bold, run.font.name = Pt(size), bold, ROMAN
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), FONT)
    if colour:
        run.font.color.rgb = RGBColor.from_string(colour)
