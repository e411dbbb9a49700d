"""Figures of the server itself over a run: as curves, in short, and what a threshold on them comes to; asks nobody."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from crm_acceptance.engines.load import limits
from crm_acceptance.engines.load.figures import percentile, three_digits
from crm_acceptance.engines.load.orders import Measured
from crm_acceptance.engines.load.peaks import Peak, Threshold
from crm_acceptance.errors import Unproven

PREFIX = limits.SERVER
FEWEST = 8
"""Looks that a threshold needs."""
USUALLY = 0.95
"""Of the time: a single look at the wrong moment decides nothing."""

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Curve:
    """One figure over the run: (seconds after the opening, value). `limit`, `least`: what a threshold asks of it."""

    name: str
    points: Points
    limit: float | None = None
    least: bool = False

    @property
    def sign(self) -> str:
        """Which side of the limit is right."""
        return "≥" if self.least else "≤"


def families(thresholds: Sequence[Threshold]) -> tuple[str, ...]:
    """The figures that thresholds name."""
    return tuple(sorted({one.measure.removeprefix(PREFIX) for one in thresholds if one.measure.startswith(PREFIX)}))


def curves_of(peak: Peak, measured: Measured) -> tuple[Curve, ...]:
    """Processor (cores) and memory (MB) of a server launched here, then whatever else was heard of, by name."""
    own = {curve.name: curve for curve in _own(measured)}
    heard = {name: Curve(name, _points(measured, rows)) for name, rows in sorted(measured.metrics.items())}
    asked = {one.measure.removeprefix(PREFIX): one for one in peak.thresholds if one.measure.startswith(PREFIX)}
    return tuple(_limited(one, asked.get(one.name)) for one in {**heard, **own}.values() if one.points)


def _limited(curve: Curve, asked: Threshold | None) -> Curve:
    return replace(curve, limit=asked.limit, least=asked.least) if asked else curve


def _points(measured: Measured, rows: Sequence[Sequence[float]]) -> Points:
    return tuple((at - measured.opened, value) for at, value in rows if at >= measured.opened)


def _own(measured: Measured) -> Iterator[Curve]:
    looks = [one for one in measured.server if one.at >= measured.opened]
    pairs = [(a, b) for a, b in itertools.pairwise(looks) if b.at > a.at]
    if pairs:
        yield Curve("cpu", tuple((b.at - measured.opened, max(0.0, (b.cpu - a.cpu) / (b.at - a.at))) for a, b in pairs))
        yield Curve("memory", tuple((one.at - measured.opened, one.memory / 2**20) for one in looks))


def told(peak: Peak, measured: Measured) -> dict[str, Any]:
    """For load.json: each figure's mean, p95, highest and last value; `trouble` when an address gave none."""
    found: dict[str, Any] = {curve.name: _short(curve.points) for curve in curves_of(peak, measured)}
    return {**found, **({"trouble": measured.deaf} if measured.deaf else {})}


def _short(points: Points) -> Mapping[str, float]:
    values = [value for _, value in points]
    return {
        "count": len(values),
        "mean": three_digits(sum(values) / len(values)),
        "p95": three_digits(percentile(values, USUALLY)),
        "max": three_digits(max(values)),
        "last": three_digits(values[-1]),
    }


def value_of(peak: Peak, threshold: Threshold, measured: Measured) -> float:
    """What the figure was 95 % of the counted time: at most, or at least if that is asked. Unproven without looks."""
    name = threshold.measure.removeprefix(PREFIX)
    curve = next((one for one in curves_of(peak, measured) if one.name == name), None)
    spans = peak.counted_from()
    inside = [(at, value) for at, value in (curve.points if curve else ()) if any(a <= at <= b for a, b in spans)]
    values = [value for _, value in inside]
    if len(values) < FEWEST:
        raise Unproven(
            f"服务器的 {name} 只看到 {len(values)} 次，至少要 {FEWEST} 次{_heard_of(peak, measured)}。"
            f"Too few looks at the server's {name}."
        )
    counted = sum(b - a for a, b in spans)
    if gone_for_long([at for at, _ in inside], counted):
        raise Unproven(
            f"服务器的 {name} 在计入指标的 {counted:.0f} 秒里有一半以上没有看到：看不到的时候最可能有事。"
            f"The server's {name} was not seen for more than half of the time that counts."
        )
    return -percentile([-one for one in values], USUALLY) if threshold.least else percentile(values, USUALLY)


def gone_for_long(times: Sequence[float], seconds: float) -> bool:
    """Whether looks at these moments leave more than half of so many seconds without any."""
    return 2 * len({int(at) for at in times}) < seconds - 1


def _heard_of(peak: Peak, measured: Measured) -> str:
    if measured.deaf:
        return f"：{measured.deaf.rstrip('。')}"
    known = "、".join(curve.name for curve in curves_of(peak, measured))
    return f"；看得到的 known: {known}" if known else "；请在 [site] metrics 写上它的地址 say where in [site] metrics"
