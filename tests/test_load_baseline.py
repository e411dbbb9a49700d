"""Comparing a run with a kept one: the same says no difference, a real slowdown is found, others are not compared."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_acceptance.engines.load import baseline
from crm_acceptance.engines.load.baseline import FASTER, SAME, SLOWER, Side, compared, kept, ratio, read, side
from crm_acceptance.engines.load.figures import percentile
from crm_acceptance.engines.load.orders import Measured, Sample
from crm_acceptance.engines.load.peaks import Peak, Share, Threshold
from crm_acceptance.errors import WrongUse
from crm_acceptance.model import Site

MIX = (Share("lead.create", ("lina",), 1.0), Share("order.list", ("wufang",), 1.0))
PEAK = Peak("m", "早高峰", 5, 50.0, 0.0, 60.0, 10.0, MIX, (Threshold("PERF-001", "p95", 2.0),))
HERE = Site("refcrm", "http://127.0.0.1:1", "reference")
PAIRS = 20


def samples(dice: random.Random, slower: float = 1.0, sway: float = 0.03, errors: int = 0) -> list[Sample]:
    """A minute at fifty a second; `sway`: how much whole seconds differ, each second leaning on the one before."""
    found, mood = [], 0.0
    for n in range(3000):
        if n % 50 == 0:
            mood = 0.6 * mood + dice.gauss(0, sway)
        latency = 0.1 * slower * dice.lognormvariate(mood, 0.3)
        verb, person = (("lead.create", "lina"), ("order.list", "wufang"))[n % 2]
        found.append(Sample(verb, person, n / 50, n / 50, n / 50 + latency, "HTTP 500" if n < errors else ""))
    return found


def run(seed: int, **how: Any) -> Measured:
    return Measured(tuple(samples(random.Random(seed), **how)))


def verdicts(told: dict[str, Any]) -> list[str]:
    return [row["verdict"] for rows in told["verbs"].values() for row in rows.values()]


@pytest.fixture
def fewer_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that many comparisons take seconds; a few draws less make an interval a little rougher."""
    monkeypatch.setattr(baseline, "DRAWS", 600)


@pytest.mark.usefixtures("fewer_draws")
def test_the_same_against_the_same_shows_no_difference_about_nineteen_times_in_twenty() -> None:
    alarms = 0
    for seed in range(PAIRS):
        before = kept(PEAK, HERE, run(seed), "2026-11-22")
        alarms += any(one != SAME for one in verdicts(compared(before, PEAK, HERE, run(seed + 1000))))
    assert alarms <= 0.05 * PAIRS


@pytest.mark.usefixtures("fewer_draws")
@pytest.mark.parametrize(("slower", "verdict"), [(1.2, SLOWER), (1 / 1.2, FASTER)])
def test_a_fifth_more_or_less_is_found(slower: float, verdict: str) -> None:
    found: list[str] = []
    for seed in range(6):
        before = kept(PEAK, HERE, run(seed), "2026-11-22")
        found += verdicts(compared(before, PEAK, HERE, run(seed + 500, slower=slower)))
    assert set(found) <= {verdict, SAME} and found.count(verdict) >= 0.9 * len(found)


@pytest.mark.usefixtures("fewer_draws")
def test_an_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    held, dice = 0, np.random.default_rng(1)
    for seed in range(PAIRS):
        a, b = (side(samples(random.Random(n), sway=0.0), [(0.0, 60.0)]) for n in (seed, seed + 2000))
        found = ratio(a, b, "p95", 0.9, dice)
        held += found.low <= 1 <= found.high
    assert 0.8 * PAIRS <= held <= PAIRS


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0.001, 30.0), min_size=20, max_size=200), st.sampled_from(["p50", "p95"]))
def test_a_kept_percentile_is_that_of_the_samples_to_half_a_percent(latencies: list[float], measure: str) -> None:
    every = [Sample("x", "lina", n % 20, n % 20, n % 20 + one) for n, one in enumerate(latencies)]
    share = {"p50": 0.5, "p95": 0.95}[measure]
    truth = percentile([one.ended - one.intended for one in every], share)
    assert baseline._whole(side(every, [(0.0, 20.0)]), share) == pytest.approx(truth, rel=0.006)


