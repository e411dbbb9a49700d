"""What became of each peak, as the page shows it: a sentence, pictures, tables of <run>/load; judges nothing."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_acceptance.page.words import Both, action, department

MARK = "series"
"""The key by which a file tells that it is about a peak's course; others are shown as plain figures."""
BIGGEST = 4 * 2**20
"""Bytes of a picture that is put into the page."""
TIMES = ("p50_ms", "p90_ms", "p95_ms", "p99_ms", "max_ms")
SERVER: Mapping[str, Both] = {
    "cpu": Both("处理器（核）", "processor (cores)"),
    "memory": Both("内存（MB）", "memory (MB)"),
    "host_cpu": Both("整机处理器（核）", "machine's processor (cores)"),
    "host_memory_free": Both("整机空闲内存（MB）", "machine's free memory (MB)"),
}
STATES: Mapping[str, Both] = {
    "proven": Both("达标", "Met"),
    "disproven": Both("未达标", "Not met"),
    "unproven": Both("证据不足", "Unproven"),
    "invalid": Both("无效", "Invalid"),
}


@dataclass(frozen=True)
class Limit:
    """One threshold and what it came to: proven, disproven or unproven."""

    requirement: str
    state: str
    sentence: str


@dataclass(frozen=True)
class Row:
    """What people did, or who did it: cells as text, – where too few samples stand behind one."""

    name: Both
    cells: tuple[str, ...]
    whole: bool = False


@dataclass(frozen=True)
class Peak:
    """One peak. `state`: proven, disproven, unproven or invalid; `pictures`: data URLs, one per language."""

    title: str
    state: str
    sentence: Both
    reason: str
    facts: tuple[tuple[Both, str], ...]
    pictures: Both | None
    described: Both
    limits: tuple[Limit, ...]
    departments: tuple[Row, ...]
    verbs: tuple[Row, ...]
    server: tuple[Row, ...]
    trouble: str
    notes: tuple[str, ...]
    files: tuple[str, ...]

    @property
    def called(self) -> Both:
        """Its verdict in one word."""
        return STATES[self.state]


def read(folder: Path) -> tuple[Peak, ...]:
    """Every peak of `folder`, in the order of their files; what cannot be read is left out."""
    told = ((path, _body(path)) for path in sorted(folder.glob("*.json")) if not path.stem.endswith(".samples"))
    return tuple(_peak(folder, body) for _, body in told if MARK in body and "peak" in body)


def _body(path: Path) -> Mapping[str, Any]:
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}


def _peak(folder: Path, body: Mapping[str, Any]) -> Peak:
    valid, limits = _dict(body, "valid"), tuple(_limits(body))
    state = "invalid" if valid.get("valid") is False else _state(limits)
    server = _dict(body, "server")
    stalls = [one for one in _list(body, "stalls") if isinstance(one.get("from_s"), int | float)]
    return Peak(
        title=str(body.get("title") or body["peak"]),
        state=state,
        sentence=_sentence(state, limits),
        reason=str(valid.get("reason") or body.get("stopped") or ""),
        facts=tuple(_facts(body)),
        pictures=_pictures(folder, _dict(body, "curves")),
        described=_described(body, stalls),
        limits=limits,
        departments=tuple(_rows(_list(body, "departments"), "department")),
        verbs=tuple(_rows(_list(body, "verbs"), "verb")),
        server=tuple(_server(server)),
        trouble=str(server.get("trouble", "")),
        notes=tuple(_notes(body)),
        files=tuple(str(one) for one in _dict(body, "files").values() if (folder / str(one)).is_file()),
    )


def _limits(body: Mapping[str, Any]) -> Iterator[Limit]:
    for one in _list(body, "thresholds"):
        met = one.get("met")
        state = "proven" if met is True else "disproven" if met is False else "unproven"
        yield Limit(str(one.get("requirement", "")), state, str(one.get("sentence", "")))


def _state(limits: Iterable[Limit]) -> str:
    found = {one.state for one in limits}
    return next((state for state in ("disproven", "unproven", "proven") if state in found), "unproven")


def _sentence(state: str, limits: tuple[Limit, ...]) -> Both:
    kept = sum(one.state == "proven" for one in limits)
    missed = sum(one.state == "disproven" for one in limits)
    if state == "invalid":
        return Both("本次运行无效，什么结论也没有。", "This run is invalid: nothing can be concluded.")
    if not limits:
        return Both("没有门槛，只有数字。", "No thresholds, figures only.")
    if state == "proven":
        return Both(f"{len(limits)} 条门槛全部达到。", f"All {len(limits)} thresholds met.")
    zh, en = f"{len(limits)} 条门槛中 {kept} 条达到", f"{kept} of {len(limits)} thresholds met"
    rest = len(limits) - kept - missed
    zh += (f"，{missed} 条没有达到" if missed else "") + (f"，{rest} 条没有证据" if rest else "")
    en += (f", {missed} not met" if missed else "") + (f", {rest} without evidence" if rest else "")
    return Both(f"{zh}。", f"{en}.")


