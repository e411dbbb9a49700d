"""The oracle sees a canary value in every spelling and hiding place, and takes no echo for a leak."""

from __future__ import annotations

import base64
import gzip
import io
import itertools
import json
import zipfile
import zlib
from urllib.parse import quote

import pytest
from openpyxl import Workbook

from crm_acceptance.engines.permissions.oracle import shown, spellings
from crm_acceptance.systems.flow import Answer, Call

PHONE, AMOUNT, NAME = "19912345678", "1234567.80", "金丝雀甲"
QUIET = Call("GET", "/customers")


def zipped(text: str) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", text)
    return body.getvalue()


def workbook(*cells: object) -> bytes:
    book = Workbook()
    book.active.append(list(cells))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def printed(text: bytes) -> bytes:
    page = zlib.compress(b"BT /F1 12 Tf " + text + b" TJ ET")
    return b"%PDF-1.4\n1 0 obj <</Filter /FlateDecode>>\nstream\n" + page + b"\nendstream\nendobj\n%%EOF"


@pytest.mark.parametrize(
    ("value", "body"),
    [
        (PHONE, workbook(NAME, 19912345678)),
        (AMOUNT, workbook(1234567.8)),
        (NAME, workbook(NAME)),
        (PHONE, printed(b"[(199) -20 (1234) 3 (5678)]")),
        (NAME, printed(b"<FEFF" + NAME.encode("utf-16-be").hex().encode() + b">")),
        (
            NAME,
            printed(
                b"[<"
                + NAME[:2].encode("utf-16-be").hex().encode()
                + b"> <"
                + NAME[2:].encode("utf-16-be").hex().encode()
                + b">]"
            ),
        ),
        (NAME, gzip.compress(NAME.encode())),
        (NAME, json.dumps({"file": base64.b64encode(workbook(NAME)).decode()}).encode()),
        (
            NAME,
            json.dumps({"file": "data:text/csv;base64," + base64.b64encode(f"{NAME},1".encode()).decode()}).encode(),
        ),
        (NAME, NAME.encode("gb18030")),
        (NAME, f"name\n{NAME}\n".encode("utf-16-le")),
        (NAME, "".join(f"&#x{ord(char):x};" for char in NAME).encode()),
        ("a&b@example.com", b"<td>a&amp;b@example.com</td>"),
        (NAME, f"/customers?q={quote(NAME)}".encode()),
        (NAME, f"<li>{NAME[:2]}<em>{NAME[2:]}</em></li>".encode()),
        (PHONE, b"(199) 1234-5678"),
        (AMOUNT, b'{"amount_cents": 123456780}'),
        (AMOUNT, "约 123.45678万元".encode()),
        (AMOUNT, b"1.2345678E+6"),
        (PHONE, b'{"phone": "19912345678"}'),
        (PHONE, "电话 199 1234 5678".encode()),
        (PHONE, b"199-1234-5678"),
        (AMOUNT, b"1234567.8"),
        (AMOUNT, "¥1,234,567.80".encode()),
        (NAME, json.dumps({"name": NAME}).encode()),
        (NAME, NAME.encode("utf-16")),
        (NAME, zipped(f"<t>{NAME}</t>")),
    ],
    ids=itertools.count(),  # some bodies hold the second they were made in, and two workers must name them alike
)
def test_a_value_is_seen_however_it_is_written_and_packed(value: str, body: bytes) -> None:
    assert shown([value], [(QUIET, Answer(200, {}, body))]) == {value}


@pytest.mark.parametrize("header", [NAME.encode().decode("latin-1"), f"filename*=UTF-8''{quote(NAME)}.csv"])
def test_a_value_in_a_header_is_seen_however_it_is_encoded(header: str) -> None:
    assert shown([NAME], [(QUIET, Answer(200, {"x-name": header}, b""))]) == {NAME}


@pytest.mark.parametrize("body", [b"91234567.80", b"1234567.805", b'{"id": 91234567801}'])
def test_an_amount_is_not_seen_within_a_longer_number(body: bytes) -> None:
    assert shown([AMOUNT], [(QUIET, Answer(200, {}, body))]) == set()


@pytest.mark.parametrize(
    "body", [b"\x1f\x8brubbish", b"%PDF stream\nrubbish\nendstream", b'"AAAAAAAAAAAAAAAAAAAA=A=="']
)
def test_what_cannot_be_unpacked_is_read_as_it_is(body: bytes) -> None:
    assert shown([NAME], [(QUIET, Answer(200, {}, body + NAME.encode()))]) == {NAME}


def test_a_value_in_a_header_or_in_a_refusal_is_seen_too() -> None:
    assert shown([PHONE], [(QUIET, Answer(403, {"x-debug": PHONE}, b""))]) == {PHONE}
    assert shown([PHONE], [(QUIET, Answer(404, {}, PHONE.encode()))]) == {PHONE}


def test_a_masked_value_is_not_seen() -> None:
    assert shown([PHONE], [(QUIET, Answer(200, {}, b"199****5678"))]) == set()


def test_what_the_request_said_itself_is_an_echo_and_no_leak() -> None:
    asking = Call("GET", "/customers", params={"q": PHONE})
    assert shown([PHONE], [(asking, Answer(200, {}, f"nothing for {PHONE}".encode()))]) == set()


def test_a_file_that_only_begins_like_an_archive_is_read_as_text() -> None:
    assert shown([NAME], [(QUIET, Answer(200, {}, b"PK\x03\x04" + NAME.encode()))]) == {NAME}


def test_a_name_has_one_spelling() -> None:
    assert spellings(NAME) == (NAME,)


@pytest.mark.parametrize("written", ["59229.30", "59,229.30", "59229.3", "59229.3000"])
@pytest.mark.parametrize("planted", ["59229.3", "59229.30"])
def test_an_amount_is_seen_with_any_number_of_noughts_at_its_end(planted: str, written: str) -> None:
    assert shown([planted], [(QUIET, Answer(200, {}, f"77,131,{written},转账".encode()))]) == {planted}
    assert shown([planted], [(QUIET, Answer(200, {}, f"77,131,{written}1,转账".encode()))]) == set()
