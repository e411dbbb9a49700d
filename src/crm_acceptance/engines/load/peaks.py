"""peaks.toml -> Peak values, loud about every word it does not know; makes no load."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_acceptance.engines.load import entries, limits, mixes, quantities, shapes
from crm_acceptance.engines.load.entries import Table
from crm_acceptance.engines.load.expecting import Expect
from crm_acceptance.engines.load.limits import MB_PER_MINUTE as MB_PER_MINUTE
from crm_acceptance.engines.load.limits import MEASURES as MEASURES
from crm_acceptance.engines.load.limits import OURS as OURS
from crm_acceptance.engines.load.limits import Threshold as Threshold
from crm_acceptance.engines.load.mixes import Share as Share
from crm_acceptance.engines.load.shapes import Stage as Stage
from crm_acceptance.errors import WrongUse
from crm_acceptance.model import Person

_OPEN, _CLOSED = ("users", "arrivals_per_second", "rate"), ("people", "think_time")
_PEAK = ("title", *_OPEN, *_CLOSED, *shapes.KEYS, "timeout", "mix", "http", "threshold")
_NAME = re.compile(r"\w[\w .-]{0,79}")
"""Of a peak: it becomes the name of files."""
STALL_SECONDS, MOST_HANDS, MOST_PEOPLE = 4, 4000, 20_000
"""How long a stall must find somebody free to feel it, how many one process is by default, and at most."""


@dataclass(frozen=True)
class Peak:
    """One peak. `users`: how many work at the same time; durations in seconds; arrivals start whether or not
    earlier ones are finished, so a site that stalls cannot slow down its own examination. `rate` is the highest;
    `ramp` what comes before anything counts, `plateau` the rest."""

    name: str
    title: str
    users: int
    rate: float
    ramp: float
    plateau: float
    timeout: float
    mix: tuple[Share, ...]
    thresholds: tuple[Threshold, ...]
    stages: tuple[Stage, ...] = ()
    """As written; () for a simple peak: `course` says what those of any peak are."""
    think: float = 0.0
    """Mean seconds between the end of one thing and the beginning of the next of the same person; more than 0: a
    closed loop, in which `users` people each do one thing after another."""
    expected: tuple[tuple[str, Expect], ...] = ()
    """What the answers to pages have to be, by verb, where that is more than a status."""

    @property
    def course(self) -> tuple[Stage, ...]:
        """The stages of every peak; of a simple one its ramp and its plateau."""
        if self.stages:
            return self.stages
        flat = Stage("plateau", self.plateau, self.rate, True)
        return (Stage("ramp", self.ramp, self.rate, False), flat) if self.ramp > 0 else (flat,)

    @property
    def length(self) -> float:
        """Seconds of all stages; `ramp` + `plateau` is the same for every peak."""
        return sum(stage.seconds for stage in self.course)

    def counted_from(self, since: float = 0.0) -> list[tuple[float, float]]:
        """The stretches (begin, end; seconds after the opening) whose arrivals count, as far as they lie after
        `since`; neighbours are one."""
        found: list[tuple[float, float]] = []
        begin = 0.0
        for stage in self.course:
            first, begin = max(since, begin), begin + stage.seconds
            if not stage.counted or begin <= first:
                continue
            if found and found[-1][1] == first:
                first = found.pop()[0]
            found.append((first, begin))
        return found

    @property
    def plain(self) -> bool:
        """Whether it consists of pages that need no login, so that no mapping and no people are needed."""
        return mixes.plain(self.mix)


def load(path: Path, people: Iterable[Person], requirements: Iterable[str]) -> tuple[Peak, ...]:
    """Every peak of the file. WrongUse says which key of which peak is wrong, and what is known."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise WrongUse(f"找不到 {path}。请检查 acceptance.toml 的 peaks。No such file.") from None
    except OSError as no:
        raise WrongUse(f"读不了 {path}：{no.strerror}。The file of peaks cannot be read.") from None
    except UnicodeDecodeError:
        raise WrongUse(f"{path.name} 不是 UTF-8 编码，请另存为 UTF-8。Not UTF-8: save it as UTF-8.") from None
    except (tomllib.TOMLDecodeError, RecursionError) as broken:
        raise WrongUse(f"{path.name} 不是正确的 TOML：{broken}。Not valid TOML.") from None
    if not table:
        raise WrongUse(f"{path.name} 里没有一个高峰。No peak in this file: write [morning] and its keys.")
    everybody, known, folder = tuple(people), frozenset(requirements), path.resolve().parent
    return tuple(read(f"{path.name} [{name}]", name, raw, everybody, known, folder) for name, raw in table.items())


def read(where: str, name: str, raw: Any, people: Sequence[Person], requirements: frozenset[str], folder: Path) -> Peak:
    """One peak from its table; `folder` is where its tables of data are looked for (beside it, in fixtures/)."""
    if not isinstance(raw, dict):
        raise WrongUse(f"{where} 应当是一个表。It must be a table.")
    if not _NAME.fullmatch(name):
        raise WrongUse(
            f"{where}：高峰的名字要用作文件名，只用文字、数字、- 和 _。Name it with letters, digits, - and _."
        )
    entries.keys(where, raw, _PEAK)
    mix = mixes.read(where, raw, people, folder)
    think = _think(where, raw)
    rate = _population(where, raw, think) if think else _rate(where, raw)
    stages = shapes.read(where, raw, rate, shapes.Unit("people", 1 / think) if think else shapes.RATE)
    course = stages or (Stage("plateau", _seconds(where, raw, "plateau"), rate or 0.0, True),)
    highest = max(stage.rate for stage in course)
    before = _uncounted(stages) if stages else _seconds(where, raw, "ramp", "0 s")
    peak = Peak(
        *(name, entries.value(where, raw, "title", str, name)),
        users=round(highest * think) if think else _users(where, raw, mix, highest),
        rate=highest,
        ramp=before,
        plateau=sum(stage.seconds for stage in course) - (before if stages else 0.0),
        timeout=entries.positive(where, "timeout", _seconds(where, raw, "timeout", "10 s")),
        mix=mix,
        thresholds=_thresholds(where, raw, requirements, mix),
        stages=stages,
        think=think,
        expected=mixes.expected(where, raw),
    )
    return _possible(where, peak)


