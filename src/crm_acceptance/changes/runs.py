"""Finds the runs of a workspace; reads no result."""

from __future__ import annotations

from pathlib import Path

from crm_acceptance import manifest


def latest(reports: Path, system: str) -> Path | None:
    """The run of that system that was begun last; None when there is none."""
    found = [(manifest.read(file.parent).run, file.parent) for file in reports.glob("*/run.json")]
    own = [(run.started or 0, folder) for run, folder in found if run.system == system]
    return max(own)[1] if own else None


def agreed_before(reports: Path, system: str) -> bool:
    """Whether some run of that system was told how many checks were agreed upon."""
    found = (manifest.read(file.parent).run for file in reports.glob("*/run.json"))
    return any(run.system == system and run.facts.get("before") for run in found)
