"""Starts and stops the reference CRM as a process of its own; knows its command line and its READY line only."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping

from crm_acceptance.errors import SiteOutOfReach, WrongUse, unknown
from crm_acceptance.model import Site

READY = "REFCRM READY "
DATABASE = "REFCRM DATABASE "
"""What the process says second: the file that it keeps its data in."""
PATIENCE = 60.0
WRONG_USE = 2
"""What the process exits with when its command line is wrong."""
FLAGS = ("defects", "size", "seed", "db", "lang", "people")


@contextlib.contextmanager
def launch(*, port: int, password: str, options: Mapping[str, str]) -> Iterator[Site]:
    """A running reference CRM; leaving the context ends it. The password travels by environment only."""
    process = subprocess.Popen(
        command(port, options),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(password, options),
        text=True,
        encoding="utf-8",
    )
    try:
        said = Listener(process)
        yield Site("refcrm", said.address(), "reference", store=said.database)
    finally:
        stop(process)


def command(port: int, options: Mapping[str, str]) -> list[str]:
    """The command line; WrongUse names an option that the launcher does not know."""
    strange = sorted(set(options) - {*FLAGS, "control_key"})
    if strange:
        raise unknown("参考 CRM 启动选项 launch option", strange[0], (*FLAGS, "control_key"))
    flags = [part for name in FLAGS if options.get(name) for part in (f"--{name}", str(options[name]))]
    return [sys.executable, "-m", "crm_acceptance.refcrm", "--lifeline", "--port", str(port), *flags]


def environment(password: str, options: Mapping[str, str]) -> dict[str, str]:
    """This process's environment plus the secrets, which never stand on a command line."""
    secrets = {"REFCRM_PASSWORD": password, "REFCRM_CONTROL_KEY": options.get("control_key", "")}
    return {**os.environ, "PYTHONUTF8": "1", **{name: value for name, value in secrets.items() if value}}


class Listener:
    """Reads what the process says until it ends, so that its pipes never fill and block it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.complaints: list[str] = []
        self.url = ""
        self.database = ""
        self.settled = threading.Event()
        for stream in (self._hear, self._suffer):
            threading.Thread(target=stream, daemon=True).start()

    def _hear(self) -> None:
        for line in self.process.stdout or ():
            if line.startswith(READY) and not self.url:
                self.url = line[len(READY) :].strip().rstrip("/")
            elif line.startswith(DATABASE) and self.url:
                self.database = line[len(DATABASE) :].strip()
                self.settled.set()
        self.settled.set()

    def _suffer(self) -> None:
        for line in self.process.stderr or ():
            self.complaints = [*self.complaints[-20:], line.rstrip()]

    def address(self) -> str:
        """The address it serves; SiteOutOfReach with its last words when it ended or stayed silent."""
        if self.settled.wait(PATIENCE) and self.url:
            return self.url
        words = " ".join(" ".join(self.complaints[-3:]).split()) or "(没有说明 no words)"
        if self.settled.is_set() and self._ending() == WRONG_USE:
            raise WrongUse(f"参考 CRM 的启动选项不对：{words}。Wrong launch option.")
        raise SiteOutOfReach(f"参考 CRM 没有启动成功：{words}。The reference CRM did not start.")

    def _ending(self) -> int | None:
        """The exit code of a process that said its last word; None when it lives on in silence."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.process.wait(timeout=5)
        return None


def stop(process: subprocess.Popen[str]) -> None:
    """Cuts the lifeline, and ends the process if it does not leave by itself."""
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
