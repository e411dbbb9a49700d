"""Who has joined the master, and what of theirs has arrived; tells nobody when to begin (conductor.py does)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from crm_acceptance.engines.load import merging
from crm_acceptance.engines.load.fleet import Hello, read_hello, refusal
from crm_acceptance.engines.load.orders import Measured, Sample, Worker

UNKNOWN = float("inf")


@dataclass
class Member:
    """One worker that joined. `offset`: its monotonic clock less ours, known to within `within` seconds; `unable`: it
    cannot carry out its order and has gone home; `done`: what it handed in."""

    id: str
    hello: Hello
    index: int
    offset: float = 0.0
    within: float = UNKNOWN
    ready: bool = False
    unable: bool = False
    problem: str = ""
    samples: list[Sample] = field(default_factory=list)
    begun: int = 0
    busy: int = 0
    cpu: float = 0.0
    done: Mapping[str, Any] | None = None

    @property
    def finished(self) -> bool:
        """Whether nothing more will come of it."""
        return self.unable or self.done is not None

    def measured(self) -> Measured:
        """What arrived; of a lost one its samples up to then."""
        if self.done is not None:
            return merging.from_worker(self.done["measured"], self.samples)
        return Measured(samples=tuple(self.samples))

    def torn(self) -> bool:
        """Whether the samples that arrived do not make the histograms that it counted itself."""
        return self.done is not None and merging.summed(self.samples) != self.done["histograms"]

    def account(self, opened: float) -> Worker:
        """The line of load.json about it; `opened`: when the master meant all to begin, by its own clock."""
        measured = self.measured()
        skew = measured.opened - self.offset - opened if self.done is not None and opened else 0.0
        within = self.within if self.within != UNKNOWN else 0.0
        blank = Worker(self.index + 1, self.hello.name, skew=skew, within=within, lost=self.done is None)
        return merging.account(blank, measured)


@dataclass
class Roster:
    """Everybody who is in; `expected` (0: as many as come), `send` (to whom, kind, body), `clock`. `refused`: what
    those were told who may not join, `unfit`: who of them has another version or workspace. `arrived`, `late`:
    the samples of all and how late their generators were, in the order of arrival."""

    ours: Hello
    expected: int
    send: Callable[[str, str, Any], None]
    clock: Callable[[], float]
    members: dict[str, Member] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    unfit: set[str] = field(default_factory=set)
    closed: bool = False
    arrived: list[Sample] = field(default_factory=list)
    late: list[float] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.members)

    def all(self) -> list[Member]:
        """In the order in which they came."""
        return list(self.members.values())

    def called(self, one: Member) -> str:
        """For people."""
        return f"工人 {one.index + 1}/{len(self)}（{one.hello.name}）"

    def close(self) -> None:
        """A run begins with those who are there: nothing of an earlier run remains, and nobody else comes in."""
        self.closed, self.arrived, self.late = True, [], []
        for index, one in enumerate(self.all()):
            self.members[one.id] = Member(one.id, one.hello, index, one.offset, one.within)

    def heard(self, sender: str, kind: str, body: Any) -> None:
        """One parcel of a worker; whoever has not been welcomed may only say hello."""
        if kind == "hello":
            self._greet(sender, read_hello(body))
        elif sender in self.members and kind in _HEARD:
            _HEARD[kind](self, self.members[sender], body)

    def _greet(self, sender: str, theirs: Hello) -> None:
        """Twice the same hello is one worker; a late one and one too many go home."""
        known, wrong = self.members.get(sender), refusal(self.ours, theirs)
        if wrong:
            self.unfit.add(sender)
        sentence = wrong or ("" if known else self._no_room(theirs))
        if sentence:
            self.refused.append(sentence)
            self.send(sender, "refused", sentence)
            return
        if known is None:
            self.members[sender] = Member(sender, theirs, len(self))
        self.send(sender, "welcome", {})
        self.send(sender, "ping", self.clock())

    def _no_room(self, theirs: Hello) -> str:
        if self.closed:
            return f"工人 {theirs.name} 来晚了，高峰已经开始。The run has begun: this worker came too late."
        if self.expected and len(self) >= self.expected:
            return (
                f"工人 {theirs.name} 多余：{self.expected} 个已经到齐。All {self.expected} workers are there already."
            )
        return ""

    def _ready(self, one: Member, body: Any) -> None:
        one.ready, one.problem = True, str(body)

    def _unable(self, one: Member, body: Any) -> None:
        one.unable, one.problem = True, str(body)

    def _pong(self, one: Member, body: Any) -> None:
        """The round that took least says best how the clocks differ."""
        asked, theirs = body
        round_trip = self.clock() - asked
        if round_trip / 2 < one.within:
            one.offset, one.within = theirs - (asked + round_trip / 2), round_trip / 2

    def _report(self, one: Member, body: Any) -> None:
        arrived = merging.samples(body["samples"])
        one.samples += arrived
        self.arrived += arrived
        self.late += body["late"]
        one.begun, one.busy, one.cpu = body["begun"], body["busy"], body["cpu"]

    def _done(self, one: Member, body: Any) -> None:
        if one.done is None:
            one.done, one.busy = body, 0


_HEARD: Mapping[str, Callable[[Roster, Member, Any], None]] = {
    "ready": Roster._ready,
    "unable": Roster._unable,
    "pong": Roster._pong,
    "report": Roster._report,
    "done": Roster._done,
}
