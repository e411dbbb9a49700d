"""What is to be removed, in which order, and what became of it: values, and how they are read off a journal's entry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from crm_acceptance.cleaning.reading import Entry, Key

LAST = ("ticket", "order", "quote", "opportunity", "contact", "customer", "lead", "campaign", "user")
"""The order of removal, after whatever is not in it (payments, invoices, a company's own): children before parents."""
ROUNDS = 5
ENDINGS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "order": ("cancel", {}),
    "opportunity": ("advance", {"stage": "lost"}),
}
"""How a record is brought to an end after which a CRM may let it be deleted."""
WITH_PARENT = ("attachment", "followup")
"""What goes when the record goes that it hangs on."""


@dataclass(frozen=True)
class Left:
    """A record that is still there, and why."""

    object: str
    id: str
    reason: str


@dataclass(frozen=True)
class Cleaned:
    """What became of a journal: how many records were removed (now or before), and which are left.

    closed: accounts that could only be disabled.
    """

    created: int
    removed: int
    left: tuple[Left, ...] = ()
    closed: tuple[Left, ...] = ()
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Piece:
    """One record to be removed, with what is known of it."""

    key: Key
    who: str
    fields: Mapping[str, str] = field(default_factory=dict)
    on: Key | None = None


def hangs_on(entry: Entry) -> Key | None:
    """The record that an attachment or a follow-up was put on."""
    if entry.name == "attach":
        return (entry.object, entry.on)
    parent = entry.fields.get("parent_object"), entry.fields.get("parent_id")
    return (parent[0], parent[1]) if parent[0] and parent[1] else None


def rank(kind: str) -> int:
    """Unknown kinds and money first; what goes with its parent after everything else."""
    if kind in WITH_PARENT:
        return len(LAST)
    return LAST.index(kind) if kind in LAST else -1
