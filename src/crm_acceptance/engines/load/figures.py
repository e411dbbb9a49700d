"""Samples -> figures: percentiles that are exact, and absent when too few samples stand behind them; no verdicts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm_acceptance.engines.load.orders import Measured, Sample
from crm_acceptance.engines.load.peaks import Peak

BEYOND = 5
"""Samples that must lie beyond a percentile before it is one: 100 samples for p95, 500 for p99."""
PERCENTILES: Mapping[str, float] = {"p50": 0.50, "p90": 0.90, "p95": 0.95, "p99": 0.99, "p999": 0.999}
SHOWN = ("p50", "p90", "p95", "p99")
"""Those in the tables for people."""


def needed(measure: str, beyond: int = BEYOND) -> int:
    """How many samples a measure needs, with so many beyond it. With one beyond it is told (it is not the slowest of
    all), and called a percentile of few samples."""
    return math.ceil(round(beyond / (1 - PERCENTILES[measure]), 6)) if measure in PERCENTILES else 1


def fewest(measure: str, limit: float) -> int:
    """How many samples must stand behind it before such a limit is met: of a ratio of errors so many that a single
    failure would not miss it."""
    return math.ceil(round(1 / limit, 6)) if measure == "errors" and limit else needed(measure)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of all values do not exceed (nearest rank, no interpolation)."""
    return sorted(values)[rank(len(values), share)]


def rank(count: int, share: float) -> int:
    """The place of that percentile among `count` values in order, counted from 0."""
    return max(0, math.ceil(share * count) - 1)


def three_digits(value: float) -> float:
    """Rounded to three significant digits, as reports show it."""
    return float(f"{value:.3g}")


@dataclass(frozen=True)
class Figures:
    """One verb, or all: latencies in seconds from the intended start (`from_intended`) and the actual one."""

    from_intended: tuple[float, ...]
    from_start: tuple[float, ...]
    errors: int

    @property
    def count(self) -> int:
        """How many Actions there were."""
        return len(self.from_intended)

    def measure(self, name: str) -> float | None:
        """pNN and max in seconds, errors as a ratio; None when too few samples stand behind it."""
        if self.count < needed(name):
            return None
        if name == "errors":
            return self.errors / self.count
        if name == "max":
            return max(self.from_intended)
        return percentile(self.from_intended, PERCENTILES[name])


def samples_of(measured: Measured, since: float = 0.0) -> list[Sample]:
    """Everything intended after `since`, including arrivals that the site left nobody free to begin; of a run that was
    stopped early or broke off, only what was due before."""
    until = ended_early(measured)
    left = [
        Sample(one.verb, one.person, one.at, one.at, max(measured.ended, one.at), "无人可做 nobody free to begin it")
        for one in measured.left
        if one.at < until
    ]
    return [one for one in (*measured.samples, *left) if one.intended >= since]


def ended_early(measured: Measured) -> float:
    """The second after which nothing was begun: of a run that was stopped, or that a problem or a lost worker ended;
    infinity for one that came to its end."""
    if measured.stopped:
        return measured.stopped_at
    return measured.ended if measured.problem or measured.lost else math.inf


def spans_of(peak: Peak, measured: Measured) -> list[tuple[float, float]]:
    """The stretches of the run that count (begin, end; seconds after the opening), as far as it came."""
    until = ended_early(measured)
    return [(begin, min(end, until)) for begin, end in peak.counted_from() if begin < until]


def counted(peak: Peak, measured: Measured) -> list[Sample]:
    """What counts: intended in a stretch that does. What follows a last piece of work belongs to it."""
    spans, samples = peak.counted_from(), samples_of(measured)
    if spans and spans[-1][1] >= peak.length:
        spans[-1] = (spans[-1][0], math.inf)
    if len(spans) == 1:
        return [one for one in samples if spans[0][0] <= one.intended < spans[0][1]]
    return [one for one in samples if any(begin <= one.intended < end for begin, end in spans)]


def rates(peak: Peak, measured: Measured, key: Callable[[Sample], str]) -> Mapping[str, float]:
    """Throughput per key: what was acknowledged in what counts, by the time of its answer, per second. Neither what
    failed is in it nor what a slow site answered when the peak was over."""
    spans = spans_of(peak, measured)
    length = sum(end - begin for begin, end in spans)
    done = Counter(
        key(one)
        for one in measured.samples
        if not one.error and any(begin <= one.ended < end for begin, end in spans)
    )  # fmt: skip
    return {name: count / length for name, count in done.items()}


def figures(samples: Sequence[Sample], verb: str = "") -> Figures:
    """The figures of one verb; of all when `verb` is ""."""
    chosen = [one for one in samples if not verb or one.verb == verb]
    return Figures(
        tuple(one.ended - one.intended for one in chosen),
        tuple(one.ended - one.started for one in chosen),
        sum(bool(one.error) for one in chosen),
    )


def table(samples: Sequence[Sample], rates: Mapping[str, float]) -> list[dict[str, Any]]:
    """One row per verb and one in total (verb ""), milliseconds to three significant digits, for report and page;
    `rates`: the throughput per verb."""
    known = {**rates, "": sum(rates.values())}
    return [
        _row(figures(samples, verb), verb, known.get(verb, 0.0))
        for verb in ("", *sorted({one.verb for one in samples}))
    ]


def _row(found: Figures, verb: str, rate: float) -> dict[str, Any]:
    row: dict[str, Any] = {"verb": verb, "count": found.count, "errors": found.errors}
    row["per_second"] = three_digits(rate)
    for name in (*SHOWN, "max"):
        value = found.measure(name)
        row[f"{name}_ms"] = None if value is None else three_digits(value * 1000)
    for name in SHOWN:
        enough = found.count >= needed(name)
        value = percentile(found.from_start, PERCENTILES[name]) if enough else None
        row[f"service_{name}_ms"] = None if value is None else three_digits(value * 1000)
    return row
