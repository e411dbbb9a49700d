"""What becomes of a fleet when a worker is killed or somebody presses Ctrl-C. Real processes."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from crm_acceptance.engines.load.fleet import Fleet
from crm_acceptance.engines.load.orders import Measured
from crm_acceptance.engines.load.verdict import refuse_invalid
from crm_acceptance.errors import Unproven
from tests.test_load_worker import PEAK, WORKSPACE, generators, made, site, words

LONG = replace(PEAK, plateau=30.0)
PAGES = '[pages]\nplateau = "30 s"\n[[pages.http]]\npath = "/"\nrate = 20.0\n'
PATIENCE = 90.0


def until(there: object) -> psutil.Process:
    """The first process that `there` finds; fails when none comes."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if found := there():  # type: ignore[operator]
            return found  # type: ignore[no-any-return]
        threading.Event().wait(0.1)
    raise AssertionError("nobody came")


def busy(role: str) -> list[psutil.Process]:
    """Workers or masters that are at work: connected to each other or to the site."""
    return [one for one in generators() if role in words(one)]


@pytest.mark.slow
def test_a_worker_that_is_killed_in_mid_run_makes_the_run_invalid_and_is_named(tmp_path: Path) -> None:
    found, live = list[Measured](), tmp_path / "live.jsonl"
    with site() as at:
        run = threading.Thread(target=lambda: found.append(made(at, Fleet(workers=2), LONG, live)))
        run.start()
        until(lambda: live.exists() and live.read_bytes().count(b"\n") >= 2)
        victim = busy("--worker")[0]
        victim.kill()
        run.join(PATIENCE)
    (measured,) = found
    assert len(measured.lost) == 1 and f"pid {victim.pid}" in measured.lost[0]
    assert sorted(one.lost for one in measured.workers) == [False, True]
    assert max(one.ended for one in measured.samples) < 20  # the others did not go on to the end
    with pytest.raises(Unproven, match=f"pid {victim.pid}"):
        refuse_invalid(LONG, measured)
    assert not generators()


@pytest.mark.slow
def test_ctrl_c_ends_master_and_workers_and_nothing_is_proven(tmp_path: Path) -> None:
    (tmp_path / "pages.toml").write_text(PAGES, encoding="utf-8")
    live = tmp_path / "out" / "live.jsonl"
    with site() as at:
        command = [sys.executable, "-m", "crm_acceptance", "load", "--peak", "pages", "--workers", "2"]
        where = ("--peaks", str(tmp_path / "pages.toml"), "--site", at.url, "--out", str(tmp_path / "out"))
        run = subprocess.Popen([*command, *where], cwd=WORKSPACE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        until(lambda: live.exists() and live.read_bytes().count(b"\n") >= 2)
        started = psutil.Process(run.pid).children(recursive=True)
        run.send_signal(signal.SIGINT)
        said, _ = run.communicate(timeout=PATIENCE)
    assert run.returncode == 3 and b"Traceback" not in said
    _, alive = psutil.wait_procs(started, timeout=10)
    assert len(started) == 3 and not alive
    told = tmp_path / "out" / "load.json"
    assert not told.exists() or json.loads(told.read_text("utf-8"))["verdict"] == "invalid"
