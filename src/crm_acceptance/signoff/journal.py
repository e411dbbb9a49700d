"""reports/journal/signoff.jsonl as values: every envelope opened with the public key it names; judges nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from crm_acceptance import logbook
from crm_acceptance.errors import WrongUse
from crm_acceptance.logbook import Entry, Logbook
from crm_acceptance.sealing import envelope as envelopes
from crm_acceptance.sealing.keys import PublicKey
from crm_acceptance.signoff import sayings
from crm_acceptance.signoff.sayings import Delegation, Revocation, Signature, Withdrawal

T = TypeVar("T", Signature, Withdrawal, Delegation, Revocation)
Said = Signature | Withdrawal | Delegation | Revocation
FILE = "signoff.jsonl"
_SHAPES: Mapping[str, Callable[[Mapping[str, Any]], Said]] = {
    envelopes.SIGNATURE: sayings.signature,
    envelopes.WITHDRAWAL: sayings.withdrawal,
    envelopes.DELEGATION: sayings.delegation,
    envelopes.REVOCATION: sayings.revocation,
}


@dataclass(frozen=True)
class Line:
    """One line of the journal. `digest` is that of the signed text; `said` is None when nobody can read it.

    problem: why the envelope itself cannot be believed, or ""; `at`: when it was written down here.
    """

    n: int
    at: datetime
    kind: str
    digest: str
    said: Said | None
    problem: str
    envelope: Mapping[str, Any]


@dataclass(frozen=True)
class Book:
    """The journal as it stands, and what is wrong with it as a whole."""

    lines: tuple[Line, ...] = ()
    problems: tuple[str, ...] = ()
    head: str = ""

    def of(self, kind: type[T]) -> tuple[tuple[Line, T], ...]:
        """The lines that say this, with what they say, whether to be believed or not."""
        return tuple((line, line.said) for line in self.lines if isinstance(line.said, kind))

    def believed(self, kind: type[T]) -> tuple[tuple[Line, T], ...]:
        """Those of them whose envelope is whole."""
        return tuple((line, said) for line, said in self.of(kind) if not line.problem)

    def find(self, start: str) -> tuple[Line, ...]:
        """The lines whose digest begins so."""
        return tuple(line for line in self.lines if line.digest.startswith(start.lower()))


def path(workspace: Path) -> Path:
    """Where a workspace keeps its signatures."""
    return workspace / logbook.FOLDER / FILE


def read(workspace: Path, keys: Mapping[str, PublicKey]) -> Book:
    """The journal of a workspace; empty when nobody signed yet. WrongUse when it cannot be read at all."""
    found = logbook.read(path(workspace))
    return of(_settled(path(workspace), found) if found.problems else found, keys)


def _settled(file: Path, found: Logbook) -> Logbook:
    """Once more while nobody writes: half a line may have been somebody's who was just writing it."""
    try:
        with logbook.held(file) as again:
            return again
    except WrongUse:  # nobody can write here, so nobody was
        return found


def of(book: Logbook, keys: Mapping[str, PublicKey]) -> Book:
    """The same from a logbook that was read."""
    return Book(tuple(line(entry, keys) for entry in book.entries), book.problems, book.head)


def line(entry: Entry, keys: Mapping[str, PublicKey]) -> Line:
    """One line, opened."""
    envelope = entry.body.get("envelope")
    whole: Mapping[str, Any] = envelope if isinstance(envelope, Mapping) else {}
    said, problem = _opened(entry.kind, whole, keys)
    at = datetime.fromisoformat(entry.at)
    return Line(entry.n, at, entry.kind, envelopes.digest(whole), said, problem, whole)


def _opened(kind: str, envelope: Mapping[str, Any], keys: Mapping[str, PublicKey]) -> tuple[Said | None, str]:
    shape = _SHAPES.get(kind)
    if shape is None:
        return None, f"没有这种记录 no such kind of line: {kind}"
    try:
        said = shape(envelopes.read(envelope))
    except (ValueError, KeyError, TypeError) as wrong:
        return None, f"这条记录读不懂 this line cannot be read: {type(wrong).__name__}: {str(wrong)[:120]}"
    try:
        envelopes.opened(kind, envelope, keys)
    except ValueError as wrong:
        return said, str(wrong)
    return said, ""
