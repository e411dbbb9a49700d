"""The search for capacity: near the truth where it is known, bounded, and never an answer from a step that was none."""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_acceptance.engines.load.capacity import (
    CLOSE,
    MET,
    NO_ANSWER,
    NOT_MET,
    STEPS,
    Step,
    left_out,
    lowest,
    scaled,
    search,
    told,
)
from crm_acceptance.engines.load.figures import needed, percentile
from crm_acceptance.engines.load.peaks import Peak, Share, Stage, Threshold
from crm_acceptance.engines.load.schedule import arrivals
from crm_acceptance.errors import WrongUse

MIX = (Share("lead.create", ("lina",), 9.0), Share("order.list", ("wufang",), 1.0))
P95 = Threshold("PERF-001", "p95", 0.5)
PEAK = Peak("m", "早高峰", 40, 8.0, 3.0, 16.0, 10.0, MIX, (P95,))


def judged(capacity: float) -> Callable[[float], Step]:
    return lambda rate: Step(rate, MET if rate <= capacity else NOT_MET)


@settings(max_examples=200, deadline=None)
@given(st.floats(1.0, 500.0), st.floats(0.5, 20.0))
def test_a_known_capacity_is_found_between_what_was_met_and_what_was_not(capacity: float, factor: float) -> None:
    first = capacity / factor
    found = search(first, judged(capacity))
    assert len(found.steps) <= STEPS and found.limited_by == "site"
    assert found.met_at is not None and found.failed_at is not None
    assert found.met_at <= capacity < found.failed_at <= found.met_at * (CLOSE + 0.02)


@settings(max_examples=100, deadline=None)
@given(st.floats(1.0, 500.0), st.floats(1.0, 500.0))
def test_what_the_generator_cannot_ask_is_no_answer_about_the_site(capacity: float, strength: float) -> None:
    found = search(8.0, lambda rate: Step(rate, NO_ANSWER) if rate > strength else judged(capacity)(rate), most=40)
    if strength < 8.0 / 64:
        assert found.met_at is None
    elif found.limited_by == "generator":
        assert (found.met_at or 0) <= min(strength, capacity)
    else:
        assert found.failed_at is not None and found.failed_at <= strength


def test_a_generator_that_is_too_weak_gives_a_lower_bound_and_says_so() -> None:
    found = search(10.0, lambda rate: Step(rate, NO_ANSWER if rate > 45 else MET, ("late",)))
    assert found.limited_by == "generator" and 40 <= (found.met_at or 0) <= 45 and found.failed_at is None
    assert "至少 at least" in found.sentence and "the generator, not the site" in found.sentence


def test_a_step_that_failed_to_be_valid_once_is_tried_again() -> None:
    answers = iter([MET, NO_ANSWER, MET, NOT_MET, NOT_MET, MET, MET, MET, MET])
    found = search(10.0, lambda rate: Step(rate, next(answers)))
    assert [one.rate for one in found.steps[:4]] == [10.0, 20.0, 20.0, 40.0] and found.limited_by == "site"


def test_a_step_that_was_broken_off_blames_no_generator() -> None:
    answers, hours = iter([NOT_MET, MET, NO_ANSWER]), iter([True, True, True, False, False])
    found = search(8.0, lambda rate: Step(rate, next(answers)), going_on=lambda: next(hours))
    assert (found.met_at, found.failed_at, found.limited_by, len(found.steps)) == (4.0, 8.0, "patience", 3)


def test_more_than_is_allowed_is_never_asked() -> None:
    asked: list[float] = []

    def attempt(rate: float) -> Step:
        asked.append(rate)
        return Step(rate, MET)

    found = search(10.0, attempt, lambda rate: rate <= 25)
    assert max(asked) <= 25 and found.limited_by == "safety" and 22 <= (found.met_at or 0) <= 25


