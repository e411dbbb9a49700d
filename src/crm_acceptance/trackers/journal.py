"""reports/journal/defects.jsonl: what was opened, reopened and closed by this workspace; asks no tracker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from crm_acceptance import logbook
from crm_acceptance.circumstances import LOOKED
from crm_acceptance.profile import Profile

FILE = "defects.jsonl"
OPENED, REOPENED, CLOSED, COMMENTED = "opened", "reopened", "closed", "commented"


@dataclass(frozen=True)
class Filed:
    """One root cause in one tracker. `key`: the tracker's own; `at`: since when; `seen`: when the run began, ms.

    state: opened, reopened, closed, or commented: proven, but not ours to close, so it is still open there.
    adopted: the issue was there already when this workspace first met it, so it is not ours to close.
    """

    tracker: str
    fingerprint: str
    key: str
    state: str
    at: datetime
    system: str
    requirement: str
    department: str
    criticality: str
    title: str
    run: str
    seen: int = 0
    url: str = ""
    adopted: bool = False
    requirements: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()

    @property
    def open(self) -> bool:
        """Whether the run before did not prove it."""
        return self.state not in (CLOSED, COMMENTED)

    def body(self) -> dict[str, Any]:
        """As it is written: without the state, which is the line's kind."""
        said = {name: value for name, value in vars(self).items() if name != "state"}
        listed = {"requirements": list(self.requirements), "departments": list(self.departments)}
        return {**said, **listed, "at": self.at.isoformat()}


@dataclass(frozen=True)
class Filings:
    """Every defect as it stands, by tracker and fingerprint; every move in order; what is wrong with the journal."""

    filed: Mapping[tuple[str, str], Filed]
    moves: tuple[Filed, ...]
    problems: tuple[str, ...]

    def open(self) -> tuple[Filed, ...]:
        """Those that are not closed."""
        return tuple(one for one in self.filed.values() if one.open)

    def unclosed(self) -> tuple[Filed, ...]:
        """Those, and what was proven but not closed in its tracker."""
        return tuple(one for one in self.filed.values() if one.state != CLOSED)

    def since(self, begin: datetime) -> tuple[Filed, ...]:
        """What moved since."""
        return tuple(one for one in self.moves if one.at > begin)


def file(workspace: Path) -> Path:
    """Where the journal is."""
    return workspace / logbook.FOLDER / FILE


def read(workspace: Path) -> Filings:
    """The journal as it stands; a broken one says so and tells what precedes the break."""
    book = logbook.read(file(workspace))
    said = list(book.problems)
    try:
        moves = tuple(_filed(entry) for entry in book.of(OPENED, REOPENED, CLOSED, COMMENTED))
    except (KeyError, TypeError, ValueError):
        moves, said = (), ["有一行不是程序写的（a line is not the program's）", *said]
    problems = tuple(f"缺陷簿被改动过 the journal of defects was changed: {one}" for one in said)
    return Filings({(one.tracker, one.fingerprint): one for one in moves}, moves, problems)


def write(workspace: Path, filed: Filed) -> None:
    """Adds one move. WrongUse when the journal is broken or cannot be written."""
    logbook.append(file(workspace), filed.state, filed.body())


def looked(profile: Profile, run: str) -> None:
    """That a run was compared with the trackers: without it, no defect is no news at all."""
    logbook.append(file(profile.workspace), LOOKED, {"system": profile.system, "run": run})


def _filed(entry: logbook.Entry) -> Filed:
    listed: dict[str, Any] = {name: tuple(entry.body.get(name, ())) for name in ("requirements", "departments")}
    return Filed(**{**entry.body, **listed, "state": entry.kind, "at": datetime.fromisoformat(entry.body["at"])})
