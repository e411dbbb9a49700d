"""Whether an answer shows a value that it must not show: every spelling, every hiding place; knows no rules."""

from __future__ import annotations

import base64
import io
import re
import zipfile
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from functools import cache

from crm_acceptance.engines.permissions.voices import Exchange
from crm_acceptance.systems.flow import Answer, Call

UNPACKED_LIMIT = 20_000_000
"""Bytes of one unpacked export; more is cut off, so that a bomb cannot fill the memory."""

_BASE64 = re.compile(rb'"(?:[A-Za-z0-9+/]|\\n){16,}={0,2}(?:\\n)?"')


def shown(values: Iterable[str], exchanges: Iterable[Exchange]) -> set[str]:
    """The values that any of the answers shows. What the request itself said is an echo, not a leak."""
    wanted = set(values)
    found: set[str] = set()
    for call, answer in exchanges:
        text, sent = readable(answer), _sent(call)
        found |= {value for value in wanted - found if _in(value, text) and not _in(value, sent)}
    return found


def readable(answer: Answer) -> str:
    """Everything in an answer that a person could read: headers, address, body, and files packed in the body."""
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    return "\n".join((headers, answer.url, *_bodies(answer.body)))


@cache
def spellings(value: str) -> tuple[str, ...]:
    """The ways in which CRMs write the same value: 13912345678, 139 1234 5678; 1234567.80, 1,234,567.80."""
    if re.fullmatch(r"1\d{10}", value):
        parts = (value[:3], value[3:7], value[7:])
        return value, " ".join(parts), "-".join(parts)
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return (value,)
    return (value, f"{amount:,}", f"{amount.normalize():f}", f"{amount.normalize():,f}")


def _in(value: str, text: str) -> bool:
    return any(spelling in text for spelling in spellings(value))


def _sent(call: Call) -> str:
    return f"{call.path} {call.params} {call.json} {call.form} {call.files} {call.body!r}"


def _bodies(body: bytes) -> Iterable[str]:
    if body.startswith(b"PK\x03\x04"):
        yield from _unpacked(body)
    for mark, name in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if body.startswith(mark):
            yield body.decode(name, errors="replace")
    yield body.decode("utf-8", errors="replace")
    yield from _spelt_in_base64(body)
    if b"\\u" in body:  # JSON may spell Chinese as escapes
        yield re.sub(rb"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)).encode("utf-8", "replace"), body).decode(
            "utf-8", errors="replace"
        )


def _spelt_in_base64(body: bytes) -> Iterable[str]:
    """Strings of an answer that are files: some APIs deliver them as base64, in lines or in one piece."""
    for found in _BASE64.findall(body[:UNPACKED_LIMIT]):
        packed = found[1:-1].replace(b"\\n", b"")
        if len(packed) % 4 == 0:
            yield base64.b64decode(packed).decode("utf-8", errors="replace")


def _unpacked(body: bytes) -> Iterable[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            for name in packed.namelist():
                with packed.open(name) as member:
                    yield member.read(UNPACKED_LIMIT).decode("utf-8", errors="replace")
    except zipfile.BadZipFile:
        return
