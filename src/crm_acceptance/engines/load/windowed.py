"""After the run: the worst of all windows of a threshold, to the sample; what a window is says rolling.py."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from crm_acceptance.engines.load.figures import PERCENTILES, needed, rank
from crm_acceptance.engines.load.limits import Threshold
from crm_acceptance.engines.load.orders import Sample
from crm_acceptance.engines.load.rolling import concerns, windows


@dataclass(frozen=True)
class Worst:
    """The window that comes off worst: its figure (seconds, a ratio, or Actions per second), when it was, how many
    Actions it held, and how many windows had samples enough to be judged."""

    value: float
    begin: int
    end: int
    count: int
    judged: int


@dataclass
class _Second:
    latencies: list[float] = field(default_factory=list)
    errors: int = 0
    done: int = 0


def worst(
    threshold: Threshold,
    samples: Iterable[Sample],
    spans: Iterable[tuple[float, float]],
    departments: Mapping[str, str],
    planned: Sequence[float] = (),
) -> Worst | None:
    """None when no window of that length fits into what counts, or none holds samples enough. `planned`: when people of
    a closed loop would do something if answers took no time; a window in which a slow site let them do too little is
    judged all the same, when all that is lacking could not mend it."""
    seconds = _seconds(one for one in samples if concerns(threshold, one.verb, one.person, departments))
    found: Worst | None = None
    judged = 0
    for value, begin, end, count in _each(threshold, seconds, list(windows(spans, threshold.window)), planned):
        judged += 1
        if found is None or _worse(threshold, value, found.value):
            found = Worst(value, begin, end, count, 0)
    return None if found is None else Worst(found.value, found.begin, found.end, found.count, judged)


def _worse(threshold: Threshold, value: float, other: float) -> bool:
    return value < other if threshold.measure == "throughput" else value > other


def _seconds(samples: Iterable[Sample]) -> dict[int, _Second]:
    found: dict[int, _Second] = {}
    for one in samples:
        second = found.setdefault(int(one.intended), _Second())
        second.latencies.append(one.ended - one.intended)
        second.errors += bool(one.error)
        if not one.error:
            found.setdefault(int(one.ended), _Second()).done += 1
    return found


def _each(
    threshold: Threshold, seconds: Mapping[int, _Second], spans: Sequence[tuple[int, int]], planned: Sequence[float]
) -> Iterable[tuple[float, int, int, int]]:
    """(figure, begin, end, count) of every window that can be judged. The latencies inside are kept in order while the
    window moves on, so that a long soak is no more work than a short one, second by second."""
    inside: list[float] = []
    before = (0, 0)
    for begin, end in spans:
        _move(inside, seconds, before, (begin, end))
        before = begin, end
        whole = [seconds[one] for one in range(begin, end) if one in seconds]
        if threshold.measure == "throughput":
            yield sum(one.done for one in whole) / (end - begin), begin, end, len(inside)
        elif len(inside) >= needed(threshold.measure):
            if threshold.measure == "errors":
                yield sum(one.errors for one in whole) / len(inside), begin, end, len(inside)
            else:
                place = rank(len(inside), PERCENTILES.get(threshold.measure, 1.0))
                yield inside[place], begin, end, len(inside)
        elif threshold.measure in PERCENTILES:
            lacking = needed(threshold.measure) - len(inside)
            place = rank(needed(threshold.measure), PERCENTILES[threshold.measure]) - lacking
            due = bisect_left(planned, end) - bisect_left(planned, begin)
            if due >= needed(threshold.measure) and place >= 0 and inside[place] > threshold.limit:
                yield inside[place], begin, end, len(inside)


def _move(inside: list[float], seconds: Mapping[int, _Second], old: tuple[int, int], new: tuple[int, int]) -> None:
    nothing = _Second()
    for gone in set(range(*old)) - set(range(*new)):
        for value in seconds.get(gone, nothing).latencies:
            del inside[bisect_left(inside, value)]
    for come in set(range(*new)) - set(range(*old)):
        for value in seconds.get(come, nothing).latencies:
            insort(inside, value)