def _uncounted(stages: Sequence[Stage]) -> float:
    """Seconds before the first stage that counts."""
    first = next(n for n, stage in enumerate(stages) if stage.counted)
    return sum(stage.seconds for stage in stages[:first])


def _think(where: str, raw: Table) -> float:
    """Seconds of think time; 0 for arrivals that wait for nobody. Half of either kind is refused."""
    if not any(key in raw for key in _CLOSED):
        return 0.0
    both = [key for key in _OPEN if key in raw]
    if both:
        raise WrongUse(
            f"{where}：people + think_time（做完再想一想）和 {'、'.join(both)}（到点就来）只能选一种。"
            "Either people with think_time, or arrivals per second."
        )
    return entries.positive(where, "think_time", _seconds(where, raw, "think_time"))


def _population(where: str, raw: Table, think: float) -> float | None:
    """A closed loop's people as things per second at most; None where stages say how many."""
    if "people" not in raw and any(key in raw for key in ("steps", "stages")):
        return None
    return shapes.Unit("people", 1 / think).height(where, raw)


def _rate(where: str, raw: Table) -> float | None:
    """Arrivals per second: of the peak (`rate` for short), or the sum of its pages' own; None where stages say it."""
    key = "rate" if "rate" in raw else "arrivals_per_second"
    pages = entries.rows(where, raw, "http") if "http" in raw and "mix" not in raw else []
    if key not in raw and pages and all("rate" in page for page in pages):
        return sum(entries.quantity(where, page, "rate", quantities.rate) for page in pages)
    if key not in raw and any(one in raw for one in ("steps", "stages")):
        return None
    return entries.quantity(where, raw, key, quantities.rate)


def _users(where: str, raw: Table, mix: Sequence[Share], rate: float) -> int:
    """How many hands there are; for pages that need no login, as many as a stall of some seconds keeps busy."""
    default = min(MOST_HANDS, max(20, round(rate * STALL_SECONDS))) if mixes.plain(mix) else None
    found = raw.get("users", default)
    if isinstance(found, str):
        found = quantities.people(f"{where} 的 users", found)
        raw = {**raw, "users": found}
    return int(entries.positive(where, "users", entries.value(where, raw, "users", int, default)))


def _seconds(where: str, raw: Table, key: str, default: str | None = None) -> float:
    return quantities.seconds(f"{where} 的 {key}", entries.value(where, raw, key, str, default))


def _thresholds(where: str, raw: Table, requirements: frozenset[str], mix: Sequence[Share]) -> tuple[Threshold, ...]:
    """Pages that need no login may also be measured without any threshold, and without a requirement."""
    if mixes.plain(mix) and "threshold" not in raw:
        return ()
    free = {""} if mixes.plain(mix) else set()
    known = limits.Known(requirements | free, {one.verb for one in mix}, {one.department for one in mix} - {""})
    rows = entries.rows(where, raw, "threshold")
    return tuple(limits.read(f"{where} threshold {n}", one, known) for n, one in enumerate(rows, 1))


def _possible(where: str, peak: Peak) -> Peak:
    """WrongUse for what the plan itself makes impossible."""
    if peak.users > MOST_PEOPLE:
        raise WrongUse(f"{where}：最多 {MOST_PEOPLE} 人，这里是 {peak.users} 人。Too many people for one peak.")
    departments = {share.department for share in peak.mix}
    if peak.think and peak.users < len(departments):
        raise WrongUse(
            f"{where}：{peak.users} 个人分不到 {len(departments)} 个部门。Fewer people than departments in the mix."
        )
    planned = shapes.area(peak.course, counted=True)
    if planned < 1:
        raise WrongUse(f"{where}：计入指标的时间里一件事也不来（{planned:.2g}）。Nothing would come while it counts.")
    counted = sum(end - begin for begin, end in peak.counted_from())
    for number, one in enumerate(peak.thresholds, 1):
        if said := _never(peak, one, planned, counted):
            raise WrongUse(f"{where} threshold {number}：{said}")
    return peak


def _never(peak: Peak, asked: Threshold, planned: float, counted: float) -> str:
    """Why the plan leaves this threshold nothing to decide; "" when it may be met and may be missed."""
    if asked.window > counted:
        return (
            f"for（{asked.window:g} 秒）比计入指标的时间（{counted:g} 秒）还长。"
            "The duration is longer than the time that counts."
        )
    if asked.limit > peak.timeout and asked.measure in limits.TIMED:
        return (
            f"limit（{asked.limit:g} 秒）比 timeout（{peak.timeout:g} 秒）还长，等不到那么久，永远不会超过；"
            "请把 timeout 写长。Nobody waits that long: write a longer timeout."
        )
    coming = planned / counted * mixes.part(peak.mix, asked.verb, asked.department)
    if asked.measure == "throughput" and asked.limit > coming * 1.001:
        return (
            f"throughput 至少 {asked.limit:g} /s，而计划里平均每秒只来 {coming:.3g} 件，谁也做不到。"
            "No more can be done than comes: lower the limit or raise the rate."
        )
    return ""
