"""How what a CRM shows is compared with what a sentence says; no actor, no CRM here."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from crm_acceptance.model import Record


def same(shown: Any, said: Any) -> bool:
    """Equal as numbers when both are numbers, else equal as text without outer blanks."""
    if shown is None or said is None:
        return shown is said
    if isinstance(said, Decimal | int):
        return _decimal(shown) == _decimal(said)
    return str(shown).strip() == str(said).strip()


def _decimal(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def plain(value: Any) -> str:
    """As people read it: an amount without its type, words in quotes so that blanks are seen."""
    return str(value) if isinstance(value, Decimal) else "（空）nothing" if value is None else repr(value)


def differences(record: Record, said: Mapping[str, Any]) -> list[str]:
    """One line for each field that is not as said; empty when all agree."""
    return [
        f"{field}: 应为 expected {plain(value)}，实为 shown {plain(record.get(field))}"
        for field, value in said.items()
        if not same(record.get(field), value)
    ]


def reveals(record: Record, canary: str) -> bool:
    """Whether any value of the record holds the canary text."""
    return any(canary in str(value) for value in record.fields.values())
