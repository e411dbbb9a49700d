"""Runs one command and ends it, with all that it detached, when our standard input closes; knows no product.

A killed harness closes its end of the pipe, so no server is left behind. A process of its own: `python -m` this.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import subprocess
import sys
import threading
import uuid

import psutil

PATIENCE_SECONDS = 10
ROUNDS = 3
MARK = "CRM_ACCEPTANCE_KEEPER"
ADOPT_ORPHANS = 36
"""PR_SET_CHILD_SUBREAPER of Linux's prctl(2): what our server detaches becomes our own child."""


def keep(command: list[str]) -> None:
    """Ends with the command's exit code, or 0 after having stopped it and everything it started."""
    _adopt()
    mark = uuid.uuid4().hex
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, env=os.environ | {MARK: mark})
    threading.Thread(target=_follow, args=(child, mark), daemon=True).start()
    sys.stdin.buffer.read()
    _end(mark)


def _adopt() -> None:
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(ADOPT_ORPHANS, 1, 0, 0, 0)


def _follow(child: subprocess.Popen[bytes], mark: str) -> None:
    code = child.wait()
    _end(mark)
    os._exit(code & 0xFF)


def _family(mark: str) -> list[psutil.Process]:
    """Our children and theirs, and whoever still carries our mark: a daemon may have left the family tree."""
    family = {one.pid: one for one in psutil.Process().children(recursive=True)}
    for one in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if one.pid not in family and one.pid != os.getpid() and one.environ().get(MARK) == mark:
                family[one.pid] = one
    return list(family.values())


def _end(mark: str) -> None:
    """Asks once more for the family: a supervisor among them may have replaced a child that we ended."""
    for _ in range(ROUNDS):
        if not (family := _family(mark)):
            return
        _end_all(family)


def _end_all(family: list[psutil.Process]) -> None:
    for one in family:
        with contextlib.suppress(psutil.Error):
            one.terminate()
    _, stubborn = psutil.wait_procs(family, PATIENCE_SECONDS)
    for one in stubborn:
        with contextlib.suppress(psutil.Error):
            one.kill()
    psutil.wait_procs(stubborn, PATIENCE_SECONDS)


if __name__ == "__main__":
    keep(sys.argv[1:])
