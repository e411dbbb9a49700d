"""Feeds Locust's own statistics and web page, some requests at a time; the verdict never looks at them.

Locust counts every request three times over and fires an event for it, which costs as much as sending it.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

Told = tuple[float, int, str]
"""Milliseconds, bytes, error."""


class Board:
    """`stats`: Locust's RequestStats; `bucket`: how it rounds milliseconds."""

    def __init__(self, stats: Any, bucket: Callable[[float], int]) -> None:
        self._stats, self._bucket = stats, bucket
        self._news: dict[tuple[str, str], list[Told]] = {}

    def tell(self, method: str, name: str, milliseconds: float, size: int, error: str) -> None:
        """One request."""
        told = self._news.get((name, method))
        if told is None:
            told = self._news.setdefault((name, method), [])
        told.append((milliseconds, size, error))

    def show(self) -> None:
        """What came since the last time appears on the board."""
        news, self._news = self._news, {}
        for (name, method), told in news.items():
            part = self._part(name, method, told)
            self._stats.entries[(name, method)].extend(part)
            self._stats.total.extend(part)
            for error in (error for _, _, error in told if error):
                self._stats.log_error(method, name, error)

    def _part(self, name: str, method: str, told: list[Told]) -> Any:
        """An entry of Locust's that holds just these."""
        now = time.time()
        times = [one for one, _, _ in told]
        part = type(self._stats.total)(self._stats, name, method)
        part.num_requests, part.num_reqs_per_sec = len(told), {int(now): len(told)}
        part.total_response_time, part.total_content_length = sum(times), sum(size for _, size, _ in told)
        part.min_response_time, part.max_response_time = min(times), max(times)
        part.last_request_timestamp = now
        for rounded, count in Counter(map(round, times)).items():
            part.response_times[self._bucket(rounded)] += count
        return part
