"""Reads what a run promised: run.json, requirements.json, expected/<phase>.json. Judges nothing: that is the gate's."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, TypeVar

from crm_acceptance import policy
from crm_acceptance.errors import WrongUse
from crm_acceptance.model import Expected, Requirement
from crm_acceptance.policy import Policy

T = TypeVar("T")
MALFORMED = (WrongUse, OSError, ValueError, TypeError, AttributeError, KeyError, OverflowError, RecursionError)


@dataclass(frozen=True)
class Run:
    """Which run this is. Times are milliseconds since the epoch; None: not written (yet).

    departments: whose yes is needed, as the profile said; empty: everybody's who has a requirement.
    faults: what a proxy in front of the site did wrong on purpose, each with how often it struck.
    left_over: records that the run created and that could not be removed, one sentence each.
    suite: the digest of the suite that ran (strength.digest), "" when the run does not say.
    policy: what the company demanded of the gate when the run began; facts: what the run was told when it ended.
    zone: the clock on the wall where it ran, so that its papers say the same everywhere; None: the run does not say.
    """

    id: str = ""
    system: str = ""
    site: str = ""
    started: int | None = None
    finished: int | None = None
    departments: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    left_over: tuple[str, ...] = ()
    suite: str = ""
    policy: Policy = field(default_factory=Policy)
    facts: Mapping[str, Any] = field(default_factory=dict)
    zone: tzinfo | None = None


@dataclass(frozen=True)
class Phase:
    """One pytest process of the run: what it promised, and how it ended. exit None: it never ended."""

    name: str
    exit: int | None
    complete: bool
    errors: tuple[str, ...] = ()
    items: tuple[Expected, ...] = ()


@dataclass(frozen=True)
class Manifest:
    """All promises of one run folder, and one sentence (中文 English) for each file that is absent or malformed."""

    run: Run
    phases: tuple[Phase, ...]
    requirements: tuple[Requirement, ...]
    problems: tuple[str, ...] = ()

    @property
    def items(self) -> tuple[Expected, ...]:
        """Every promised check of every phase."""
        return tuple(item for phase in self.phases for item in phase.items)


_NO_RUN: tuple[Run, dict[str, int | None]] = (Run(), {})
_NO_REQUIREMENTS: tuple[Requirement, ...] = ()


@dataclass
class _Reading:
    """The folder being read, and what went wrong so far."""

    folder: Path
    problems: list[str] = field(default_factory=list)

    def file(self, name: str, shape: Callable[[Any], T], otherwise: T) -> T:
        try:
            return shape(json.loads((self.folder / name).read_text(encoding="utf-8")))
        except FileNotFoundError:
            self.problems.append(f"缺少文件 missing file: {name}")
        except MALFORMED as error:
            self.problems.append(f"文件读不懂 unreadable file: {name} ({type(error).__name__}: {str(error)[:120]})")
        return otherwise


def read(run_dir: Path) -> Manifest:
    """What `reports/<run>/` promised. Absent and malformed files become problems, never exceptions."""
    reading = _Reading(run_dir)
    run, exits = reading.file("run.json", _run, _NO_RUN)
    requirements = reading.file("requirements.json", _requirements, _NO_REQUIREMENTS)
    found = {path.stem for path in (run_dir / "expected").glob("*.json")}
    reading.problems.extend(f"run.json 里没有这个阶段 phase unknown to run.json: {name}" for name in found - set(exits))
    phases = tuple(_phase(reading, name, exits.get(name)) for name in [*exits, *sorted(found - set(exits))])
    return Manifest(run, phases, requirements, tuple(reading.problems))


def _phase(reading: _Reading, name: str, exit_code: int | None) -> Phase:
    def shape(body: Any) -> Phase:
        if body["phase"] != name:
            raise ValueError(f"it says phase {body['phase']!r}")
        errors = tuple(str(error) for error in body.get("errors") or ())
        return Phase(name, exit_code, body["complete"] is True, errors, tuple(_item(item) for item in body["items"]))

    return reading.file(f"expected/{name}.json", shape, Phase(name, exit_code, complete=False))


def _item(body: Mapping[str, Any]) -> Expected:
    ids = body["requirements"]
    if not isinstance(ids, list):
        raise TypeError(f"requirements is not a list: {ids!r}")
    told = str(body["nodeid"]), str(body["title"]), tuple(map(str, ids)), str(body["engine"])
    return Expected(*told, selected=body["selected"] is True, content=str(body.get("content") or ""))


def _requirements(body: Any) -> tuple[Requirement, ...]:
    return tuple(_requirement(row) for row in body)


def _requirement(row: Mapping[str, Any]) -> Requirement:
    id, department, criticality, dimension, text = (
        str(row[name]) for name in ("id", "department", "criticality", "dimension", "text")
    )
    return Requirement(id, department, criticality, dimension, text, str(row.get("text_en") or ""))


def _run(body: Any) -> tuple[Run, dict[str, int | None]]:
    site = body["site"]
    address = str(site.get("url", "")) if isinstance(site, dict) else str(site or "")
    times = (milliseconds(body["started"]), milliseconds(body.get("finished")))
    exits: dict[str, int | None] = {str(phase["name"]): _exit(phase.get("exit")) for phase in body["phases"]}
    told = (_departments(body), _faults(body), _left_over(body))
    suite = str(body.get("suite") or "")
    asked = body.get("gate") or {}
    rules = policy.read(asked.get("rule", ()), asked.get("tolerate", ()))
    return Run(
        str(body["id"]), str(body["system"]), address, *times, *told, suite, rules, _facts(body), _zone(body["started"])
    ), exits


def _zone(started: Any) -> tzinfo | None:
    return datetime.fromisoformat(started).tzinfo if isinstance(started, str) and started else None


def _facts(body: Mapping[str, Any]) -> Mapping[str, Any]:
    facts = body.get("facts", {})
    if not isinstance(facts, dict):
        raise TypeError(f"facts is not an object: {facts!r}")
    before = facts.get("before", {})
    if not isinstance(before, dict) or not all(isinstance(count, int) for count in before.values()):
        raise TypeError(f"facts.before is not a count per requirement: {before!r}")
    return facts


def _faults(body: Mapping[str, Any]) -> tuple[str, ...]:
    """What was asked for counts, whatever it did: `faults` may be a list, or how often each struck."""
    asked = body.get("faults") or {}
    if isinstance(asked, dict):
        return tuple(f"{name} × {'?' if times is None else times}" for name, times in asked.items())
    return tuple(map(str, asked)) if isinstance(asked, list) else (str(asked),)


def _left_over(body: Mapping[str, Any]) -> tuple[str, ...]:
    rows = body.get("left_over") or []
    return tuple(f"{row['object']} #{row['id']}：{row['reason']}" for row in rows)


def _departments(body: Mapping[str, Any]) -> tuple[str, ...]:
    names = body.get("departments") or []
    if not isinstance(names, list):
        raise TypeError(f"departments is not a list: {names!r}")
    return tuple(map(str, names))


def _exit(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def milliseconds(moment: Any) -> int | None:
    """A moment as milliseconds since the epoch: ISO text (without offset: UTC), seconds or milliseconds, or None."""
    if moment is None or moment == "":
        return None
    if isinstance(moment, str):
        read_as = datetime.fromisoformat(moment)
        aware = read_as if read_as.tzinfo else read_as.replace(tzinfo=UTC)
        return int(aware.timestamp() * 1000)
    return int(moment if moment > 1e11 else moment * 1000)
