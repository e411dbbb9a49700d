"""What people and drills write into reports/journal/golive.jsonl, checked before it is written; decides nothing."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil

from crm_acceptance import logbook
from crm_acceptance.errors import WrongUse, unknown
from crm_acceptance.logbook import Entry

FILE = "golive.jsonl"
ADOPTION = "adoption"
ANSWERS = ("continue", "hold", "rollback")
"""What the people who decide may say at the end of a phase."""
MOST_SECONDS = 86_400.0
GRACE = 5.0
"""Seconds to wait for processes that were ended to be gone."""


@dataclass(frozen=True)
class Batch:
    """One migration: rows at the source, and what became of them; money in the smallest unit people agree on."""

    name: str
    source: int
    migrated: int
    merged: int
    rejected: int
    money_source: float = 0.0
    money_target: float = 0.0

    @property
    def difference(self) -> float:
        """Rows and money that nobody accounts for; 0 when source = migrated + merged + rejected and sums agree."""
        rows = abs(self.source - self.migrated - self.merged - self.rejected)
        return rows + round(abs(self.money_source - self.money_target), 2)


def journal(workspace: Path) -> Path:
    """Where it is."""
    return workspace / logbook.FOLDER / FILE


def drill(workspace: Path, what: str, by: str, command: Sequence[str], limit: float) -> Entry:
    """Runs the company's own rollback, timed. It succeeded when the command ended with 0 within `limit` seconds."""
    if not command:
        raise WrongUse("请写出回滚命令：golive drill --what … -- 命令。Give the command of the rollback after --.")
    if not 0 < limit <= MOST_SECONDS:
        raise WrongUse(f"演练时限应当在 0 到 {MOST_SECONDS:g} 秒之间：{limit:g}。The limit is seconds.")
    began, clock = _now(), time.monotonic()
    code = _ran(command, limit)
    seconds = round(time.monotonic() - clock, 1)
    body = {"what": what, "by": by, "began": began, "ended": _now(), "seconds": seconds, "limit": limit}
    return logbook.append(journal(workspace), "drill", {**body, "exit": code, "ok": code == 0 and seconds <= limit})


def _ran(command: Sequence[str], limit: float) -> int | None:
    """The exit code; None when it was ended because its time was up."""
    try:
        begun = subprocess.Popen(command)  # in the foreground: it may ask for a password
    except OSError as refused:
        raise WrongUse(
            f"回滚命令启动不了：{command[0]}（{refused.strerror}）。The command cannot be started."
        ) from None
    try:
        return begun.wait(timeout=limit)
    except subprocess.TimeoutExpired:
        return None
    finally:
        end(begun)


def end(begun: subprocess.Popen[bytes]) -> None:
    """The process and whatever it began: nothing goes on behind the back of a drill that is said to have failed."""
    if begun.poll() is not None:
        return
    family = [*psutil.Process(begun.pid).children(recursive=True), psutil.Process(begun.pid)]
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    begun.wait()
    psutil.wait_procs(family, timeout=GRACE)


def figure(workspace: Path, phase: str, name: str, value: float, by: str) -> Entry:
    """A figure of the live system during that phase."""
    if not -1e15 < value < 1e15:
        raise WrongUse(f"{name} 不是数：{value}。It is no number.")
    if name == ADOPTION and not 0 <= value <= 1:
        raise WrongUse(f"{name} 是 0 到 1 之间的比例，92 % 写 0.92，不是 {value:g}。A share between 0 and 1.")
    return logbook.append(
        journal(workspace), "figure", {"phase": phase, "name": name, "value": value, "by": by, "taken": _now()}
    )


def migration(workspace: Path, batch: Batch, by: str) -> Entry:
    """One migration that was counted."""
    if not all(-1e15 < sum < 1e15 for sum in (batch.money_source, batch.money_target)):
        raise WrongUse("迁移的金额要写数。The sums of money must be numbers.")
    if min(batch.source, batch.migrated, batch.merged, batch.rejected) < 0 or batch.source == 0:
        raise WrongUse("迁移的条数不能是负数，源头不能是 0。Counts are not negative, and the source is not empty.")
    told: dict[str, Any] = {
        "batch": batch.name, "source": batch.source, "migrated": batch.migrated, "merged": batch.merged,
        "rejected": batch.rejected, "money_source": batch.money_source, "money_target": batch.money_target,
        "difference": batch.difference, "by": by, "counted": _now(),
    }  # fmt: skip
    return logbook.append(journal(workspace), "migration", told)


def entered(workspace: Path, phase: str, by: str, run: str) -> Entry:
    """That the phase began."""
    return logbook.append(journal(workspace), "entered", {"phase": phase, "by": by, "run": run})


def decided(workspace: Path, phase: str, by: str, answer: str, reason: str) -> Entry:
    """What was decided at the end of the phase."""
    if answer not in ANSWERS:
        raise unknown("决定 answer", answer, ANSWERS)
    if not reason.strip():
        raise WrongUse("请写明理由 --reason。A decision needs a reason.")
    told = {"phase": phase, "by": by, "answer": answer, "reason": reason.strip()}
    return logbook.append(journal(workspace), "decided", told)


def age(moment: str, now: datetime) -> timedelta | None:
    """How long ago; None when it says no moment, or one in the future."""
    try:
        passed = now - datetime.fromisoformat(moment)
    except (ValueError, TypeError):
        return None
    return passed if passed >= -timedelta(minutes=5) else None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