def _facts(body: Mapping[str, Any]) -> Iterator[tuple[Both, str]]:
    """What was asked and by whose leave, in few words."""
    asked, people, made = _dict(body, "asked"), _dict(body, "people"), _dict(body, "generator")
    yield Both("每秒到达", "Arrivals per second"), _text(asked.get("per_second"))
    yield Both("同时最多", "At a time at most"), _text(asked.get("users"))
    if people.get("think_s"):
        yield Both("每人停顿（秒）", "Think time (s)"), _text(people["think_s"])
    yield (
        Both("爬升 + 持续（秒）", "Ramp + plateau (s)"),
        f"{_text(asked.get('ramp_s'))} + {_text(asked.get('plateau_s'))}",
    )
    yield Both("压测机迟到 p95（毫秒）", "Generator late p95 (ms)"), _text(made.get("late_p95_ms"))
    yield Both("压测机占用（1 = 一个核）", "Generator's share of a core"), _text(made.get("cpu_of_one_core"))
    if body.get("spoilt"):
        yield Both("压测机不行而重做", "Made again because of the generator"), f"{len(_list(body, 'spoilt'))} ×"
    if body.get("approval"):
        yield Both("批准文号", "Approval"), str(body["approval"])


def _pictures(folder: Path, names: Mapping[str, Any]) -> Both | None:
    """Both languages as data URLs; None when one is missing or too big for a page."""
    found = [_inside(folder / str(names.get(key, ""))) for key in ("svg", "svg_en")]
    return Both(*found) if all(found) else None


def _inside(file: Path) -> str:
    try:
        body = file.read_bytes() if file.is_file() and file.stat().st_size <= BIGGEST else b""
    except OSError:
        return ""
    return f"data:image/svg+xml;base64,{base64.b64encode(body).decode()}" if body else ""


def _described(body: Mapping[str, Any], stalls: list[Mapping[str, Any]]) -> Both:
    """The picture in words, for those who cannot see it."""
    rows = _list(body, MARK)
    most = max((float(one.get("ended") or 0) / float(one.get("width") or 1) for one in rows), default=0.0)
    slowest = max((float(one.get("max_ms") or 0) for one in rows), default=0.0)
    errors = sum(int(one.get("errors") or 0) for one in rows)
    zh = f"整个高峰：每秒最多完成 {most:g} 次，最慢一次 {_duration(slowest)}，出错 {errors} 次"
    en = (
        f"Over the whole peak: at most {most:g} done per second, the slowest took {_duration(slowest)}, {errors} errors"
    )
    when = "、".join(f"{one['from_s']:g}–{one['to_s']:g}" for one in stalls[:3])
    if when:
        return Both(f"{zh}；第 {when} 秒停顿，没有一次完成。", f"{en}; nothing ended in seconds {when}.")
    return Both(f"{zh}；没有停顿。", f"{en}; no stall.")


def _duration(milliseconds: float) -> str:
    return f"{milliseconds:g} ms" if milliseconds < 1000 else f"{milliseconds / 1000:g} s"


def _rows(rows: list[Mapping[str, Any]], key: str) -> Iterator[Row]:
    called = department if key == "department" else action
    for one in rows:
        name = str(one.get(key, ""))
        cells = [one.get("count"), one.get("errors"), one.get("per_second"), *(one.get(name) for name in TIMES)]
        yield Row(called(name), tuple(_text(cell) for cell in cells), not name)


def _server(found: Mapping[str, Any]) -> Iterator[Row]:
    for name, one in found.items():
        if isinstance(one, dict):
            cells = tuple(_text(one.get(key)) for key in ("mean", "p95", "max", "last"))
            yield Row(SERVER.get(name, Both(name, name)), cells)


def _notes(body: Mapping[str, Any]) -> Iterator[str]:
    """What else was found out: how much it bears, and against what was kept."""
    capacity, baseline = _dict(body, "capacity"), _dict(body, "baseline")
    if capacity.get("sentence"):
        yield str(capacity["sentence"])
    if baseline and baseline.get("comparable") is False:
        yield f"与基线不可比 not comparable to the baseline：{baseline.get('reason', '')}"
    for measures in _dict(baseline, "verbs").values():
        rows = measures.values() if isinstance(measures, dict) else ()
        yield from (str(one["sentence"]) for one in rows if isinstance(one, dict) and one.get("ratio") is not None)


def _dict(body: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = body.get(key)
    return found if isinstance(found, dict) else {}


def _list(body: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    found = body.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "–" if value in (None, "") else str(value)
    return f"{value:.3g}" if isinstance(value, float) and abs(value) < 1000 else f"{value:g}"
