"""Thresholds with a window: what is counted while the run goes on agrees with what is found afterwards."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_acceptance.engines.load.figures import needed, percentile
from crm_acceptance.engines.load.orders import Measured, Order, Sample
from crm_acceptance.engines.load.peaks import Peak, Share, Threshold
from crm_acceptance.engines.load.rolling import Rolling, stopping, stops, windows
from crm_acceptance.engines.load.single import judged
from crm_acceptance.engines.load.verdict import judge, reasons
from crm_acceptance.engines.load.windowed import worst
from crm_acceptance.engines.load.work import Arrival
from crm_acceptance.errors import Unproven
from crm_acceptance.model import Person, Site

LINA = Person("lina", "李娜", "sales", "sales_rep", "lina")
WU = Person("wufang", "吴芳", "finance", "accountant", "wufang")
P50 = Threshold("PERF-001", "p50", 0.5, window=3.0)
WHOLE = Threshold("PERF-001", "p50", 2.0)
MIX = (Share("lead.create", ("lina",), 1.0),)
PEAK = Peak("m", "早高峰", 5, 10.0, 0.0, 12.0, 4.0, MIX, (P50,))


def sample(at: float, latency: float, error: str = "", person: str = "lina") -> Sample:
    return Sample("lead.create", person, at, at, at + latency, error)


def order(samples: list[Sample], *asked: Threshold, timeout: float = 4.0) -> Order:
    plan = tuple(Arrival(one.intended, one.verb, one.person) for one in samples)
    return Order(Site("x", "http://x"), (LINA, WU), plan, 5, timeout, 30.0, "", stops=asked, counted=((0.0, 12.0),))


def lived(samples: list[Sample], asked: Threshold, planned: bool = True, until: int = 30) -> tuple[str, float]:
    """The run as the heart sees it: once a second, only what has ended by then."""
    whole = order(samples, asked)
    stop = stopping(whole if planned else replace(whole, arrivals=()))
    ended = sorted(samples, key=lambda one: one.ended)
    for now in range(until):
        stop.look(float(now), [one for one in ended if one.ended <= now])
    return stop.sentence, stop.at


latencies = st.floats(0.01, 3.9)
plans = st.lists(st.tuples(st.floats(0.0, 11.99), latencies, st.booleans()), min_size=0, max_size=120)
measures = st.sampled_from(["p50", "p90", "max", "errors"])


@settings(max_examples=150, deadline=None)
@given(plans, measures, st.floats(0.05, 3.0), st.booleans())
def test_the_run_is_stopped_if_and_only_if_a_window_of_the_whole_run_misses(
    plan: list[tuple[float, float, bool]], measure: str, limit: float, planned: bool
) -> None:
    samples = [sample(at, latency, "HTTP 500" if bad else "") for at, latency, bad in dict.fromkeys(plan)]
    asked = Threshold("PERF-001", measure, min(limit, 0.9) if measure == "errors" else limit, window=3.0)
    found = worst(asked, samples, [(0.0, 12.0)], {})
    sentence, _ = lived(samples, asked, planned)
    assert bool(sentence) is (found is not None and found.value > asked.limit)


@settings(max_examples=100, deadline=None)
@given(plans, st.floats(0.5, 8.0))
def test_a_floor_of_throughput_is_broken_if_and_only_if_a_window_has_too_few_answers(
    plan: list[tuple[float, float, bool]], limit: float
) -> None:
    samples = [sample(at, latency, "HTTP 500" if bad else "") for at, latency, bad in dict.fromkeys(plan)]
    asked = Threshold("PERF-001", "throughput", limit, window=3.0)
    found = worst(asked, samples, [(0.0, 12.0)], {})
    assert found is not None
    assert bool(lived(samples, asked)[0]) is (found.value < limit)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0.0, 11.99), latencies), min_size=20, max_size=80))
def test_the_worst_window_is_the_worst_of_all_windows_counted_one_by_one(plan: list[tuple[float, float]]) -> None:
    samples = [sample(at, latency) for at, latency in plan]
    found = worst(P50, samples, [(0.0, 12.0)], {})
    every = [
        percentile(inside, 0.5)
        for begin, end in windows([(0.0, 12.0)], 3.0)
        if len(inside := [one.ended - one.intended for one in samples if begin <= one.intended < end]) >= needed("p50")
    ]
    assert (found.value if found else None) == (max(every) if every else None)


def steady(latency: float = 0.1, slow_from: float = 99.0) -> list[Sample]:
    """Ten a second for twelve seconds; from a moment on each takes three seconds."""
    return [sample(n / 10 + 0.05, 3.0 if n / 10 >= slow_from else latency) for n in range(120)]


def test_a_site_that_becomes_slow_is_stopped_as_soon_as_it_cannot_be_mended() -> None:
    sentence, at = lived(steady(slow_from=5.0), P50)
    assert at == 8.0  # two thirds of the window from 4 to 7 are late; what began at 6.9 is known to be from 7.5 on
    assert sentence.startswith("全部动作 all verbs p50：第 4 到 7 秒")


def test_a_site_that_never_answers_is_stopped_though_nothing_has_ended() -> None:
    stop = stopping(order(steady(), P50))
    assert next(now for now in range(9) if stop.look(float(now), [])) == 3


def test_a_short_stall_is_borne() -> None:
    assert lived([one if not 5 <= one.intended < 6 else sample(one.intended, 3.0) for one in steady()], P50) == ("", 0)


def test_too_few_samples_in_a_window_stop_nothing() -> None:
    assert lived([sample(float(n), 3.9) for n in range(12)], P50) == ("", 0.0)


def test_a_department_and_a_verb_are_counted_alone() -> None:
    mixed = [replace(one, person="wufang") if n % 2 else one for n, one in enumerate(steady())]
    slow = [replace(one, ended=one.intended + 3) if one.person == "wufang" else one for one in mixed]
    asked = replace(P50, measure="p90")
    assert lived(slow, replace(asked, window=4.0, department="finance", measure="p50"))[0].startswith("finance p50")
    assert not lived(slow, replace(asked, window=4.0, department="sales", measure="p50"))[0]
    assert not lived(slow, replace(asked, window=4.0, verb="order.list", measure="p50"))[0]


def test_windows_lie_in_one_stretch_that_counts() -> None:
    assert list(windows([(0.5, 4.5), (10.0, 12.0)], 3.0)) == [(1, 4)]


@pytest.mark.parametrize("measure", ["memory", "writes"])
def test_what_has_no_window_stops_nothing(measure: str) -> None:
    assert stops(replace(PEAK, thresholds=(Threshold("PERF-001", measure, 1.0, window=3.0), WHOLE, P50))) == (P50,)


def stopped(asked: tuple[Threshold, ...]) -> tuple[Peak, Measured]:
    """A run that the first of the thresholds ended."""
    samples = steady(slow_from=5.0)
    sentence, at = lived(samples, asked[0])
    done = tuple(one for one in samples if one.intended < at)
    left = tuple(Arrival(one.intended, one.verb, one.person) for one in samples if one.intended >= at)
    told = Measured(done, left=left, ended=at + 3, stopped=sentence, stopped_at=at, wall=10.0)
    return replace(PEAK, thresholds=asked), told


def test_a_run_that_was_stopped_is_not_met_and_valid_and_the_rest_is_unproven() -> None:
    longer = replace(WHOLE, limit=0.5)
    peak, told = stopped(
        (P50, WHOLE, Threshold("PERF-001", "max", 2.0), Threshold("PERF-001", "throughput", 9.0), longer)
    )
    assert reasons(peak, told) == ()
    single = judged(peak, told, None)
    assert [one.met for one in single.judged] == [False, None, False, None, None]
    assert single.exit_code == 1


def test_a_run_that_somebody_else_ended_is_invalid() -> None:
    told = Measured(tuple(steady()[:30]), stopped="主控让停下。The master called the run off.", stopped_at=3.0)
    assert judged(PEAK, told, None).exit_code == 3
    assert "called the run off" in reasons(PEAK, told)[0]


def test_a_plateau_shorter_than_the_window_proves_nothing() -> None:
    with pytest.raises(Unproven, match="No stretch of 30 s"):
        judge(PEAK, replace(P50, window=30.0), Measured(tuple(steady())))


def test_a_steady_run_meets_its_window_and_says_how_far_it_was() -> None:
    found = judge(PEAK, P50, Measured(tuple(steady())))
    assert found.met and "任何 3 秒内" in found.sentence and found.value == pytest.approx(0.1)


def test_a_site_too_slow_for_its_people_to_fill_a_window_has_missed_it() -> None:
    """Twenty people, one thing a second each; nothing is answered within ten seconds, from the beginning to the end."""
    asked = Threshold("PERF-001", "p95", 2.0, window=30.0)
    peak = Peak("m", "闭环", 20, 20.0, 0.0, 90.0, 10.0, MIX, (asked,), think=1.0)
    hung = tuple(sample(10.0 * n + hand / 20, 9.9) for n in range(9) for hand in range(20))
    found = judge(peak, asked, Measured(hung, ended=100.0))
    assert not found.met and "60 个样本" in found.sentence
    with pytest.raises(Unproven, match="samples enough"):
        judge(replace(peak, users=1, rate=1.0), asked, Measured(hung[::20], ended=100.0))


def test_nothing_is_counted_when_nothing_may_end_the_run() -> None:
    counters = Rolling((), ((0.0, 12.0),), {}, tuple(Arrival(1.0, "x", "y") for _ in range(9)))
    counters.observe(steady())
    assert counters.check(99.0) is None and not counters._planned
