"""Starts a launched system's server on 127.0.0.1, waits until it answers, ends what it started; knows no product."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

from crm_acceptance.errors import SiteOutOfReach, WrongUse
from crm_acceptance.systems.installing import clean_environ, last_line

BOOT_LIMIT_SECONDS = 180.0
STOP_LIMIT_SECONDS = 40.0
ASK_LIMIT_SECONDS = 30.0
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Server:
    """One server to be started: its command, where it runs, what it finds in its environment, where it writes."""

    title: str
    command: Sequence[str]
    log: Path
    url: str
    folder: Path | None = None
    environ: Mapping[str, str] = field(default_factory=dict)
    boot_limit: float = BOOT_LIMIT_SECONDS


@contextmanager
def serving(server: Server, answers: Callable[[], bool]) -> Iterator[None]:
    """Runs while `server` answers; leaving the context ends it with everything that it started.

    SiteOutOfReach, with the log's last line, when it ends by itself or `answers` stays False too long.
    """
    with _process(server) as process:
        _wait(server, process, answers)
        yield


@contextmanager
def workplace(name: str) -> Iterator[Path]:
    """A folder of this start's own, gone at the end: copies of snapshots, configuration, logs."""
    folder = Path(tempfile.mkdtemp(prefix=f"crm-acceptance-{name}-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def free_port(port: int = 0) -> int:
    """`port` itself when nobody listens there, any free one for 0. WrongUse when it is taken."""
    with closing(socket.socket()) as probe:
        # As the server will: a port whose last connections are still fading away is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise WrongUse(f"端口 {port} 已被占用，请换一个 --port。Port {port} is taken: choose another.") from None
        return int(probe.getsockname()[1])


def asks(method: str, url: str, accept: Callable[[requests.Response], bool] | None = None, **how: Any) -> bool:
    """Whether the site answers this one request well, by no proxy; `accept` may look closer than at the status."""
    with requests.Session() as http:
        http.trust_env = False
        try:
            found = http.request(method, url, timeout=ASK_LIMIT_SECONDS, **how)
        except requests.RequestException:
            return False
        return found.ok and (accept is None or accept(found))


@contextmanager
def _process(server: Server) -> Iterator[subprocess.Popen[bytes]]:
    keeper = [sys.executable, "-m", "crm_acceptance.systems.keeper", *server.command]
    with server.log.open("wb") as out:
        # A session of its own: Ctrl-C in the terminal ends the run first, and the run ends the server.
        process = subprocess.Popen(
            keeper, cwd=server.folder, env=clean_environ() | dict(server.environ), stdin=subprocess.PIPE, stdout=out,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
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


def _wait(server: Server, process: subprocess.Popen[bytes], answers: Callable[[], bool]) -> None:
    end = time.monotonic() + server.boot_limit
    while time.monotonic() < end:
        if answers():
            return
        try:
            process.wait(0.2)
        except subprocess.TimeoutExpired:
            continue
        break
    last = last_line(server.log, 300)
    raise SiteOutOfReach(f"{server.title} 没有启动成功：{last!r}。{server.title} did not come up at {server.url}.")
