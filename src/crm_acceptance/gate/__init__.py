"""The gate: reads a run folder, decides per department. Runs nothing; sees no engine, no system, no pytest."""

from __future__ import annotations

from pathlib import Path

from crm_acceptance.gate.doubts import NONE, Doubts, Now
from crm_acceptance.gate.record import as_json, write
from crm_acceptance.gate.rules import Decision
from crm_acceptance.gate.verdict import Verdict, verdict_of

__all__ = ["NONE", "Decision", "Doubts", "Now", "Verdict", "as_json", "judge", "verdict_of", "write"]


def judge(run_dir: Path, doubts: Doubts = NONE) -> Verdict:
    """Judge `reports/<run>/`, with what is known against it from elsewhere, and leave gate.json there.

    Raises WrongUse: no such folder, or it cannot be written.
    """
    verdict = verdict_of(run_dir, doubts)
    write(verdict, run_dir)
    return verdict