def test_no_figure_stands_alone() -> None:
    told = compared(kept(PEAK, HERE, run(1), "2026-11-22"), PEAK, HERE, run(2, slower=1.5))
    row = told["verbs"]["total"]["p95"]
    assert row["low"] < row["ratio"] < row["high"] and row["low"] > 1.05
    assert row["sentence"].startswith("全部 total p95：变慢 slower") and "至 to" in row["sentence"]
    assert set(told["verbs"]) == {"total", "lead.create", "order.list"} and told["level"] == 0.95


def test_a_difference_of_less_than_a_millisecond_is_none() -> None:
    def quick(slower: float) -> Side:
        every = [
            replace(one, ended=one.intended + (one.ended - one.intended) / 500)
            for one in samples(random.Random(1), slower)
        ]
        return side(every, [(0.0, 60.0)])

    found = ratio(quick(1.0), quick(1.5), "p50", 0.95, np.random.default_rng(1))
    assert found.verdict == SAME and found.low > 1.3


def test_a_baseline_comes_back_from_its_file(tmp_path: Path) -> None:
    file = tmp_path / "base.json"
    file.write_text(json.dumps(kept(PEAK, HERE, run(1), "2026-11-22")), encoding="utf-8")
    assert set(verdicts(compared(read(file), PEAK, HERE, run(1)))) == {SAME}
    assert file.stat().st_size < 100_000


@pytest.mark.parametrize(
    ("peak", "site", "said"),
    [
        (replace(PEAK, rate=60.0), HERE, "rate"),
        (replace(PEAK, mix=MIX[:1]), HERE, "mix"),
        (replace(PEAK, think=3.0), HERE, "think"),
        (PEAK, replace(HERE, system="creme"), "Another kind of site"),
        (PEAK, replace(HERE, kind="sandbox"), "Another kind of site"),
    ],
)
def test_another_peak_or_another_kind_of_site_is_not_compared(peak: Peak, site: Site, said: str) -> None:
    told = compared(kept(PEAK, HERE, run(1), "2026-11-22"), peak, site, run(2))
    assert not told["comparable"] and said in told["reason"] and told["verbs"] == {}


def test_other_limits_another_title_and_another_address_are_still_the_same_load() -> None:
    before = kept(PEAK, HERE, run(1), "2026-11-22")
    assert compared(before, replace(PEAK, title="x", thresholds=()), replace(HERE, url="http://y"), run(2))[
        "comparable"
    ]


def test_too_few_samples_too_short_a_run_and_too_many_failures_are_not_compared() -> None:
    before = kept(PEAK, HERE, run(1), "2026-11-22")
    few = compared(before, PEAK, HERE, Measured(run(2).samples[:150]))
    assert few["verbs"]["order.list"]["p95"]["verdict"] == "not comparable"
    assert "too few" in few["verbs"]["order.list"]["p95"]["sentence"]
    failing = compared(before, PEAK, HERE, run(2, errors=60))
    assert {*verdicts(failing)} == {"not comparable"}
    short = replace(PEAK, plateau=8.0)
    told = compared(kept(short, HERE, run(1), "2026-11-22"), short, HERE, run(2))
    assert "too short" in told["verbs"]["total"]["p50"]["sentence"]


HEAD = '{"what": "crm-acceptance load baseline", "version": 1, "at": "2026", "site": {"system": "", "kind": ""}'


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"what": "crm-acceptance load baseline", "version": 99}', "[" * 100_000, f"{HEAD}}}"]
    + [
        f'{HEAD}, "peak": {{}}, "verbs": {verbs}}}'
        for verbs in ("[]", '{"": {}}', '{"": {"errors": 0, "blocks": [7]}}')
    ],
)
def test_what_is_no_baseline_is_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    file = tmp_path / "base.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(WrongUse, match=r"base\.json"):
        read(file)
    with pytest.raises(WrongUse, match="keep one first"):
        read(tmp_path / "none.json")
