"""Figures and verdicts: exact, from the intended start, absent when too few, and never green on silence."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crm_acceptance.engines.load.figures import (
    figures,
    needed,
    percentile,
    rates,
    samples_of,
    spans_of,
    table,
    three_digits,
)
from crm_acceptance.engines.load.health import Health
from crm_acceptance.engines.load.orders import Measured, Sample
from crm_acceptance.engines.load.peaks import Peak, Share, Threshold
from crm_acceptance.engines.load.report import summary
from crm_acceptance.engines.load.verdict import judge, lateness_limit, reasons, refuse_invalid
from crm_acceptance.engines.load.watch import Look
from crm_acceptance.engines.load.work import Arrival
from crm_acceptance.errors import SiteOutOfReach, Unproven

P95 = Threshold("PERF-001", "p95", 2.0)
PEAK = Peak("m", "早高峰", 1, 1.0, 0.0, 10.0, 10.0, (Share("customer.list", ("lina",), 1.0),), (P95,))


def sample(latency: float, wait: float = 0.0, error: str = "", at: float = 1.0) -> Sample:
    return Sample("customer.list", "lina", at, at + wait, at + latency, error)


def test_a_percentile_is_the_nearest_rank() -> None:
    values = [float(n) for n in range(1, 101)]
    assert [percentile(values, share) for share in (0.5, 0.95, 0.99, 1.0)] == [50.0, 95.0, 99.0, 100.0]


def test_a_percentile_needs_samples_beyond_it() -> None:
    assert (needed("p50"), needed("p95"), needed("p99")) == (10, 100, 500)
    few = figures([sample(1.0)] * 99)
    assert (few.measure("p95"), few.measure("p50"), few.measure("max")) == (None, 1.0, 1.0)


def test_latency_counts_from_the_intended_start() -> None:
    found = figures([sample(3.0, wait=2.9)] * 100)
    assert found.measure("p95") == pytest.approx(3.0)
    assert found.from_start[0] == pytest.approx(0.1)


def test_figures_show_three_significant_digits() -> None:
    assert [three_digits(value) for value in (1234.5, 0.012345, 99.95)] == [1230.0, 0.0123, 100.0]
    assert table([sample(0.12345)] * 100, {})[0]["p95_ms"] == 123.0


def test_work_that_nobody_was_free_to_begin_counts_as_failed() -> None:
    measured = Measured((sample(0.1),), left=(Arrival(2.0, "customer.list", "lina"),), ended=30.0)
    found = figures(samples_of(measured))
    assert (found.count, found.errors, found.measure("max")) == (2, 1, 28.0)


def test_what_was_never_due_because_the_run_broke_off_is_no_figure() -> None:
    later = tuple(Arrival(float(at), "customer.list", "lina") for at in range(4, 9))
    broken = Measured((sample(0.1), sample(0.1, at=2.0)), left=later, ended=5.5, problem="HTTP 429")
    assert [one.intended for one in samples_of(broken)] == [1.0, 2.0, 4.0, 5.0]
    assert min(figures(samples_of(broken)).from_intended) == pytest.approx(0.1)
    assert spans_of(PEAK, broken) == [(0.0, 5.5)]
    assert len(samples_of(replace(broken, problem="", lost=("worker",)))) == 4
    assert len(samples_of(replace(broken, problem=""))) == 7  # nobody can say why: all of it is missing


def test_throughput_counts_neither_failures_nor_what_was_answered_after_the_peak() -> None:
    done = tuple(sample(0.1, at=float(at)) for at in range(5))
    rest = (sample(0.1, error="HTTP 500"), sample(9.5, at=1.0), sample(3.0, at=9.5))
    assert rates(PEAK, Measured((*done, *rest)), lambda one: one.verb) == {"customer.list": 0.5}


def test_the_ramp_does_not_count() -> None:
    assert samples_of(Measured((sample(1.0, at=0.5), sample(1.0, at=5.0))), since=3.0) == [sample(1.0, at=5.0)]


@pytest.mark.parametrize(("latency", "met"), [(1.9, True), (2.1, False)])
def test_a_threshold_is_met_or_not(latency: float, met: bool) -> None:
    assert judge(PEAK, P95, Measured((sample(latency),) * 200)).met is met


def test_errors_are_judged_as_a_ratio() -> None:
    threshold = Threshold("PERF-001", "errors", 0.01)
    assert judge(PEAK, threshold, Measured((sample(0.1),) * 99 + (sample(0.1, error="HTTP 500"),))).met
    assert not judge(PEAK, threshold, Measured((sample(0.1),) * 98 + (sample(0.1, error="HTTP 500"),) * 2)).met


def test_a_percentile_that_rests_on_quick_failures_is_met_by_nobody_unless_failures_are_asked_for() -> None:
    failing = Measured((sample(0.1),) * 70 + (sample(0.01, error="HTTP 500"),) * 30)
    with pytest.raises(Unproven, match="30 failed"):
        judge(PEAK, P95, failing)
    assert judge(replace(PEAK, thresholds=(P95, Threshold("PERF-001", "errors", 0.5))), P95, failing).met
    assert judge(PEAK, P95, Measured((sample(0.1),) * 96 + (sample(0.01, error="HTTP 500"),) * 4)).met
    slow = Measured((sample(3.0),) * 70 + (sample(0.01, error="HTTP 500"),) * 30)
    assert judge(PEAK, P95, slow).met is False


def test_a_share_of_errors_needs_as_many_samples_as_let_one_failure_pass() -> None:
    threshold = Threshold("PERF-001", "errors", 0.01)
    with pytest.raises(Unproven, match="至少要 100"):
        judge(PEAK, threshold, Measured((sample(0.1),) * 99))
    assert not judge(PEAK, threshold, Measured((sample(0.1, error="HTTP 500"),) * 3)).met
    assert judge(PEAK, replace(threshold, limit=0.0), Measured((sample(0.1),))).met


def test_a_rare_kind_of_action_that_fails_is_not_covered_by_what_all_together_may() -> None:
    """Nine in ten of one verb fail quickly: one percent of all, and no speed of that verb."""
    rare = replace(P95, measure="p50", verb="order.create")
    peak = replace(PEAK, thresholds=(rare, Threshold("PERF-001", "errors", 0.02)))
    few = [replace(sample(0.01, error="HTTP 500" if n else ""), verb="order.create") for n in range(10)]
    with pytest.raises(Unproven, match="9 failed"):
        judge(peak, rare, Measured((*[sample(0.1)] * 990, *few)))


@pytest.mark.parametrize("measure", ["max", "drift", "memory", "server.cpu"])
def test_what_refuses_nearly_everything_neither_leaks_nor_creeps_nor_keeps_a_limit(measure: str) -> None:
    """All of it is met because nothing was done."""
    asked = Threshold("PERF-004", measure, 9.0)
    every = tuple(sample(0.1, at=n / 50, error="HTTP 500" if n % 3 else "") for n in range(1000))
    looks = tuple(Look(n / 2, 1e8, n / 20) for n in range(40))
    peak, run = replace(PEAK, plateau=20.0, thresholds=(asked,)), Measured(every, server=looks, ended=20.0)
    with pytest.raises(Unproven, match="666 failed"):
        judge(peak, asked, run)
    healthy = replace(run, samples=tuple(replace(one, error="") for one in every))
    assert judge(peak, asked, healthy).met
    allowed = replace(peak, thresholds=(asked, Threshold("PERF-004", "errors", 0.7)))
    assert judge(allowed, asked, run).met


def test_failures_within_a_window_are_no_speed_of_that_window() -> None:
    windowed = replace(P95, window=5.0)
    every = [sample(0.1, at=n / 40) for n in range(1200)]
    burst = tuple(replace(one, error="HTTP 503") if 10 <= one.intended < 11 else one for one in every)
    peak = replace(PEAK, plateau=30.0, thresholds=(windowed,))
    assert judge(peak, windowed, Measured(tuple(every), ended=30.0)).met
    with pytest.raises(Unproven, match="40 failed"):
        judge(peak, windowed, Measured(burst, ended=30.0))


def test_a_server_that_was_not_seen_for_most_of_the_time_is_unproven() -> None:
    every = tuple(sample(0.1, at=n / 50) for n in range(1000))
    looks = tuple(Look(n / 2, 1e8, n / 20) for n in range(40))
    peak = replace(PEAK, plateau=20.0)
    for measure, seen in (("memory", looks[14:24]), ("server.cpu", looks[:12])):
        with pytest.raises(Unproven, match="not seen for more than half"):
            judge(peak, Threshold("PERF-004", measure, 9.0), Measured(every, server=seen, ended=20.0))


def test_too_few_samples_are_no_percentile() -> None:
    with pytest.raises(Unproven, match="至少要 100"):
        judge(PEAK, P95, Measured((sample(0.1),) * 99))


@pytest.mark.parametrize(
    ("measured", "said"),
    [
        (Measured(), "一个请求也没有"),
        (Measured((sample(0.1),) * 200, lags=(1.0,) * 20), "迟到"),
        (Measured((sample(0.1),) * 200, lags=(0.0,) * 20, cpu=9.9, wall=10.0), "处理器"),
        (Measured(problem="登录失败"), "登录失败"),
    ],
)
def test_a_run_that_says_nothing_about_the_site_is_unproven(measured: Measured, said: str) -> None:
    with pytest.raises(Unproven, match=said):
        refuse_invalid(PEAK, measured)


@pytest.mark.parametrize("why", ["连不上 GET /x", "https://x 的证书不被信任（certificate has expired）"])
def test_a_site_that_refuses_connections_or_cannot_be_trusted_is_out_of_reach(why: str) -> None:
    gone = Measured((sample(0.1, error=f"SiteOutOfReach: {why}"),) * 20)
    with pytest.raises(SiteOutOfReach, match=why[:3]):
        refuse_invalid(PEAK, gone)
    with pytest.raises(SiteOutOfReach, match="down"):
        refuse_invalid(PEAK, Measured(problem="down", unreachable=True))


def test_an_occasional_hiccup_of_the_generator_is_forgiven() -> None:
    refuse_invalid(PEAK, Measured((sample(0.1),) * 200, lags=(0.01,) * 96 + (3.0,) * 4, cpu=1.0, wall=20.0))


def test_a_late_heart_makes_a_run_invalid_even_if_nobody_was_free_to_be_late() -> None:
    with pytest.raises(Unproven, match="迟到"):
        refuse_invalid(PEAK, Measured((sample(0.1),) * 200, pulses=(0.6,) * 200))


@pytest.mark.parametrize(
    ("limits", "allowed"), [((1.2,), 0.3), ((2.0, 0.4), 0.1), ((60.0,), 0.5), ((0.01,), 0.01), ((), 0.01)]
)
def test_the_generator_may_be_as_late_as_can_change_no_verdict(limits: tuple[float, ...], allowed: float) -> None:
    thresholds = tuple(Threshold("PERF-001", "p95", one) for one in limits)
    assert lateness_limit(replace(PEAK, thresholds=thresholds)) == pytest.approx(allowed)


def test_the_summary_says_that_an_invalid_run_is_invalid() -> None:
    told = summary(PEAK, Measured((sample(0.1),) * 200, lags=(2.0,) * 20))
    assert (told["valid"]["valid"], told["thresholds"][0]["measure"]) == (False, "p95")


def test_an_invalid_run_tells_every_reason_the_plainest_first() -> None:
    sick = replace(Health(), step=9.0)
    run = Measured((sample(0.1),) * 200, lags=(1.0,) * 20, cpu=9.9, wall=10.0, lost=("工人 2 失去联系",), health=sick)
    told = reasons(PEAK, replace(run, problem="被中断 interrupted"))
    assert [word in one for word, one in zip(("被中断", "工人 2", "迟到", "处理器", "时钟"), told, strict=True)] == [
        True
    ] * 5
    with pytest.raises(Unproven) as raised:
        refuse_invalid(PEAK, run)
    assert all(one in str(raised.value) for one in reasons(PEAK, run))


def test_a_site_out_of_reach_is_the_only_reason() -> None:
    gone = Measured((sample(0.1, error="SiteOutOfReach: 连不上 GET /x"),) * 20, lags=(1.0,) * 20)
    assert reasons(PEAK, gone) == ("连不上 GET /x",)


def test_a_floor_of_throughput_counts_what_was_acknowledged_by_its_answer() -> None:
    floor = Threshold("PERF-001", "throughput", 10.0)
    every = tuple(sample(0.5, at=n / 20) for n in range(200))
    assert judge(PEAK, floor, Measured(every)).value == pytest.approx(19.0)
    failing = tuple(replace(one, error="HTTP 500") if n % 2 else one for n, one in enumerate(every))
    found = judge(PEAK, floor, Measured(failing))
    assert not found.met and "下限 10 /s" in found.sentence
