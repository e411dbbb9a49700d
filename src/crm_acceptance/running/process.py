"""One pytest process: started with a lifeline, followed while it runs, ended when asked; knows nothing of results."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from crm_acceptance.errors import AcceptanceError

GRACE = 10.0
"""Seconds that pytest gets to end its fixtures (browsers, sessions) before it is killed."""
BEAT = 0.25
SILENT = ("PytestReturnNotNoneWarning", "PytestUnhandledThreadExceptionWarning")
"""Warnings of pytest that stand for a failure which nobody saw."""
ASKS = ((signal.SIGTERM, GRACE),) if sys.platform == "win32" else ((signal.SIGINT, GRACE), (signal.SIGTERM, 5.0))


class Stuck(AcceptanceError):
    """Nothing finished for so long that the process was ended."""

    exit_code = 3


def pytest_command(workspace: Path, arguments: Sequence[str]) -> list[str]:
    """Locust's plugin would patch the sockets under us, so it stays out; an unexpected pass must not look like one.

    Nor must `return False`, or an assertion that fails in a thread: pytest only warns of both.
    """
    fixed = ["-p", "no:locust", "-p", "no:cacheprovider", "-o", "xfail_strict=true", f"--rootdir={workspace}"]
    fixed += [word for name in SILENT for word in ("-W", f"error::pytest.{name}")]
    return [sys.executable, "-m", "pytest", *fixed, *arguments]


class Process:
    """A child in a group of its own: a Ctrl-C at the terminal reaches it through us, once, and in order."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str], cwd: Path, log: Path) -> None:
        self._log = log.open("ab")
        self._child = subprocess.Popen(
            command,
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.PIPE,  # never written: its end is how the child learns that we died
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def follow(self, look: Callable[[], bool], patience: float) -> int:
        """Calls `look` until the process ends; returns its exit code. Stuck when `look` sees nothing new too long."""
        last_news = time.monotonic()
        while True:
            code = self._wait(BEAT)
            if look():
                last_news = time.monotonic()
            if code is not None:
                return code
            if time.monotonic() - last_news > patience:
                self.stop()
                raise Stuck(f"{patience:.0f} 秒没有任何检查结束，已停止（no check finished, stopped）。")

    def stop(self) -> None:
        """Asks first (as Ctrl-C does), then insists, then kills the whole group."""
        for ask, wait in ASKS:
            if self._wait(0) is not None:
                break
            self._child.send_signal(ask)
            self._wait(wait)
        self._kill_group()

    def close(self) -> None:
        """Ends what is left and closes the files."""
        self.stop()
        if self._child.stdin:
            self._child.stdin.close()
        self._log.close()

    def __enter__(self) -> Process:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _wait(self, seconds: float) -> int | None:
        try:
            return self._child.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            return None

    def _kill_group(self) -> None:
        """The group outlives its leader when a worker or a browser hangs; it is ours alone, so it may be killed."""
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._child.pid, signal.SIGKILL)
        elif self._child.poll() is None:
            self._child.kill()
        self._child.wait()
