"""Starts a NocoBase on 127.0.0.1 over a storage folder of its own, waits until it answers, stops what it started."""

from __future__ import annotations

import secrets
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import requests

from crm_acceptance.systems.nocobase.install import DATABASE, Place, environ, keep_storage, program
from crm_acceptance.systems.serving import HOST, Server, asks, free_port, serving, workplace

BOOT_LIMIT_SECONDS = 300.0


@contextmanager
def serve(where: Place, snapshot: Path, port: int = 0, keep: Path | None = None) -> Iterator[tuple[str, Path]]:
    """The URL of a server over a copy of `snapshot`, and its database; given `keep`, its storage is saved there.

    WrongUse when the port is taken; SiteOutOfReach when the server ends or does not answer in time.
    """
    port = free_port(port)
    with workplace("nocobase") as folder:
        storage = folder / "storage"
        shutil.copytree(snapshot, storage)
        # Readers and a writer side by side; two writers at once still meet "database is locked" (measured, HTTP 500).
        _pragma(storage / DATABASE, "journal_mode=WAL")
        server = _server(where, storage, port)
        with serving(server, lambda: asks("GET", f"{server.url}/api/app:getInfo", _is_itself)):
            yield server.url, storage / DATABASE
        if keep:
            # Nothing may stay in a -wal file: a copy without it would bring old rows back.
            _pragma(storage / DATABASE, "wal_checkpoint(TRUNCATE)", "journal_mode=DELETE")
            keep_storage(storage, keep)


def _server(where: Place, storage: Path, port: int) -> Server:
    command = program(where, "start", "--port", str(port))
    settings = environ(where, storage, secrets.token_urlsafe(32)) | {"APP_PORT": str(port)}
    log = storage.parent / "server.log"
    return Server("NocoBase", command, log, f"http://{HOST}:{port}", where.app, settings, BOOT_LIMIT_SECONDS)


def _is_itself(answer: requests.Response) -> bool:
    """While it loads, NocoBase answers 503, and for a moment 200 with its page for browsers."""
    return answer.headers.get("content-type", "").startswith("application/json") and "data" in answer.json()


def _pragma(database: Path, *wishes: str) -> None:
    with closing(sqlite3.connect(database)) as found:
        for wish in wishes:
            found.execute(f"PRAGMA {wish}")
