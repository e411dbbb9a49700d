"""The search for the highest rate at which a peak still meets its thresholds; how a step is run is given to it.

Up by doubling until a step fails, then between the highest rate that was met and the lowest that was not, by their
geometric mean, until the two are within CLOSE of each other. A step that is invalid is no answer about the site: it is
tried once more, and then only bounds how far the generator can ask.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from crm_acceptance.engines.load.figures import needed, three_digits
from crm_acceptance.engines.load.limits import ROLLING, Threshold
from crm_acceptance.engines.load.peaks import Peak
from crm_acceptance.errors import WrongUse

CLOSE = 1.1
"""How near to each other the highest rate that was met and the lowest that was not must come."""
STEPS, MINUTES = 14, 15.0
"""At most."""
LOWEST_SHARE = 1 / 64
"""Of the peak's own rate: below that nobody wants to know."""
HOPELESS = 6
"""Steps without any answer, after which it is believed that this machine gives none today."""
RAMP, SHORTEST, LONGEST = 2.0, 5.0, 60.0
"""Seconds of a step."""
ENOUGH = 1.3
"""How many more samples are planned than a percentile needs."""
MOST_HANDS = 1000
MET, NOT_MET, NO_ANSWER = "met", "not met", "no answer"


@dataclass(frozen=True)
class Step:
    """One short run at `rate` arrivals per second: met, not met, or no answer, and the sentences that say why."""

    rate: float
    answer: str
    reasons: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True)
class Capacity:
    """`met_at`: the highest rate that met everything (None: none did); `failed_at`: the lowest that did not;
    `limited_by`: site, generator (at least `met_at`), safety (more is not allowed here) or patience (steps or time)."""

    met_at: float | None
    failed_at: float | None
    limited_by: str
    steps: tuple[Step, ...]

    @property
    def sentence(self) -> str:
        """For people."""
        if self.met_at is None:
            lowest = min((one.rate for one in self.steps), default=0.0)
            what = "没有一次达标 no rate met them" if self.failed_at else "没有一次有效 no step was valid"
            return f"容量 capacity：{what}，最低试到 down to {lowest:g} /s"
        if self.limited_by == "site" or (self.limited_by == "patience" and self.failed_at):
            return f"容量 capacity：{self.met_at:g} /s 全部达标 met；{self.failed_at:g} /s 没有达标 not met"
        return f"容量 capacity：至少 at least {self.met_at:g} /s；{_WHY[self.limited_by]}"


_WHY: Mapping[str, str] = {
    "generator": "再往上受限的是压测机而不是站点 the generator, not the site, is the limit",
    "safety": "再往上没有得到允许 more is not allowed here",
    "patience": "没有再试下去 the search was ended",
}


@dataclass
class _Bounds:
    low: float | None = None
    high: float = math.inf
    wall: float = math.inf
    fence: float = math.inf
    steps: list[Step] = field(default_factory=list)

    @property
    def upper(self) -> float:
        return min(self.high, self.wall, self.fence)


def search(
    first: float,
    attempt: Callable[[float], Step],
    allowed: Callable[[float], bool] = lambda rate: True,
    going_on: Callable[[], bool] = lambda: True,
    most: int = STEPS,
    floor: float = 0.0,
) -> Capacity:
    """From the peak's own rate. `allowed(rate)`: whether this site may be asked that much; `going_on()`: whether there
    is time for another step; `floor`: the lowest rate at which a step can be judged."""
    bounds = _Bounds()
    rate: float | None = first
    while rate is not None and len(bounds.steps) < most and not _hopeless(bounds) and going_on():
        if not allowed(rate):
            bounds.fence = min(bounds.fence, rate)
        else:
            _take(bounds, rate, attempt, going_on, most)
        rate = _next(bounds, max(first * LOWEST_SHARE, floor))
    failed = None if math.isinf(bounds.high) else bounds.high
    return Capacity(bounds.low, failed, _limit(bounds, rate is None), tuple(bounds.steps))


def _hopeless(bounds: _Bounds) -> bool:
    return len(bounds.steps) >= HOPELESS and all(one.answer == NO_ANSWER for one in bounds.steps)


def _take(
    bounds: _Bounds, rate: float, attempt: Callable[[float], Step], going_on: Callable[[], bool], most: int
) -> None:
    for _ in range(2):
        step = attempt(rate)
        bounds.steps.append(step)
        if step.answer != NO_ANSWER:
            break
        if not going_on():  # broken off: no word about the generator either
            return
        if len(bounds.steps) >= most:
            break
    if step.answer == MET:
        bounds.low = max(rate, bounds.low or 0.0)
    elif step.answer == NOT_MET:
        bounds.high = min(rate, bounds.high)
    else:
        bounds.wall = min(rate, bounds.wall)


