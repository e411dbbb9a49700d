"""Carries boots out, several at a time, those that measure time one by one at the end; says which ended how."""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from crm_acceptance.checks.lifeline import LIFELINE_ENV
from crm_acceptance.errors import WrongUse
from crm_acceptance.running.interruption import Interrupted
from crm_acceptance.running.process import Process, Stuck
from crm_acceptance.touchstone.judging import Seen, seen

LONGEST = 1800.0
"""Seconds for one boot, whatever it does."""
NOT_RUN = "已中断，没有运行 interrupted before it ran"


@dataclass(frozen=True)
class Boot:
    """One start of the reference CRM: which defects, whose data (seed "": the profile's), which checks."""

    name: str
    checks: frozenset[str]
    defects: tuple[str, ...] = ()
    seed: str = ""
    quiet: bool = False


class Boots:
    """All boots of one touchstone. Results by the boot's name; an interruption leaves the others unproven."""

    def __init__(self, folder: Path, workspace: Path, promised: Path, jobs: int, tell: Callable[[str], None]) -> None:
        """`promised`: the run folder in which everything was collected, once for all boots."""
        self._folder, self._workspace, self._promised = folder, workspace, promised
        self._jobs, self._tell = jobs, tell
        self._stop = threading.Event()
        self.seen: dict[str, Seen] = {}
        self.seconds: dict[str, float] = {}
        self.done: list[Boot] = []
        self.interrupted = False

    def run(self, boots: Iterable[Boot]) -> None:
        """Everything that is asked for, the longest first; what was not reached is there all the same, unproven."""
        wanted = sorted(boots, key=lambda one: -len(one.checks))
        for boot in wanted:
            self.seen[boot.name] = Seen(trouble=NOT_RUN, asked=boot.checks)
        try:
            if not self.interrupted:
                self._side_by_side([one for one in wanted if not one.quiet], self._jobs)
                self._side_by_side([one for one in wanted if one.quiet], 1)
        except Interrupted:
            self.interrupted = True

    def _side_by_side(self, boots: Sequence[Boot], jobs: int) -> None:
        """Threads only wait for processes; whoever interrupts ends the processes before this returns."""
        waiting: queue.SimpleQueue[Boot] = queue.SimpleQueue()
        for boot in boots:
            waiting.put(boot)
        threads = [threading.Thread(target=self._work, args=(waiting,)) for _ in range(min(jobs, len(boots)))]
        for thread in threads:
            thread.start()
        try:
            for thread in threads:
                while thread.is_alive():  # a join without an end would not hear a signal on every system
                    thread.join(0.2)
        except BaseException:
            self._stop.set()
            for thread in threads:
                thread.join()
            raise

    def _work(self, waiting: queue.SimpleQueue[Boot]) -> None:
        while not self._stop.is_set():
            try:
                boot = waiting.get_nowait()
            except queue.Empty:
                return
            self._one(boot)

    def _one(self, boot: Boot) -> None:
        began = time.monotonic()
        try:
            shown = self._shown(boot)
        except (OSError, WrongUse) as refused:
            shown = Seen(trouble=f"启动不了 it could not be started: {refused}")
        self.seen[boot.name] = replace(shown, asked=boot.checks)
        self.seconds[boot.name] = time.monotonic() - began
        self.done.append(boot)
        self._tell(self._line(boot))

    def _shown(self, boot: Boot) -> Seen:
        folder = self._laid_out(boot)
        env = {**os.environ, LIFELINE_ENV: str(os.getpid()), "PYTHONUTF8": "1"}
        command = [sys.executable, "-m", "crm_acceptance.touchstone.boot", str(folder / "request.json")]
        end = time.monotonic() + LONGEST

        def look() -> bool:
            if self._stop.is_set() or time.monotonic() > end:
                raise Stuck("中断或太久 interrupted, or it took too long")
            return True

        try:
            with Process(command, env, self._workspace, folder / "boot.log") as process:
                process.follow(look, LONGEST)
        except Stuck as stuck:
            return Seen(trouble=str(stuck))
        return _of(folder)

    def _laid_out(self, boot: Boot) -> Path:
        folder = self._folder / boot.name
        folder.mkdir(parents=True)
        (folder / "checks.txt").write_text("\n".join(sorted(boot.checks)) + "\n", encoding="utf-8")
        launch = {"defects": ",".join(boot.defects), "seed": boot.seed}
        places = {"workspace": str(self._workspace), "promised": str(self._promised)}
        body = {**places, "launch": launch, "quiet": boot.quiet}
        (folder / "request.json").write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
        return folder

    def _line(self, boot: Boot) -> str:
        shown = self.seen[boot.name]
        failed = sum(check.status == "failed" for check in shown.checks.values())
        said = f"，{shown.trouble}" if shown.trouble else ""
        took = f"{self.seconds[boot.name]:.0f} s"
        return f"{boot.name}: {len(boot.checks)} 项检查 checks, {failed} 未通过 failed, {took}{said}"


def _of(folder: Path) -> Seen:
    """The run that the boot left; without one, the last words of its log say why."""
    runs = sorted(folder.glob("*/run.json"))
    if runs:
        return seen(runs[-1].parent)
    lines = (folder / "boot.log").read_text(encoding="utf-8", errors="replace").splitlines()
    last = next((line for line in reversed(lines) if line.strip()), "(no words)")
    return Seen(trouble=f"没有运行起来 it did not come up: {last[:300]}")
