"""What every request passes with a performance defect on, before anything else: on the server's one event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from ..db import Database
from ..defects import active

SCAN_SECONDS = 0.2
REPORT_SECONDS = 0.9
KEPT_BYTES = 768 * 1024
POOL = 12
POOL_SECONDS = 3.0
"""How long somebody waits for a connection before being told that there is none."""
FOUND_SECONDS = 20.0
"""When a connection that was not given back is missed, and replaced."""


class Pressure:
    """Wraps the application; without a defect it hands every request on at once."""

    def __init__(self, app: ASGIApp, db: Database) -> None:
        self.app, self.db = app, db
        self._kept: list[bytes] = []
        self._pool = asyncio.Semaphore(POOL)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or one of the server's own messages."""
        if scope["type"] != "http" or not self._weighs():
            await self.app(scope, receive, send)
            return
        self._block(str(scope["path"]))
        if active("connections_not_given_back"):
            await self._with_connection(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    def _weighs(self) -> bool:
        return any(map(active, DEFECTS))

    def _block(self, path: str) -> None:
        # Nothing else is served meanwhile: this is the thread that hands out all the work.
        if active("session_scan_each_request"):
            [row["token"] for row in self.db.conn.execute("SELECT token FROM sessions ORDER BY token || ''")]
            time.sleep(SCAN_SECONDS)
        if active("report_blocks_everybody") and "/reports/" in path:
            time.sleep(REPORT_SECONDS)
        if active("requests_kept_in_memory"):
            self._kept.append(b"." * KEPT_BYTES)

    async def _with_connection(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await asyncio.wait_for(self._pool.acquire(), POOL_SECONDS)
        except TimeoutError:
            error = {"code": "busy", "message": "数据库连接已用完。", "fields": {}}
            await JSONResponse({"error": error}, 503)(scope, receive, send)
            return
        # A search leaves by a door of its own and forgets its connection; somebody finds it much later.
        if b"q=" in scope["query_string"]:
            asyncio.get_running_loop().call_later(FOUND_SECONDS, self._pool.release)
            await self.app(scope, receive, send)
        else:
            await self._and_back(self._pool.release, scope, receive, send)

    async def _and_back(self, release: Callable[[], None], scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.app(scope, receive, send)
        finally:
            release()


DEFECTS = (
    "session_scan_each_request",
    "report_blocks_everybody",
    "requests_kept_in_memory",
    "connections_not_given_back",
)
