"""What is signed, as frozen values: a signature, a withdrawal, a delegation, a revocation; shapes only, no rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

YES, CONDITIONAL, NO = "yes", "conditional", "no"
ANSWERS = (YES, CONDITIONAL, NO)


@dataclass(frozen=True)
class Condition:
    """Under which somebody says yes: what, who sees to it, until when (that day included)."""

    text: str
    owner: str
    due: date

    def as_json(self) -> dict[str, str]:
        """As it is signed."""
        return {"text": self.text, "owner": self.owner, "due": self.due.isoformat()}


@dataclass(frozen=True)
class Bound:
    """What a signature stands and falls with, of one department in one run. Digests are SHA-256 in hex.

    head: of the run's chain; contents: what the department's requirements and checks say; proofs: id -> proof.
    """

    run: str
    head: str
    system: str
    department: str
    decision: str
    contents: str
    proofs: str


@dataclass(frozen=True)
class Signature:
    """Somebody's answer. `behalf`: for whom, when it was delegated (login), else "". `at`: ISO 8601 with offset."""

    bound: Bound
    answer: str
    conditions: tuple[Condition, ...]
    reason: str
    signatory: str
    key: str
    at: datetime
    behalf: str = ""

    def as_json(self) -> dict[str, Any]:
        """As it is signed."""
        said = {"answer": self.answer, "conditions": [one.as_json() for one in self.conditions], "reason": self.reason}
        who = {"signatory": self.signatory, "key": self.key, "at": stamp(self.at), "for": self.behalf}
        return {**vars(self.bound), **said, **who}


@dataclass(frozen=True)
class Withdrawal:
    """Takes a signature or a delegation back. `withdraws` is its digest."""

    withdraws: str
    reason: str
    signatory: str
    key: str
    at: datetime

    def as_json(self) -> dict[str, Any]:
        """As it is signed."""
        return {**vars(self), "at": stamp(self.at)}


@dataclass(frozen=True)
class Delegation:
    """`signatory` lets `to` sign in the own name for one department, until that day included."""

    department: str
    to: str
    until: date
    reason: str
    signatory: str
    key: str
    at: datetime

    def as_json(self) -> dict[str, Any]:
        """As it is signed."""
        return {**vars(self), "until": self.until.isoformat(), "at": stamp(self.at)}


@dataclass(frozen=True)
class Revocation:
    """From now on nothing that `revokes` (a fingerprint) ever signed counts; signed by `key`, the same or another's."""

    revokes: str
    reason: str
    signatory: str
    key: str
    at: datetime

    def as_json(self) -> dict[str, Any]:
        """As it is signed."""
        return {**vars(self), "at": stamp(self.at)}


def stamp(at: datetime) -> str:
    """A moment as it is signed."""
    return at.isoformat(timespec="milliseconds")


def signature(said: Mapping[str, Any]) -> Signature:
    """What was signed, as a value. ValueError, KeyError or TypeError when it is no signature."""
    words = {"run", "head", "system", "department", "decision", "contents", "proofs"}
    bound = Bound(**{name: _text(said[name]) for name in words})
    answer = _text(said["answer"])
    if answer not in ANSWERS:
        raise ValueError(f"answer: {answer}")
    conditions = tuple(Condition(_text(c["text"]), _text(c["owner"]), _day(c["due"])) for c in said["conditions"])
    return Signature(bound, answer, conditions, _text(said["reason"]), *_who(said), behalf=_text(said["for"]))


def withdrawal(said: Mapping[str, Any]) -> Withdrawal:
    """The same of a withdrawal."""
    return Withdrawal(_text(said["withdraws"]), _text(said["reason"]), *_who(said))


def delegation(said: Mapping[str, Any]) -> Delegation:
    """The same of a delegation."""
    what = (_text(said["department"]), _text(said["to"]), _day(said["until"]), _text(said["reason"]))
    return Delegation(*what, *_who(said))


def revocation(said: Mapping[str, Any]) -> Revocation:
    """The same of a revocation."""
    return Revocation(_text(said["revokes"]), _text(said["reason"]), *_who(said))


def _who(said: Mapping[str, Any]) -> tuple[str, str, datetime]:
    at = datetime.fromisoformat(_text(said["at"]))
    if at.tzinfo is None:
        raise ValueError("at: no offset")
    return _text(said["signatory"]), _text(said["key"]), at


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"not a text: {value!r}")
    return value


def _day(value: Any) -> date:
    return date.fromisoformat(_text(value))
