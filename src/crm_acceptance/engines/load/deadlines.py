"""One clock for all requests under way: whoever is overdue is interrupted. One timer each would cost a tenth more."""

from __future__ import annotations

from time import monotonic
from typing import Any

import gevent  # type: ignore[import-untyped]

EVERY = 0.05
"""Seconds between two looks, so by how much somebody may be overdue."""


class Late(Exception):
    """Raised in the greenlet whose time is up."""


class Deadlines:
    """The same number of `seconds` for everybody, so that those who began first are due first."""

    def __init__(self, seconds: float) -> None:
        self._seconds, self._until = seconds, dict[Any, float]()
        self._timer: Any = None

    def begin(self) -> None:
        """The time of this greenlet begins to run."""
        self._until[gevent.getcurrent()] = monotonic() + self._seconds
        if self._timer is None:
            self._timer = gevent.get_hub().loop.timer(EVERY, EVERY, ref=False)
            self._timer.start(self._look)

    def end(self) -> None:
        """It was in time."""
        self._until.pop(gevent.getcurrent(), None)

    def _look(self) -> None:
        """Runs in the hub, where whoever is under way is known to wait for its connection."""
        now = monotonic()
        while self._until:
            first, until = next(iter(self._until.items()))
            if until > now:
                return
            del self._until[first]
            first.throw(Late)
        self._timer.close()
        self._timer = None
