"""The acceptance form: three papers that say the same, alike byte for byte as long as the evidence is the same."""

from __future__ import annotations

import io
import re
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import openpyxl
import pikepdf
import pytest
import signing_room
import signing_tricks as tricks
import zxingcpp
from docx import Document
from PIL import Image
from playwright.sync_api import sync_playwright
from signing_room import NOW, Room

from crm_acceptance import contents
from crm_acceptance.documents.packing import office
from crm_acceptance.documents.paper import Paper, paper
from crm_acceptance.documents.printed import html, printed
from crm_acceptance.documents.word import word
from crm_acceptance.documents.workbook import workbook
from crm_acceptance.errors import WrongUse
from crm_acceptance.signoff import status
from crm_acceptance.signoff.sayings import Condition
from crm_acceptance.signoff.subject import subject
from crm_acceptance.tools.browser import find_browser, launch_args

CONDITION = Condition("补测导出", "李娜", NOW.date() + timedelta(days=30))


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return signing_room.make(tmp_path)


def form(room: Room) -> Paper:
    now = contents.of_run(room.run)
    return paper(room.profile, subject(room.profile, room.run, now), status(room.profile, room.run, room.now, now))


def text_of(raw: bytes) -> str:
    """Everything that a Word file says, tables included."""
    file = Document(io.BytesIO(raw))
    cells = (cell.text for table in file.tables for row in table.rows for cell in row.cells)
    return "\n".join([*(one.text for one in file.paragraphs), *cells])


def all_cells(raw: bytes) -> str:
    book = openpyxl.load_workbook(io.BytesIO(raw))
    return "\n".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell)


def test_every_paper_says_the_decision_the_signatures_and_the_hash(room: Room) -> None:
    receipt = room.sign("chenjing", "conditional", conditions=(CONDITION,))
    made = form(room)
    for said in (text_of(word(made)), all_cells(workbook(made)), html(made)):
        for wanted in ("通过", "陈静", "有条件同意", "补测导出", made.head, made.short, receipt.short):
            assert wanted in said
        assert "赵磊" not in said, "who did not sign stands on no paper"


