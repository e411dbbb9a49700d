"""What people see while a run goes on: a live bar at a terminal, plain lines elsewhere. Decides nothing."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from crm_acceptance.gate.trust import first_line
from crm_acceptance.running.pulse import Going

PHASE_NAMES = {"scenarios": "场景 scenarios", "security": "安全 security", "load": "压力 load", "fuzz": "接口探测 fuzz"}
SILENCE = 15.0
"""Seconds after which a log says again that the phase goes on, even if nothing has ended."""
MARKS = {
    "failed": "[red]✗ 未通过 failed[/]",
    "broken": "[yellow]! 检查中断 broken[/]",
    "skipped": "[yellow]– 未执行 skipped[/]",
}


class Show:
    """Follows one phase's progress file; use as a context, then call look() as often as you like."""

    def __init__(
        self,
        console: Console,
        phase: str,
        titles: dict[str, str],
        file: Path,
        clock: Callable[[], float] = time.monotonic,
        peaks: Path | None = None,
    ) -> None:
        self._console = console
        self._name = PHASE_NAMES.get(phase, phase)
        self._titles = titles
        self._file = file
        self._read = 0
        self._done: dict[str, str] = {}
        self._told = 0
        self._clock = clock
        self._spoke = clock()
        self._going = Going(peaks) if peaks else None
        self._bar = Progress(
            TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[tally]}"),
            TimeElapsedColumn(), console=console, disable=not console.is_terminal,
        )  # fmt: skip
        self._task = self._bar.add_task(self._name, total=len(titles), tally="")

    def look(self) -> bool:
        """Reads what is new and shows it; True when a check has ended, or a peak goes on, since the last look."""
        news = self._news()
        for told in news:
            self._take(told)
        goes_on = self._going is not None and self._going.look()
        if news or goes_on:
            self._bar.update(self._task, completed=len(self._done), tally=self._tally())
        self._plain()
        return bool(news) or goes_on

    def __enter__(self) -> Show:
        if not self._console.is_terminal:
            self._console.print(f"{self._name}: {len(self._titles)} 项检查 checks")
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()
        if not self._console.is_terminal:
            self._say()

    def _news(self) -> list[dict[str, Any]]:
        """Whole lines only: the last one may still be on its way."""
        if not self._file.is_file():
            return []
        with self._file.open("rb") as source:
            source.seek(self._read)
            whole = source.read().rpartition(b"\n")[0]
        self._read += len(whole) + 1 if whole else 0
        return [json.loads(line) for line in whole.splitlines() if line]

    def _take(self, told: dict[str, Any]) -> None:
        nodeid, outcome = str(told["nodeid"]), str(told["outcome"])
        if self._done.get(nodeid) in (None, "passed"):
            self._done[nodeid] = outcome
        if outcome in MARKS:
            title = self._titles.get(nodeid, nodeid)
            said = first_line(str(told["said"]))
            self._console.print(f"  {MARKS[outcome]} {escape(title)}：{escape(said)}", highlight=False)

    def _tally(self) -> str:
        counts = Counter(self._done.values())
        words = {"passed": "通过", "failed": "未通过", "broken": "中断", "skipped": "未执行"}
        told = [f"{words[key]} {counts[key]}" for key in words if counts[key]]
        if self._going and self._going.sentence and len(self._done) < len(self._titles):
            told.append(escape(self._going.sentence))
        return " ".join(told)

    def _plain(self) -> None:
        """Without a terminal: a line at every tenth part and after every silence, so that a log shows that it goes on.

        The last tenth is left to the closing line.
        """
        if self._console.is_terminal:
            return
        tenth = len(self._done) * 10 // max(1, len(self._titles))
        if self._told < tenth < 10 or self._clock() - self._spoke >= SILENCE:
            self._told = tenth
            self._say()

    def _say(self) -> None:
        self._spoke = self._clock()
        said = self._tally() or "还没有检查结束 none has ended yet"
        self._console.print(f"{self._name}: {len(self._done)}/{len(self._titles)} {said}", highlight=False)
