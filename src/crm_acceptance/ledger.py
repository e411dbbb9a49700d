"""Reads the ledger: allure-results files -> Results. Writes nothing, judges nothing beyond "can this file speak".

What every result file (`<uuid>-result.json`, allure-pytest's shape) must carry in `labels`:
nodeid (exactly pytest's) · run (the run's id) · system · engine · requirement (one label per id).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_acceptance.model import Result, Status

UNFINISHED = ("scheduled", "running", "pending", "interrupted")


@dataclass(frozen=True)
class Ledger:
    """Every result that could be read, and one sentence (中文 English) for each file that could not."""

    results: tuple[Result, ...]
    problems: tuple[str, ...] = ()


def read(folder: Path) -> Ledger:
    """All results of `folder`, in file order. An absent folder is a problem, not an error: nothing is proven by it."""
    if not folder.is_dir():
        return Ledger((), (f"没有台账目录 no ledger folder: {folder.name}",))
    outcomes = [_read_one(path) for path in sorted(folder.glob("*-result.json"))]
    results = tuple(outcome for outcome in outcomes if isinstance(outcome, Result))
    return Ledger(results, tuple(outcome for outcome in outcomes if isinstance(outcome, str)))


def _read_one(path: Path) -> Result | str:
    try:
        return result_of(json.loads(path.read_text(encoding="utf-8")), path.name.removesuffix("-result.json"))
    except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
        return f"结果文件读不懂 unreadable result file: {path.name} ({type(error).__name__}: {str(error)[:120]})"


def result_of(body: Mapping[str, Any], uuid: str) -> Result:
    """One Allure result as ours. Raises ValueError, TypeError or AttributeError when the file does not fit."""
    labels = body.get("labels") or []
    status, message = _heard(body)
    return Result(
        nodeid=_one(labels, "nodeid"),
        name=_writable(str(body.get("name", ""))),
        status=status,
        requirements=tuple(dict.fromkeys(_all(labels, "requirement"))),
        engine=next(_all(labels, "engine"), ""),
        message=_writable(message),
        start=_milliseconds(body, "start"),
        stop=_milliseconds(body, "stop"),
        uuid=str(body.get("uuid") or uuid),
        run=next(_all(labels, "run"), ""),
        system=next(_all(labels, "system"), ""),
        sentence=_writable(_failed_step(body.get("steps") or [])),
    )


def _writable(text: str) -> str:
    """Without halves of surrogate pairs, which a script that cuts an emoji in two leaves, and which no file takes."""
    return text.encode(errors="replace").decode()


def _heard(body: Mapping[str, Any]) -> tuple[Status, str]:
    """What the result says, after taking back every pass that nobody should believe."""
    status = Status(body.get("status") or "unknown")
    details = body.get("statusDetails") or {}
    message = str(details.get("message") or "")
    doubt = _doubt(body, details, message) if status is Status.PASSED else ""
    return (Status.UNKNOWN, doubt) if doubt else (status, message)


def _failed_step(steps: Iterable[Mapping[str, Any]]) -> str:
    return next((str(step.get("name") or "") for step in steps if step.get("status") == Status.FAILED), "")


def _doubt(body: Mapping[str, Any], details: Mapping[str, Any], message: str) -> str:
    if message.startswith("XPASS"):
        return "标为应失败却通过 xpass: marked as expected to fail, yet it passed"
    for flag in ("muted", "flaky", "known"):
        if details.get(flag):
            return f"被标记为 {flag} 的通过不算数 a pass marked {flag} does not count"
    if body.get("stage") in UNFINISHED:
        return f"检查没有做完 the check did not finish (stage {body['stage']})"
    return _unpassed_sentence(body)


def _unpassed_sentence(body: Mapping[str, Any]) -> str:
    """A scenario passes sentence by sentence. Python checks may step into refusals that they want to see."""
    if "scenarios" not in _all(body.get("labels") or [], "engine"):
        return ""
    for step in body.get("steps") or []:
        if step.get("status") != Status.PASSED:
            said = f"{step.get('name')} ({step.get('status')})"
            return f"标为通过，却有一句没有通过 marked as passed, but one sentence did not pass: {said}"
    return ""


def _all(labels: Iterable[Mapping[str, Any]], name: str) -> Iterator[str]:
    return (_writable(str(label["value"])) for label in labels if label.get("name") == name and label.get("value"))


def _one(labels: Iterable[Mapping[str, Any]], name: str) -> str:
    values = list(_all(labels, name))
    if len(values) != 1:
        raise ValueError(f"{len(values)} labels named {name}, expected 1")
    return values[0]


def _milliseconds(body: Mapping[str, Any], name: str) -> int:
    value = body.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{name} is not a number of milliseconds: {value!r}")
    return value
