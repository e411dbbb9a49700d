"""What is seen of a server that was launched here, and what a growing memory comes to."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from crm_acceptance.engines.load import limits
from crm_acceptance.engines.load.orders import Measured, Sample, read_measured, write_measured
from crm_acceptance.engines.load.peaks import MB_PER_MINUTE, Peak, Share, Threshold
from crm_acceptance.engines.load.verdict import judge
from crm_acceptance.engines.load.watch import Look, watching
from crm_acceptance.errors import Unproven, WrongUse
from crm_acceptance.model import Site

MB = 2**20
LIMIT = Threshold("PERF-004", "memory", 60 * MB_PER_MINUTE)
PEAK = Peak("m", "月底", 1, 1.0, 2.0, 12.0, 10.0, (Share("order.list", ("lina",), 1.0),), (LIMIT,))


def looks(*megabytes: float) -> tuple[Look, ...]:
    """One look per half second, from the opening of the clock at 100 s."""
    return tuple(Look(100 + n / 2, size * MB, 0.0) for n, size in enumerate(megabytes))


def measured(*megabytes: float) -> Measured:
    return Measured((Sample("order.list", "lina", 3.0, 3.0, 3.1),), opened=100.0, server=looks(*megabytes))


@pytest.mark.parametrize(("each", "met"), [(0.0, True), (0.4, True), (0.6, False), (5.0, False)])
def test_memory_that_keeps_growing_misses_its_limit(each: float, met: bool) -> None:
    """60 MB a minute are half a megabyte per look."""
    assert judge(PEAK, LIMIT, measured(*(90 + each * n for n in range(32)))).met is met


def test_warming_up_is_not_judged() -> None:
    assert judge(PEAK, LIMIT, measured(*(min(90.0, 20 + 10.0 * n) for n in range(32)))).met


def test_without_a_server_to_look_at_nothing_is_proven_about_its_memory() -> None:
    with pytest.raises(Unproven, match="launched here"):
        judge(PEAK, LIMIT, measured())


@pytest.fixture
def listening() -> Iterator[Site]:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        door.listen()
        yield Site("refcrm", f"http://127.0.0.1:{door.getsockname()[1]}", launched=True)


def test_the_process_that_listens_at_the_sites_address_is_watched(listening: Site) -> None:
    with watching(listening) as seen:
        pass
    assert seen[0].memory > MB and seen[0].cpu > 0


def test_a_site_that_somebody_else_started_is_not_looked_at(listening: Site) -> None:
    with watching(replace(listening, launched=False)) as seen:
        pass
    assert seen == []


def test_what_was_seen_survives_being_written_down(tmp_path: Path) -> None:
    path = tmp_path / "measured.json"
    write_measured(path, measured(1, 2))
    assert read_measured(path) == measured(1, 2)


@pytest.mark.parametrize("limit", ["60", "60 MB", "1 GB/h", "-1 MB/min"])
def test_a_limit_of_memory_names_its_unit(limit: str) -> None:
    with pytest.raises(WrongUse, match="MB/min"):
        limits._memory("x", limit)
