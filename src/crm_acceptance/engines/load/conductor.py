"""The master's side of a run by several workers: waits for all, gives the start, notices losses; knows no Locust.

It is given who has joined (roster.py), a way to know who is still there, and a way to sleep.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace

from crm_acceptance.engines.load import merging
from crm_acceptance.engines.load.fleet import SKEW, mapping, parts
from crm_acceptance.engines.load.orders import Measured, Order, Worker
from crm_acceptance.engines.load.roster import Member, Roster
from crm_acceptance.engines.load.stocking import grace
from crm_acceptance.errors import AcceptanceError, Unproven

POLL = 0.05
"""Seconds between two looks at who is there."""
PREPARING, COMING_HOME = 60.0, 20.0
"""Seconds for all to sign in and prepare, and for the results after the last request must have ended."""
LAST_WORDS = 3.0
"""Seconds, after the last request must have ended, for the results of those who were told to stop."""
PINGS = 5
"""Questions for the time at least."""
HEAD_START = 0.5
"""Seconds between telling the start and the start."""


@dataclass
class Conductor:
    """One master. `alive`: whether the worker of that id is still connected."""

    roster: Roster
    alive: Callable[[str], bool]
    sleep: Callable[[float], object]
    order: Order | None = None
    opened: float = 0.0
    stopped: str = ""
    stopped_at: float = 0.0
    called_off: bool = field(default=False)

    def muster(self, patience: float) -> None:
        """Waits until all are there. Unproven after `patience` seconds, or when as many have come and some of them may
        not join, with what those were told."""
        roster, since = self.roster, self.roster.clock()
        self._within(patience, lambda: len(roster) + len(roster.unfit) >= roster.expected)
        if len(roster) < roster.expected:
            raise Unproven(
                f"{roster.clock() - since:.0f} 秒里只来了 {len(roster)} 个能用的工人，要 {roster.expected} 个。Only "
                f"{len(roster)} of {roster.expected} workers joined. {' '.join(roster.refused[:3])}".rstrip()
            )

    def hand_out(self, order: Order) -> None:
        """Everybody's part of the plan, to those who are there now. WrongUse when it cannot be divided, Unproven when
        fewer are left than were asked for."""
        self._look_around()
        if len(self.roster) < self.roster.expected:
            raise Unproven(
                f"开始前走了工人：要 {self.roster.expected} 个，只剩 {len(self.roster)} 个。"
                f"A worker left before the start: {len(self.roster)} of {self.roster.expected} are there."
            )
        shares, described = parts(order, len(self.roster)), mapping(order.site)
        self.roster.close()
        self.order, self.opened, self.stopped, self.stopped_at, self.called_off = order, 0.0, "", 0.0, False
        for one, share in zip(self.roster.all(), shares, strict=True):
            self.roster.send(one.id, "order", {"order": asdict(share), "mapping": described})

    def see_through(self, every_second: Callable[[float], str] = lambda now: "") -> Measured:
        """From handing out to the merged results; `every_second` may end the run early with its sentence. Whatever
        goes wrong is in the result: `problem`, `lost`."""
        lost = ""
        try:
            self._prepare()
            self._run(every_second)
        except AcceptanceError as reason:
            lost = str(reason)
            self._break_off()
        there = self.roster.all()
        whole, accounts = merging.merged([one.measured() for one in there]), [one.account(self.opened) for one in there]
        unable = [f"{self.roster.called(one)}：{one.problem}" for one in there if one.problem]
        torn = [self.roster.called(one) for one in there if one.torn()]
        return replace(
            whole, workers=tuple(accounts), lost=tuple(filter(None, (lost, *_apart(accounts), *map(_torn, torn)))),
            problem=" ".join(unable[:3]) or whole.problem, opened=self.opened, stopped=self.stopped,
            stopped_at=self.stopped_at,
        )  # fmt: skip

    def call_off(self, sentence: str = "") -> None:
        """Nobody begins anything any more; told once."""
        for one in self.roster.all() if not self.called_off else ():
            self.roster.send(one.id, "stop", sentence)
        self.called_off = True

    def _prepare(self) -> None:
        """Until all are ready, or somebody cannot: then nobody begins."""
        there = self.roster.all()
        allowed = PREPARING + (grace(self.order.arrivals) if self.order else 0.0)
        if not self._within(allowed, lambda: all(one.ready for one in there) or any(one.problem for one in there)):
            silent = "、".join(self.roster.called(one) for one in there if not one.ready)
            raise Unproven(f"{allowed:g} 秒内没有准备好：{silent}。These workers did not get ready in time.")
        if any(one.problem for one in there):
            self.call_off()
        else:
            self._begin(there)

    def _begin(self, there: list[Member]) -> None:
        """All clocks start at one moment, told to everybody in their own clock's time; a busy machine is asked until
        it answers quickly enough to know that time."""
        asked = 0

        def known() -> bool:
            nonlocal asked
            for one in there:
                self.roster.send(one.id, "ping", self.roster.clock())
            asked += 1
            return asked > PINGS and all(one.within < SKEW for one in there)

        self._within(PREPARING, known)
        self.opened = self.roster.clock() + HEAD_START
        for one in there:
            self.roster.send(one.id, "go", self.opened + one.offset)

    def _run(self, every_second: Callable[[float], str]) -> None:
        assert self.order is not None
        until, second = self.roster.clock() + self._longest(self.order), 1.0
        while any(not one.finished for one in self.roster.all()):
            self._look_around()
            now = self.roster.clock() - self.opened
            if self.opened and now >= second:
                second = float(int(now)) + 1.0
                self._stop(every_second(now), now)
            if any(one.done and one.done["measured"]["problem"] for one in self.roster.all()):
                self.call_off()
            if self.roster.clock() > until:
                late = "、".join(self.roster.called(one) for one in self.roster.all() if not one.finished)
                raise Unproven(f"{late} 没有按时交回结果，本次运行无效。These workers did not hand in their results.")
            self.sleep(POLL)

    def _break_off(self) -> None:
        """Everybody else stops, and hands in what they have: what they wrote must be known."""
        self.call_off()
        until = self.roster.clock() + (2 * self.order.timeout if self.order else 0.0) + LAST_WORDS
        while self.roster.clock() < until:
            if all(one.finished or not self.alive(one.id) for one in self.roster.all()):
                return
            self.sleep(POLL)

    def _longest(self, order: Order) -> float:
        going = order.patience if self.opened else 0.0
        return HEAD_START + going + 2 * order.timeout + COMING_HOME

    def _stop(self, sentence: str, now: float) -> None:
        if sentence and not self.stopped:
            self.stopped, self.stopped_at = sentence, now
            self.call_off(sentence)

    def _within(self, patience: float, true: Callable[[], bool]) -> bool:
        """Whether it became true in time. Unproven as soon as somebody who has not finished is gone."""
        until = self.roster.clock() + patience
        while not true():
            self._look_around()
            if self.roster.clock() > until:
                return False
            self.sleep(POLL)
        return True

    def _look_around(self) -> None:
        """Before the run, whoever goes is simply not there; after that it is lost."""
        for one in [one for one in self.roster.all() if not one.finished and not self.alive(one.id)]:
            if self.roster.closed:
                raise Unproven(
                    f"{self.roster.called(one)} 失去联系，没有交回结果，本次运行无效。"
                    f"Worker {one.hello.name} was lost before it handed in its results."
                )
            del self.roster.members[one.id]


def _apart(accounts: list[Worker]) -> list[str]:
    """Who did not begin with the others. A worker that did nothing was late for nothing."""
    far = [one for one in accounts if not one.lost and one.count and abs(one.skew) + one.within > SKEW]
    return [
        f"工人 {one.index}（{one.name}）没有和别人一起开始：差 {one.skew:.3g} 秒，误差 {one.within:.3g} 秒"
        f"（上限 {SKEW:g}）。Its clock did not start with the others'."
        for one in far
    ]


def _torn(called: str) -> str:
    return f"{called} 的样本没有完整送达。Not all samples of this worker arrived."
