"""Ctrl-C and SIGTERM mean the same: stop, keep what was found, say that it proves nothing."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType


class Interrupted(BaseException):
    """Somebody asked to stop. No Exception, so that nothing takes it for a mere failure."""


@contextlib.contextmanager
def heard() -> Iterator[None]:
    """Within, the first signal raises Interrupted; further ones are ignored: the ending must not be cut short."""
    names = [signal.SIGINT, signal.SIGTERM]
    before = {name: signal.getsignal(name) for name in names}
    for name in names:
        signal.signal(name, _raise)
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def _raise(number: int, frame: FrameType | None) -> None:
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_IGN)
    raise Interrupted(signal.Signals(number).name)
