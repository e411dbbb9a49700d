"""The oracle sees a canary value in every spelling and hiding place, and takes no echo for a leak."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from crm_acceptance.engines.permissions.oracle import shown, spellings
from crm_acceptance.systems.flow import Answer, Call

PHONE, AMOUNT, NAME = "19912345678", "1234567.80", "金丝雀甲"
QUIET = Call("GET", "/customers")


def zipped(text: str) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", text)
    return body.getvalue()


@pytest.mark.parametrize(
    ("value", "body"),
    [
        (PHONE, b'{"phone": "19912345678"}'),
        (PHONE, "电话 199 1234 5678".encode()),
        (PHONE, b"199-1234-5678"),
        (AMOUNT, b"1234567.8"),
        (AMOUNT, "¥1,234,567.80".encode()),
        (NAME, json.dumps({"name": NAME}).encode()),
        (NAME, NAME.encode("utf-16")),
        (NAME, zipped(f"<t>{NAME}</t>")),
    ],
)
def test_a_value_is_seen_however_it_is_written_and_packed(value: str, body: bytes) -> None:
    assert shown([value], [(QUIET, Answer(200, {}, body))]) == {value}


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
