"""Live figures of a peak for the monitoring a company has: Prometheus fetches them here, OpenTelemetry gets them sent.

Reads the live file; the generator knows nothing of it, so that a receiver that is slow or down holds nobody up.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crm_acceptance.engines.load import tallies
from crm_acceptance.engines.load.live import Following
from crm_acceptance.engines.load.pushing import Push
from crm_acceptance.engines.load.scraping import served

EVERY = 0.5
"""Seconds between two looks into the live file."""
PUSH_EVERY = 5.0


@dataclass
class Totals:
    """Everything since the beginning of the run, and the last second's readings. Whoever reads holds `lock`."""

    peak: str
    verbs: dict[str, Any] = field(default_factory=dict)
    begun: int = 0
    readings: dict[str, float] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, line: dict[str, Any]) -> None:
        """One more line of the live file."""
        with self.lock:
            tallies.add(self.verbs, line.get("verbs", {}))
            self.begun += int(line["begun"])
            late = float(line["late_p95_ms"]) / 1000
            self.readings = {"busy": float(line["busy"]), "lateness_p95_seconds": late, "cpu": float(line["cpu"])}


@contextmanager
def exporting(live: Path, peak: str, metrics_port: int = 0, otlp: str = "") -> Iterator[list[str]]:
    """Within, the figures are served at 127.0.0.1:`metrics_port` (0: not) and pushed to `otlp` ("": not). Yields the
    list of what people should be told afterwards. WrongUse for a port that is taken or an address that is none."""
    notes: list[str] = []
    if not metrics_port and not otlp:
        yield notes
        return
    totals, push = Totals(peak), Push(otlp) if otlp else None
    live.unlink(missing_ok=True)  # of an earlier run
    with ExitStack() as open_things:
        if metrics_port:
            open_things.enter_context(served(totals, metrics_port))
        over = threading.Event()
        follower = threading.Thread(target=_follow, args=(Following(live), totals, push, over), daemon=True)
        follower.start()
        try:
            yield notes
        finally:
            over.set()
            follower.join(PUSH_EVERY * 3)
            if push is not None and push.failed:
                notes.append(push.told())


def _follow(following: Following, totals: Totals, push: Push | None, over: threading.Event) -> None:
    """Until the run is over, and once more after that: the last second counts, too."""
    due, waited = 0.0, 0.0
    while True:
        last = over.wait(EVERY)
        waited += EVERY
        for line in following.news():
            totals.add(line)
        if push is not None and (last or waited >= due):
            due = waited + PUSH_EVERY
            push.send(totals)
        if last:
            return
