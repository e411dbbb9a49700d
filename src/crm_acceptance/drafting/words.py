"""The word tables words.toml and words_fields.toml, and which moves a state stands for. It matches nothing."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((files("crm_acceptance.drafting") / name).read_text(encoding="utf-8"))


_WORDS = _read("words.toml")
Listed = Mapping[str, list[str]]

OBJECT_WORDS: Listed = _WORDS["objects"]
ACTION_WORDS: Listed = _WORDS["actions"]
CHOICE_WORDS: Listed = _WORDS["choices"]
NAMES: Listed = _WORDS["names"]
FIELD_WORDS: Mapping[str, Listed] = _read("words_fields.toml")
AROUND: Mapping[str, frozenset[str]] = {name: frozenset(listed) for name, listed in _WORDS["around"].items()}
CORE = ("customer", "contact", "lead", "campaign", "opportunity", "quote", "order", "payment", "invoice", "ticket")
"""The objects that have a page of their own: what a draft looks for, in the order of its file."""
MOVES: Mapping[str, tuple[tuple[str, str, tuple[str, ...]], ...]] = {
    "customer": (("claim", "active", ("pool",)), ("release", "pool", ("active",))),
    "quote": (
        ("submit", "pending", ("draft",)),
        ("approve", "approved", ("pending",)),
        ("reject", "rejected", ("pending",)),
    ),
    "order": (("confirm", "confirmed", ("open",)), ("cancel", "cancelled", ())),
    "ticket": (("resolve", "resolved", ()), ("close", "closed", ())),
}
"""Verbs that only change a record's state: verb, the state after, the states before."""
