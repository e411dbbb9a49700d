"""One peak by itself: histograms that merge exactly, load.json, and a verdict that is never better than its run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crm_acceptance.engines.load import histograms, single
from crm_acceptance.engines.load.histograms import Latencies
from crm_acceptance.engines.load.orders import Measured, Sample, Write
from crm_acceptance.engines.load.peaks import Peak, Share, Threshold
from crm_acceptance.model import Action, Outcome, Page, Person, Record

LINA = Person("lina", "李娜", "sales", "sales_rep", "lina")
WU = Person("wufang", "吴芳", "finance", "accountant", "wufang")
P95 = Threshold("PERF-001", "p95", 2.0)
WRITES = Threshold("PERF-002", "writes", 0)
MIX = (Share("lead.create", ("lina",), 1.0), Share("order.list", ("wufang",), 1.0))
PEAK = Peak("m", "早高峰", 1, 1.0, 0.0, 10.0, 10.0, MIX, (P95,))


def samples(count: int, latency: float = 0.1, wait: float = 0.0) -> tuple[Sample, ...]:
    who = (("lead.create", "lina"), ("order.list", "wufang"))
    return tuple(Sample(*who[n % 2], 1.0, 1.0 + wait, 1.0 + latency + n / 1000) for n in range(count))


def test_a_histogram_keeps_three_digits() -> None:
    found = histograms.told(histograms.merged([_all(samples(999))]), 10.0)["from_intended"]
    assert found["p50"] == pytest.approx(599, rel=0.002) and found["max"] == pytest.approx(1098, rel=0.002)
    assert found["p99"] == pytest.approx(1089, rel=0.002) and found["p999"] is None


def test_a_percentile_of_few_samples_is_told_and_called_one() -> None:
    found = histograms.told(_all(samples(1000)), 10.0)
    assert found["few"] == ["p999"] and found["from_intended"]["p999"] == pytest.approx(1098, rel=0.002)
    found = histograms.told(_all(samples(9)), 10.0)
    assert found["few"] == ["p50", "p90", "p95", "p99", "p999"]
    assert [name for name, value in found["from_intended"].items() if value is None] == ["p90", "p95", "p99", "p999"]


def test_the_intended_start_and_the_actual_sending_are_both_kept() -> None:
    kept = _all(samples(10, latency=3.0, wait=2.9))
    assert histograms.measures(kept.intended)["p50"] == pytest.approx(3004, rel=0.002)
    assert histograms.measures(kept.sent)["p50"] == pytest.approx(104, rel=0.002)


def test_parts_merge_into_exactly_the_histogram_of_the_whole() -> None:
    whole = samples(500)
    parts = [_all(whole[:137]), _all(whole[137:300]), _all(whole[300:])]
    assert histograms.encoded(histograms.merged(parts)) == histograms.encoded(_all(whole))


def test_a_histogram_comes_back_from_its_text() -> None:
    kept = _all(samples(200))
    again = histograms.decoded(histograms.encoded(kept), kept.errors)
    assert histograms.told(again, 10.0) == histograms.told(kept, 10.0)


def test_every_verb_and_department_has_its_own_figures() -> None:
    told = single.told(single.judged(PEAK, Measured(samples(200)), None), "http://x", (LINA, WU))
    assert (told["total"]["count"], told["total"]["throughput"]) == (200, 20.0)
    assert {name: row["count"] for name, row in told["verbs"].items()} == {"lead.create": 100, "order.list": 100}
    assert list(told["departments"]) == ["finance", "sales"]
    assert told["verbs"]["order.list"]["few"] == ["p99", "p999"]


@pytest.mark.parametrize(
    ("measured", "code", "met"),
    [
        (Measured(samples(200)), 0, True),
        (Measured(samples(200, latency=2.5)), 1, False),
        (Measured(samples(99)), 3, None),
        (Measured(samples(200), lags=(1.0,) * 20), 3, None),
        (Measured(samples(200), cpu=9.9, wall=10.0), 3, None),
        (Measured(), 3, None),
        (Measured(problem="down", unreachable=True), 4, None),
    ],
)
def test_the_exit_code_says_what_was_found(measured: Measured, code: int, met: bool | None) -> None:
    judged = single.judged(PEAK, measured, None)
    told = single.told(judged, "http://x", (LINA, WU))
    assert (judged.exit_code, told["thresholds_met"]) == (code, met)
    assert (told["verdict"] == "invalid") is bool(told["reasons"])


@pytest.mark.parametrize(
    ("failing", "odd", "code", "said"),
    [
        (0, (), 0, ""),
        (2, (), 0, ""),
        (60, (), 3, "60 of 200 failed: no pass"),
        (0, ('{"code":40001', ""), 3, "1 of 2 answers look like errors"),
        (0, ("",) * 19 + ('{"code":40001',), 0, ""),
    ],
)
def test_figures_that_nobody_judged_are_a_pass_only_where_nothing_went_wrong(
    failing: int, odd: tuple[str, ...], code: int, said: str
) -> None:
    every = tuple(replace(one, error="HTTP 500" if n < failing else "") for n, one in enumerate(samples(200)))
    found = single.judged(replace(PEAK, thresholds=()), Measured(every, odd=odd), None)
    told = single.told(found, "http://x", ())
    assert (found.exit_code, told["verdict"], told["thresholds_met"]) == (code, "valid", None)
    assert [said in one for one in told["doubts"]] == ([True] if said else [])


def test_thresholds_that_are_met_by_answers_that_look_like_errors_are_no_pass() -> None:
    found = single.judged(PEAK, Measured(samples(200), odd=('{"success":false',)), None)
    assert (found.judged[0].met, found.met, found.exit_code) == (None, None, 3)


def test_an_invalid_run_meets_nothing_even_if_its_figures_are_fine() -> None:
    told = single.told(single.judged(PEAK, Measured(samples(200), lags=(1.0,) * 20), None), "http://x", ())
    assert (told["verdict"], told["thresholds"][0]["met"]) == ("invalid", None) and "迟到" in told["reasons"][0]


@pytest.mark.parametrize(("there", "met"), [(("7",), True), ((), False), (("7", "8"), False)])
def test_writes_are_looked_for_as_their_author(there: tuple[str, ...], met: bool) -> None:
    def look(key: str, action: Action) -> Outcome:
        assert key == "lina"
        found = there if action.options["q"] == "sure" else ()
        return Page(tuple(Record("lead", one) for one in found), len(found))

    measured = Measured(samples(200), writes=(Write("lina", "lead", "7", {"q": "sure"}, True),))
    (_, found) = single.judged(replace(PEAK, thresholds=(P95, WRITES)), measured, look).judged
    assert found.met is met and len(found.wrong) == (not met)


def test_writes_that_nobody_looked_for_are_unproven() -> None:
    measured = Measured(samples(200), writes=(Write("lina", "lead", "7", {"q": "sure"}, True),))
    assert single.judged(replace(PEAK, thresholds=(WRITES,)), measured, None).exit_code == 3


def _all(chosen: tuple[Sample, ...]) -> Latencies:
    return histograms.merged(histograms.by(chosen, lambda one: one.verb).values())
