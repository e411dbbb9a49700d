"""Figures of the server itself: where they are asked for and what came, as curves over the run; judges nothing."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from crm_acceptance.engines.load.orders import Measured
from crm_acceptance.engines.load.peaks import Peak


@dataclass(frozen=True)
class Curve:
    """One figure over the run: (seconds after the opening, value). `limit`, `sign`: what a threshold asks of it."""

    name: str
    points: tuple[tuple[float, float], ...]
    limit: float | None = None
    sign: str = "≤"


def curves_of(peak: Peak, measured: Measured) -> tuple[Curve, ...]:
    """What can be drawn: processor (cores) and memory (MB) of a server launched here, and whatever was named."""
    return tuple(_own(measured))


def _own(measured: Measured) -> Sequence[Curve]:
    looks = [one for one in measured.server if one.at >= measured.opened]
    pairs = [(a, b) for a, b in itertools.pairwise(looks) if b.at > a.at]
    if not pairs:
        return ()
    busy = tuple((b.at - measured.opened, max(0.0, (b.cpu - a.cpu) / (b.at - a.at))) for a, b in pairs)
    memory = tuple((one.at - measured.opened, one.memory / 2**20) for one in looks)
    return Curve("cpu", busy), Curve("memory", memory)
