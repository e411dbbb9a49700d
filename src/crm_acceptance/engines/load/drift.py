"""Whether latencies or memory creep up over a soak: slopes with confidence bounds from plain points; judges nothing.

The slope is the median of the slopes between all pairs of points (Theil 1950, Sen 1968), which a single stall or
clean-up does not move. Its bounds are Sen's: with n points the number of pairs that grow less the number that shrink
has the variance n(n-1)(2n+5)/18 when nothing drifts (Kendall), and the bounds are the pairwise slopes that many
standard deviations away from the middle one (Sen, "Estimates of the regression coefficient based on Kendall's tau",
JASA 63, 1968). No distribution is assumed, but points must not lean on each other: memory is looked at in blocks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crm_acceptance.engines.load.figures import PERCENTILES, needed, percentile
from crm_acceptance.engines.load.orders import Sample

FEWEST, MOST = 8, 60
"""Points that a slope needs, and more than which say no more."""
SURE = 1.6449
"""Standard deviations: each bound is wrong one time in twenty."""
Point = tuple[float, float]


@dataclass(frozen=True)
class Slope:
    """Per second, with a lower and an upper bound, each at 95 %; `points`: how many it comes from."""

    value: float
    low: float
    high: float
    points: int


def slope(points: Sequence[Point]) -> Slope | None:
    """Of (seconds, value) pairs; None with fewer than FEWEST of them at different times."""
    count = len(points)
    found = sorted((b[1] - a[1]) / (b[0] - a[0]) for n, a in enumerate(points) for b in points[n + 1 :] if b[0] != a[0])
    if count < FEWEST or not found:
        return None
    spread = SURE * math.sqrt(count * (count - 1) * (2 * count + 5) / 18)
    low, high = math.floor((len(found) - spread) / 2) - 1, math.ceil((len(found) + spread) / 2)
    middle = (found[(len(found) - 1) // 2] + found[len(found) // 2]) / 2
    return Slope(middle, found[max(0, low)], found[min(len(found) - 1, high)], count)


def p95_points(samples: Iterable[Sample]) -> list[Point]:
    """The p95 of each of many equal stretches of time (at its middle), as many as hold samples enough for one."""
    timed = sorted((one.intended, one.ended - one.intended) for one in samples)
    count = min(MOST, len(timed) // needed("p95"))
    if count < FEWEST or timed[-1][0] <= timed[0][0]:
        return []
    begin, width = timed[0][0], (timed[-1][0] - timed[0][0]) / count
    parts: list[list[float]] = [[] for _ in range(count)]
    for at, latency in timed:
        parts[min(count - 1, int((at - begin) / width))].append(latency)
    share, enough = PERCENTILES["p95"], needed("p95") // 2
    return [(begin + (n + 0.5) * width, percentile(part, share)) for n, part in enumerate(parts) if len(part) >= enough]


def blocks(points: Sequence[Point], most: int = MOST) -> list[Point]:
    """Neighbours made one by their mean, so that no more than `most` are left."""
    size = math.ceil(len(points) / most) if points else 1
    parts = [points[n : n + size] for n in range(0, len(points), size)]
    return [(sum(at for at, _ in part) / len(part), sum(value for _, value in part) / len(part)) for part in parts]
