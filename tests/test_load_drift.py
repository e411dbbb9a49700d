"""Slopes with bounds: noise makes no false alarm, a real creep is found, and too short a soak says nothing."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_acceptance.engines.load.drift import FEWEST, blocks, p95_points, slope
from crm_acceptance.engines.load.limits import MB_PER_MINUTE
from crm_acceptance.engines.load.orders import Measured, Sample
from crm_acceptance.engines.load.peaks import Peak, Share, Threshold
from crm_acceptance.engines.load.verdict import judge
from crm_acceptance.engines.load.watch import Look
from crm_acceptance.errors import Unproven

LIMIT = Threshold("PERF-001", "drift", 0.05 / 60)
PEAK = Peak("soak", "长跑", 5, 10.0, 0.0, 600.0, 10.0, (Share("lead.create", ("lina",), 1.0),), (LIMIT,))
MEMORY = Threshold("PERF-004", "memory", 10 * MB_PER_MINUTE)


def soak(dice: random.Random, ms_per_minute: float, count: int = 6000, noise: float = 0.4) -> Measured:
    """Ten minutes in which p95 grows by so much, with answers that vary as answers do."""
    each = 600 / count

    def latency(at: float) -> float:
        typical = 0.1 + ms_per_minute / 1000 * at / 60 / 1.93  # p95 of this noise is 1.93 times the median
        return typical * dice.lognormvariate(0, noise)

    return Measured(
        tuple(Sample("lead.create", "lina", n * each, n * each, n * each + latency(n * each)) for n in range(count))
    )


@settings(max_examples=60, deadline=None)
@given(st.floats(-5, 5), st.floats(-100, 100), st.lists(st.floats(0, 1000), min_size=FEWEST, max_size=40, unique=True))
def test_the_slope_of_a_straight_line_is_its_own_bound(rise: float, start: float, times: list[float]) -> None:
    found = slope([(at, start + rise * at) for at in times])
    assert found is not None
    spacing = min(b - a for a, b in zip(sorted(times), sorted(times)[1:], strict=False))
    if spacing > 1e-3:
        assert found.low == pytest.approx(rise, abs=1e-6) and found.high == pytest.approx(rise, abs=1e-6)
    assert found.low <= found.value <= found.high


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 100), st.floats(-10, 10)), min_size=FEWEST, max_size=30), st.floats(-3, 3))
def test_tilting_the_points_tilts_the_slope_and_both_bounds(points: list[tuple[float, float]], tilt: float) -> None:
    spread = [(n + at / 1000, value) for n, (at, value) in enumerate(points)]
    before, after = slope(spread), slope([(at, value + tilt * at) for at, value in spread])
    assert before is not None and after is not None
    assert (after.value, after.low, after.high) == pytest.approx(
        (before.value + tilt, before.low + tilt, before.high + tilt), abs=1e-6
    )


def test_each_bound_is_wrong_about_one_time_in_twenty() -> None:
    dice = random.Random(1)
    found = [slope([(float(n), dice.gauss(0, 1)) for n in range(20)]) for _ in range(1000)]
    above, below = sum(one.low > 0 for one in found if one), sum(one.high < 0 for one in found if one)
    assert above <= 70 and below <= 70 and above + below >= 20


def test_too_few_points_have_no_slope() -> None:
    assert slope([(float(n), 1.0) for n in range(FEWEST - 1)]) is None
    assert slope([(1.0, float(n)) for n in range(FEWEST)]) is None
    assert p95_points([]) == [] and blocks([]) == []


def test_one_stall_is_no_slope() -> None:
    points = [(float(n), 5.0 if n == 17 else 0.1) for n in range(20)]
    assert slope(points) == replace(slope(points) or pytest.fail(), value=0.0, low=0.0, high=0.0)


def test_noise_makes_no_false_alarm() -> None:
    dice = random.Random(2)
    assert all(judge(PEAK, LIMIT, soak(dice, 0.0)).met for _ in range(20))


def test_a_latency_that_creeps_is_found_each_time() -> None:
    dice = random.Random(3)
    assert not any(judge(PEAK, LIMIT, soak(dice, 80.0)).met for _ in range(20))


def test_a_soak_too_short_or_too_noisy_for_its_limit_is_unproven() -> None:
    dice = random.Random(4)
    with pytest.raises(Unproven, match="Too short a soak"):
        judge(PEAK, LIMIT, soak(dice, 0.0, count=500))
    with pytest.raises(Unproven, match="Too short or too noisy"):
        judge(PEAK, replace(LIMIT, limit=0.0001 / 60), soak(dice, 0.1))


def memory(*megabytes: float) -> Measured:
    looks = tuple(Look(100 + n / 2, size * 2**20, 0.0) for n, size in enumerate(megabytes))
    return Measured(soak(random.Random(1), 0, 200).samples, opened=100.0, server=looks)


def test_memory_that_wobbles_is_no_leak_and_one_that_climbs_through_the_wobble_is() -> None:
    dice = random.Random(5)
    wobble = [dice.gauss(0, 3) for _ in range(1200)]
    assert judge(PEAK, MEMORY, memory(*(90 + one for one in wobble))).met
    found = judge(PEAK, MEMORY, memory(*(90 + one + n / 120 * 20 for n, one in enumerate(wobble))))
    assert not found.met and "95 %" in found.sentence


def test_neighbours_are_made_one_by_their_mean() -> None:
    assert blocks([(float(n), float(n)) for n in range(5)], most=3) == [(0.5, 0.5), (2.5, 2.5), (4.0, 4.0)]
