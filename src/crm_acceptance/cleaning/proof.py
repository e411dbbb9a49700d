"""Whether a record that stands in the CRM is the one that the journal tells of. Compares only; sends nothing."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping
from decimal import Decimal, InvalidOperation

from crm_acceptance.cleaning.reading import Key
from crm_acceptance.manners.journal import held
from crm_acceptance.model import Record

TELLING = ("name", "company", "product", "login", "phone", "email", "tax_number", "text", "number")
"""Fields that belong to one record; a state, a source or a date tells nothing."""
PARENTS = ("customer", "order", "quote", "opportunity", "lead")
"""Fields that name another record: what hangs on ours is ours."""
ENOUGH = 2
"""So many plain values must agree where a record has nothing better."""


def proven(record: Record, words: Collection[str], fields: Mapping[str, str], ours: Container[Key]) -> bool:
    """Whether the record is ours: it holds a word drawn for this run, or what we called it, or hangs on ours.

    A record with neither (an order, a payment) must show every value that was sent, at least ENOUGH of them.
    """
    shown = {name: str(value) for name, value in record.fields.items() if value is not None}
    if held(" ".join(shown.values()), words):
        return True
    if any(shown.get(name) == fields[name] for name in TELLING if fields.get(name)):
        return True
    if any((name, shown[name]) in ours for name in PARENTS if name in shown):
        return True
    agreeing = [same(fields[name], shown[name]) for name in fields if name in shown]
    return len(agreeing) >= ENOUGH and all(agreeing)


def drawn(record: Record, texts: Collection[str], ours: Container[Key]) -> bool:
    """The same for a record that only a search has found: it holds a whole value that was sent with a drawn word in
    it, or hangs on ours. The word alone would not do: seven letters stand in many a mail address by chance."""
    shown = {name: str(value) for name, value in record.fields.items() if value is not None}
    return any(held(value, texts) for value in shown.values()) or any(
        (name, shown[name]) in ours for name in PARENTS if name in shown
    )


def same(sent: str, shown: str) -> bool:
    """Whether both are the same text, or the same number however it is written."""
    try:
        return sent == shown or Decimal(sent) == Decimal(shown)
    except InvalidOperation:
        return False
