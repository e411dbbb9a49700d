"""Everybody's window at the site, and what a page's no means for the chart. What is tried there: screens_round.py."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from crm_acceptance.actors import ScreensDoor
from crm_acceptance.doctoring.findings import BROKEN, DENIED, PAGES, UNTRIED, WORKS, Finding
from crm_acceptance.doctoring.visit import SILENT, Visit
from crm_acceptance.engines.browser import Scene
from crm_acceptance.errors import AcceptanceError, Refused, SiteOutOfReach, Unproven
from crm_acceptance.model import Person
from crm_acceptance.systems import Screens
from crm_acceptance.systems.rest.screens_desk import Desk
from crm_acceptance.systems.rest.screens_page import Glass, sentences
from crm_acceptance.systems.rest.screens_shape import ObjectScreen, ScreensSpec

_PLACED = re.compile(
    r"[^:\[\n]+(?::\d+)?(?: \[(?P<header>[^\]]+)\])?(?: (?P<rest>[\w.]+))?: (?P<sentence>.*)", re.DOTALL
)
_ADDRESSES = ("new", "edit", "path", "pool", "record")
_BUSY = re.compile(r"HTTP 5\d\d")


@dataclass(frozen=True)
class Seen:
    """What a trial on a page brought, or its no."""

    value: Any = None
    no: AcceptanceError | None = None

    @property
    def well(self) -> bool:
        """Whether it went well."""
        return self.no is None


@dataclass
class Windows:
    """The browser doors of an examination, one window a person. `own`: the doing is the system's own Python."""

    visit: Visit
    spec: ScreensSpec
    screens: Screens
    scene: Scene
    own: Callable[[str, str], bool] | None = None
    doors: dict[str, ScreensDoor] = field(default_factory=dict)
    titles: dict[tuple[str, str], str] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)
    suspects: dict[tuple[str, str, str], Finding] = field(default_factory=dict)
    _silent: int = 0

    def door(self, person: Person) -> ScreensDoor:
        """That person's browser door."""
        if person.key not in self.doors:
            secret = self.visit.secrets(person)
            self.doors[person.key] = ScreensDoor(self.screens, self.visit.site, person, secret, self.scene)
        return self.doors[person.key]

    def desk(self, person: Person) -> Desk:
        """That person's page with the mapping's words, to look at without doing anything."""
        page = self.door(person).page()
        page.set_default_timeout(self.spec.patience * 1000)
        return Desk(Glass(page, self.spec.patience, self.spec.rest), self.spec, self.visit.site, self.titles)

    def looked(self, person: Person, look: Callable[[Desk], Any]) -> Any:
        """What a look at that person's page brings; the browser's own failures become one sentence."""
        desk = self.desk(person)
        with sentences(desk.glass.page, self.spec.url or self.visit.site.url, self.spec.patience):
            return look(desk)

    def tried(self, object: str, verb: str, who: Person, where: str, do: Callable[[], Any], mark: bool = True) -> Seen:
        """Does it; in the chart then stands that it works (`mark`), or why not. `where`: whose line a no points at."""
        try:
            value = do()
        except AcceptanceError as no:
            self._count_silence(no)
            self.refused(object, verb, who, where, no)
            return Seen(no=no)
        self._silent = 0
        if mark:
            self.mark(object, verb, who, WORKS)
        return Seen(value)

    def saw(
        self, object: str, verb: str, who: Person, where: str, look: Callable[[Desk], Any], mark: bool = True
    ) -> Seen:
        """`tried`, of a look at that person's page."""
        return self.tried(object, verb, who, where, lambda: self.looked(who, look), mark)

    def mark(self, object: str, verb: str, who: Person, outcome: str, why: Finding | str | None = None) -> None:
        """A cell of the browser door."""
        self.visit.chart.mark(object, verb + PAGES, who.key, outcome, why)

    def refused(self, object: str, verb: str, who: Person, where: str, no: AcceptanceError) -> None:
        """Writes a no down: a right, a site without time, or something that `settle` judges when all have tried."""
        kind = no.kind if isinstance(no, Refused) else ""
        busy = isinstance(no, SiteOutOfReach) and _BUSY.search(str(no))
        if kind == "denied" and object != "site":
            self.mark(object, verb, who, DENIED, str(no))
        elif kind in ("expired", "throttled") or isinstance(no, Unproven) or busy:
            self.mark(object, verb, who, UNTRIED, str(no))
            self.visit.chart.note(str(no))
        else:
            self.suspect(object, verb, who, self.finding(no, where, self.spec.objects.get(object)))

    def suspect(self, object: str, verb: str, who: Person, finding: Finding) -> None:
        """A failure that may be that person's rights: judged when everybody has tried."""
        self.suspects[object, verb, who.key] = finding
        self.mark(object, verb, who, UNTRIED, finding.sentence)

    def settle(self) -> None:
        """What worked for somebody else is a right; what worked for nobody is broken."""
        chart = self.visit.chart
        for (object, verb, key), finding in self.suspects.items():
            shown = verb + PAGES
            if any(cell.outcome == WORKS for one, cell in chart.cells.items() if one[:2] == (object, shown)):
                chart.mark(object, shown, key, DENIED, finding.sentence)
                chart.note(f"{key} 在页面上做不了 {object}.{verb}，别人可以（works for others: a right?）：{finding}")
            else:
                chart.mark(object, shown, key, BROKEN, finding)
        self.suspects.clear()

    def finding(self, no: AcceptanceError, where: str, shape: ObjectScreen | None = None) -> Finding:
        """A no of the door as a finding: at the line that it names itself, at the address it could not open, else
        at `where`."""
        found = _PLACED.fullmatch(str(no)) if str(no).startswith(self.spec.file.name) else None
        if found and (found["header"] or found["rest"]):
            place = ".".join(part for part in (found["header"], found["rest"]) if part)
            return self.found(place, found["sentence"])
        if isinstance(no, Refused) and no.kind == "missing":
            where = self._address(no.message, shape) or where
        return self.found(where, f"{no}")

    def found(self, where: str, sentence: str) -> Finding:
        """A finding at that place; at the field itself where the file writes its label without saying so."""
        above, _, last = where.rpartition(".")
        known = getattr(self.spec.lines, "spots", {})
        plain = last in ("label", "column", "kind", "button", "section") and where not in known
        return self.visit.finding(above if plain else where, sentence)

    def _address(self, message: str, shape: ObjectScreen | None) -> str:
        """The address of the mapping that the page's "no such page" is about."""
        said = message.partition(": ")[0]
        if said == self.spec.login.path:
            return "screens.login.path"
        for key in _ADDRESSES if shape else ():
            parts = re.split(r"\{\w+\}", getattr(shape, key))
            if parts[0] and re.fullmatch(r"[^/]*".join(map(re.escape, parts)), said):
                return f"{shape.where}.{key}" if shape else ""
        return ""

    def _count_silence(self, no: AcceptanceError) -> None:
        """A site that has gone away would make every further trial wait for its patience."""
        gone = isinstance(no, SiteOutOfReach) and "打不开" in str(no)
        self._silent = self._silent + 1 if gone else 0
        if self._silent >= SILENT:
            raise no
