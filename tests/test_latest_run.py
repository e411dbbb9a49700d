"""Which run is the latest, and that nobody goes live on an older green one that was outdone since."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from greenrun import STARTED, GreenRun, relabel

from crm_acceptance.changes.runs import later_no
from crm_acceptance.running.folder import newest

DAY = 86_400_000


def run(reports: Path, day: int, failing: bool = False, started: bool = True) -> Path:
    """A run begun so many days later."""
    made, name = GreenRun(), f"run-{day}"
    begun = STARTED + day * DAY
    made.run |= {"id": name, "started": begun if started else None, "finished": begun + 600_000}
    for result in made.results:
        relabel(result, "run", name)
        result |= {"start": begun + 1000, "stop": begun + 2000}
    if failing:
        made.result("test_follow")["status"] = "failed"
    return made.lay(reports / name)


def touched(folder: Path, seconds: float) -> None:
    os.utime(folder, (seconds, seconds))


def test_looking_at_an_old_run_again_makes_it_no_newer(tmp_path: Path) -> None:
    old, new = run(tmp_path, 0), run(tmp_path, 1)
    touched(new, 1_000_000_000)
    touched(old, 2_000_000_000)
    assert newest(tmp_path) == new


def test_a_run_that_does_not_say_when_it_began_is_not_overlooked(tmp_path: Path) -> None:
    run(tmp_path, 0)
    silent = run(tmp_path, 1, started=False)
    touched(silent, STARTED / 1000 + 3600)
    assert newest(tmp_path) == silent


@pytest.mark.parametrize(("departments", "shut"), [(("sales",), True), (("it",), False)])
def test_a_later_red_run_outdoes_an_older_green_one(tmp_path: Path, departments: tuple[str, ...], shut: bool) -> None:
    green = run(tmp_path, 0)
    run(tmp_path, 1, failing=True)
    said = later_no(green, "refcrm", departments)
    assert bool(said) is shut and all("run-1" in one for one in said)


def test_an_older_red_run_and_one_of_another_system_say_nothing(tmp_path: Path) -> None:
    run(tmp_path, 0, failing=True)
    green = run(tmp_path, 1)
    run(tmp_path, 2, failing=True)
    assert later_no(green, "tryton", ("sales",)) == ()
    assert later_no(tmp_path / "run-2", "refcrm", ("sales",)) == ()
