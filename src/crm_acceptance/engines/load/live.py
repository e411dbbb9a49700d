"""The live file of a running peak: one JSON line per second, written by the generator, read by console and exporters.

Draws nothing (running/pulse.py does) and keeps nothing that the results do not hold as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from crm_acceptance.engines.load.figures import percentile, three_digits
from crm_acceptance.engines.load.orders import Sample
from crm_acceptance.engines.load.tallies import tallies

EVERY = 1.0
"""Seconds that one line tells of."""
COUNTS = ("begun", "ended", "errors")
"""Of this second alone, so that they add up; `busy` is a reading of its end."""

ENDING, ABOUT = ".live.jsonl", ".live.about"
"""How the live file of a run's peak ends, and what lies beside it: its title and how long it lasts."""

Line = dict[str, Any]


class Pulse:
    """Writes the live file. The floor calls `beat` as often as it likes: a line is written once a second, from what
    the floor keeps anyway, so that nothing is paid per request."""

    def __init__(self, path: str | Path) -> None:
        self._path, self._next, self._cpu = Path(path), EVERY, 0.0
        self._begun = self._samples = self._lags = self._pulses = 0
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_bytes(b"")

    def beat(
        self,
        now: float,
        *,
        begun: int,
        busy: int,
        samples: Sequence[Sample],
        lags: Sequence[float] = (),
        pulses: Sequence[float] = (),
        cpu: float = 0.0,
    ) -> Line | None:
        """`now` in seconds after the opening; `begun` so many so far; `busy` at this moment; `samples`, `lags`,
        `pulses`: the floor's own lists, which only grow; `cpu`: processor seconds so far. The line, if one was due."""
        if now < self._next:
            return None
        recent = samples[self._samples :]
        late = [*lags[self._lags :], *pulses[self._pulses :]]
        span = now - self._next + EVERY
        found = line(int(now), begun - self._begun, busy, recent, late, (cpu - self._cpu) / span)
        self._begun, self._cpu, self._next = begun, cpu, float(int(now / EVERY) + 1) * EVERY
        self._samples, self._lags, self._pulses = len(samples), len(lags), len(pulses)
        append(self._path, found)
        return found


def line(s: int, begun: int, busy: int, recent: Iterable[Sample], late: Sequence[float], cpu: float) -> Line:
    """One second in figures: latencies from the intended start, in ms, null when nothing ended."""
    ended = list(recent)
    waits = sorted(one.ended - one.intended for one in ended)
    return {
        "s": s,
        "begun": begun,
        "ended": len(ended),
        "errors": sum(bool(one.error) for one in ended),
        "busy": busy,
        **{f"{name}_ms": _milli(waits, share) for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))},
        "late_p95_ms": _milli(late, 0.95) or 0.0,
        "cpu": three_digits(max(0.0, cpu)),
        "verbs": tallies(ended),
    }


def merged(lines: Iterable[Mapping[str, Any]]) -> Line:
    """The same second of several workers as one: counts and processor add up, of times the worst is shown. Exact
    percentiles of all workers come with the results."""
    parts = list(lines)
    told: Line = {"s": max(int(one["s"]) for one in parts)}
    told |= {key: sum(int(one[key]) for one in parts) for key in (*COUNTS, "busy")}
    for key in ("p50_ms", "p95_ms", "p99_ms", "late_p95_ms"):
        told[key] = max((one[key] for one in parts if one.get(key) is not None), default=None)
    return told | {"cpu": three_digits(sum(float(one["cpu"]) for one in parts))}


def append(path: Path, told: Mapping[str, Any]) -> None:
    """One line more, in one write: whoever reads sees whole lines and perhaps a last one that is on its way."""
    with path.open("ab", buffering=0) as file:
        file.write(json.dumps(told, separators=(",", ":")).encode() + b"\n")


def about(file: Path, title: str, length: float) -> None:
    """Leaves beside the live file what it is of, for whoever follows it; `length` in seconds."""
    told = json.dumps({"title": title, "seconds": length}, ensure_ascii=False)
    file.with_name(file.name.removesuffix(ENDING) + ABOUT).write_text(told, encoding="utf-8")


def told_about(file: Path) -> tuple[str, float]:
    """Its title and length; its name and 0 when nobody left them."""
    name = file.name.removesuffix(ENDING)
    try:
        told = json.loads(file.with_name(name + ABOUT).read_text(encoding="utf-8"))
        return str(told["title"]), float(told["seconds"])
    except (OSError, ValueError, KeyError):
        return name, 0.0


class Following:
    """Reads a live file while it grows."""

    def __init__(self, path: Path) -> None:
        self._path, self._read = path, 0

    def news(self) -> list[Line]:
        """What has come since the last time; whole lines only. A file that is not there yet has no news; one that
        begins anew is read anew."""
        try:
            with self._path.open("rb") as file:
                self._read = 0 if file.seek(0, 2) < self._read else self._read
                file.seek(self._read)
                whole = file.read().rpartition(b"\n")[0]
        except FileNotFoundError:
            return []
        self._read += len(whole) + 1 if whole else 0
        return [json.loads(one) for one in whole.splitlines() if one]


def _milli(values: Sequence[float], share: float) -> float | None:
    return three_digits(percentile(values, share) * 1000) if values else None
