"""Thresholds with a window ("95 % within 2 s, over any 30 s"), counted while the run goes on; ends no run itself.

What "over any 30 s" means: every window of that length that begins at a whole second and lies in one stretch that
counts, holding the Actions intended in it. A window misses a percentile when fewer than ceil(share * n) of its n
Actions were answered within the limit, which is the same as its nearest-rank percentile being over the limit; an Action
that has not been answered and is older than the limit is over it already. Windows with fewer samples than the
percentile needs are not judged. A window misses a ratio of errors when more than that share of its n Actions failed,
and a throughput when fewer than limit * length Actions were acknowledged (by the time of their answer) in it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from crm_acceptance.engines.load.figures import PERCENTILES, needed
from crm_acceptance.engines.load.limits import ROLLING, Threshold
from crm_acceptance.engines.load.orders import Order, Sample
from crm_acceptance.engines.load.peaks import Peak
from crm_acceptance.engines.load.work import Arrival

EVERY = 1.0
"""Seconds between two looks."""
DUE, FINE, BAD, DONE = range(4)
_Cell = list[int]


@dataclass(frozen=True)
class Breach:
    """The threshold (its place among the stops) that a window missed: the window's beginning and end in seconds, how
    many Actions it held, and how many of them were over the limit, failed, or (throughput) were acknowledged."""

    index: int
    threshold: Threshold
    begin: int
    end: int
    count: int
    bad: int

    @property
    def sentence(self) -> str:
        """For people: what was asked of which stretch, and what it held."""
        asked, span = self.threshold, f"第 {self.begin} 到 {self.end} 秒 seconds {self.begin} to {self.end}"
        if asked.measure == "throughput":
            found = f"每秒只完成 only {self.bad / (self.end - self.begin):.3g} /s，下限 {asked.limit:g} /s"
        elif asked.measure == "errors":
            found = f"{self.count} 件里 {self.bad} 件失败 failed，上限 {asked.limit:.3%}"
        else:
            found = f"{self.count} 件里 {self.bad} 件超过 over {asked.limit:g} 秒"
        return f"{what(asked)}：{span}，{found}：没有达到，提前停止 not met, stopped early"


def stops(peak: Peak) -> tuple[Threshold, ...]:
    """The thresholds that may end this peak early."""
    return tuple(one for one in peak.thresholds if one.window > 0 and one.measure in ROLLING)


def what(threshold: Threshold) -> str:
    """Whose measure it is: `sales order.create p95`."""
    whose = " ".join(filter(None, (threshold.department, threshold.verb))) or "全部动作 all verbs"
    return f"{whose} {threshold.measure}"


def concerns(threshold: Threshold, verb: str, person: str, departments: Mapping[str, str]) -> bool:
    """Whether an Action of this verb by this person counts for it."""
    if threshold.verb and threshold.verb != verb:
        return False
    return not threshold.department or departments.get(person, "") == threshold.department


def windows(counted: Iterable[tuple[float, float]], length: float) -> Iterator[tuple[int, int]]:
    """Every window as (begin, end) in whole seconds, inside one stretch each."""
    size = max(1, round(length))
    for begin, end in counted:
        yield from ((first, first + size) for first in range(math.ceil(begin), math.floor(end) - size + 1))


def too_many(measure: str, limit: float, count: int, bad: int) -> bool:
    """Whether `bad` of `count` miss it, as the percentile (nearest rank) or the ratio of all of them would."""
    if measure == "errors":
        return count > 0 and bad / count > limit
    return count - bad < math.ceil(PERCENTILES.get(measure, 1.0) * count)


@dataclass
class Rolling:
    """One run's counters: a few whole numbers per threshold and second. `arrivals`: the plan of an open loop, by which
    it is known how many Actions a window holds before they are answered; () for a closed one. `answered`: seconds
    after which every Action has ended somehow."""

    stops: Sequence[Threshold]
    counted: Sequence[tuple[float, float]]
    departments: Mapping[str, str]
    arrivals: Sequence[Arrival] = ()
    answered: float = 12.0
    _cells: list[dict[int, _Cell]] = field(default_factory=list)
    _planned: set[float] = field(default_factory=set)
    _surprised: set[int] = field(default_factory=set)
    _who: dict[tuple[str, str], tuple[int, ...]] = field(default_factory=dict)
    _waiting: list[list[tuple[int, int]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._cells = [{} for _ in self.stops]
        self._waiting = [list(reversed(list(windows(self.counted, one.window)))) for one in self.stops]
        for arrival in self.arrivals if self.stops else ():
            if arrival.hand < 0:
                self._planned.add(arrival.at)
                for n in self._concerned(arrival.verb, arrival.person):
                    self._cell(n, int(arrival.at))[DUE] += 1

    def observe(self, samples: Iterable[Sample]) -> None:
        """Actions that have ended, each once, in any order."""
        for one in samples if self.stops else ():
            for n in self._concerned(one.verb, one.person):
                self._count(n, one)

    def check(self, now: float) -> Breach | None:
        """The first window, if any, that cannot be met any more by what is known `now` (seconds after the opening).
        To be asked once a second; no window is looked at again once all its Actions have ended."""
        for n in range(len(self.stops)):
            waiting = self._waiting[n]
            for begin, end in list(takewhile(lambda one: one[1] <= now, reversed(waiting))):
                if now >= end + self._settled(n) and (found := self._missed(n, begin, end, now)):
                    return found
                if now >= end + self._patience(n):
                    waiting.pop()
        return None

    def _missed(self, n: int, begin: int, end: int, now: float) -> Breach | None:
        asked, cells = self.stops[n], self._cells[n]
        inside = [(second, cells[second]) for second in range(begin, end) if second in cells]
        if asked.measure == "throughput":
            done = sum(cell[DONE] for _, cell in inside)
            return Breach(n, asked, begin, end, done, done) if done < asked.limit * (end - begin) else None
        count = sum(cell[DUE] for _, cell in inside)
        bad = sum(cell[BAD] + self._overdue(asked, second, cell, now) for second, cell in inside)
        missed = count >= needed(asked.measure) and too_many(asked.measure, asked.limit, count, bad)
        return Breach(n, asked, begin, end, count, bad) if missed else None

    def _overdue(self, asked: Threshold, second: int, cell: _Cell, now: float) -> int:
        """Not answered yet, and older than the limit."""
        timed = asked.measure != "errors"
        return cell[DUE] - cell[FINE] - cell[BAD] if timed and now >= second + 1 + asked.limit else 0

    def _settled(self, n: int) -> float:
        """Seconds after a window from when on nothing can make up for what it has missed: at once when it is known how
        many Actions it holds; else when whatever is not answered is over the limit, or has failed."""
        asked = self.stops[n]
        if asked.measure == "throughput":
            return 1.0  # what ended in the last moment may be told a little later
        if self._planned and n not in self._surprised:
            return 0.0
        return self.answered if asked.measure == "errors" else asked.limit + 1

    def _patience(self, n: int) -> float:
        """Seconds after a window in which what is told may still make it missed."""
        return max(self._settled(n), self.answered if self.stops[n].measure != "throughput" else 0.0)

    def _concerned(self, verb: str, person: str) -> tuple[int, ...]:
        found = self._who.get((verb, person))
        if found is None:
            each = enumerate(self.stops)
            found = tuple(n for n, one in each if concerns(one, verb, person, self.departments))
            self._who[verb, person] = found
        return found

    def _count(self, n: int, one: Sample) -> None:
        asked = self.stops[n]
        surprise = one.intended not in self._planned
        bad = bool(one.error) if asked.measure == "errors" else one.ended - one.intended > asked.limit
        self._put(n, int(one.intended), (int(surprise), int(not bad), int(bad), 0))
        if asked.measure == "throughput" and not one.error:
            self._put(n, int(one.ended), (0, 0, 0, 1))

    def _put(self, n: int, second: int, counts: Sequence[int]) -> None:
        if counts[DUE]:
            self._surprised.add(n)
        cell = self._cell(n, second)
        for place, more in enumerate(counts):
            cell[place] += more

    def _cell(self, n: int, second: int) -> _Cell:
        return self._cells[n].setdefault(second, [0, 0, 0, 0])


@dataclass
class Stopping:
    """What the heart of a generator (or of the master) asks whether to go on."""

    counters: Rolling
    sentence: str = ""
    at: float = 0.0
    _read: dict[int, int] = field(default_factory=dict)
    _next: float = 0.0

    def look(self, now: float, *samples: Sequence[Sample]) -> str:
        """The sentence of the first threshold that was missed, from then on; "" to go on. `samples`: growing sequences
        (one per worker, always in the same order), of which only what is new is read; does something once a second."""
        if not self.counters.stops or self.sentence or now < self._next:
            return self.sentence
        self._next = now + EVERY
        for n, each in enumerate(samples):
            before, self._read[n] = self._read.get(n, 0), len(each)
            self.counters.observe(each[before : self._read[n]])
        if found := self.counters.check(now):
            self.sentence, self.at = found.sentence, now
        return self.sentence


def stopping(order: Order) -> Stopping:
    """For one run of this order; `order.arrivals` is the whole plan, not one worker's part."""
    departments = {one.key: one.department for one in order.people}
    answered = order.timeout * 1.1 + 2
    return Stopping(Rolling(order.stops, order.counted, departments, order.arrivals, answered))
