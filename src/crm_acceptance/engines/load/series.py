"""A run second by second: what was asked, what ended, how long it took, where it stood still; judges nothing."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from crm_acceptance.engines.load.figures import percentile, samples_of, three_digits
from crm_acceptance.engines.load.orders import Measured, Sample
from crm_acceptance.engines.load.peaks import Peak

WIDTHS = (1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0)
"""Seconds that one row may be wide."""
MOST = 300
"""Rows that people can still read as a curve."""
STALL, SURPRISING = 0.5, 8.0
"""How long (seconds) nothing must have ended, and how many endings would have been usual meanwhile, to call it one."""


@dataclass(frozen=True)
class Second:
    """What happened from `s` for `width` seconds. `intended`: Actions due in it, whose latencies from that moment are
    `p50_ms` to `max_ms` (nearest rank of these few, no verdict rests on them); `started`, `ended`, `errors`: Actions
    that began, ended, ended badly in it; `busy`: under way on average; `planned`: arrivals asked per second."""

    s: float
    width: float
    planned: float
    intended: int
    started: int
    ended: int
    errors: int
    busy: float
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    max_ms: float | None


def seconds(peak: Peak, measured: Measured, width: float = 0.0) -> tuple[Second, ...]:
    """Rows from the opening to the last ending, all of one width; 0: a second, or wider if too many."""
    samples = samples_of(measured)
    end = max([peak.length if samples else 0.0, *(one.ended for one in samples)])
    width = width or next((one for one in WIDTHS if end / one <= MOST), WIDTHS[-1])
    count = int(end / width) + 1 if samples else 0
    bins = _Bins(count, width)
    for sample in samples:
        bins.take(sample)
    return tuple(bins.row(n, planned_at(peak, (n + 0.5) * width)) for n in range(count))


class _Bins:
    """Counters per row, filled in one pass: a run may hold millions of samples."""

    def __init__(self, count: int, width: float) -> None:
        self.width = width
        self.started, self.ended, self.errors = [0] * count, [0] * count, [0] * count
        self.busy = [0.0] * count
        self.waits: list[list[float]] = [[] for _ in range(count)]

    def take(self, one: Sample) -> None:
        """One Action, into every row that it touches."""
        last = len(self.waits) - 1
        due, first, end = (min(last, max(0, int(at / self.width))) for at in (one.intended, one.started, one.ended))
        self.waits[due].append(one.ended - one.intended)
        self.started[first] += 1
        self.ended[end] += 1
        self.errors[end] += bool(one.error)
        for n in range(first, end + 1):
            begin = n * self.width
            self.busy[n] += max(0.0, min(one.ended, begin + self.width) - max(one.started, begin))

    def row(self, n: int, planned: float) -> Second:
        """The finished row."""
        waits = sorted(self.waits[n])
        found = [_milli(waits, share) for share in (0.5, 0.95, 0.99, 1.0)]
        counted = (self.started[n], self.ended[n], self.errors[n], three_digits(self.busy[n] / self.width))
        return Second(n * self.width, self.width, three_digits(planned), len(waits), *counted, *found)


def _milli(ordered: Sequence[float], share: float) -> float | None:
    return three_digits(percentile(ordered, share) * 1000) if ordered else None


def planned_at(peak: Peak, at: float) -> float:
    """Arrivals per second that the plan asks for at that moment; 0 after its end."""
    begin = before = 0.0
    for stage in peak.course:
        if begin <= at < begin + stage.seconds:
            ramped = before + (stage.rate - before) * (at - begin) / stage.seconds
            return ramped if stage.kind == "ramp" else stage.rate
        begin, before = begin + stage.seconds, stage.rate
    return 0.0


def uncounted(peak: Peak) -> list[tuple[float, float]]:
    """The stretches (begin, end) of the plan that do not count for thresholds."""
    found, begin = [], 0.0
    for since, until in (*peak.counted_from(), (peak.length, peak.length)):
        if since > begin:
            found.append((begin, since))
        begin = until
    return found


def stalls(measured: Measured) -> list[tuple[float, float]]:
    """The stretches (begin, end) in which work was under way and nothing ended, for longer than chance explains."""
    ends = sorted(one.ended for one in measured.samples)
    if len(ends) < 2:
        return []
    usual = len(ends) / max(ends[-1], 0.001)
    least = max(STALL, SURPRISING / usual)
    gaps = [(a, b) for a, b in itertools.pairwise(ends) if b - a >= least]
    return [gap for gap in gaps if _under_way(measured.samples, *gap)]


def _under_way(samples: Iterable[Sample], since: float, until: float) -> bool:
    """Whether anything was begun before the middle of that time and ended after it."""
    middle = (since + until) / 2
    return any(one.started <= middle <= one.ended for one in samples)


def told(rows: Iterable[Second]) -> Iterator[dict[str, Any]]:
    """As plain data for load.json."""
    return (asdict(row) for row in rows)
