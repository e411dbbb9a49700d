"""peaks.toml -> Peak values, loud about every word it does not know; makes no load."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_acceptance.engines.load.pages import METHODS, NOBODY
from crm_acceptance.engines.load.work import VERBS
from crm_acceptance.errors import WrongUse, unknown
from crm_acceptance.model import DEPARTMENTS, Person

MEASURES = ("p50", "p90", "p95", "p99", "p999", "max", "errors", "throughput", "writes", "foreign", "memory", "drift")
OURS = ("PERF-001", "PERF-002", "PERF-003", "PERF-004", "PERF-005")
"""What the peaks that come with this program prove. A company whose own table does not require one is not asked."""
_PEAK = ("title", "users", "arrivals_per_second", "rate", "ramp", "plateau", "timeout", "mix", "http", "threshold")
_MIX = ("department", "people", "verb", "share")
_HTTP = ("department", "people", "method", "path", "share", "weight", "rate")
_THRESHOLD = ("requirement", "measure", "limit", "verb")
STALL_SECONDS, MOST_HANDS = 4, 1000
"""How long a stall must find somebody free to feel it, and how many one process can be."""
MB_PER_MINUTE = 2**20 / 60
_UNITS = {"ms": 0.001, "s": 1.0, "min": 60.0}
_KIND = {int: "整数 whole number", float: "数 number", str: "文字 text", list: "列表 list"}


@dataclass(frozen=True)
class Share:
    """One line of the mix: these people do this verb, `share` parts of all arrivals."""

    verb: str
    people: tuple[str, ...]
    share: float


@dataclass(frozen=True)
class Stage:
    """One stretch of the plan, in order. `kind`: ramp plateau spike soak step; `rate`: arrivals per second at its end,
    linear from the stage before (0 before the first) in a ramp, flat in all others; `counted`: whether what begins in
    it counts for thresholds."""

    kind: str
    seconds: float
    rate: float
    counted: bool


@dataclass(frozen=True)
class Threshold:
    """What must hold: seconds for pNN and max, a ratio for errors, a count for writes lost or doubled and for answers
    with somebody else's data (foreign), bytes per second for the growth of the server's memory, Actions acknowledged
    per second at least for throughput, seconds of p95 per second for drift. `window`: for how many seconds in a row
    it must be missed to stop the run; 0: over all that counts."""

    requirement: str
    measure: str
    limit: float
    verb: str = ""
    department: str = ""
    window: float = 0.0


@dataclass(frozen=True)
class Peak:
    """One peak. `users`: how many work at the same time; durations in seconds; arrivals start whether or not
    earlier ones are finished, so a site that stalls cannot slow down its own examination."""

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
        return _plain(self.mix)


def load(path: Path, people: Iterable[Person], requirements: Iterable[str]) -> tuple[Peak, ...]:
    """Every peak of the file. WrongUse says which key of which peak is wrong, and what is known."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise WrongUse(f"找不到 {path}。请检查 acceptance.toml 的 peaks。No such file.") from None
    except UnicodeDecodeError:
        raise WrongUse(f"{path.name} 不是 UTF-8 编码，请另存为 UTF-8。Not UTF-8: save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as broken:
        raise WrongUse(f"{path.name} 不是正确的 TOML：{broken}。Not valid TOML.") from None
    if not table:
        raise WrongUse(f"{path.name} 里没有一个高峰。No peak in this file: write [morning] and its keys.")
    everybody, known = tuple(people), frozenset(requirements)
    return tuple(_peak(f"{path.name} [{name}]", name, raw, everybody, known) for name, raw in table.items())


def _peak(where: str, name: str, raw: Any, people: Sequence[Person], requirements: frozenset[str]) -> Peak:
    if not isinstance(raw, dict):
        raise WrongUse(f"{where} 应当是一个表。It must be a table.")
    _keys(where, raw, _PEAK)
    mix = _mix(where, raw, people)
    rate = _rate(where, raw)
    return Peak(
        *(name, str(_value(where, raw, "title", str, name))),
        users=_users(where, raw, mix, rate),
        rate=rate,
        ramp=seconds(where, _value(where, raw, "ramp", str, "0 s")),
        plateau=_positive(where, "plateau", seconds(where, _value(where, raw, "plateau", str))),
        timeout=_positive(where, "timeout", seconds(where, _value(where, raw, "timeout", str, "10 s"))),
        mix=mix,
        thresholds=_thresholds(where, raw, requirements, mix),
    )


def _plain(mix: Sequence[Share]) -> bool:
    return all(share.people == (NOBODY.key,) for share in mix)


def _thresholds(
    where: str, raw: Mapping[str, Any], requirements: frozenset[str], mix: Sequence[Share]
) -> tuple[Threshold, ...]:
    """Pages that need no login may also be measured without any threshold, and without a requirement."""
    if _plain(mix) and "threshold" not in raw:
        return ()
    verbs, known = {*VERBS, *(share.verb for share in mix)}, requirements | ({""} if _plain(mix) else set())
    rows = _rows(where, raw, "threshold")
    return tuple(_threshold(f"{where} threshold {n}", one, known, verbs) for n, one in enumerate(rows, 1))


def _rate(where: str, raw: Mapping[str, Any]) -> float:
    """Arrivals per second: of the peak (`rate` for short), or the sum of its pages' own."""
    key = "rate" if "rate" in raw else "arrivals_per_second"
    pages = _rows(where, raw, "http") if "http" in raw and "mix" not in raw else []
    if key not in raw and pages and all("rate" in page for page in pages):
        return sum(_positive(where, "rate", float(_value(where, page, "rate", float))) for page in pages)
    return _positive(where, key, float(_value(where, raw, key, float)))


def _users(where: str, raw: Mapping[str, Any], mix: Sequence[Share], rate: float) -> int:
    """How many hands there are; for pages that need no login, as many as a stall of some seconds keeps busy."""
    default = min(MOST_HANDS, max(20, round(rate * STALL_SECONDS))) if _plain(mix) else None
    return int(_positive(where, "users", _value(where, raw, "users", int, default)))


def _mix(where: str, raw: Mapping[str, Any], people: Sequence[Person]) -> tuple[Share, ...]:
    """What people do, and which pages they open; a peak may have either or both."""
    pages = _rows(where, raw, "http") if "http" in raw else []
    shares = _rows(where, raw, "mix") if "mix" in raw or not pages else []
    return (
        *(_share(f"{where} mix {n}", one, people) for n, one in enumerate(shares, 1)),
        *(_page(f"{where} http {n}", one, people) for n, one in enumerate(pages, 1)),
    )


def _page(where: str, raw: Mapping[str, Any], people: Sequence[Person]) -> Share:
    _keys(where, raw, _HTTP)
    method, path = _value(where, raw, "method", str, "GET"), _value(where, raw, "path", str)
    if method not in METHODS:
        raise unknown(f"方法 method（{where}）", method, METHODS)
    if not re.fullmatch(r"/[^\s]*", path):
        raise WrongUse(f"{where}：path 应当以 / 开头、没有空格；这里是 {path!r}。A path begins with a slash.")
    share = next((key for key in ("rate", "share", "weight") if key in raw), "")
    parts = _positive(where, share, float(_value(where, raw, share, float))) if share else 1.0
    if "department" not in raw and "people" not in raw:
        return Share(f"{method} {path}", (NOBODY.key,), parts)
    return Share(f"{method} {path}", _done_by(where, raw, people), parts)


def _share(where: str, raw: Mapping[str, Any], people: Sequence[Person]) -> Share:
    _keys(where, raw, _MIX)
    verb = _value(where, raw, "verb", str)
    if verb not in VERBS:
        raise unknown(f"动作 verb（{where}）", verb, VERBS)
    parts = _positive(where, "share", float(_value(where, raw, "share", float)))
    return Share(verb, _done_by(where, raw, people), parts)


def _done_by(where: str, raw: Mapping[str, Any], people: Sequence[Person]) -> tuple[str, ...]:
    department = _value(where, raw, "department", str)
    if department not in DEPARTMENTS:
        raise unknown(f"部门 department（{where}）", department, DEPARTMENTS)
    inside = {person.key for person in people if person.department == department}
    named = _value(where, raw, "people", list, sorted(inside))
    for key in named:
        if key not in inside:
            raise unknown(f"{department} 部门的人 person（{where}）", str(key), inside)
    if not named:
        raise WrongUse(f"{where}：{department} 部门没有人，压不出负载。Nobody works in this department.")
    return tuple(named)


def _threshold(where: str, raw: Mapping[str, Any], requirements: frozenset[str], verbs: Collection[str]) -> Threshold:
    _keys(where, raw, _THRESHOLD)
    requirement = _value(where, raw, "requirement", str, "" if "" in requirements else None)
    measure = _value(where, raw, "measure", str)
    if requirement not in {*requirements, *OURS}:
        raise unknown(f"需求编号 requirement（{where}）", requirement, requirements - {""})
    if measure not in MEASURES:
        raise unknown(f"指标 measure（{where}）", measure, MEASURES)
    verb = _value(where, raw, "verb", str, "")
    if verb and verb not in verbs:
        raise unknown(f"动作 verb（{where}）", verb, verbs)
    text = _value(where, raw, "limit", str)
    return Threshold(requirement, measure, _limit(where, measure, text), verb)


def _limit(where: str, measure: str, text: str) -> float:
    if measure == "errors":
        found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*%\s*", text)
        if not found:
            raise WrongUse(f"{where}：错误率要写成百分数，例如 1 %；这里是 {text!r}。Write a percentage.")
        return float(found[1]) / 100
    if measure == "writes":
        if not re.fullmatch(r"\s*\d+\s*", text):
            raise WrongUse(f"{where}：丢失或重复的写入要写个数，例如 0；这里是 {text!r}。Write a count.")
        return float(text)
    if measure == "memory":
        found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*MB/min\s*", text)
        if not found:
            raise WrongUse(f"{where}：内存增长要写成每分钟多少 MB，例如 60 MB/min；这里是 {text!r}。Write MB/min.")
        return float(found[1]) * MB_PER_MINUTE
    return _positive(where, "limit", seconds(where, text))


def seconds(where: str, text: str) -> float:
    """ "15 s", "500 ms", "2 min" as seconds; WrongUse names the known units."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([^\s\d]+)\s*", text)
    if not found:
        raise WrongUse(f"{where}：时间要写成数和单位，例如 15 s；这里是 {text!r}。Write a number and a unit.")
    if found[2] not in _UNITS:
        raise unknown(f"时间单位 unit（{where}）", found[2], _UNITS)
    return float(found[1]) * _UNITS[found[2]]


def _rows(where: str, raw: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    rows = raw.get(key, [])
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise WrongUse(f"{where} 至少要有一段 [[….{key}]]，否则什么也证明不了。At least one {key} is needed.")
    return rows


def _value(where: str, raw: Mapping[str, Any], key: str, kind: type, default: Any = None) -> Any:
    value = raw.get(key, default)
    if value is None:
        raise WrongUse(f"{where} 缺少 {key}。The key {key} is missing.")
    fits = isinstance(value, int | float) if kind is float else isinstance(value, kind)
    if not fits or isinstance(value, bool):
        raise WrongUse(f"{where} 的 {key} 应当是{_KIND[kind]}，这里是 {value!r}。Wrong kind of value.")
    return value


def _positive(where: str, key: str, value: float) -> float:
    if value <= 0:
        raise WrongUse(f"{where} 的 {key} 必须大于零，这里是 {value:g}。It must be more than zero.")
    return value


def _keys(where: str, raw: Mapping[str, Any], known: Sequence[str]) -> None:
    for key in raw:
        if key not in known:
            raise unknown(f"配置项 key（{where}）", key, known)
