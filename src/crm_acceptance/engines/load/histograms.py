"""Latencies as HdrHistograms: three significant digits from a microsecond to an hour, merged exactly; no verdicts."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from hdrh.histogram import HdrHistogram

from crm_acceptance.engines.load.figures import PERCENTILES, needed, three_digits
from crm_acceptance.engines.load.orders import Sample

LOWEST, HIGHEST, DIGITS = 1, 3_600_000_000, 3
"""Microseconds, microseconds, significant digits."""


def empty() -> HdrHistogram:
    """One in which nothing has been counted."""
    return HdrHistogram(LOWEST, HIGHEST, DIGITS)


@dataclass
class Latencies:
    """Of one verb, one department, or all: from the intended start and from the actual sending, and how many failed."""

    intended: HdrHistogram = field(default_factory=empty)
    sent: HdrHistogram = field(default_factory=empty)
    errors: int = 0

    @property
    def count(self) -> int:
        """How many Actions are in it."""
        return int(self.intended.get_total_count())

    def add(self, sample: Sample) -> None:
        """One more."""
        self.intended.record_value(_micro(sample.ended - sample.intended))
        self.sent.record_value(_micro(sample.ended - sample.started))
        self.errors += bool(sample.error)

    def merge(self, other: Latencies) -> None:
        """Everything of another, as if it had been measured here."""
        self.intended.add(other.intended)
        self.sent.add(other.sent)
        self.errors += other.errors


def by(samples: Iterable[Sample], key: Callable[[Sample], str]) -> dict[str, Latencies]:
    """Latencies per key, in the order of the keys."""
    found: dict[str, Latencies] = {}
    for sample in samples:
        found.setdefault(key(sample), Latencies()).add(sample)
    return dict(sorted(found.items()))


def intended(samples: Iterable[Sample]) -> dict[str, HdrHistogram]:
    """From the intended start alone, per verb, in the order of the verbs."""
    found: dict[str, HdrHistogram] = {}
    for sample in samples:
        if sample.verb not in found:
            found[sample.verb] = empty()
        found[sample.verb].record_value(_micro(sample.ended - sample.intended))
    return dict(sorted(found.items()))


def merged(parts: Iterable[Latencies]) -> Latencies:
    """All of them as one."""
    whole = Latencies()
    for part in parts:
        whole.merge(part)
    return whole


def told(latencies: Latencies, rate: float) -> dict[str, object]:
    """count, errors, throughput per second (`rate`), and p50 to p999 and max in ms from the intended start and from
    the actual sending; null where it would be the slowest sample of all. `few` names those on which no threshold could
    rest yet: fewer than figures.BEYOND samples lie beyond them."""
    return {
        "count": latencies.count,
        "few": [name for name in PERCENTILES if latencies.count < needed(name)],
        "errors": latencies.errors,
        "throughput": three_digits(rate),
        "from_intended": measures(latencies.intended),
        "from_send": measures(latencies.sent),
    }


def measures(histogram: HdrHistogram, beyond: int = 1) -> Mapping[str, float | None]:
    """p50 to p999 and max in milliseconds; null with fewer than `beyond` samples beyond a percentile."""
    count = histogram.get_total_count()
    return {
        **{
            name: _milli(at_share(histogram, share)) if count >= needed(name, beyond=beyond) else None
            for name, share in PERCENTILES.items()
        },
        "max": _milli(histogram.get_max_value()) if count else None,
    }


def at_share(histogram: HdrHistogram, share: float) -> float:
    """The smallest value that at least `share` of all do not exceed, as figures.percentile has it: the library rounds
    the rank, which of few samples is another sample."""
    count = histogram.get_total_count()
    return float(histogram.get_value_at_percentile(min(100.0, max(1, math.ceil(share * count)) / count * 100)))


def encoded(latencies: Latencies) -> dict[str, str]:
    """Both histograms as HdrHistogram's own compressed text (V2, base64), which every HdrHistogram reads."""
    return {"from_intended": latencies.intended.encode().decode(), "from_send": latencies.sent.encode().decode()}


def decoded(texts: Mapping[str, str], errors: int = 0) -> Latencies:
    """Back from that text."""
    intended, sent = (HdrHistogram.decode(texts[name]) for name in ("from_intended", "from_send"))
    return Latencies(intended, sent, errors)


def _micro(seconds: float) -> int:
    return min(HIGHEST, max(LOWEST, round(seconds * 1_000_000)))


def _milli(micro: float) -> float:
    return float(micro) / 1000
