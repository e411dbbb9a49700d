"""Runs that are killed, and the one command that removes what they left: real processes at a real CRM."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import greenrun
import pytest
from foreign_crm import PASSWORD, ROOT, cleaned, crm, standing

from crm_acceptance import gate
from crm_acceptance.manners import journal
from crm_acceptance.model import Site
from crm_acceptance.page import html_of

__all__ = ["crm"]
KILLED = """
import os, sys
from pathlib import Path
from crm_acceptance.actors import Doors
from crm_acceptance.manners import journal
from crm_acceptance.model import Action, Person, Site
from crm_acceptance.story import Story
from crm_acceptance.systems import find
site = Site("refcrm", sys.argv[1])
with journal.opened(Path(sys.argv[2]), site):
    doors = Doors(find("refcrm"), site, lambda person: os.environ["CLEAN_TEST_PASSWORD"])
    lina = doors.records(Person("lina", "李娜", "sales", "sales_rep", "lina"))
    for number in range(10_000):
        lina.do(Action("create", "lead", fields={"name": Story().name("甲")}))
        print(number, flush=True)
"""


@pytest.mark.parametrize("after", [0, 1, 7, 23])
def test_kill_minus_nine_at_any_moment_leaves_nothing_behind(
    crm: tuple[Site, Path], tmp_path: Path, after: int
) -> None:
    site, database = crm
    before = standing(database)
    command = [sys.executable, "-c", KILLED, site.url, str(tmp_path / "journal")]
    environment = {**os.environ, "CLEAN_TEST_PASSWORD": PASSWORD}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for _ in range(after + 1):
        process.stdout.readline()
    os.kill(process.pid, signal.SIGKILL)
    process.wait(30)
    process.stdout.close()
    assert len(standing(database)["leads"]) > len(before["leads"])
    assert cleaned(tmp_path / "journal", site, thorough=False).left == ()
    assert standing(database) == before


@contextmanager
def workspace(tmp_path: Path, url: str) -> Iterator[dict[str, str]]:
    """A copy of this workspace for the CRM at that address; the environment for its commands."""
    for room in ("features", "steps", "fixtures", "security", "load"):
        os.symlink(ROOT / room, tmp_path / room)
    for file in ("conftest.py", "pyproject.toml"):
        os.symlink(ROOT / file, tmp_path / file)
    told = (ROOT / "acceptance.toml").read_text(encoding="utf-8")
    told = told.replace('url = ""', f'cleaner = "guan"\nurl = "{url}"').replace(
        'kind = "reference"', 'kind = "sandbox"'
    )
    (tmp_path / "acceptance.toml").write_text(told, encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "CRM_ACCEPTANCE_"))}
    yield {**kept, "CRM_ACCEPTANCE_PASSWORD": PASSWORD, "COLUMNS": "200"}


@pytest.mark.slow
def test_a_whole_run_that_is_killed_is_cleaned_up_by_one_command(crm: tuple[Site, Path], tmp_path: Path) -> None:
    site, database = crm
    before = standing(database)
    program = [sys.executable, "-c", "from crm_acceptance.cli import main; main()"]
    with workspace(tmp_path, site.url) as environment:
        words = [
            "run",
            "--without-browser",
            "--no-allure",
            "-n",
            "0",
            "--requirement",
            "SALES-003",
            "--requirement",
            "FIN-001",
        ]
        log = (tmp_path / "log").open("w")
        run = subprocess.Popen([*program, *words], cwd=tmp_path, env=environment, stdout=log, stderr=log)
        _wait_for_lines(tmp_path, 12, run)
        os.kill(run.pid, signal.SIGKILL)
        run.wait(30)
        log.close()
        done = subprocess.run([*program, "clean"], cwd=tmp_path, env=environment, capture_output=True, text=True)
        again = subprocess.run([*program, "clean"], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert standing(database) == before
    assert "nothing to remove" in again.stdout and again.returncode == 0


def _wait_for_lines(folder: Path, count: int, run: subprocess.Popen[bytes]) -> None:
    """Until the journals hold so many lines; looked at now and then, because nobody tells."""
    pause = threading.Event()
    for _ in range(1200):
        lines = sum(len(file.read_bytes().splitlines()) for file in folder.glob("reports/*/journal/*.jsonl"))
        if lines >= count:
            return
        assert run.poll() is None, (folder / "log").read_text()
        pause.wait(0.05)
    raise AssertionError("the run never wrote a journal")


def test_clean_says_what_it_does_not_know(tmp_path: Path) -> None:
    program = [sys.executable, "-c", "from crm_acceptance.cli import main; main()"]
    with workspace(tmp_path, "http://127.0.0.1:9") as environment:
        folder = tmp_path / "reports" / "20261122-refcrm" / "journal"
        with journal.opened(folder, Site("refcrm", "http://127.0.0.1:9")):
            journal.note("lina", "lead", "1", {"name": "甲"})
        said = {
            words: subprocess.run([*program, *words], cwd=tmp_path, env=environment, capture_output=True, text=True)
            for words in (("clean", "nowhere"), ("clean", "--dry-run"), ("clean",))
        }
    assert said["clean", "nowhere"].returncode == 2 and "20261122-refcrm" in said["clean", "nowhere"].stderr
    assert said["clean", "--dry-run"].returncode == 0 and "lead #1" in said["clean", "--dry-run"].stdout
    assert said[("clean",)].returncode == 4 and "127.0.0.1:9" in said[("clean",)].stderr


def test_the_page_lists_what_stays_and_the_decision_is_not_touched_by_it(tmp_path: Path) -> None:
    run = greenrun.GreenRun()
    run.run["left_over"] = [{"object": "order", "id": "5", "reason": "已过账 <posted>"}]
    folder = run.lay(tmp_path)
    verdict = gate.verdict_of(folder)
    page = html_of(verdict, folder)
    assert "order #5：已过账 &lt;posted&gt;" in page and "留在站点上的记录" in page
    assert verdict.decision is gate.Decision.GO
