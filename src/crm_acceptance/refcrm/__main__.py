"""Start the reference CRM: arguments, port, seed, server. `python -m crm_acceptance.refcrm --help`."""

from __future__ import annotations

import argparse
import json
import os
import socket
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import uvicorn

from . import defects, seed
from .api import app as api
from .db import Database
from .seed import staff

WRONG_USE = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until stopped. Answers the exit code: 0, or 2 for wrong use."""
    args = _arguments(argv)
    if args.list_defects:
        print(json.dumps([asdict(defect) for defect in defects.DEFECTS], ensure_ascii=False, indent=2))
        return 0
    try:
        listening = _listen(args.port)
        recipe = _recipe(args)
        _switch_on([name.strip() for name in args.defects.split(",") if name.strip()])
    except ValueError as error:
        print(error, file=sys.stderr)
        return WRONG_USE
    with tempfile.TemporaryDirectory(prefix="refcrm-") as folder:
        return _serve(args, listening, recipe, Path(args.db or Path(folder) / "crm.sqlite"))


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m crm_acceptance.refcrm", description="演示用 CRM · The reference CRM"
    )
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    parser.add_argument("--db", default="", help="SQLite file; without it a temporary one")
    parser.add_argument("--defects", default="", help="names, joined by commas, of defects to switch on")
    parser.add_argument("--size", type=int, default=300, help="how many customers to seed")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same data")
    parser.add_argument("--people", default="", help="CSV: key,name,department,role,login")
    parser.add_argument("--lang", choices=("zh", "en"), default="zh", help="first language of the screens")
    parser.add_argument("--lifeline", action="store_true", help="stop when standard input closes")
    parser.add_argument("--list-defects", action="store_true", help="print the planted defects as JSON and stop")
    return parser.parse_args(argv)


def _listen(port: int) -> socket.socket:
    # the protocol is named, or asyncio leaves Nagle on and every answer waits 40 ms for a delayed ACK
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
    except (OSError, OverflowError) as error:
        raise ValueError(f"端口 {port} 不能使用({error}),请换一个或用 --port 0。 The port is taken.") from None
    return listening


def _recipe(args: argparse.Namespace) -> seed.Recipe:
    if not 0 <= args.size <= 1_000_000:
        raise ValueError(f"--size {args.size} 不在 0 到 1000000 之间。 --size is out of range.")
    people = staff.read(Path(args.people)) if args.people else staff.STAFF
    password = os.environ.get("REFCRM_PASSWORD", "")
    if not password:
        print(
            "REFCRM_PASSWORD 未设置,所有演示账号的密码为 demo2026。 Everybody's password is demo2026.", file=sys.stderr
        )
    return seed.Recipe(args.size, args.seed, password or "demo2026", people)


def _switch_on(names: list[str]) -> None:
    strange = defects.unknown(names)
    if strange:
        known = "、".join(defects.KNOWN)
        raise ValueError(f"没有缺陷 {'、'.join(strange)},可用:{known}。 Unknown defect.")
    for name in names:
        defects.switch(name, True)


def _serve(args: argparse.Namespace, listening: socket.socket, recipe: seed.Recipe, path: Path) -> int:
    db = Database(path)
    seed.plant(db, recipe)
    app = api.build(db, os.environ.get("REFCRM_CONTROL_KEY", ""), args.lang)
    app.state.recipe = recipe
    config = uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=2, lifespan="off")
    # Clients keep connections; one that the server closes while a request is on its way looks like a lost request.
    config.timeout_keep_alive = 120
    server = _Announcing(config, listening.getsockname()[1])
    if args.lifeline:
        threading.Thread(target=_end_with_stdin, args=(server,), daemon=True).start()
    server.run([listening])
    db.close()
    return 0


class _Announcing(uvicorn.Server):
    """A server that says on standard output when it serves."""

    def __init__(self, config: uvicorn.Config, port: int) -> None:
        super().__init__(config)
        self._port = port

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then print the one line that launchers wait for."""
        await super().startup(sockets)
        print(f"REFCRM READY http://127.0.0.1:{self._port}", flush=True)


def _end_with_stdin(server: uvicorn.Server) -> None:
    sys.stdin.buffer.read()
    server.should_exit = True


if __name__ == "__main__":
    sys.exit(main())
