"""The working floor inside the generator: performs arrivals and notes what happened; crew.py hands them out on time.

Knows nothing of Locust: it is given a clock, a way to sleep and a way to send.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from crm_acceptance.engines.load import pages, safety
from crm_acceptance.engines.load.expecting import Answers
from crm_acceptance.engines.load.health import Health, Vitals, quiet
from crm_acceptance.engines.load.orders import Measured, Order, Write
from crm_acceptance.engines.load.pages import NOBODY
from crm_acceptance.engines.load.samples import Samples
from crm_acceptance.engines.load.sieve import Sieve
from crm_acceptance.engines.load.stocking import Stocking
from crm_acceptance.engines.load.work import Arrival, Stock, begin
from crm_acceptance.errors import AcceptanceError, Refused, Unproven
from crm_acceptance.manners import journal
from crm_acceptance.model import Action, Outcome, Record
from crm_acceptance.systems import Records, Session
from crm_acceptance.systems.flow import Send, perform

WRITING = ("create", "order")
BEAT = 0.05
"""Seconds between two beats of the generator's heart."""
_MARK = re.compile(r"gf[a-z]{10}")
BROKEN_OFF = "没有做完 broken off"


@dataclass
class Floor:
    """One run: opened once, worked on by many at a time. `glance` opens a page that needs no login on a shorter way:
    it is given the verb and says what was wrong. `queue`: what is planned; `waiting`: what nobody is free to begin
    though its time has come; `ongoing`: people of a closed loop who have something left to do."""

    order: Order
    records: Records
    password: Callable[[str], str]
    clock: Callable[[], float]
    sleep: Callable[[float], object]
    orders_from_quotes: bool = True
    glance: Callable[[str], str] | None = None
    _sessions: dict[str, Session] = field(default_factory=dict)
    _stock: Stock = field(default_factory=Stock)
    queue: deque[Arrival] = field(default_factory=deque)
    waiting: deque[Arrival] = field(default_factory=deque)
    ongoing: int = 0
    _opened: float = 0.0
    _ready: bool = False
    _door: threading.Lock = field(default_factory=threading.Lock)
    _key: threading.Lock = field(default_factory=threading.Lock)
    samples: Samples = field(default_factory=Samples)
    writes: list[Write] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)
    pulses: list[float] = field(default_factory=list)
    problem: AcceptanceError | None = None
    stopped: str = ""
    stopped_at: float = 0.0
    sieve: Sieve = field(default_factory=Sieve)
    begun: int = 0
    busy: int = 0
    handed: int = 0
    """Arrivals that were given to hands which have not begun them yet: a run is not over between the two."""
    vitals: Vitals | None = None
    answers: Answers = field(default_factory=Answers)
    gate: Callable[[Floor], None] = lambda floor: None
    """Between preparing and the start: workers of one run wait here for each other."""

    def open(self, send: Send) -> None:
        """Signs everybody in and prepares stock; the first to come does it, the others wait. Then the clock starts."""
        with self._door:
            if self._ready:
                return
            try:
                self._prepare(send)
            except AcceptanceError as problem:
                self.problem = problem
            except Exception as wrong:  # nobody would ever be ready, and everybody would try again
                self.spoilt(f"压测机准备时自己出错 the generator failed while preparing: {wrong!r}"[:300])
            quiet()
            self.gate(self)
            self._opened, self._ready = self.clock(), True
            self.vitals = Vitals()

    def _prepare(self, send: Send) -> None:
        by_key = {person.key: person for person in (NOBODY, *self.order.people)}
        working = dict.fromkeys(arrival.person for arrival in self.order.arrivals)
        helpers = [person.key for person in self.order.people if person.department == "sales"]
        for key in {**working, **dict.fromkeys(helpers)}:
            secret = self.password(key) if key else ""
            self._sessions[key] = perform(self.records.login(by_key[key], secret), send)
        do = lambda key, action: self._do(key, action, send)  # noqa: E731
        stocking = Stocking(self.order.arrivals, do, self.orders_from_quotes, self.order.rows, helpers, self.clock)
        self._stock = stocking.fill()
        self.queue = deque(self.order.arrivals)

    @property
    def measuring(self) -> bool:
        """Whether the clock runs: preparing is over."""
        return self._ready

    def beat(self) -> None:
        """One beat of the generator's heart: when it comes late, everything here is late, though everybody is busy."""
        before = self.clock()
        self.sleep(BEAT)
        if self._ready:
            self.pulses.append(max(0.0, self.clock() - before - BEAT))
        if self.vitals is not None:
            self.vitals.beat()

    def spoilt(self, reason: str) -> Unproven:
        """Ends the run, which can say nothing any more; the exception to raise."""
        self.problem = self.problem or Unproven(reason)
        return Unproven(reason)

    def now(self) -> float:
        """Seconds after the opening."""
        return self.clock() - self._opened

    def over(self) -> bool:
        """Whether nobody has to begin anything any more: all begun, patience at its end, stopped, or a problem."""
        left = self.queue or self.waiting or self.ongoing
        return not left or self.problem is not None or bool(self.stopped) or self.now() > self.order.patience

    def stop(self, sentence: str) -> None:
        """Begins nothing any more from now on; the sentence says why."""
        if not self.stopped:
            self.stopped, self.stopped_at = sentence, self.now()

    def finished(self) -> bool:
        """Whether nothing is under way any more and nothing will begin."""
        return self._ready and self.over() and not self.busy and not self.handed

    def work(self, send: Send) -> None:
        """Takes the next arrival, waits for its time and does it. A free person who starts late is our own lateness."""
        if self.over():
            return
        arrival = self.queue.popleft()
        early = arrival.at - self.now()
        if early > 0:
            self.sleep(early)
            self.late(arrival.at)
        self.do(arrival, arrival.at, send)

    def late(self, intended: float) -> None:
        """Notes our own lateness in beginning what somebody is free to begin."""
        self.lags.append(max(0.0, self.now() - intended))

    def do(self, arrival: Arrival, intended: float, send: Send) -> None:
        """One arrival from beginning to end; what goes wrong at the site is in its samples."""
        self.begun, self.busy = self.begun + 1, self.busy + 1
        try:
            if self.glance is not None and not arrival.person and pages.asks(arrival.verb):
                self._glanced(arrival, intended, self.glance)
            else:
                self._perform(arrival, intended, send)
        except AcceptanceError as problem:
            if problem.exit_code != 4:
                self.problem = self.problem or problem
        except Exception as wrong:
            self.spoilt(f"压测机自己出错 the generator itself failed: {wrong!r}")
            raise
        finally:
            self.busy -= 1

    def _glanced(self, arrival: Arrival, intended: float, glance: Callable[[str], str]) -> None:
        started, error = self.now(), BROKEN_OFF
        try:
            error = glance(arrival.verb)
        except AcceptanceError as no:
            error = _told(no)
            raise
        finally:
            self.samples.add(arrival.verb, "", intended, started, self.now(), error)

    def _perform(self, arrival: Arrival, intended: float, send: Send) -> None:
        work, outcome = begin(arrival, self._stock), None
        try:
            action = next(work)
            while True:
                outcome = self._measured(arrival, action, intended, send)
                intended = self.now()
                action = work.send(outcome)
        except StopIteration:
            return
        except Refused as no:
            if said := safety.refusal_reason(no.kind, no.message):
                self.spoilt(said)

    def _measured(self, arrival: Arrival, action: Action, intended: float, send: Send) -> Outcome:
        started, error = self.now(), BROKEN_OFF
        outcome: Outcome = None
        try:
            outcome = self._do(arrival.person, action, send)
            error = ""
        except AcceptanceError as no:
            error = _told(no)
            raise
        finally:
            self.samples.add(arrival.verb, arrival.person, intended, started, self.now(), error)
            if action.name in WRITING:
                self._note(arrival, action, outcome)
        self.sieve.look(started, arrival.person, action, outcome)
        return outcome

    def _do(self, person: str, action: Action, send: Send) -> Outcome:
        """The action; a login that expired in mid-run is renewed once, by the first of all who notice."""
        session = self._sessions[person]
        try:
            return self._do_with(session, person, action, send)
        except Refused as no:
            if no.kind != "expired":
                raise
        with self._key:
            if self._sessions[person] is session:
                who = next(one for one in self.order.people if one.key == person)
                self._sessions[person] = perform(self.records.login(who, self.password(person)), send)
        return self._do_with(self._sessions[person], person, action, send)

    def _do_with(self, session: Session, person: str, action: Action, send: Send) -> Outcome:
        flow = self.records.flow(session, action)
        return journal.performed(person, action, lambda: perform(flow, send))

    def _note(self, arrival: Arrival, action: Action, outcome: Outcome) -> None:
        kind = "order" if action.name == "order" else action.object
        found = _MARK.search(str(dict(action.fields)))
        by_fields = {name: str(action.fields[name]) for name in ("customer", "amount") if name in action.fields}
        where = {"q": found[0]} if found else {"quote": action.id} if action.id else by_fields
        record = outcome if isinstance(outcome, Record) else Record(kind, "")
        self.writes.append(Write(arrival.person, kind, record.id, where, bool(record.id)))

    def measured(self, cpu: float, wall: float) -> Measured:
        """Everything that happened. Work that was still under way or never begun is told as well."""
        left = (*self.waiting, *self.queue)
        told = Measured(tuple(self.samples), tuple(self.writes), tuple(self.lags), left, cpu, wall)
        told = replace(told, ended=self.now(), opened=self._opened, pulses=tuple(self.pulses))
        told = replace(told, stopped=self.stopped, stopped_at=self.stopped_at, seen=tuple(self.sieve.seen))
        told = replace(told, odd=tuple(self.answers.seen))
        told = replace(told, health=self.vitals.told() if self.vitals else Health())
        if self.problem is None:
            return told
        return replace(told, problem=str(self.problem), unreachable=self.problem.exit_code == 4)


def _told(no: AcceptanceError) -> str:
    return f"{type(no).__name__}: {no}"[:200]
