"""reports/journal/changes.jsonl as values: what was agreed, what is asked for, who decided; writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from crm_acceptance import contents, logbook
from crm_acceptance.contents import Contents
from crm_acceptance.logbook import Entry, Logbook

FILE = "changes.jsonl"
BASELINE, REQUEST, APPROVAL, REFUSAL = "baseline", "request", "approval", "refusal"
OPEN, APPROVED, REFUSED = "open", "approved", "refused"
STATES: Mapping[str, str] = {OPEN: "待审批 open", APPROVED: "已批准 approved", REFUSED: "已驳回 refused"}


@dataclass(frozen=True)
class Decision:
    """One person's answer to a request. `at` is UTC, ISO 8601; `n` the line; `state` what the request came to by it.

    envelope: the signed yes, empty where nobody signed; problem: why it does not count (changes/signed.py), or "".
    """

    by: str
    yes: bool
    reason: str
    at: str
    n: int = 0
    state: str = OPEN
    envelope: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True)
class Request:
    """One change request. `what`: id -> what is another, in a sentence; `after`: these requirements as asked for.

    `departments` are those that are touched; `impact` is what was told when it was asked for.
    """

    id: str
    system: str
    by: str
    why: str
    at: str
    what: Mapping[str, str]
    after: Contents
    departments: tuple[str, ...]
    impact: Mapping[str, Any]
    decisions: tuple[Decision, ...] = ()
    state: str = OPEN


@dataclass(frozen=True)
class Book:
    """One system's part of the journal: what was agreed at the beginning (None: nothing yet), and every request."""

    baseline: Contents | None = None
    requests: tuple[Request, ...] = ()
    problems: tuple[str, ...] = ()
    by: str = ""
    at: str = ""

    @property
    def agreed(self) -> Contents:
        """What counts as agreed now: the baseline, and every approved request in the order of its approval.

        The order is that of the lines: a clock may have been set back between two of them.
        """
        agreed = self.baseline or Contents()
        for request in sorted(self._approved, key=lambda one: one.decisions[-1].n):
            agreed = replaced(agreed, request.what, request.after)
        return agreed

    def once_agreed(self, id: str, said: Contents) -> bool:
        """Whether the requirement, as it is said there, was agreed at some time, be it in force or not."""
        then = [self.baseline or Contents(), *(one.after for one in self._approved if id in one.what)]
        return contents.requirement(said, id) in {contents.requirement(one, id) for one in then}

    @property
    def _approved(self) -> list[Request]:
        return [one for one in self.requests if one.state == APPROVED]

    def find(self, id: str) -> Request | None:
        """The request with that number."""
        return next((one for one in self.requests if one.id.lower() == id.lower()), None)


def path(workspace: Path) -> Path:
    """Where a workspace keeps its changes."""
    return workspace / logbook.FOLDER / FILE


def read(workspace: Path, system: str) -> Book:
    """What the journal says about a system. A broken one has problems; WrongUse when it cannot be read at all."""
    return of(logbook.read(path(workspace)), system)


def of(journal: Logbook, system: str) -> Book:
    """The same from a logbook that was read. Requests are numbered over all systems."""
    book = Book(problems=journal.problems)
    for entry in journal.entries:
        if entry.body.get("system") == system:
            book = _with(book, entry)
    return book


def _with(book: Book, entry: Entry) -> Book:
    try:
        return _WAYS[entry.kind](book, entry)
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        said = f"第 {entry.n + 1} 行读不懂（line {entry.n + 1}: {type(wrong).__name__}）"
        return replace(book, problems=(*book.problems, said))


def _baseline(book: Book, entry: Entry) -> Book:
    return replace(book, baseline=_contents(entry.body["contents"]), by=str(entry.body["by"]), at=entry.at)


def _request(book: Book, entry: Entry) -> Book:
    body = entry.body
    what = {str(id): str(said) for id, said in body["what"].items()}
    told = str(body["id"]), str(body["system"]), str(body["by"]), str(body["why"]), entry.at
    departments = tuple(map(str, body["departments"]))
    request = Request(*told, what, _contents(body["after"]), departments, dict(body.get("impact") or {}))
    return replace(book, requests=(*book.requests, request))


def _decision(book: Book, entry: Entry) -> Book:
    id, state = str(entry.body["id"]), str(entry.body["state"])
    told = str(entry.body["by"]), entry.kind == APPROVAL, str(entry.body.get("reason") or ""), entry.at
    decision = Decision(*told, entry.n, state, dict(entry.body.get("envelope") or {}))
    if book.find(id) is None or state not in STATES:
        raise ValueError("a decision about nothing")
    every = (
        replace(one, decisions=(*one.decisions, decision), state=state) if one.id == id else one
        for one in book.requests
    )
    return replace(book, requests=tuple(every))


_WAYS = {BASELINE: _baseline, REQUEST: _request, APPROVAL: _decision, REFUSAL: _decision}


def part(contents: Contents, ids: Iterable[str]) -> Contents:
    """These requirements alone."""
    wanted = set(ids)
    checks = {id: dict(said) for id, said in contents.checks.items() if id in wanted and id in contents.requirements}
    names = {name for said in checks.values() for name in said} | wanted
    return Contents(
        {id: row for id, row in contents.requirements.items() if id in wanted},
        checks,
        {id: key for id, key in contents.departments.items() if id in wanted},
        {name: title for name, title in contents.titles.items() if name in names},
    )


def replaced(before: Contents, ids: Iterable[str], after: Contents) -> Contents:
    """`before` with these requirements as `after` has them, or without them where it has them not."""
    kept, new = part(before, set(before.requirements) - set(ids)), part(after, ids)
    return Contents(
        {**kept.requirements, **new.requirements},
        {**kept.checks, **new.checks},
        {**kept.departments, **new.departments},
        {**kept.titles, **new.titles},
    )


def plain(contents: Contents) -> dict[str, Any]:
    """As it is written down."""
    return {name: dict(said) for name, said in vars(contents).items()}


def _contents(body: Mapping[str, Any]) -> Contents:
    texts = {
        name: {str(k): str(v) for k, v in body[name].items()} for name in ("requirements", "departments", "titles")
    }
    checks = {str(id): {str(k): str(v) for k, v in said.items()} for id, said in body["checks"].items()}
    return Contents(texts["requirements"], checks, texts["departments"], texts["titles"])