def _next(bounds: _Bounds, least: float) -> float | None:
    """The next rate to try; None when the answer is near enough, or lower than anybody wants to know."""
    low, upper = bounds.low, bounds.upper
    if low is None:
        down = three_digits(upper / 2)
        return down if down >= least else None
    if math.isinf(upper):
        return three_digits(low * 2)
    between = three_digits(math.sqrt(low * upper))
    return between if upper / low > CLOSE and low < between < upper else None


def _limit(bounds: _Bounds, finished: bool) -> str:
    if bounds.high <= min(bounds.wall, bounds.fence) and not math.isinf(bounds.high):
        return "site" if finished else "patience"
    if math.isinf(bounds.upper):
        return "patience"
    return "generator" if bounds.wall <= bounds.fence else "safety"


def scaled(peak: Peak, rate: float, departments: Mapping[str, str]) -> Peak:
    """One step: the peak's mix and thresholds at another rate, as short as its percentiles allow. Open loop, whatever
    the peak is: the question is how much may arrive. WrongUse when no threshold can be asked of a step."""
    asked = tuple(replace(one, window=0.0) for one in peak.thresholds if _askable(peak, one, departments))
    if not asked:
        raise WrongUse(
            f"{peak.title} 没有 {LONGEST:g} 秒里就能判断的时间或错误率指标，不知道什么算承受得住。"
            f"Capacity needs thresholds on percentiles, max or errors that {LONGEST:g} s at the peak's rate can judge."
        )
    seconds = max(SHORTEST, *(_samples(one) / (rate * _share(peak, one, departments)) for one in asked))
    hands = min(MOST_HANDS, max(peak.users, math.ceil(peak.users * rate / peak.rate)))
    length = min(LONGEST, seconds)
    return replace(
        peak, users=hands, rate=rate, ramp=RAMP, plateau=length, stages=(), think=0.0, thresholds=asked
    )  # fmt: skip


def _askable(peak: Peak, threshold: Threshold, departments: Mapping[str, str]) -> bool:
    """Writes, memory and drift need more than a few seconds, and so does a percentile of what comes too rarely; a
    throughput is what is varied."""
    if threshold.measure not in ROLLING or threshold.measure == "throughput":
        return False
    return _lowest(peak, threshold, departments) <= peak.rate


def lowest(peak: Peak, departments: Mapping[str, str]) -> float:
    """The rate below which the longest step brings too few samples for what is asked."""
    asked = [one for one in peak.thresholds if _askable(peak, one, departments)]
    return max((_lowest(peak, one, departments) for one in asked), default=0.0)


def _lowest(peak: Peak, threshold: Threshold, departments: Mapping[str, str]) -> float:
    return needed(threshold.measure) / (LONGEST * _share(peak, threshold, departments))


def left_out(peak: Peak, departments: Mapping[str, str]) -> str:
    """The measures that no step is asked for, in one line; "" when all are."""
    others = (one for one in peak.thresholds if not _askable(peak, one, departments))
    return "、".join(" ".join(filter(None, (one.department, one.verb, one.measure))) for one in others)


def _samples(threshold: Threshold) -> float:
    return needed(threshold.measure) * ENOUGH if threshold.measure != "errors" else 50


def _share(peak: Peak, threshold: Threshold, departments: Mapping[str, str]) -> float:
    """What part of all arrivals it is about."""
    whole = sum(one.share for one in peak.mix)
    about = sum(
        one.share
        for one in peak.mix
        if (not threshold.verb or one.verb == threshold.verb)
        and (not threshold.department or departments.get(one.people[0]) == threshold.department)
    )
    return about / whole if about else 1.0


def told(found: Capacity, asked: Sequence[Threshold]) -> dict[str, Any]:
    """load.json's "capacity": rate is the highest that met everything, null when none did."""
    return {
        "rate": found.met_at,
        "met_at": found.met_at,
        "failed_at": found.failed_at,
        "limited_by": found.limited_by,
        "sentence": found.sentence,
        "thresholds": [" ".join(filter(None, (one.department, one.verb, one.measure))) for one in asked],
        "steps": [{**asdict(one), "seconds": three_digits(one.seconds)} for one in found.steps],
    }
