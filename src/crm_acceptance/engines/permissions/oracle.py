"""Whether an answer shows a value that it must not show: every spelling, every hiding place; knows no rules."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from functools import cache

from crm_acceptance.engines.permissions.unpacking import spelt_out, texts
from crm_acceptance.engines.permissions.voices import Exchange
from crm_acceptance.systems.flow import Answer, Call

LARGE = Decimal(1_000_000)
"""Amounts from here on are looked for in cents, too: nine digits in a row are nobody else's by chance."""


def shown(values: Iterable[str], exchanges: Iterable[Exchange]) -> set[str]:
    """The values that any of the answers shows. What the request itself said is an echo, not a leak."""
    wanted = set(values)
    found: set[str] = set()
    for call, answer in exchanges:
        text, sent = readable(answer).casefold(), _sent(call).casefold()
        found |= {value for value in wanted - found if _in(value, text) and not _in(value, sent)}
    return found


def readable(answer: Answer) -> str:
    """Everything in an answer that a person could read: headers, address, body, and files packed in the body."""
    headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
    return "\n".join((*_headers(headers), *spelt_out(answer.url), *texts(answer.body)))


def _headers(text: str) -> Iterable[str]:
    """Clients take headers for Latin-1; a server that writes Chinese there writes UTF-8 or escapes."""
    yield from spelt_out(text)
    if not text.isascii():
        yield text.encode("latin-1", "replace").decode("utf-8", "replace")


@cache
def spellings(value: str) -> tuple[str, ...]:
    """The ways in which CRMs write the same value: 13912345678, 139 1234 5678; 1234567.80, 1,234,567.80, in cents."""
    if re.fullmatch(r"1\d{10}", value):
        parts = (value[:3], value[3:7], value[7:])
        return value, *(mark.join(parts) for mark in " -.\u00a0"), f"({parts[0]}) {parts[1]}-{parts[2]}"
    try:
        amount = Decimal(value)
    except InvalidOperation:
        return (value,)
    if not amount.is_finite():
        return (value,)
    short = amount.normalize()
    cents = (f"{amount * 100:.0f}", f"{amount * 100:,.0f}") if amount >= LARGE and amount * 100 % 1 == 0 else ()
    wan = (f"{(amount / 10_000).normalize():f}万",) if amount >= LARGE else ()
    power = (f"{short:E}",) if amount >= LARGE else ()
    two = (f"{amount:.2f}", f"{amount:,.2f}") if amount * 100 % 1 == 0 else ()
    return (value, f"{amount:,}", *two, f"{short:f}", f"{short:,f}", *cents, *wan, *power)


@cache
def _is_amount(value: str) -> bool:
    return bool(re.fullmatch(r"\d+\.\d+", value))


def _in(value: str, text: str) -> bool:
    """`text` with small letters: a CRM may shout what was whispered."""
    if not _is_amount(value):
        return any(spelling.casefold() in text for spelling in spellings(value))
    return any(_stands_alone(spelling.casefold(), text) for spelling in spellings(value))


def _stands_alone(number: str, text: str) -> bool:
    """An amount is no part of a longer number: 12345.6 does not stand in 912345.67, but it does in 12345.6000."""
    at = text.find(number)
    while at >= 0:
        end = at + len(number)
        while "." in number and text[end : end + 1] == "0":
            end += 1
        if not text[at - 1 : at].isdigit() and not text[end : end + 1].isdigit():
            return True
        at = text.find(number, at + 1)
    return False


def _sent(call: Call) -> str:
    return f"{call.path} {call.params} {call.json} {call.form} {call.files} {call.body!r}"
