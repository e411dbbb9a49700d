"""The one exception of this room, and the one way to run a foreign program. No tool is known by name here."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from crm_acceptance.errors import AcceptanceError

Say = Callable[[str], None]


class ToolMissing(AcceptanceError):
    """A tool is absent, too old, or did not do its work; the sentence says which, and what to do. Exit code 2."""


def last_words(text: str, lines: int = 3) -> str:
    """The last lines that say something, on one line: enough for a sentence; the lines of a stack are left out."""
    stripped = (line.strip() for line in text.splitlines())
    spoken = [line for line in stripped if line and not line.startswith(("at ", "File ", "^"))]
    return " | ".join(spoken[-lines:])[:600] or "(no output)"


def call(
    command: Sequence[str | Path],
    *,
    what: str,
    seconds: float,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> str:
    """Run a program to its end and give its output; ToolMissing says `what` failed and the program's last words."""
    words = [str(part) for part in command]
    try:
        done = subprocess.run(
            words,
            cwd=cwd,
            env=dict(env) if env is not None else None,
            timeout=seconds,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
    except subprocess.TimeoutExpired as late:
        raise ToolMissing(f"{what} 在 {seconds:.0f} 秒内没有完成 (did not finish in time): {words[0]}") from late
    except OSError as refused:
        raise ToolMissing(f"{what} 无法启动 (cannot start): {words[0]}: {refused.strerror or refused}") from refused
    if done.returncode != 0:
        raise ToolMissing(f"{what} 失败 (failed, exit {done.returncode}): {last_words(done.stdout)}")
    return done.stdout
