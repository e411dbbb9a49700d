"""Whatever ends a run early, the results found so far stay, and nobody gets a yes out of them."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import psutil
import pytest
import tiny_workspace
from tiny_workspace import Workspace

pytestmark = pytest.mark.xdist_group("running_interrupted")

STUCK = (
    tiny_workspace.LEADS.replace("@SALES-001", "@SALES-001 @SALES-002 @FIN-001") + "  场景: 等待\n    那么 一直等待\n"
)


def stuck_run(tmp_path: Path, *words: str) -> tuple[Workspace, int, int, object]:
    """A run whose second check waits for ever; returns once that check has begun (it opens the pipe)."""
    made = tiny_workspace.make(tmp_path, STUCK)
    pipe = made.path / "signal"
    os.mkfifo(pipe)
    running = made.start("run", "--no-allure", "-n", "0", *words, TINY_SIGNAL=str(pipe))
    with pipe.open() as reader:
        check = int(reader.readline())
    return made, running.pid, check, running


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_keeps_what_it_found_and_is_unproven(tmp_path: Path, number: signal.Signals) -> None:
    made, pid, check, running = stuck_run(tmp_path)
    os.kill(pid, number)
    said, _ = running.communicate(timeout=120)  # type: ignore[attr-defined]
    assert running.returncode == 3 and "已中断" in said and "Traceback" not in said  # type: ignore[attr-defined]
    assert not psutil.pid_exists(check)
    assert "登记线索" in made.results(f"reports/{made.run_dir().name}/allure-results")
    assert made.gate()["decision"] == "unproven" and made.gate()["problems"]


def test_a_killed_run_takes_its_children_along_and_is_unproven(tmp_path: Path) -> None:
    made, pid, check, running = stuck_run(tmp_path)
    child = psutil.Process(check)
    os.kill(pid, signal.SIGKILL)
    running.wait(timeout=60)  # type: ignore[attr-defined]
    child.wait(timeout=60)
    assert json.loads((made.run_dir() / "run.json").read_text())["finished"] is None
    assert made.cli("gate").returncode == 3
    assert "登记线索" in made.results(f"reports/{made.run_dir().name}/allure-results")


def test_a_run_in_which_nothing_ends_any_more_is_stopped(tmp_path: Path) -> None:
    made, _, check, running = stuck_run(tmp_path, "--patience", "0.05")
    said, _ = running.communicate(timeout=120)  # type: ignore[attr-defined]
    assert running.returncode == 3 and "没有任何检查结束" in said and not psutil.pid_exists(check)  # type: ignore[attr-defined]
    assert made.gate()["decision"] == "unproven"
