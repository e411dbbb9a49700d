"""The doctor at the site: everybody's door, every exchange kept, everything that was created removed at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from crm_acceptance.actors import RecordsDoor
from crm_acceptance.doctoring.findings import BROKEN, DENIED, UNTRIED, WORKS, Chart, Finding
from crm_acceptance.errors import AcceptanceError, Refused, SiteOutOfReach
from crm_acceptance.model import Action, Outcome, Person, Record, Site
from crm_acceptance.sending import http_send, line
from crm_acceptance.systems import HasRecords, System
from crm_acceptance.systems.flow import Answer, Call, Send
from crm_acceptance.systems.rest.shape import Mapping

TIRED = 4
"""After so many refusals nobody is asked any more to delete that kind of record."""
BUSY = (429, 502, 503, 504)
"""Statuses of a site that is too busy or half asleep."""
SILENT = 3
"""So many trials in a row without an answer, and the examination stops."""


@dataclass(frozen=True)
class Exchange:
    """A call that was sent, and the answer; None when none came."""

    call: Call
    answer: Answer | None


@dataclass
class Guest:
    """One person at the site: the door, and the exchanges of that person."""

    person: Person
    door: RecordsDoor
    log: list[Exchange]
    send: Send
    able: bool = True

    @property
    def key(self) -> str:
        """The person's key."""
        return self.person.key


@dataclass(frozen=True)
class Tried:
    """What became of one action: its outcome, or the no; and what was sent and answered for it."""

    action: Action
    outcome: Outcome = None
    no: AcceptanceError | None = None
    exchanges: tuple[Exchange, ...] = ()
    guest: Guest | None = None

    @property
    def kind(self) -> str:
        """ "" when it went well; the kind of a refusal; "broken", "unsupported" or "wrong" else."""
        if self.no is None:
            return ""
        return self.no.kind if isinstance(self.no, Refused) else type(self.no).__name__.lower()

    @property
    def refused(self) -> bool:
        """Whether the CRM said that this person may not, in whatever way CRMs say it."""
        return self.kind in ("denied", "missing")

    @property
    def busy(self) -> bool:
        """Whether the site had no time, which says nothing of the mapping."""
        return bool(self.no and self.last and self.last.answer and self.last.answer.status in BUSY)

    @property
    def last(self) -> Exchange | None:
        """The last exchange; the one that matters where there were several."""
        return self.exchanges[-1] if self.exchanges else None


