"""What a run is told when it ends, besides its checks: strength, what was agreed, and the circumstances."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from crm_acceptance import changes, circumstances, strength


def gathered(run: Path, workspace: Path, system: str) -> dict[str, Any]:
    """As they are now. What nobody wrote down, or what was changed afterwards, is left out: then it is not known."""
    told = {
        "strength": _strength(run / strength.FILE),
        "before": changes.counts(workspace, system) or changes.counted_before(run.parent, system) or None,
        **circumstances.known(workspace, system),
    }
    return {name: value for name, value in told.items() if value is not None}


def _strength(file: Path) -> dict[str, Any] | None:
    """Of which suite, and per kind how many were planted and caught, and how often it cried wolf."""
    found = strength.read(file)
    if found is None:
        return None
    kinds = {name: asdict(kind) for name, kind in found.kinds.items()}
    kept = ("planted", "caught", "false_alarms")
    return {"suite": found.suite, "kinds": {name: {key: one[key] for key in kept} for name, one in kinds.items()}}
