"""Watches the server of a site that this program launched here: its memory and processor time; judges nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

import psutil

from crm_acceptance.model import Site

EVERY = 0.5
"""Seconds between two looks."""


@dataclass(frozen=True)
class Look:
    """One look at the server: when (seconds of the machine's monotonic clock), bytes in memory, processor seconds."""

    at: float
    memory: float
    cpu: float


@contextmanager
def watching(site: Site) -> Iterator[list[Look]]:
    """Looks that grow until the context is left; none when the site is not ours or its process cannot be found."""
    server, over = _server(site), threading.Event()
    looks = _looks(server) if server else []
    watcher = threading.Thread(target=_watch, args=(server, looks, over), daemon=True)
    watcher.start()
    try:
        yield looks
    finally:
        over.set()
        watcher.join(EVERY * 4)


def _watch(server: psutil.Process | None, looks: list[Look], over: threading.Event) -> None:
    while server is not None and not over.wait(EVERY):
        looks.extend(_looks(server))


def _looks(server: psutil.Process) -> list[Look]:
    """One look, or none when a worker of the server ended between two questions."""
    memory = cpu = 0.0
    try:
        for process in (server, *server.children(recursive=True)):
            times = process.cpu_times()
            memory, cpu = memory + process.memory_info().rss, cpu + times.user + times.system
    except psutil.Error:
        return []
    return [Look(time.monotonic(), memory, cpu)]


def _server(site: Site) -> psutil.Process | None:
    """Whoever listens on the site's port, if this program launched the site: nobody else's processes are looked at."""
    port = urlsplit(site.url).port
    if not site.launched or not port:
        return None
    try:
        listening = [
            one.pid for one in psutil.net_connections("tcp")
            if one.status == psutil.CONN_LISTEN and one.laddr and one.laddr.port == port and one.pid
        ]  # fmt: skip
        return psutil.Process(listening[0]) if listening else None
    except psutil.Error:
        return None
