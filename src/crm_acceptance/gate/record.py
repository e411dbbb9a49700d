"""gate.json: the verdict as other programs read it, written in one piece or not at all."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from crm_acceptance.errors import WrongUse
from crm_acceptance.gate.matrix import Finding
from crm_acceptance.gate.verdict import Count, Department, Verdict


def as_json(verdict: Verdict) -> dict[str, Any]:
    """The shape of gate.json, as docs/reference/gate.md describes it."""
    return {
        "run": verdict.run.id,
        "system": verdict.run.system,
        "site": verdict.run.site,
        "decision": verdict.decision.value,
        "exit_code": verdict.exit_code,
        "requirements": [_finding(finding) for finding in verdict.findings],
        "departments": [_department(department) for department in verdict.departments],
        "problems": list(verdict.problems),
    }


def _finding(finding: Finding) -> dict[str, Any]:
    one = finding.requirement
    return {
        "id": one.id,
        "department": one.department,
        "dimension": one.dimension,
        "criticality": one.criticality,
        "text": one.text,
        "proof": finding.proof.value,
        "reasons": list(finding.reasons),
        "checks": [
            {"nodeid": check.nodeid, "status": check.status, "engine": check.engine, "uuid": check.uuid}
            for check in finding.checks
        ],
    }


def _department(department: Department) -> dict[str, Any]:
    return {
        "department": department.key,
        "name": department.name,
        **_count(department.count),
        "dimensions": {name: _count(count) for name, count in department.dimensions.items()},
    }


def _count(count: Count) -> dict[str, Any]:
    return {
        "decision": count.decision.value,
        "proven": count.proven,
        "disproven": count.disproven,
        "unproven": count.unproven,
    }


def write(verdict: Verdict, run_dir: Path) -> Path:
    """Write `run_dir`/gate.json atomically. Raises WrongUse when the folder is read-only or the disk is full."""
    target = run_dir / "gate.json"
    replace_text(target, json.dumps(as_json(verdict), ensure_ascii=False, indent=2) + "\n")
    return target


def replace_text(target: Path, text: str) -> None:
    """Put `text` where `target` is, at once: a reader sees the old file or the new one, never half of one."""
    draft = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        draft.write_text(text, encoding="utf-8")
        os.replace(draft, target)
    except OSError as error:
        draft.unlink(missing_ok=True)
        why = error.strerror or type(error).__name__
        raise WrongUse(
            f"写不进报告目录 cannot write {target}: {why}。检查权限和磁盘空间 check rights and space"
        ) from error
