"""A small real HTTP server with customers and its mapping; who speaks is told by a key. No test lives here."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from time import monotonic
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from plain_mapping import PLAIN

PER_SECOND = 5
KEPT = {"created_at": "2026-11-22T08:00:00Z", "version": 1, "isAdmin": False}


@dataclass
class Books:
    """What the server keeps. `shared`: every key is the same user; `limit`: requests taken per second, 0 for any.

    `takes`: names of its own that it wrongly takes from requests.
    """

    shared: bool = False
    limit: int = 0
    takes: tuple[str, ...] = ()
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    taken: deque[float] = field(default_factory=deque)
    turned_away: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def busy(self) -> bool:
        """Whether this request comes too early."""
        with self.lock:
            now = monotonic()
            while self.taken and now - self.taken[0] > 1:
                self.taken.popleft()
            if self.limit and len(self.taken) >= self.limit:
                self.turned_away += 1
                return True
            self.taken.append(now)
            return False


class Handler(BaseHTTPRequestHandler):
    """GET /customers?q=, GET, PATCH, DELETE /customers/{id}, POST /customers; GET /me."""

    protocol_version = "HTTP/1.1"
    books: ClassVar[Books]

    def _who(self) -> str:
        return "integration" if self.books.shared else self.headers.get("X-API-Key", "").removeprefix("key-")

    def _answer(self, status: int, body: Any, **headers: str) -> None:
        payload = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(payload)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(payload)

    def _turn(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length) or b"{}")
        if self.books.busy():
            return self._answer(429, {"message": "slow down"}, Retry_After="1")
        if not self.headers.get("X-API-Key", "").startswith("key-"):
            return self._answer(401, {"message": "who are you"})
        path = urlsplit(self.path).path
        if path == "/me":
            return self._answer(200, {"user": self._who()})
        return self._customers(path.removeprefix("/customers").strip("/"), body)

    do_GET = do_POST = do_PATCH = do_DELETE = _turn

    def _mine(self) -> dict[str, dict[str, Any]]:
        everything = self._who() in ("boss", "integration")
        return {id: row for id, row in self.books.rows.items() if everything or row["owner"] == self._who()}

    def _allowed(self, body: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in body.items() if name in ("name", "phone", *self.books.takes)}

    def _customers(self, id: str, body: dict[str, Any]) -> None:
        if self.command == "POST":
            row = {
                **KEPT,
                "createdBy": self._who(),
                **self._allowed(body),
                "id": str(next(self.books.numbers)),
                "owner": self._who(),
            }
            self.books.rows[row["id"]] = row
            return self._answer(201, row)
        if not id:
            q = parse_qs(urlsplit(self.path).query).get("q", [""])[0]
            rows = [row for row in self._mine().values() if q in row.get("name", "")]
            return self._answer(200, {"items": rows, "total": len(rows)})
        if id not in self._mine():
            return self._answer(404, {"message": "not found"})
        if self.command == "PATCH":
            self.books.rows[id].update(self._allowed(body))
        if self.command == "DELETE":
            return self._answer(200, self.books.rows.pop(id))
        return self._answer(200, self.books.rows[id])

    def log_message(self, format: str, *args: object) -> None:
        pass


MAPPING = """
title = "Key CRM"
[auth]
kind = "api_key"
{me}
"""


@contextmanager
def keyed(
    folder: Path, *, shared: bool = False, limit: int = 0, me: bool = True, takes: tuple[str, ...] = ()
) -> Iterator[tuple[str, Books, Path]]:
    """The server's address, its books, and the mapping file that describes it."""
    books = Books(shared, limit, takes)
    handler = type("Bound", (Handler,), {"books": books})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    mapping = folder / "mapping.toml"
    asks = 'me = { call = "GET /me", save = { user = "user" } }' if me else ""
    mapping.write_text(MAPPING.replace("{me}", asks) + PLAIN, encoding="utf-8")
    try:
        yield f"http://127.0.0.1:{server.server_port}", books, mapping
    finally:
        server.shutdown()
        server.server_close()
