"""Whatever ends a run early, the results found so far stay, and nobody gets a yes out of them."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
import tiny_workspace
from tiny_workspace import Workspace

pytestmark = pytest.mark.xdist_group("running_interrupted")

ALL = tiny_workspace.LEADS.replace("@SALES-001", "@SALES-001 @SALES-002 @FIN-001")
STUCK = ALL + "  场景: 等待\n    那么 一直等待\n"


@dataclass(frozen=True)
class Stuck:
    """A run that goes on, and the process of its second check, which waits for ever."""

    workspace: Workspace
    process: subprocess.Popen[str]
    check: int

    def ended(self) -> str:
        said, _ = self.process.communicate(timeout=180)
        return said

    @property
    def results(self) -> dict[str, object]:
        return dict(self.workspace.results(f"reports/{self.workspace.run_dir().name}/allure-results"))


@contextlib.contextmanager
def stuck_run(tmp_path: Path, *words: str) -> Iterator[Stuck]:
    """Entered once the waiting check has begun: it writes its process id into a pipe."""
    made = tiny_workspace.make(tmp_path, STUCK)
    pipe = made.path / "signal"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDWR)
    running = made.start("run", "--no-allure", "-n", "0", *words, TINY_SIGNAL=str(pipe))
    try:
        assert select.select([reader], [], [], 180)[0], "the check never began"
        yield Stuck(made, running, int(os.read(reader, 100)))
    finally:
        os.close(reader)
        running.kill()
        running.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_keeps_what_it_found_and_is_unproven(tmp_path: Path, number: signal.Signals) -> None:
    with stuck_run(tmp_path) as run:
        run.process.send_signal(number)
        said = run.ended()
        assert run.process.returncode == 3 and "已中断" in said and "Traceback" not in said
        assert not psutil.pid_exists(run.check) and "登记线索" in run.results
        assert run.workspace.gate()["decision"] == "unproven" and run.workspace.gate()["problems"]


def test_a_killed_run_takes_its_children_along_and_is_unproven(tmp_path: Path) -> None:
    with stuck_run(tmp_path) as run:
        child = psutil.Process(run.check)
        run.process.kill()
        child.wait(timeout=120)
        assert json.loads((run.workspace.run_dir() / "run.json").read_text())["finished"] is None
        assert run.workspace.cli("gate").returncode == 3 and "登记线索" in run.results


def test_a_run_in_which_nothing_ends_any_more_is_stopped(tmp_path: Path) -> None:
    with stuck_run(tmp_path, "--patience", "0.3") as run:
        said = run.ended()
        assert run.process.returncode == 3 and "没有任何检查结束" in said
        assert not psutil.pid_exists(run.check) and run.workspace.gate()["decision"] == "unproven"