@pytest.mark.parametrize("kind", [word, workbook])
def test_the_same_evidence_gives_the_same_bytes_at_another_time(
    room: Room, kind: Callable[[Paper], bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    room.sign("wufang")
    first = kind(form(room))
    real = time.time()
    monkeypatch.setattr(time, "time", lambda: real + 86_400 * 40)
    room.now = NOW + timedelta(days=40)
    assert kind(form(room)) == first


@pytest.mark.usefixtures("tmp_path")
def test_the_pdf_is_the_same_twice_and_holds_no_moment(room: Room) -> None:
    first, second = printed(form(room)), printed(form(room))
    assert first == second
    with pikepdf.open(io.BytesIO(first)) as file:
        assert "/CreationDate" not in file.trailer.Info and len(file.pages) >= 1


def test_the_code_on_every_paper_reads_as_the_whole_hash(room: Room) -> None:
    made = form(room)
    drawn = {
        "word": picture(word(made), "word/media/image1.png"),
        "excel": picture(workbook(made), "xl/media/image1.png"),
        "pdf": shot(html(made)),
    }
    read = {name: [one.text for one in zxingcpp.read_barcodes(shown)] for name, shown in drawn.items()}
    assert read == {name: [made.code] for name in drawn} and made.head in made.code


def picture(raw: bytes, name: str) -> Image.Image:
    with zipfile.ZipFile(io.BytesIO(raw)) as file:
        return Image.open(io.BytesIO(file.read(name)))


def shot(page: str) -> Image.Image:
    """What the browser makes of the page that is printed."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find_browser(), args=launch_args())
        opened = browser.new_page()
        opened.set_content(page)
        seen = opened.screenshot(full_page=True)
        browser.close()
    return Image.open(io.BytesIO(seen))


def test_another_signature_makes_another_paper(room: Room) -> None:
    before = word(form(room)), workbook(form(room)), html(form(room))
    room.sign("chenjing")
    after = word(form(room)), workbook(form(room)), html(form(room))
    assert all(old != new for old, new in zip(before, after, strict=True))


def test_a_signature_that_does_not_count_says_why(room: Room) -> None:
    room.sign("chenjing")
    room.revoked = [room.fingerprint("chenjing")]
    room.lay()
    made = form(room)
    assert "签字未齐" in made.accepted and "已吊销" in text_of(word(made))


def test_whatever_a_crm_answered_is_text_and_never_a_formula(room: Room) -> None:
    made = form(room)
    evil = replace(made.requirements[0], reason="=HYPERLINK(1)\x07<b>", text="@SUM")
    made = replace(made, requirements=(evil,), open=(evil,))
    book = openpyxl.load_workbook(io.BytesIO(workbook(made)))
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    assert "<b>" in text_of(word(made)) and "&lt;b&gt;" in html(made)


def test_a_paper_shows_the_signatures_of_its_own_run_and_the_clock_of_where_it_ran(room: Room) -> None:
    room.sign("chenjing")
    tricks.newer_run(room)
    assert form(room).hands == ()
    file = room.run / "run.json"
    file.write_text(
        re.sub(r'"started": \d+', '"started": "2026-11-22T10:15:00+08:00"', file.read_text("utf-8")), "utf-8"
    )
    assert form(room).began == "2026-11-22 10:15", "on whatever machine it is printed"


def test_what_xml_cannot_bear_is_on_no_paper(room: Room, tmp_path: Path) -> None:
    green = signing_room.told()
    green.results[0]["status"] = "skipped"
    green.requirements[0]["text"] = "线索\ufffe\x0b到"
    made = form(signing_room.make(tmp_path / "odd", green))
    assert "线索到" in text_of(word(made)) and "线索到" in all_cells(workbook(made)) and "线索到" in html(made)
    assert "线索到" in text_of(word(made, template(tmp_path, *GOOD, "{% for one in 需求 %}{{ one.text }}{% endfor %}")))


def template(folder: Path, *lines: str) -> Path:
    file = Document()
    for line in lines:
        file.add_paragraph(line)
    file.save(str(folder / "ours.docx"))
    return folder / "ours.docx"


GOOD = ("结论 {{ 结论 }}", "{% for one in 签字 %}{{ one.name }}{% endfor %}", "短码 {{ 短码 }}", "{{ 甲方 }}")


def test_a_companys_own_template_is_filled_and_reproducible(room: Room, tmp_path: Path) -> None:
    room.sign("chenjing")
    made = form(room)
    first = word(made, template(tmp_path, *GOOD))
    assert "陈静" in text_of(first) and made.short in text_of(first)
    assert word(made, tmp_path / "ours.docx") == first


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (GOOD[:2], "短码"),
        ((*GOOD, "{{ 电话 }}"), "电话"),
        ((*GOOD, "{% for one in 签字 %}"), "字段写错了"),
        ((*GOOD, "{{ 短码"), "字段写错了"),
        ((*GOOD, "{{ 1 // 0 }}"), "字段写错了"),
        ((*GOOD, "{{ 结论 + 1 }}"), "字段写错了"),
        ((*GOOD, "{{ 签字.没有 }}"), "字段写错了"),
        ((*GOOD, "{{ 结论.__class__.__mro__ }}"), "字段写错了"),
        ((*GOOD, "{%tr for one in 签字 %}"), "字段写错了"),
    ],
)
def test_a_template_with_a_missing_or_wrong_field_is_refused(
    room: Room, tmp_path: Path, lines: tuple[str, ...], said: str
) -> None:
    with pytest.raises(WrongUse, match=said):
        word(form(room), template(tmp_path, *lines))


@pytest.mark.parametrize("body", [None, b"", b"no zip", b"PK\x03\x04broken"])
def test_a_template_that_is_no_word_file_is_refused(room: Room, tmp_path: Path, body: bytes | None) -> None:
    file = tmp_path / "ours.docx"
    if body is not None:
        file.write_bytes(body)
    with pytest.raises(WrongUse, match="不能用"):
        word(form(room), file)


def test_a_template_whose_xml_is_broken_is_refused(room: Room, tmp_path: Path) -> None:
    file, broken = template(tmp_path, *GOOD), tmp_path / "broken.docx"
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(broken, "w") as new:
        for name in old.namelist():
            body = old.read(name)
            new.writestr(name, body.replace(b"</w:body>", b"", 1) if name == "word/document.xml" else body)
    with pytest.raises(WrongUse, match="不能用"):
        word(form(room), broken)


def test_a_key_of_documents_that_nobody_knows_is_refused(room: Room) -> None:
    with pytest.raises(WrongUse, match="colour"):
        paper(replace(room.profile, documents={"colour": "red"}), subject(room.profile, room.run), ())


def test_an_office_file_packed_twice_is_the_same(room: Room) -> None:
    raw = word(form(room))
    assert office(raw) == raw
    with zipfile.ZipFile(io.BytesIO(raw)) as file:
        assert file.testzip() is None and file.namelist()[0] == "[Content_Types].xml"
