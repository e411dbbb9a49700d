"""When which work begins: a fixed plan made beforehand, the same for the same peak; knows no clock.

Open loop: `arrivals` are due at their times whoever is free. Closed loop: each of the peak's people (`hand`) does one
thing after another with pauses between them, and `at` is when it would be due if answers took no time at all.
"""

from __future__ import annotations

import heapq
import math
import random
from collections import Counter
from collections.abc import Iterator, Sequence

from crm_acceptance.engines.load.peaks import Peak, Share, Stage
from crm_acceptance.engines.load.work import Arrival

SEED = 20261122
_EXACTLY = 1e-9


def arrivals(peak: Peak, seed: int = SEED) -> tuple[Arrival, ...]:
    """All arrivals of the peak in order of time.

    Gaps are irregular, as people's are; verbs are dealt in exact proportion to their shares, so a short run holds
    every verb; the people of a line take turns, and so do the rows of its table.
    """
    if peak.think:
        return tuple(sorted(_closed(peak, seed), key=lambda one: (one.at, one.hand)))
    dice = random.Random(seed)
    data = _Data(peak, random.Random(seed + 1))
    numbers = dealt([share.share for share in peak.mix], dice)
    turns = Counter[int]()
    plan = []
    for at in times(peak.course, dice):
        n = next(numbers)
        share, turn = peak.mix[n], turns[n]
        turns[n] += 1
        plan.append(Arrival(at, share.verb, share.people[turn % len(share.people)], row=data.row(n, turn)))
    return tuple(plan)


def rows(peak: Peak) -> tuple[dict[str, str], ...]:
    """What Arrival.row counts: the rows of all lines of the mix, one after another."""
    return tuple(dict(row) for share in peak.mix for row in share.rows)


def part(plan: Sequence[Arrival], index: int, workers: int) -> tuple[Arrival, ...]:
    """What worker `index` (from 0) of `workers` does: the parts of all are exactly the plan, each arrival once. People
    of a closed loop stay whole, because each does one thing after another."""
    return tuple(one for n, one in enumerate(plan) if (one.hand if one.hand >= 0 else n) % workers == index)


def times(course: Sequence[Stage], dice: random.Random) -> Iterator[float]:
    """Arrival times of a rate that changes as the stages say. How many come in a stage is what it plans, to the next
    whole number; when, is as if each came for itself (a Poisson process of which the counts are known)."""
    done, begin, before = 0.0, 0.0, 0.0
    for stage in course:
        first = before if stage.kind == "ramp" else stage.rate
        grown, whole = (stage.rate - first) / stage.seconds, (first + stage.rate) / 2 * stage.seconds
        count = round(done + whole) - round(done)
        yield from (
            begin + _inverse(due, first, grown) for due in sorted((1 - dice.random()) * whole for _ in range(count))
        )
        done, begin, before = done + whole, begin + stage.seconds, stage.rate


def _inverse(count: float, first: float, grown: float) -> float:
    """When `count` arrivals are reached at a rate of `first` that grows by `grown` per second."""
    if abs(grown) < _EXACTLY:
        return count / first
    root = math.sqrt(max(0.0, first * first + 2 * grown * count))
    return 2 * count / (first + root)


def dealt(parts: Sequence[float], dice: random.Random) -> Iterator[int]:
    """Numbers of lines for ever, each in exact proportion to its part: at any time within one of what it is owed."""
    due = [((0.5 + dice.random() / 1000) / one, n) for n, one in enumerate(parts)]
    heapq.heapify(due)
    while True:
        when, n = due[0]
        heapq.heapreplace(due, (when + 1 / parts[n], n))
        yield n


class _Data:
    """Which row of its table the next arrival of a line takes: the next one round and round, or any."""

    def __init__(self, peak: Peak, dice: random.Random) -> None:
        self._shares, self._dice = peak.mix, dice
        self._first = [sum(len(share.rows) for share in peak.mix[:n]) for n in range(len(peak.mix))]

    def row(self, line: int, turn: int) -> int:
        """The number in rows(peak); -1 for a line without a table."""
        share = self._shares[line]
        if not share.rows:
            return -1
        return self._first[line] + (self._dice.randrange(len(share.rows)) if share.drawn else turn % len(share.rows))


def _closed(peak: Peak, seed: int) -> Iterator[Arrival]:
    """What every person does, from each coming to each going: as many are there as the stages say."""
    departments = _departments(peak.mix)
    weights = [sum(peak.mix[n].share for n in lines) for lines in departments.values()]
    dice = random.Random(seed)
    seats, seated = dealt(weights, dice), Counter[int]()
    lines_of = list(departments.values())
    for hand in range(peak.users):
        seat = next(seats)
        yield from _Person(peak, hand, seated[seat], lines_of[seat], seed).day(_stays(peak, hand))
        seated[seat] += 1


def _departments(mix: Sequence[Share]) -> dict[str, list[int]]:
    """The lines of the mix of each department: whoever works in one does nothing of another."""
    found: dict[str, list[int]] = {}
    for n, share in enumerate(mix):
        found.setdefault(share.department, []).append(n)
    return found


class _Person:
    """One of the people of a closed loop, the `number`-th of a department: what they do is drawn for them alone."""

    def __init__(self, peak: Peak, hand: int, number: int, lines: Sequence[int], seed: int) -> None:
        self._peak, self._hand, self._number, self._lines = peak, hand, number, lines
        self._dice = random.Random(f"{seed}/{hand}")
        self._data = _Data(peak, self._dice)
        self._next = dealt([peak.mix[n].share for n in lines], self._dice)
        for _ in range(number % 97):
            next(self._next)  # not everybody begins with the same verb

    def day(self, stays: Sequence[tuple[float, float]]) -> Iterator[Arrival]:
        """The arrivals of every stay, the first after part of a pause, as of somebody who is in the middle of it."""
        for turn, (at, pause, until) in enumerate(self._times(stays)):
            line = self._lines[next(self._next)]
            share = self._peak.mix[line]
            who = share.people[self._number % len(share.people)]
            row = self._data.row(line, self._number + turn)
            yield Arrival(at, share.verb, who, self._hand, pause, until, row)

    def _times(self, stays: Sequence[tuple[float, float]]) -> Iterator[tuple[float, float, float]]:
        for begin, end in stays:
            pause, at = 0.0, begin + self._thought()
            while at < end:
                yield at, pause, end
                pause = self._thought()
                at += pause

    def _thought(self) -> float:
        return self._dice.expovariate(1 / self._peak.think)


def _stays(peak: Peak, hand: int) -> list[tuple[float, float]]:
    """When person `hand` is there: whenever the stages ask for more people than come before this one."""
    found: list[tuple[float, float]] = []
    begin, before = 0.0, 0.0
    for stage in peak.course:
        first, end = before if stage.kind == "ramp" else stage.rate, begin + stage.seconds
        stay = _above((hand + 0.5) / peak.think, (begin, first), (end, stage.rate))
        if stay and found and stay[0] - found[-1][1] < _EXACTLY:
            stay = (found.pop()[0], stay[1])
        found += [stay] if stay else []
        begin, before = end, stage.rate
    return found


def _above(level: float, low: tuple[float, float], high: tuple[float, float]) -> tuple[float, float] | None:
    """The part of a straight line between two corners (time, height) that lies above the level."""
    (begin, first), (end, last) = low, high
    if max(first, last) <= level:
        return None
    if min(first, last) > level:
        return begin, end
    crossing = begin + (level - first) / (last - first) * (end - begin)
    return (crossing, end) if last > first else (begin, crossing)
