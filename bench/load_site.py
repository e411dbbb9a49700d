"""A site for the load benches, in a process of its own: answers a small JSON at once, or when a script says. No test.

`python -m bench.load_site FOLDER [SECONDS]` writes its port to FOLDER/port and, when its standard input closes, what it
saw to FOLDER/saw.json. With SECONDS it keeps a script of that length, counted from the first request.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
from array import array
from dataclasses import dataclass, field
from pathlib import Path

BODY = '{"id": 4711, "name": "上海某某科技有限公司", "owner": "lina", "amount": "128000.00"}'.encode()
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(BODY), BODY)
END = b"\r\n\r\n"
PACE = 4.0
"""How much faster than they came those are served who waited for the end of a stall."""
LEAST, SPREAD = 0.010, 0.040
"""Seconds that an answer takes at least, and how much longer at most; it rises and falls over two seconds."""


def stalls(seconds: float) -> tuple[tuple[float, float], ...]:
    """When the site freezes (begin, end) within a run of that length: half a second, and a tenth of the run."""
    return (0.25 * seconds, 0.25 * seconds + 0.5), (0.55 * seconds, 0.65 * seconds)


def takes(at: float, seconds: float) -> float:
    """How many seconds the answer takes to a request that arrives `at` seconds after the first one: the script."""
    usual = LEAST + SPREAD * abs((at % 2.0) - 1.0)
    for begin, end in stalls(seconds):
        if begin <= at:
            usual = max(usual, end + (at - begin) / PACE - at + LEAST)
    return usual


@dataclass
class Saw:
    """What the site saw: when the first request came (monotonic clock), how many, and its own lateness in seconds."""

    first: float = 0.0
    asked: int = 0
    late: array[float] = field(default_factory=lambda: array("d"))


class Answering(asyncio.Protocol):
    """One connection; `seconds` 0: no script."""

    def __init__(self, saw: Saw, seconds: float) -> None:
        self._saw, self._seconds, self._loop = saw, seconds, asyncio.get_running_loop()
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._line = transport

    def data_received(self, data: bytes) -> None:
        *whole, self._rest = (self._rest + data).split(END)
        self._saw.asked += len(whole)
        if not self._seconds:
            self._line.write(ANSWER * len(whole))
            return
        now = time.monotonic()
        self._saw.first = self._saw.first or now
        for _ in whole:
            due = now + takes(now - self._saw.first, self._seconds)
            self._loop.call_at(due, self._answer, due)

    def _answer(self, due: float) -> None:
        self._saw.late.append(time.monotonic() - due)
        if not self._line.is_closing():
            self._line.write(ANSWER)


async def serve(folder: Path, seconds: float) -> None:
    """Until standard input closes."""
    saw, over, loop = Saw(), asyncio.Event(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: Answering(saw, seconds), "127.0.0.1", 0, backlog=4096)
    threading.Thread(target=lambda: (sys.stdin.read(), loop.call_soon_threadsafe(over.set)), daemon=True).start()
    (folder / "port.part").write_text(str(server.sockets[0].getsockname()[1]), encoding="utf-8")
    (folder / "port.part").rename(folder / "port")
    await over.wait()
    late = sorted(saw.late) or [0.0]
    told = {"first": saw.first, "asked": saw.asked, "late_p99_ms": late[int(len(late) * 0.99)] * 1000}
    (folder / "saw.json").write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else 0.0))
