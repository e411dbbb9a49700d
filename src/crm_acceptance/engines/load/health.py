"""What the generator notices about itself while the clock runs, and which of it makes a run invalid; measures no site.

Whether it was late in beginning things is in the floor's lags and pulses; here is why: no processor, stolen time, a
clock that was changed.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import psutil

EVERY = 1.0
"""Seconds between two looks."""
WAITED, WAITED_AT_WORST = 0.55, 0.65
"""Of the time in which the generator could have run: what it may have waited for a core, all in all and in the worst
fifth of the run. With n equal competitors on every core it is n / (n + 1): 0.5 for one, 0.67 for two; a quiet machine
makes it 0.05 to 0.2, one busy neighbour on two cores 0.2 to 0.45."""
CROWDED = 0.4
"""What it may have waited where no core that it may use had a moment to spare."""
STOLEN = 0.1
"""Of its cores' time: what other virtual machines may have taken."""
SATURATED = 0.02
"""Idle share of the cores it may use below which a generator that cannot see its own waiting is believed starved."""
STEP = 1.0
"""Seconds by which the wall clock may run away from the monotonic one within one look."""
YOUNG = 20_000
"""Objects after which the collector looks at the young ones: some milliseconds, every few thousand requests."""
SCHEDSTAT = Path("/proc/thread-self/schedstat")


@dataclass(frozen=True)
class Look:
    """One look: the monotonic and the wall clock, seconds that this thread ran and waited for a core (None: this
    system does not tell), and seconds of the cores it may use that were idle, stolen and there."""

    at: float
    wall: float
    ran: float
    waited: float | None
    idle: float
    stolen: float
    whole: float


@dataclass(frozen=True)
class Health:
    """Shares of one: `waited` and `worst` (of the time it could have run; None: unknown), `idle` and `stolen` (of the
    time of the cores it may use); `step`: seconds by which the wall clock jumped at most; `seconds` that were watched;
    `ran`: of one core, while the clock ran."""

    seconds: float = 0.0
    waited: float | None = None
    worst: float | None = None
    idle: float | None = None
    stolen: float = 0.0
    step: float = 0.0
    ran: float = 0.0


def quiet() -> None:
    """Before the clock starts: what is there by now is there to stay, so that the garbage collector, which stops
    everything while it looks, has next to nothing to look through."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, 20, 20)


def look() -> Look:
    """How things are now."""
    at, wall = time.monotonic(), time.time()
    try:
        ran, waited = (int(word) / 1e9 for word in SCHEDSTAT.read_text("ascii").split()[:2])
        known: float | None = waited
    except (OSError, ValueError):
        ran, known = time.thread_time(), None
    return Look(at, wall, ran, known, *_cores())


def _cores() -> tuple[float, float, float]:
    """Seconds that were idle, stolen and there, of the cores that this process may use: those of a container or of
    `taskset` may be full while others of the machine have nothing to do."""
    every = psutil.cpu_times(percpu=True)
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set(range(len(every)))
    mine = [core for number, core in enumerate(every) if number in allowed] or every
    return (
        sum(core.idle + getattr(core, "iowait", 0.0) for core in mine),
        sum(getattr(core, "steal", 0.0) for core in mine),
        sum(sum(core) - getattr(core, "guest", 0.0) - getattr(core, "guest_nice", 0.0) for core in mine),
    )


class Vitals:
    """Looks once a second, whenever the heart beats."""

    def __init__(self, look: Callable[[], Look] = look) -> None:
        self._look = look
        self._looks = [look()]

    def beat(self) -> None:
        """Cheap unless a look is due."""
        if time.monotonic() >= self._looks[-1].at + EVERY:
            self._looks.append(self._look())

    def told(self) -> Health:
        """All of it, up to now."""
        return told([*self._looks, self._look()])


def told(looks: Sequence[Look]) -> Health:
    """What the looks come to."""
    first, last = looks[0], looks[-1]
    fifth = max(1, round((len(looks) - 1) / 5))
    stretches = [_waited(a, b) for a, b in zip(looks, looks[fifth:], strict=False)]
    whole = last.whole - first.whole
    return Health(
        seconds=last.at - first.at,
        waited=_waited(first, last),
        worst=max((one for one in stretches if one is not None), default=None),
        idle=(last.idle - first.idle) / whole if whole > 0 else None,
        stolen=(last.stolen - first.stolen) / whole if whole > 0 else 0.0,
        step=max((_step(a, b) for a, b in pairwise(looks)), key=abs, default=0.0),
        ran=(last.ran - first.ran) / (last.at - first.at) if last.at > first.at else 0.0,
    )


def _waited(a: Look, b: Look) -> float | None:
    if a.waited is None or b.waited is None:
        return None
    ran, waited = b.ran - a.ran, b.waited - a.waited
    return waited / (ran + waited) if ran + waited > 0 else 0.0


def _step(a: Look, b: Look) -> float:
    return (b.wall - a.wall) - (b.at - a.at)


def worst(parts: Iterable[Health]) -> Health:
    """That of several generators as one: a run is as sound as its weakest."""
    found = list(parts) or [Health()]
    return Health(
        max(one.seconds for one in found),
        max((one.waited for one in found if one.waited is not None), default=None),
        max((one.worst for one in found if one.worst is not None), default=None),
        min((one.idle for one in found if one.idle is not None), default=None),
        max(one.stolen for one in found),
        max((one.step for one in found), key=abs),
        max(one.ran for one in found),
    )


def complaint(health: Health) -> str:
    """Why these figures are not the site's; "" when nothing is wrong."""
    if abs(health.step) > STEP:
        return (
            f"本次运行无效 invalid：运行中时钟被拨动了 {health.step:+.1f} 秒，或者机器睡眠过。"
            "The clock was changed in mid-run, or the machine slept: run again."
        )
    if health.stolen > STOLEN:
        return (
            f"本次运行无效 invalid：别的虚拟机拿走了 {health.stolen:.0%} 的处理器时间（上限 {STOLEN:.0%}）。"
            "Other virtual machines took the processor: use a machine of its own."
        )
    return _starved(health)


def _starved(health: Health) -> str:
    over = [
        (what, share, limit)
        for what, share, limit in (
            ("全程 all in all", health.waited, WAITED),
            ("最差的五分之一 in the worst fifth", health.worst, WAITED_AT_WORST),
        )
        if share is not None and share > limit
    ]
    full = health.idle is not None and health.idle < SATURATED
    if not over and full and health.waited is not None and health.waited > CROWDED:
        over = [("整台机器没有空闲 the machine was full", health.waited, CROWDED)]
    if over:
        what, share, limit = over[0]
        return (
            f"本次运行无效 invalid：压测机想运行的时间里有 {share:.0%} 在等处理器（{what}，上限 {limit:.0%}）。"
            "请关掉别的程序，或换一台核更多的机器再跑。"
            f"The generator was starved of CPU by other programs: close them, or use a machine with more than "
            f"{os.cpu_count()} cores."
        )
    if health.waited is None and full and health.idle is not None:
        return (
            f"本次运行无效 invalid：压测时整台机器只剩 {health.idle:.1%} 空闲。"
            "The whole machine was saturated: the generator must have waited, close other programs."
        )
    return ""
