"""Locust by hand: `--processes 2`, its web page, `--master` and `--worker`; nothing is done twice, nobody stays."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests

from crm_acceptance.commands.init import lay_down
from crm_acceptance.engines.load import byhand, peaks, schedule
from crm_acceptance.errors import WrongUse
from tests.test_load_elsewhere import free_port
from tests.test_load_lost import PATIENCE, until
from tests.test_load_worker import LINA, LOCUSTFILE, site

PEAKS = """
[short]
users = 10
arrivals_per_second = 20.0
plateau = "3 s"
timeout = "2 s"
[[short.mix]]
department = "sales"
people = ["lina"]
verb = "customer.search"
share = 1
[[short.threshold]]
requirement = "PERF-001"
measure = "p50"
limit = "2 s"
"""
WHERE = {**os.environ, "CRM_ACCEPTANCE_PASSWORD": "x"}


def workspace(folder: Path) -> tuple[list[str], int]:
    """A company's own workspace with a short peak: the beginning of Locust's command line, and how many arrivals the
    peak has."""
    lay_down(folder)
    (folder / "load" / "peaks.toml").write_text(PEAKS, encoding="utf-8")
    (peak,) = peaks.load(folder / "load" / "peaks.toml", (LINA,), ("PERF-001",))
    command = [sys.executable, "-m", "locust", "-f", str(folder / "load" / "locustfile.py"), "--only-summary"]
    return command, len(schedule.arrivals(peak))


@pytest.mark.slow
def test_two_processes_by_hand_do_the_plan_once(tmp_path: Path) -> None:
    command, planned = workspace(tmp_path / "w")
    with site() as at:
        ended = subprocess.run(
            [*command, "--host", at.url, "--headless", "--processes", "2", "--users", "10", "--spawn-rate", "10",
             "--json-file", str(tmp_path / "told")],
            env=WHERE, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-2000:]
    (told,) = [one for one in json.loads((tmp_path / "told.json").read_text("utf-8")) if one["name"] != "login"]
    assert (told["name"], told["num_requests"]) == ("customer.list", planned)


@pytest.mark.slow
@pytest.mark.parametrize("processes", [(), ("--processes", "2")], ids=["alone", "two"])
def test_a_site_that_may_not_be_loaded_ends_it_with_a_sentence(tmp_path: Path, processes: tuple[str, ...]) -> None:
    command, _ = workspace(tmp_path / "w")
    where = ("--host", "https://crm.acme.com", "--headless", "--users", "2", *processes)
    ended = subprocess.run([*command, *where], env=WHERE, capture_output=True, text=True, timeout=120)
    said = ended.stdout + ended.stderr
    assert ended.returncode in (2, 3) and "looks like production" in said and "Traceback" not in said, said


@pytest.mark.slow
def test_the_web_page_starts_a_run_of_two_processes_twice_and_each_is_the_plan_once(tmp_path: Path) -> None:
    command, planned = workspace(tmp_path / "w")
    port = free_port()
    page = f"http://127.0.0.1:{port}"
    with site() as at, (tmp_path / "said").open("wb") as said:
        mine = str(free_port())
        where = ("--web-port", str(port), "--master-bind-port", mine, "--master-port", mine)
        locust = subprocess.Popen(
            [*command, "--host", at.url, "--processes", "2", *where],
            env=WHERE, stdout=said, stderr=said, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            until(lambda: _listening(locust.pid))
            assert _hosts(locust.pid) == {"127.0.0.1"}  # neither page nor master is open to everybody unasked
            until(lambda: told(page).get("worker_count") == 2)
            for _ in range(2):
                swarm = {"user_count": 10, "spawn_rate": 10, "host": at.url}
                assert requests.post(f"{page}/swarm", data=swarm, timeout=60).json()["success"]
                until(lambda: counts(told(page)).get("customer.list") == planned)
                until(lambda: told(page)["state"] == "stopped")
                assert counts(told(page))["customer.list"] == planned
        finally:
            locust.send_signal(signal.SIGINT)
            try:
                locust.wait(PATIENCE)
            finally:
                locust.kill()


@pytest.mark.parametrize(("change", "host", "said"), [("", "", "--host"), ("peaks", "http://127.0.0.1:9", "peaks")])
def test_what_nobody_said_is_asked_for(tmp_path: Path, change: str, host: str, said: str) -> None:
    lay_down(tmp_path)
    lines = (tmp_path / "acceptance.toml").read_text("utf-8").splitlines()
    lines = [f'{change} = ""' if change and one.startswith(change) else one for one in lines]
    (tmp_path / "acceptance.toml").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(WrongUse, match=said):
        byhand.order(tmp_path, host)


def told(page: str) -> dict[str, Any]:
    """What Locust's page shows; {} while nobody is there."""
    try:
        found = requests.get(f"{page}/stats/requests", timeout=5).json()
    except (requests.ConnectionError, requests.Timeout):
        return {}
    return {**found, "worker_count": len(found.get("workers", []))}


def counts(found: dict[str, Any]) -> dict[str, int]:
    return {one["name"]: one["num_requests"] for one in found.get("stats", [])}


@pytest.mark.slow
def test_without_their_master_workers_end_by_themselves(tmp_path: Path) -> None:
    """Started by hand: nobody but they themselves could end them."""
    with site() as at:
        by_hand = [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), "--host", at.url, "--headless"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "env": WHERE}
        port = ("--master-bind-host", "127.0.0.1", "--master-bind-port", "0")
        master = subprocess.Popen([*by_hand, "--master", *port, "--expect-workers", "2"], **quiet)  # type: ignore[call-overload]
        worker = None
        try:
            listening = until(lambda: _listening(master.pid))
            there = [*by_hand, "--worker", "--master-host", "127.0.0.1", "--master-port", str(listening)]
            worker = subprocess.Popen(there, **quiet)  # type: ignore[call-overload]
            until(lambda: _connected(worker.pid, listening))
            master.kill()
            assert worker.wait(PATIENCE) == 3
        finally:
            for process in filter(None, (master, worker)):
                process.kill()
                process.wait()


def _listening(pid: int) -> int:
    connections = psutil.Process(pid).net_connections("tcp")
    return next((one.laddr.port for one in connections if one.status == psutil.CONN_LISTEN), 0)


def _hosts(pid: int) -> set[str]:
    connections = psutil.Process(pid).net_connections("tcp")
    return {one.laddr.ip for one in connections if one.status == psutil.CONN_LISTEN}


def _connected(pid: int, port: int) -> bool:
    there = psutil.Process(pid).net_connections("tcp")
    return any(one.raddr and one.raddr.port == port and one.status == psutil.CONN_ESTABLISHED for one in there)