@dataclass
class Visit:
    """One examination of one site. Use `close` in any case: it removes what was created."""

    mapping: Mapping
    system: System
    site: Site
    people: tuple[Person, ...]
    secrets: Callable[[Person], str]
    timeout: float = 30.0
    cleaner: Person | None = None
    chart: Chart = field(default_factory=Chart)
    say: Callable[[str], None] = lambda line: None
    created: list[tuple[str, str, str]] = field(default_factory=list)
    _guests: dict[str, Guest] = field(default_factory=dict)
    _lines: list[Any] = field(default_factory=list)
    _silent: int = 0
    _serial: int = 4
    _tired: dict[tuple[str, str], int] = field(default_factory=dict)
    suspects: dict[tuple[str, str, str], Finding] = field(default_factory=dict)
    undeleted: set[str] = field(default_factory=set)
    """Objects whose deletion is agreed to and does nothing: their records stay, whatever the CRM answers."""
    pages: Callable[[Visit], None] | None = None
    """What tries [screens], after the API and before the clearing up; None: nobody does."""

    def serial(self) -> int:
        """A number that no other record of this visit has; the first three records of a bench have 0, 1, 2."""
        self._serial += 1
        return self._serial

    def guest(self, person: Person, password: str | None = None) -> Guest:
        """That person at the site; with a password of one's own, a stranger who claims to be that person."""
        if password is None and person.key in self._guests:
            return self._guests[person.key]
        assert isinstance(self.system, HasRecords)
        log: list[Exchange] = []
        send = self._recording(log)
        secret = self.secrets(person) if password is None else password
        made = Guest(person, RecordsDoor(self.system.records(self.site), person, secret, send), log, send)
        if password is None:
            self._guests[person.key] = made
        return made

    def guests(self) -> Iterable[Guest]:
        """Everybody whose login worked."""
        return [one for one in self._guests.values() if one.able]

    def attempt(self, guest: Guest, action: Action) -> Tried:
        """Carries the action out and hands back whatever came of it. SiteOutOfReach passes when nothing answers."""
        tried = self._attempt(guest, action)
        return self._attempt(guest, action) if tried.busy else tried

    def _attempt(self, guest: Guest, action: Action) -> Tried:
        start = len(guest.log)
        try:
            outcome = guest.door.do(action)
        except AcceptanceError as no:
            tried = Tried(action, no=no, exchanges=tuple(guest.log[start:]), guest=guest)
            self._count_silence(tried, no)
            return tried
        self._silent = 0
        if action.name == "create" and isinstance(outcome, Record) and outcome.id:
            self.created.append((action.object, outcome.id, guest.key))
        return Tried(action, outcome, exchanges=tuple(guest.log[start:]), guest=guest)

    def _count_silence(self, tried: Tried, no: AcceptanceError) -> None:
        """A site that has gone away would make every further trial wait for its time limit."""
        silent = isinstance(no, SiteOutOfReach) and tried.last is not None and tried.last.answer is None
        self._silent = self._silent + 1 if silent else 0
        if self._silent >= SILENT:
            raise no

    def raw(self, guest: Guest, call: Call) -> Answer | None:
        """Sends a call as it is, for a closer look; None when no answer came."""
        try:
            return guest.send(call)
        except SiteOutOfReach:
            return None

    def suspect(self, object: str, verb: str, person: str, finding: Finding) -> None:
        """A failure that may be a matter of rights: judged when everybody has tried."""
        self.suspects[object, verb, person] = finding
        self.chart.mark(object, verb, person, UNTRIED, finding.sentence)

    def settle(self, object: str) -> None:
        """What failed for one and worked for another is a right; what worked for nobody is broken."""
        for key, finding in self.suspects.items():
            if key[0] != object:
                continue
            cells = self.chart.cells.items()
            if any(cell.outcome == WORKS for one, cell in cells if one[:2] == key[:2]):
                self.chart.mark(*key, DENIED, finding.sentence)
                self.chart.note(
                    f"{key[2]} 做不了 {key[0]}.{key[1]}，别人可以：{finding.sentence[:200]} 如果这是没有权限，"
                    '写 [errors.words] "系统的话" = "denied"（works for others: a right?）。'
                )
            else:
                self.chart.mark(*key, BROKEN, finding)
        self.suspects = {key: one for key, one in self.suspects.items() if key[0] != object}

    def finding(self, where: str, sentence: str) -> Finding:
        """A finding at a place of the mapping, with its line."""
        return Finding(where, self.mapping.lines.of(where), self.mapping.lines.at(where), sentence)

    def forget(self, object: str, id: str) -> None:
        """That record is gone already."""
        if object not in self.undeleted:
            self.created = [one for one in self.created if one[:2] != (object, id)]

    def close(self) -> None:
        """Removes what is left, newest first, as whoever can; what stays is written down by id."""
        for object, id, owner in reversed(self.created):
            if not self._removed(object, id, owner):
                self.chart.left_over.append(f"{object} {id}")
        self.created.clear()
        for one in self._lines:
            one.close()

    def _removed(self, object: str, id: str, owner: str) -> bool:
        if object not in self.mapping.objects or "delete" not in self.mapping.objects[object].calls:
            return False
        for guest in self._hands(object, owner):
            try:
                guest.door.do(Action("delete", object, id))
                return object not in self.undeleted
            except Refused as no:
                if no.kind == "missing" and guest.key == owner:
                    return True
                self._tired[object, guest.key] = self._tired.get((object, guest.key), 0) + 1
            except AcceptanceError:
                continue
        return False

    def _hands(self, object: str, owner: str) -> list[Guest]:
        """Who is asked to delete: the owner, those who are known to be able to, whoever tidies up, then the rest."""
        cells = self.chart.cells
        able = {
            key for (name, verb, key), cell in cells.items() if (name, verb, cell.outcome) == (object, "delete", WORKS)
        }
        people = sorted(self.guests(), key=lambda one: (one.key != owner, one.key not in able))
        if self.cleaner is not None:
            people.insert(1 + len(able), self.guest(self.cleaner))
        return [one for one in people if self._tired.get((object, one.key), 0) < TIRED]

    def _recording(self, log: list[Exchange]) -> Send:
        connection = line(self.site)
        self._lines.append(connection)
        send = http_send(connection, self.site, self.timeout)

        def sending(call: Call) -> Answer:
            self.chart.requests += 1
            try:
                answer = send(call)
            except AcceptanceError:
                log.append(Exchange(call, None))
                raise
            log.append(Exchange(call, answer))
            return answer

        return sending
