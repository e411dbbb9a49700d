"""A real HTTP server for the stand-ins, which can be told to misbehave for the next requests. No test lives here."""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from odd_server import Asked, Dialect, Running, Says
from odd_server import serving as plainly

__all__ = ["Asked", "Running", "Says", "Trouble", "serving"]


BUSY = Says(503, "busy")


@dataclass(frozen=True)
class Trouble:
    """What the next request meets. how: instead (the request does nothing), cut (it does what it should, then the line
    breaks), early (the line breaks before anything is done). `on`: only a request of that method."""

    how: str = "instead"
    says: Says = BUSY
    on: str = ""


@contextmanager
def serving(dialect: Dialect, trouble: deque[Trouble]) -> Iterator[Running]:
    """The dialect on a free port; each entry of `trouble` is what one request meets."""

    def troubled(asked: Asked) -> Says:
        if not trouble or trouble[0].on not in ("", asked.method):
            return dialect(asked)
        one = trouble.popleft()
        if one.how == "instead":
            return one.says
        if one.how == "cut":
            dialect(asked)
        raise ConnectionAbortedError

    with plainly(troubled) as running:
        yield running


_taken: list[socket.socket] = []


def closed_port() -> int:
    """A port of this machine at which nobody listens, nor will: it stays taken, lest another test's server get it."""
    _taken.append(socket.socket())
    _taken[-1].bind(("127.0.0.1", 0))
    return int(_taken[-1].getsockname()[1])


def free_port() -> int:
    """A port that was free a moment ago; whoever wants it must be ready to ask for another."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
