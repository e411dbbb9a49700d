"""The touchstone itself, from the command line: a small suite, real boots of the reference CRM, two planted defects."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

pytestmark = pytest.mark.xdist_group("touchstone_run")

REPOSITORY = Path(__file__).resolve().parent.parent
CHECKS = """
import os, time
import pytest
from crm_acceptance.actors import Doors
from crm_acceptance.errors import Refused
from crm_acceptance.model import Action


@pytest.mark.requirement("IT-005")
def test_after_signing_out_the_session_is_dead(system, site, secrets, catalogue):
    door = Doors(system, site, secrets).records(catalogue.people["lina"])
    session = door.session()
    door.sign_out()
    with pytest.raises(Refused):
        door.do_with(session, Action("list", "customer"))


@pytest.mark.requirement("SALES-007")
def test_that_always_fails():
    assert False, "whatever the CRM does"
"""
WAITING = """

@pytest.mark.requirement("IT-005")
def test_that_waits(site):
    with open(os.environ["TINY_SIGNAL"], "a") as out:
        out.write(f"{os.getpid()}\\n")
    time.sleep(600)
"""


def workspace(folder: Path, more: str = "") -> Path:
    (folder / "security").mkdir(parents=True)
    (folder / "security" / "test_small.py").write_text(CHECKS + more, encoding="utf-8")
    for name in ("features/requirements.csv", "fixtures/people.csv"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(REPOSITORY / name, folder / name)
    (folder / "acceptance.toml").write_text('system = "refcrm"\n[launch]\nsize = "5"\n', encoding="utf-8")
    return folder


def started(folder: Path, *words: str, **env: str) -> subprocess.Popen[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "CRM_ACCEPTANCE_"))}
    command = [sys.executable, "-c", "from crm_acceptance.cli import main; main()", "touchstone", "--json", *words]
    return subprocess.Popen(
        command, cwd=folder, env={**kept, "PYTHONUTF8": "1", **env}, text=True, encoding="utf-8",
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip


def told(running: subprocess.Popen[str]) -> tuple[int, dict[str, Any]]:
    out, err = running.communicate(timeout=240)
    assert "Traceback" not in err, err
    return running.returncode, json.loads(out)


def test_a_check_that_tells_catches_and_one_that_always_fails_cries_wolf(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w")
    code, body = told(started(folder, "--only", "logout_keeps_token", "--only", "stage_reopens"))
    permission, functional = body["kinds"]["permission"], body["kinds"]["functional"]
    assert (permission["planted"], permission["caught"], permission["false_alarms"]) == (1, 1, 0)
    assert body["defects"]["logout_keeps_token"]["by"] == [
        "security/test_small.py::test_after_signing_out_the_session_is_dead"
    ]
    assert (functional["planted"], functional["caught"], functional["missed"]) == (1, 0, ["stage_reopens"])
    assert functional["false_alarm_checks"] == ["security/test_small.py::test_that_always_fails"]
    assert (code, body["exit_code"], body["interrupted"], body["boots"]) == (1, 1, False, 3)
    assert not (folder / "reports" / "touchstone.json").exists()  # two defects are nobody's recall


def test_an_interrupted_touchstone_has_caught_nothing_and_leaves_no_process(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w", WAITING)
    pipe = tmp_path / "signal"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDWR)
    running = started(folder, "--only", "logout_keeps_token", "--jobs", "1", TINY_SIGNAL=str(pipe))
    try:
        assert select.select([reader], [], [], 180)[0], "the waiting check never began"
        check = int(os.read(reader, 100))
        running.send_signal(signal.SIGINT)
        code, body = told(running)
    finally:
        os.close(reader)
        running.kill()
    assert (code, body["interrupted"]) == (3, True)
    assert (
        body["kinds"]["permission"]["caught"] == 0 and "logout_keeps_token" in body["kinds"]["permission"]["unproven"]
    )
    assert not psutil.pid_exists(check) or psutil.Process(check).status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize(
    ("words", "known"),
    [
        (["--only", "logout_keeps"], "logout_keeps_token"),
        (["--kind", "permissions"], "permission"),
        (["--site", "http://x"], "--matrix"),
    ],
)
def test_a_wrong_word_is_one_sentence_before_anything_starts(tmp_path: Path, words: list[str], known: str) -> None:
    running = started(workspace(tmp_path / "w"), *words)
    out, err = running.communicate(timeout=120)
    assert (running.returncode, out) == (2, "") and known in err and "Traceback" not in err
