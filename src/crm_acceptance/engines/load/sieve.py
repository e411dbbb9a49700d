"""A few answers a second are looked into while the peak goes on: whose records, which marks; judges nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from crm_acceptance.engines.load.orders import Seen
from crm_acceptance.model import Action, Outcome, Page, Record

EVERY = 0.2
"""Seconds between two answers that are looked into: the generator must not become slow by being curious."""
MOST_BYTES = 65_536
"""Of an export that are looked through."""
MARK = re.compile(r"gf[a-z]{10}")
LOOKS = ("list", "search", "export", "read")
WRITES = ("create", "order")


@dataclass
class Sieve:
    """The answers that one generator looked into."""

    seen: list[Seen] = field(default_factory=list)
    _next: float = 0.0

    def look(self, now: float, person: str, action: Action, outcome: Outcome) -> None:
        """One answer; does something at most every EVERY seconds of the run."""
        if now < self._next or outcome is None or action.name not in (*LOOKS, *WRITES):
            return
        self._next = now + EVERY
        self.seen.append(into(now, person, action, outcome))


def into(now: float, person: str, action: Action, outcome: Outcome) -> Seen:
    """What one answer showed."""
    rows = outcome.rows if isinstance(outcome, Page) else (outcome,) if isinstance(outcome, Record) else ()
    text = outcome[:MOST_BYTES].decode("utf-8", "replace") if isinstance(outcome, bytes) else str([*map(_plain, rows)])
    own = {*MARK.findall(str(dict(action.fields))), *MARK.findall(str(dict(action.options)))}
    owners = {str(owner) for row in rows if (owner := row.get("owner"))} - {person}
    asked = action.name == "read" and isinstance(outcome, Record) and outcome.id != action.id
    name = "search" if action.name == "list" and action.options.get("q") else action.name
    marks = tuple(sorted({*MARK.findall(text)} - own))
    told = str(action.id) if asked else ""
    return Seen(person, name, action.object, tuple(sorted(owners)), marks, now, told, max(len(marks), _held(outcome)))


def _held(outcome: Outcome) -> int:
    """How many records; of an export the lines behind its headings."""
    if isinstance(outcome, bytes):
        return max(0, len(outcome[:MOST_BYTES].splitlines()) - 1)
    return len(outcome.rows) if isinstance(outcome, Page) else 1


def _plain(row: Record) -> dict[str, object]:
    return dict(row.fields)
