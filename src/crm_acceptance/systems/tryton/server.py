"""Starts a Tryton server on 127.0.0.1 over a database of its own, waits until it answers, stops what it started."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from crm_acceptance.systems.serving import HOST, Server, asks, free_port, serving, workplace
from crm_acceptance.systems.tryton.install import Place
from crm_acceptance.systems.tryton.wire import DATABASE

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
max_attempt_ip_network = 100000
"""


@contextmanager
def serve(where: Place, snapshot: Path, port: int = 0, keep: Path | None = None) -> Iterator[tuple[str, Path]]:
    """The URL of a server over a copy of `snapshot`, and that copy; given `keep`, it is saved there at the end.

    WrongUse when the port is taken; SiteOutOfReach when the server ends or does not answer in time.
    """
    port = free_port(port)
    with workplace("tryton") as folder:
        database = folder / f"{DATABASE}.sqlite"
        shutil.copyfile(snapshot, database)
        server = _server(where, folder, port)
        with serving(server, lambda: _answers(server.url)):
            yield server.url, database
        if keep:
            _save(database, keep)


def _server(where: Place, folder: Path, port: int) -> Server:
    config = folder / "trytond.conf"
    config.write_text(CONFIG.format(folder=folder, web=where.web), "utf-8")
    command = [str(where.bin / "waitress-serve"), f"--listen={HOST}:{port}", THREADS, "trytond.application:app"]
    environ = {"TRYTOND_CONFIG": str(config), "TRYTOND_DATABASE_NAMES": DATABASE}
    return Server("Tryton", command, folder / "server.log", f"http://{HOST}:{port}", environ=environ)


def _answers(url: str) -> bool:
    return asks("POST", f"{url}/rpc/", json={"id": 0, "method": "common.server.version", "params": []})


def _save(database: Path, target: Path) -> None:
    """One file without -wal or -shm beside it, complete or not there at all."""
    partial = target.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(partial)) as copy:
        source.backup(copy)
    partial.replace(target)
