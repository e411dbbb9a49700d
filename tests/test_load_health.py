"""What the generator notices about itself: a starved one says so, a quiet one does not."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from crm_acceptance.engines.load import health
from crm_acceptance.engines.load.health import Health, Look, Vitals, complaint, told, worst
from crm_acceptance.engines.load.orders import Measured, Sample, from_plain
from crm_acceptance.engines.load.samples import Samples

FIRST = Look(100.0, 5000.0, 1.0, 0.5, 10.0, 0.0, 20.0)


def looks(count: int, ran: float, waited: float | None, idle: float = 1.0, stolen: float = 0.0) -> list[Look]:
    """One a second, each with so much more of everything; two cores."""
    return [
        Look(
            *(100.0 + n, 5000.0 + n, 1.0 + n * ran),
            *(None if waited is None else 0.5 + n * waited, 10.0 + n * idle, n * stolen, 20.0 + 2 * n),
        )
        for n in range(count)
    ]


def test_a_quiet_machine_is_nothing_to_complain_about() -> None:
    quiet = told(looks(11, ran=0.3, waited=0.05, idle=1.5))
    assert (quiet.waited, quiet.idle) == (pytest.approx(1 / 7), 0.75) and complaint(quiet) == ""


def test_one_busy_neighbour_on_two_cores_is_borne() -> None:
    assert complaint(told(looks(11, ran=0.1, waited=0.08, idle=0.6))) == ""


def test_two_competitors_on_every_core_starve_the_generator() -> None:
    assert "starved" in complaint(told(looks(11, ran=0.02, waited=0.04, idle=0.0)))


def test_a_full_machine_is_one_competitor_too_many() -> None:
    assert complaint(told(looks(11, ran=0.02, waited=0.02, idle=0.2))) == ""
    assert "full" in complaint(told(looks(11, ran=0.02, waited=0.02, idle=0.0)))


def test_being_starved_for_a_fifth_of_the_run_is_enough() -> None:
    calm = looks(21, ran=0.1, waited=0.01)
    late = [
        replace(one, waited=(one.waited or 0.0) + (0.3 * (n - 15) if n > 15 else 0.0)) for n, one in enumerate(calm)
    ]
    found = told(late)
    assert found.waited is not None and found.waited < health.WAITED and "最差" in complaint(found)


def test_where_the_system_does_not_tell_a_full_machine_is_believed_to_starve() -> None:
    assert complaint(told(looks(11, ran=0.1, waited=None, idle=0.5))) == ""
    assert "saturated" in complaint(told(looks(11, ran=0.1, waited=None, idle=0.01)))


def test_time_taken_by_other_virtual_machines_is_not_the_sites() -> None:
    assert "virtual" in complaint(told(looks(11, ran=0.1, waited=0.01, stolen=0.5)))


@pytest.mark.parametrize("step", [3.0, -3.0])
def test_a_clock_that_is_changed_makes_the_run_invalid(step: float) -> None:
    jumped = [replace(one, wall=one.wall + (step if n > 5 else 0.0)) for n, one in enumerate(looks(11, 0.1, 0.01))]
    found = told(jumped)
    assert found.step == pytest.approx(step) and "clock" in complaint(found)


def test_several_generators_are_as_sound_as_the_weakest() -> None:
    found = worst([Health(9.0, 0.1, 0.2, 0.9, 0.0, 0.1, 0.3), Health(8.0, 0.7, None, 0.0, 0.2, -2.0, 0.1)])
    assert found == Health(9.0, 0.7, 0.2, 0.0, 0.2, -2.0, 0.3)
    assert worst([]) == Health()


def test_this_machine_can_be_looked_at() -> None:
    found = Vitals().told()
    assert found.seconds >= 0.0 and abs(found.step) < health.STEP
    assert found.waited is None or 0.0 <= found.waited <= 1.0


def test_samples_in_columns_read_as_those_that_were_added() -> None:
    kept, plain = (
        Samples(),
        [Sample(f"v{n % 3}", "lina", n / 10, n / 9, n / 8, "" if n % 2 else "x") for n in range(50)],
    )
    for one in plain:
        kept.add(*(one.verb, one.person, one.intended, one.started, one.ended, one.error))
    assert (len(kept), kept[-1], list(kept[10:20])) == (50, plain[-1], plain[10:20])
    assert list(kept) == plain
    with pytest.raises(IndexError):
        kept[50]


def test_results_written_before_there_was_health_are_still_read() -> None:
    assert from_plain({"samples": [], "health": {"waited": 0.5}}).health.waited == 0.5
    assert from_plain({"samples": []}) == Measured()


PINNED = """
import os, threading
os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
from crm_acceptance.engines.load.health import look
first = look(); threading.Event().wait(0.5); last = look()
print((last.whole - first.whole) / (last.at - first.at))
"""


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system cannot pin a process to a core")
def test_a_generator_that_may_use_one_core_looks_at_that_core_alone() -> None:
    """On a machine with idle cores that it may not use it is starved all the same."""
    told_cores = subprocess.run([sys.executable, "-c", PINNED], capture_output=True, text=True, check=True, timeout=60)
    assert float(told_cores.stdout) == pytest.approx(1.0, abs=0.3)
