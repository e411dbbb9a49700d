"""What a run is told when it ends, besides its checks: strength, open defects, the last drill, the last migration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from crm_acceptance import changes, logbook, strength
from crm_acceptance.logbook import Entry, Logbook


def gathered(run: Path, workspace: Path, system: str) -> dict[str, Any]:
    """As they are now. What nobody wrote down, or what was changed afterwards, is left out: then it is not known."""
    journals = workspace / logbook.FOLDER
    golive, defects = _whole(journals / "golive.jsonl"), _whole(journals / "defects.jsonl")
    told = {
        "strength": _strength(run / strength.FILE),
        "drill": _last(golive.of("drill")),
        "migration": _last(golive.of("migration")),
        "before": changes.counts(workspace, system) or None,
        "open_critical_defects": _open(defects.entries) if defects.entries else None,
    }
    return {name: value for name, value in told.items() if value is not None}


def _whole(path: Path) -> Logbook:
    """Nothing of a journal that is broken is believed."""
    book = logbook.read(path)
    return Logbook() if book.problems else book


def _last(entries: Iterable[Entry]) -> Mapping[str, Any] | None:
    found = [entry.body for entry in entries]
    return found[-1] if found else None


def _open(entries: Iterable[Entry]) -> list[str]:
    """Keys of critical defects that were opened, or opened again, and not closed since."""
    open_now: dict[tuple[str, str], str] = {}
    for entry in entries:
        fingerprint = str(entry.body.get("tracker", "")), str(entry.body.get("fingerprint", ""))
        if entry.kind in ("opened", "reopened") and entry.body.get("criticality") == "critical":
            open_now[fingerprint] = str(entry.body.get("key") or fingerprint[1])
        elif entry.kind == "closed":
            open_now.pop(fingerprint, None)
    return sorted(open_now.values())


def _strength(file: Path) -> dict[str, Any] | None:
    """Of which suite, and per kind how many were planted and caught, and how often it cried wolf."""
    found = strength.read(file)
    if found is None:
        return None
    kinds = {name: asdict(kind) for name, kind in found.kinds.items()}
    kept = ("planted", "caught", "false_alarms")
    return {"suite": found.suite, "kinds": {name: {key: one[key] for key in kept} for name, one in kinds.items()}}
