"""Workers that are started by `crm-acceptance load worker`, as on other machines: real processes, one master."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from crm_acceptance.commands.init import lay_down
from crm_acceptance.engines.load.fleet import Fleet
from crm_acceptance.engines.load.orders import Measured
from crm_acceptance.engines.load.parcels import TOKEN
from crm_acceptance.engines.load.verdict import refuse_invalid
from crm_acceptance.errors import Unproven
from tests.test_load_worker import PEAK, WORKSPACE, made, site

SOON = 120
"""Seconds; on a machine that is busy with other things a process takes long to begin."""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def worker(at: str, port: int, out: Path, cwd: Path = WORKSPACE, **environment: str) -> Iterator[subprocess.Popen[str]]:
    """`crm-acceptance load worker`, as on another machine."""
    command = [sys.executable, "-m", "crm_acceptance", "load", "worker", "--master", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--site", at, "--out", str(out)], cwd=cwd, env={**os.environ, **environment},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=SOON)


@pytest.mark.slow
def test_a_worker_from_elsewhere_works_and_keeps_its_own_journal_though_a_stranger_came_and_went(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port, found = free_port(), list[Measured]()
    monkeypatch.setenv(TOKEN, "ours")
    with site() as at:
        fleet = Fleet(expect=1, port=port, patience=2 * SOON)
        master = threading.Thread(target=lambda: found.append(made(at, fleet)))
        master.start()
        with worker(at.url, port, tmp_path / "2", CRM_ACCEPTANCE_PASSWORD="x", **{TOKEN: "theirs"}) as stranger:
            assert stranger.wait(SOON) == 2
        with worker(at.url, port, tmp_path, CRM_ACCEPTANCE_PASSWORD="x") as elsewhere:
            master.join(2 * SOON)
            assert elsewhere.wait(SOON) == 0
    (measured,) = found
    assert measured.workers[0].count == len(measured.samples) > 40 and not measured.lost
    assert (tmp_path / "journal" / "site.json").is_file()


@pytest.mark.slow
def test_a_worker_without_passwords_says_which_and_the_run_is_unproven(tmp_path: Path) -> None:
    port, found = free_port(), list[Measured]()
    with site() as at:
        master = threading.Thread(target=lambda: found.append(made(at, Fleet(expect=1, port=port, patience=2 * SOON))))
        with worker(at.url, port, tmp_path, CRM_ACCEPTANCE_PASSWORD="") as elsewhere:
            master.start()
            assert elsewhere.stdout is not None
            said = elsewhere.stdout.read()
            assert elsewhere.wait(SOON) == 2 and "CRM_ACCEPTANCE_PASSWORD_LINA" in said
            master.join(2 * SOON)
    assert "CRM_ACCEPTANCE_PASSWORD_LINA" in found[0].problem
    with pytest.raises(Unproven):
        refuse_invalid(PEAK, found[0])


@pytest.mark.slow
def test_a_worker_with_other_peaks_is_refused_and_told_on_both_sides(tmp_path: Path) -> None:
    port, found = free_port(), list[Measured]()
    lay_down(tmp_path / "w")
    (tmp_path / "w" / "load" / "peaks.toml").write_text("# other\n", encoding="utf-8")
    with site() as at:
        master = threading.Thread(target=lambda: found.append(made(at, Fleet(expect=1, port=port, patience=2 * SOON))))
        with worker(at.url, port, tmp_path, tmp_path / "w", CRM_ACCEPTANCE_PASSWORD="x") as elsewhere:
            master.start()
            assert elsewhere.stdout is not None
            said = elsewhere.stdout.read()
            assert elsewhere.wait(SOON) == 2 and "请用同一份工作区" in said
            master.join(2 * SOON)
    assert "请用同一份工作区" in found[0].lost[0] and not found[0].samples


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--master", "127.0.0.1", "--port", "1", "--site", "http://127.0.0.1:1", "--patience", "1"), 3, "主控"),
        (("--master", "127.0.0.1"), 2, "--site"),
        (("--master", "198.51.100.7", "--site", "http://127.0.0.1:1"), 2, TOKEN),
    ],
)
def test_a_worker_without_master_site_or_token_ends_with_a_sentence(
    tmp_path: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    command = [sys.executable, "-m", "crm_acceptance", "load", "worker", *arguments, "--out", str(tmp_path)]
    ended = subprocess.run(command, cwd=WORKSPACE, capture_output=True, text=True, encoding="utf-8", timeout=SOON)
    assert ended.returncode == code and said in ended.stdout + ended.stderr and "Traceback" not in ended.stderr