def test_the_search_ends_when_there_is_no_time_left() -> None:
    hours = iter([True, True, False])
    found = search(10.0, judged(1e9), going_on=lambda: next(hours))
    assert (found.met_at, found.limited_by, len(found.steps)) == (20.0, "patience", 2)
    assert len(search(10.0, judged(1e9), most=5).steps) == 5


def test_a_site_that_meets_nothing_has_no_capacity() -> None:
    found = search(8.0, lambda rate: Step(rate, NOT_MET))
    assert found.met_at is None and (found.failed_at or 9) < 1 and "没有一次达标" in found.sentence
    assert told(found, (P95,))["rate"] is None
    assert "没有一次有效" in search(8.0, lambda rate: Step(rate, NO_ANSWER)).sentence


def queue(rate: float, slots: int, service: float, seconds: float, seed: int = 1) -> list[float]:
    """Latencies of a site with so many slots that are busy for so long with each request."""
    dice, free = random.Random(seed), [0.0] * slots
    now, found = 0.0, []
    while (now := now + dice.expovariate(rate)) < seconds:
        begun = max(now, heapq.heappop(free))
        heapq.heappush(free, begun + service)
        found.append(begun + service - now)
    return found


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 16), st.floats(0.01, 0.1))
def test_the_capacity_of_slots_is_found_from_their_latencies(slots: int, service: float) -> None:
    truth = slots / service

    def attempt(rate: float) -> Step:
        step = scaled(replace(PEAK, thresholds=(replace(P95, limit=service * 20),)), rate, {})
        seconds = max(step.plateau, 2000 / rate)  # the property is about the search, not about short steps
        late = percentile(queue(rate, slots, service, seconds), 0.95)
        return Step(rate, MET if late <= service * 20 else NOT_MET)

    found = search(truth / 5, attempt)
    assert found.met_at is not None and 0.75 * truth <= found.met_at <= 1.15 * truth


def test_a_step_is_short_open_and_long_enough_for_its_percentiles() -> None:
    slow = replace(
        PEAK, rate=20.0, think=30.0, stages=(Stage("spike", 9.0, 50.0, True),),
        thresholds=(replace(P95, verb="order.list"), Threshold("PERF-001", "memory", 1.0), replace(P95, window=30.0)),
    )  # fmt: skip
    step = scaled(slow, 40.0, {})
    assert (step.rate, step.think, step.stages, step.users) == (40.0, 0.0, (), 80)
    assert [(one.verb, one.window) for one in step.thresholds] == [("order.list", 0.0), ("", 0.0)]
    lists = [one for one in arrivals(step) if one.verb == "order.list" and one.at >= step.ramp]
    assert len(lists) >= needed("p95")


def test_a_department_counts_by_its_share() -> None:
    few = replace(PEAK, rate=20.0, thresholds=(replace(P95, department="finance"),))
    known = {"lina": "sales", "wufang": "finance"}
    assert scaled(few, 40.0, known).plateau == pytest.approx(130 / 4)


def test_what_a_step_can_never_judge_is_not_asked_of_it() -> None:
    rare = replace(PEAK, thresholds=(P95, replace(P95, measure="p999"), Threshold("PERF-004", "memory", 1.0)))
    assert [one.measure for one in scaled(rare, 8.0, {}).thresholds] == ["p95"]
    assert left_out(rare, {}) == "p999、memory"
    with pytest.raises(WrongUse, match="60 s at the peak's rate"):
        scaled(replace(rare, thresholds=rare.thresholds[1:]), 8.0, {})
    found = search(8.0, lambda rate: Step(rate, NOT_MET), floor=lowest(rare, {}))
    assert min(one.rate for one in found.steps) == 2.0, "at 1 /s a minute brings no p95"


def test_without_a_limit_nobody_knows_what_is_too_much() -> None:
    with pytest.raises(WrongUse, match="Capacity needs"):
        scaled(replace(PEAK, thresholds=(Threshold("PERF-004", "memory", 1.0),)), 10.0, {})
