"""What the doctor finds: cells of the table object x verb x person, findings with their line. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

WORKS, BROKEN, DENIED, UNMAPPED, UNTRIED = "works", "broken", "denied", "unmapped", "untried"
MARKS: Mapping[str, str] = {WORKS: "✓", BROKEN: "✗", DENIED: "–", UNMAPPED: "·", UNTRIED: "?"}

PAGES = " 页面"
"""Behind a verb in the chart: done on the pages, in a browser, and not through the API."""


@dataclass(frozen=True)
class Finding:
    """One thing in the mapping to look at: its dotted place, its line, how people read that place, one sentence."""

    where: str
    line: int | None
    place: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence}"


@dataclass(frozen=True)
class Cell:
    """What became of one verb of one object for one person. `outcome` is a key of MARKS."""

    object: str
    verb: str
    person: str
    outcome: str
    line: int | None = None
    where: str = ""
    sentence: str = ""

    def as_json(self) -> dict[str, Any]:
        """For machines: the verb by its name alone, and the door that it went through."""
        door = "screens" if self.verb.endswith(PAGES) else "api"
        return {**asdict(self), "verb": self.verb.removesuffix(PAGES), "door": door}


@dataclass
class Chart:
    """Everything that an examination wrote down, filled while it goes on, so that an interruption loses nothing."""

    cells: dict[tuple[str, str, str], Cell] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    left_over: list[str] = field(default_factory=list)
    requests: int = 0
    interrupted: bool = False

    def mark(self, object: str, verb: str, person: str, outcome: str, why: Finding | str | None = None) -> None:
        """Writes a cell. A verb that once did not work for that person is not made good by a later trial."""
        key = (object, verb, person)
        if key in self.cells and self.cells[key].outcome in (BROKEN,) and outcome != BROKEN:
            return
        if isinstance(why, Finding) and not why.where:
            self.cells[key] = Cell(*key, UNTRIED, sentence=why.sentence)
            self.note(why.sentence)
        elif isinstance(why, Finding):
            self.cells[key] = Cell(*key, outcome, why.line, why.where, why.sentence)
            self.find(why)
        else:
            self.cells[key] = Cell(*key, outcome, sentence=why or "")

    def find(self, finding: Finding) -> None:
        """Writes a finding down once per place: the first one saw it nearest to its cause.

        One without a place is about the site, not about the mapping: a note.
        """
        if not finding.where:
            self.note(finding.sentence)
        elif all(finding.where != one.where for one in self.findings):
            self.findings.append(finding)

    def note(self, sentence: str) -> None:
        """Something worth knowing that is no mistake of the mapping."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    def gaps(self) -> list[str]:
        """The mapped verbs ("customer.list") that work for nobody and were tried."""
        verbs: dict[str, set[str]] = {}
        for (object, verb, _), cell in self.cells.items():
            verbs.setdefault(f"{object}.{verb}", set()).add(cell.outcome)
        return [verb for verb, outcomes in verbs.items() if WORKS not in outcomes and outcomes - {UNMAPPED}]

    @property
    def sound(self) -> bool:
        """Whether nothing in the mapping has to be looked at."""
        return not self.findings and not self.gaps() and not self.interrupted

    def as_json(self) -> dict[str, Any]:
        """For machines: verbs, findings, notes, left_over, requests."""
        return {
            "sound": self.sound,
            "verbs": [cell.as_json() for cell in self.cells.values()],
            "findings": [asdict(finding) for finding in self.findings],
            "gaps": self.gaps(),
            "notes": self.notes,
            "left_over": self.left_over,
            "requests": self.requests,
            "interrupted": self.interrupted,
        }
