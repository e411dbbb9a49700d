"""Serving: the socket, the database file, the seed, the server and its end. Arguments are read in __main__.py."""

from __future__ import annotations

import os
import socket
import sqlite3
import sys
import tempfile
import threading
from argparse import Namespace
from pathlib import Path
from types import FrameType

import uvicorn
from fastapi import FastAPI

from . import seed
from .api import app as api
from .db import Database
from .seed import staff


def serve(args: Namespace) -> int:
    """Serve until stopped. Raises ValueError with one sentence when port, people, size or file cannot be used."""
    listening, recipe = _listen(args.port), _recipe(args)
    with tempfile.TemporaryDirectory(prefix="refcrm-") as folder:
        db = _planted(Path(args.db or Path(folder) / "crm.sqlite"), recipe)
        app = api.build(db, os.environ.get("REFCRM_CONTROL_KEY", ""), args.lang)
        app.state.recipe = recipe
        _run(_Announcing(_config(app), listening.getsockname()[1], db.path), listening, args.lifeline)
        db.close()
    return 0


def _listen(port: int) -> socket.socket:
    # With its protocol named, accepted connections send small answers at once; without, they wait 40 ms for more.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
        # Two that bind the same address both succeed; only one of them can listen.
        listening.listen(128)
    except (OSError, OverflowError) as error:
        raise ValueError(f"端口 {port} 不能使用({error}),请换一个或用 --port 0。 The port is taken.") from None
    return listening


def _recipe(args: Namespace) -> seed.Recipe:
    if not 0 <= args.size <= 1_000_000:
        raise ValueError(f"--size {args.size} 不在 0 到 1000000 之间。 --size is out of range.")
    people = staff.read(Path(args.people)) if args.people else staff.STAFF
    password = os.environ.get("REFCRM_PASSWORD", "")
    if not password:
        said = "REFCRM_PASSWORD 未设置,所有演示账号的密码为 demo2026。 Everybody's password is demo2026."
        print(said, file=sys.stderr)
        known = "、".join(f"{one.login}（{one.name}）" for one in people)
        print(f"用户名 users: {known}", file=sys.stderr)
    return seed.Recipe(args.size, args.seed, password or "demo2026", people)


def _planted(path: Path, recipe: seed.Recipe) -> Database:
    db = Database(path)
    try:
        seed.plant(db, recipe)
    except sqlite3.Error as error:
        raise ValueError(f"数据库文件 {path} 不能使用({error}),请换一个 --db。 The file cannot be used.") from None
    return db


def _config(app: FastAPI) -> uvicorn.Config:
    config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=2, lifespan="off")
    # Clients keep connections; one that the server closes while a request is on its way looks like a lost request.
    config.timeout_keep_alive = 120
    return config


class _Announcing(uvicorn.Server):
    """A server that says on standard output when it serves, and where its data lies."""

    def __init__(self, config: uvicorn.Config, port: int, database: str) -> None:
        super().__init__(config)
        self._port, self._database = port, database

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then print the two lines that launchers wait for."""
        await super().startup(sockets)
        print(f"REFCRM READY http://127.0.0.1:{self._port}\nREFCRM DATABASE {self._database}", flush=True)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Ctrl-C and SIGTERM end the server in order, with exit code 0; a second one at once."""
        self.force_exit, self.should_exit = self.should_exit, True


def _run(server: uvicorn.Server, listening: socket.socket, lifeline: bool) -> None:
    def end_with_stdin() -> None:
        sys.stdin.buffer.read()
        server.should_exit = True

    if lifeline:
        threading.Thread(target=end_with_stdin, daemon=True).start()
    server.run([listening])
