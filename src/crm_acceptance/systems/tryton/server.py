"""Starts a Tryton server on 127.0.0.1 over a database of its own, waits until it answers, stops what it started."""

from __future__ import annotations

import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import requests

from crm_acceptance.errors import SiteOutOfReach, WrongUse
from crm_acceptance.systems.tryton.install import Place, clean_environ
from crm_acceptance.systems.tryton.wire import DATABASE

BOOT_LIMIT_SECONDS = 180
STOP_LIMIT_SECONDS = 20
HOST = "127.0.0.1"
# One request at a time: SQLite cannot lock a row, so two at once draw the same number from a sequence (measured: "The
# code on party must be unique"). PostgreSQL can; Python's lock makes one thread as fast as four.
THREADS = "--threads=1"
CONFIG = """[database]
uri = sqlite://
path = {folder}
[web]
root = {web}
[request]
timeout = 600
[session]
timeout = 86400
max_attempt = 1000
max_attempt_ip_network = 100000
"""


@contextmanager
def serve(where: Place, snapshot: Path, port: int = 0, keep: Path | None = None) -> Iterator[str]:
    """The URL of a server over a copy of `snapshot`; when `keep` is given, the database is saved there at the end.

    WrongUse when the port is taken; SiteOutOfReach when the server ends or does not answer in time.
    """
    port = _free(port)
    folder = Path(tempfile.mkdtemp(prefix="crm-acceptance-tryton-"))
    database = folder / f"{DATABASE}.sqlite"
    try:
        shutil.copyfile(snapshot, database)
        config = folder / "trytond.conf"
        config.write_text(CONFIG.format(folder=folder, web=where.web), "utf-8")
        with _process(where, config, f"{HOST}:{port}", folder / "server.log") as process:
            url = f"http://{HOST}:{port}"
            _wait(process, url, folder / "server.log")
            yield url
        if keep:
            _save(database, keep)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _free(port: int) -> int:
    with closing(socket.socket()) as probe:
        # As the server will: a port whose last connections are still fading away is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise WrongUse(f"端口 {port} 已被占用，请换一个 --port。Port {port} is taken: choose another.") from None
        return int(probe.getsockname()[1])


@contextmanager
def _process(where: Place, config: Path, address: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    server = [str(where.bin / "waitress-serve"), f"--listen={address}", THREADS, "trytond.application:app"]
    environ = {**clean_environ(), "TRYTOND_CONFIG": str(config), "TRYTOND_DATABASE_NAMES": DATABASE}
    keeper = [sys.executable, "-m", "crm_acceptance.systems.tryton.keeper", *server]
    with log.open("wb") as out:
        # A session of its own: Ctrl-C in the terminal ends the run first, and the run ends the server.
        process = subprocess.Popen(
            keeper, env=environ, stdin=subprocess.PIPE, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        yield process
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(STOP_LIMIT_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    end = time.monotonic() + BOOT_LIMIT_SECONDS
    while time.monotonic() < end:
        if _answers(url):
            return
        try:
            process.wait(0.2)
        except subprocess.TimeoutExpired:
            continue
        break
    last = log.read_text("utf-8", "replace").rstrip().rsplit("\n", 1)[-1]
    raise SiteOutOfReach(f"Tryton 没有启动成功：{last[:300]!r}。Tryton did not come up at {url}.")


def _answers(url: str) -> bool:
    asked = {"id": 0, "method": "common.server.version", "params": []}
    with requests.Session() as http:
        http.trust_env = False
        try:
            return http.post(f"{url}/rpc/", json=asked, timeout=30).ok
        except requests.RequestException:
            return False


def _save(database: Path, target: Path) -> None:
    """One file without -wal or -shm beside it, complete or not there at all."""
    partial = target.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(partial)) as copy:
        source.backup(copy)
    partial.replace(target)
