"""Finds the runs of a workspace; only `later_no` asks what they proved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from crm_acceptance import manifest
from crm_acceptance.gate import verdict_of
from crm_acceptance.model import Proof


def latest(reports: Path, system: str) -> Path | None:
    """The run of that system that was begun last; None when there is none."""
    found = [(manifest.read(file.parent).run, file.parent) for file in reports.glob("*/run.json")]
    own = [(run.started or 0, folder) for run, folder in found if run.system == system]
    return max(own)[1] if own else None


def later_no(run_dir: Path, system: str, departments: Iterable[str]) -> tuple[str, ...]:
    """A sentence for each run of that system begun after this one that disproved something of these departments."""
    since = manifest.read(run_dir).run.started or 0
    found = []
    for folder in sorted(file.parent for file in run_dir.parent.glob("*/run.json")):
        run = manifest.read(folder).run
        if folder == run_dir or run.system != system or (run.started or since + 1) <= since:
            continue
        no = [
            one.requirement.id
            for one in verdict_of(folder).findings
            if one.proof is Proof.DISPROVEN and one.requirement.department in set(departments)
        ]
        if no:
            found.append(
                f"之后的运行 {folder.name} 推翻了 {'、'.join(no[:6])}，不能凭更早的运行 a later run disproved it"
            )
    return tuple(found)


def agreed_before(reports: Path, system: str) -> bool:
    """Whether some run of that system was told how many checks were agreed upon."""
    return bool(counted_before(reports, system))


def counted_before(reports: Path, system: str) -> Mapping[str, int]:
    """How many checks were agreed upon as the last run of that system was told that knew: a journal that was lost
    since, or emptied, makes no fewer checks enough. {} when no run knew."""
    found = (manifest.read(file.parent).run for file in reports.glob("*/run.json"))
    told = [
        (run.started or 0, run.facts["before"]) for run in found if run.system == system and run.facts.get("before")
    ]
    return max(told, key=lambda one: one[0])[1] if told else {}
