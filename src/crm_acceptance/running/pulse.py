"""What people see while a peak goes on: one line that lives at a terminal, a line now and then in a log.

Reads the live file that the generator writes; measures and decides nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.text import Text

from crm_acceptance.engines.load.live import ENDING, Following, told_about

EVERY = 0.5
"""Seconds between two looks at the live file."""
SILENCE = 10.0
"""Seconds after which a log hears of the peak again."""


def said(line: Mapping[str, Any], length: float = 0.0) -> str:
    """One second in words; `length`: seconds of the whole plan, 0 when nobody knows."""
    done, p95 = int(line["ended"]) - int(line["errors"]), line.get("p95_ms")
    parts = [
        f"第 {line['s']} 秒",
        f"正在做 busy {line['busy']}",
        f"每秒完成 done/s {done}",
        f"p95 {_duration(p95)}",
        f"出错 errors {line['errors']}",
        f"压测机迟到 late {_duration(line.get('late_p95_ms'))}",
    ]
    left = length - float(line["s"])
    if length:
        parts.append(f"还剩 left {left:.0f} 秒" if left > 0 else "收尾 finishing")
    return " · ".join(parts)


def _duration(milliseconds: float | None) -> str:
    if milliseconds is None:
        return "–"
    return f"{milliseconds:.0f} ms" if milliseconds < 1000 else f"{milliseconds / 1000:.1f} s"


@contextmanager
def shown(console: Console, file: Path, length: float) -> Iterator[None]:
    """Shows the peak that writes `file` until the context is left."""
    over = threading.Event()
    live = Live(console=console, refresh_per_second=2, transient=True) if console.is_terminal else None
    telling = _Telling(console, Following(file), length, live)

    def follow() -> None:
        while not over.wait(EVERY):
            telling.look()

    follower = threading.Thread(target=follow, daemon=True)
    if live is not None:
        live.start()
    follower.start()
    try:
        yield
    finally:
        over.set()
        follower.join()
        if live is not None:
            live.stop()


class _Telling:
    """Follows one live file and says what is new, often or seldom."""

    def __init__(
        self,
        console: Console,
        following: Following,
        length: float,
        live: Live | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._console, self._following, self._length, self._live = console, following, length, live
        self._clock, self._spoke = clock, clock() - SILENCE

    def look(self) -> None:
        """Says the latest second, if there is one and it is time."""
        news = self._following.news()
        if not news:
            return
        text = said(news[-1], self._length)
        if self._live is not None:
            self._live.update(Text(text))
        elif self._clock() - self._spoke >= SILENCE:
            self._spoke = self._clock()
            self._console.print(text, soft_wrap=True, highlight=False, markup=False)


class Going:
    """All peaks of a run that write their live files into one folder; the latest line is what is said."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._followed: dict[Path, Following] = {}
        self.sentence = ""

    def look(self) -> bool:
        """Whether anything came; then `sentence` says it."""
        news = False
        for file in sorted(self._folder.glob(f"*{ENDING}")):
            lines = self._followed.setdefault(file, Following(file)).news()
            if lines:
                news, (title, length) = True, told_about(file)
                self.sentence = f"{title}：{said(lines[-1], length)}"
        return news
