"""A peak and what was measured of it, made up: a ramp, a plateau, perhaps a stall, errors, a server."""

from __future__ import annotations

import random

from crm_acceptance.engines.load.orders import Measured, Sample
from crm_acceptance.engines.load.peaks import Peak, Share, Threshold
from crm_acceptance.engines.load.watch import Look

THRESHOLDS = (
    Threshold("PERF-001", "p95", 2.0),
    Threshold("PERF-001", "p99", 3.0),
    Threshold("PERF-001", "p95", 0.5, "order.create"),
    Threshold("PERF-002", "errors", 0.01),
)
OPENED = 100.0
"""The machine's monotonic clock when the run was opened."""


def peak(rate: float = 8.0, ramp: float = 3.0, plateau: float = 16.0) -> Peak:
    mix = (Share("customer.search", ("lina",), 0.7), Share("order.create", ("lina",), 0.3))
    return Peak("morning", "早高峰", 40, rate, ramp, plateau, 10.0, mix, THRESHOLDS)


def run(asked: Peak, stall: tuple[float, float] | None = None, errors: float = 0.0, wait: float = 0.02) -> Measured:
    """Arrivals at the plan's rate that take some `wait` seconds; during `stall` nothing ends."""
    dice, at, samples = random.Random(5), 0.0, []
    while True:
        at += dice.expovariate(asked.rate * (max(at, 0.3) / asked.ramp if at < asked.ramp else 1.0))
        if at >= asked.length:
            break
        ended = at + dice.lognormvariate(0.0, 0.5) * wait
        if stall and at < stall[1] and ended > stall[0]:
            ended = stall[1] + wait
        verb = "order.create" if dice.random() < 0.3 else "customer.search"
        samples.append(Sample(verb, "lina", at, at, ended, "Refused: HTTP 500" if dice.random() < errors else ""))
    looks = tuple(Look(OPENED + n / 2, 2e8 + n * 1e6, n * 0.2) for n in range(int(asked.length * 2)))
    departments = {"lina": "sales"}
    return Measured(tuple(samples), ended=asked.length, opened=OPENED, server=looks, departments=departments)
