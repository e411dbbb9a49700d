"""A real master and real workers, as processes: one plan among them, refusals, nobody left behind."""

from __future__ import annotations

import socket
from collections import Counter
from pathlib import Path

import psutil
import pytest

from crm_acceptance.engines.load import generator, histograms, merging
from crm_acceptance.engines.load.fleet import Fleet
from crm_acceptance.engines.load.orders import Measured
from crm_acceptance.engines.load.parcels import TOKEN
from crm_acceptance.engines.load.peaks import Peak, Share, Threshold
from crm_acceptance.engines.load.verdict import refuse_invalid
from crm_acceptance.errors import Unproven, WrongUse
from crm_acceptance.model import Person, Site
from tests.scripted_process import site

HERE = Path(__file__).parent
WORKSPACE = HERE.parent
LOCUSTFILE = WORKSPACE / "load" / "locustfile.py"
LINA = Person("lina", "李娜", "sales", "sales_rep", "lina")
PEAK = Peak(
    *("short", "短高峰", 20, 20.0, 0.0, 3.0, 1.0, (Share("customer.search", ("lina",), 1.0),)),
    (Threshold("PERF-001", "p50", 1.0),),
)  # fmt: skip


def made(at: Site, fleet: Fleet, peak: Peak = PEAK, live: Path | None = None) -> Measured:
    return generator.run(peak, at, (LINA,), lambda person: "secret", LOCUSTFILE, fleet, live)


def generators() -> list[psutil.Process]:
    """Masters and workers that this process has started and that are still there."""
    return [one for one in psutil.Process().children(recursive=True) if "locust" in " ".join(words(one))]


def words(process: psutil.Process) -> list[str]:
    """Its command line; empty when it has ended meanwhile, waited for or not."""
    try:
        return process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return []


@pytest.mark.slow
def test_two_workers_do_exactly_the_plan_of_one_and_their_histograms_are_that_of_all_samples(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LOCUST_RUN_TIME", "1s")  # of somebody's shell: not ours
    with site() as at:
        measured = made(at, Fleet(workers=2))
    plan = generator.order_for(PEAK, at, (LINA,)).arrivals
    assert Counter(one.intended for one in measured.samples) == Counter(one.at for one in plan)
    assert [one.count for one in measured.workers] == [len(plan[0::2]), len(plan[1::2])]
    assert (measured.lost, measured.problem, measured.left) == ((), "", ())
    merged = merging.merged_histograms([merging.summed(measured.samples[0::2]), merging.summed(measured.samples[1::2])])
    once = histograms.by(measured.samples, lambda one: one.verb)
    assert {verb: histograms.encoded(one) for verb, one in merged.items()} == {
        verb: histograms.encoded(one) for verb, one in once.items()
    }
    assert not generators()


@pytest.mark.slow
def test_workers_that_never_join_leave_the_run_unproven_and_nothing_running() -> None:
    with site() as at:
        measured = made(at, Fleet(workers=1, expect=1, patience=4))
    assert "要 2 个" in measured.lost[0]
    with pytest.raises(Unproven, match="of 2 workers"):  # on a busy machine not even our own has come by then
        refuse_invalid(PEAK, measured)
    assert not generators()


@pytest.mark.parametrize(
    ("fleet", "said"),
    [
        (Fleet(workers=21), "分不了"),
        (Fleet(expect=1, bind="0.0.0.0"), TOKEN),
        (Fleet(workers=1, bind="203.0.113.7"), "--bind"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_starts(
    fleet: Fleet, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(TOKEN, raising=False)
    with pytest.raises(WrongUse, match=said):
        made(Site("refcrm", "http://127.0.0.1:1"), fleet)
    assert not generators()


def test_a_port_that_is_taken_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(WrongUse, match="--port"):
            made(Site("refcrm", "http://127.0.0.1:1"), Fleet(workers=1, port=taken.getsockname()[1]))
