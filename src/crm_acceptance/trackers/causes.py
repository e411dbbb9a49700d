"""The failures of a judged run as root causes, each with its checks, sentences and picture. Files nothing."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_acceptance.gate import Verdict
from crm_acceptance.gate.matrix import Check
from crm_acceptance.manifest import MALFORMED
from crm_acceptance.model import Proof, Requirement
from crm_acceptance.trackers.fingerprint import fingerprint

PICTURES = "image/png"


@dataclass(frozen=True)
class Cause:
    """One root cause. `requirement` is the first that its checks name; `requirements` all of them.

    steps: the sentences of the first failed check up to the one that failed; picture: path below allure-results or "".
    """

    fingerprint: str
    requirement: Requirement
    requirements: tuple[Requirement, ...]
    checks: tuple[Check, ...]
    reason: str
    steps: tuple[str, ...] = ()
    picture: str = ""

    @property
    def departments(self) -> tuple[str, ...]:
        """Every department that it concerns."""
        return tuple(dict.fromkeys(one.department for one in self.requirements))


def causes(verdict: Verdict, run_dir: Path) -> tuple[Cause, ...]:
    """Every root cause of a run, in the order of its requirements."""
    known = {finding.requirement.id: finding.requirement for finding in verdict.findings}
    groups: defaultdict[str, dict[str, Check]] = defaultdict(dict)
    for finding in verdict.findings:
        for check in finding.checks:
            if check.proof is Proof.DISPROVEN:
                message = _message(check, _result(run_dir, check.uuid))
                digest = fingerprint(verdict.run.system, check.claims[0], check.title, check.engine, message)
                groups[digest].setdefault(check.nodeid, check)
    return tuple(_cause(digest, tuple(checks.values()), known, run_dir) for digest, checks in groups.items())


def _message(check: Check, told: Mapping[str, Any]) -> str:
    """What the check itself said, without the sentence at which it failed; else the gate's reason."""
    own = str((told.get("statusDetails") or {}).get("message") or "")
    return own or _reason(check)


def _reason(check: Check) -> str:
    """The reason without the words that the gate puts before it."""
    return check.reason.partition("failed: ")[2] or check.reason


def _cause(digest: str, checks: tuple[Check, ...], known: Mapping[str, Requirement], run_dir: Path) -> Cause:
    first = checks[0]
    named = dict.fromkeys(id for check in checks for id in check.claims if id in known)
    requirements = tuple(known[id] for id in named)
    told = _result(run_dir, first.uuid)
    picture = next(filter(None, (_picture(_result(run_dir, check.uuid)) for check in checks)), "")
    return Cause(digest, requirements[0], requirements, checks, _reason(first), tuple(_steps(told)), picture)


def _result(run_dir: Path, uuid: str) -> Mapping[str, Any]:
    """The result file of that uuid; files may be named otherwise, then there are no sentences and no picture."""
    try:
        body: Any = json.loads((run_dir / "allure-results" / f"{uuid}-result.json").read_text("utf-8"))
        return body if isinstance(body, dict) else {}
    except MALFORMED:
        return {}


def _steps(told: Mapping[str, Any]) -> Iterator[str]:
    for step in told.get("steps") or ():
        yield str(step.get("name") or "")
        if step.get("status") not in ("passed", "skipped"):
            return


def _picture(told: Mapping[str, Any]) -> str:
    """The last picture of a check: how the screen looked when it failed."""
    return next(reversed([*_pictures(told)]), "")


def _pictures(told: Mapping[str, Any]) -> Iterator[str]:
    for step in told.get("steps") or ():
        yield from _pictures(step)
    for one in told.get("attachments") or ():
        source = str(one.get("source") or "")
        if one.get("type") == PICTURES and source and Path(source).name == source:
            yield source
