"""When which piece of work begins: a fixed plan made beforehand, the same for the same peak; knows no clock."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import cycle

from crm_acceptance.engines.load.peaks import Peak
from crm_acceptance.engines.load.work import Arrival


def arrivals(peak: Peak, seed: int = 20261122) -> tuple[Arrival, ...]:
    """All arrivals of the peak in order of time: a linear ramp to the full rate, then the plateau.

    Gaps are exponential, as people's are (open-loop); verbs are dealt in exact proportion to their shares, so a short
    run holds every verb; the people of a line take turns.
    """
    dice = random.Random(seed)
    times = list(_times(peak, dice))
    verbs = _dealt(peak, len(times), dice)
    turns = [cycle(share.people) for share in peak.mix]
    return tuple(Arrival(at, peak.mix[n].verb, next(turns[n])) for at, n in zip(times, verbs, strict=True))


def _times(peak: Peak, dice: random.Random) -> Iterator[float]:
    """Arrival times of a rate that grows linearly during the ramp: the inverse of the expected count."""
    due = dice.expovariate(1.0)
    ramped = peak.rate * peak.ramp / 2
    total = ramped + peak.rate * peak.plateau
    while due < total:
        if due < ramped:
            yield (2 * due * peak.ramp / peak.rate) ** 0.5
        else:
            yield peak.ramp + (due - ramped) / peak.rate
        due += dice.expovariate(1.0)


def _dealt(peak: Peak, count: int, dice: random.Random) -> list[int]:
    whole = sum(share.share for share in peak.mix)
    owed = [0.0] * len(peak.mix)
    dealt: list[int] = []
    for _ in range(count):
        owed = [debt + share.share / whole for debt, share in zip(owed, peak.mix, strict=True)]
        highest = max(range(len(owed)), key=lambda n: (owed[n], dice.random()))
        owed[highest] -= 1
        dealt.append(highest)
    return dealt
