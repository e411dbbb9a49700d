"""What is known at this moment beside the runs: open critical defects, drill, migration; judges nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from crm_acceptance import logbook
from crm_acceptance.logbook import Entry, Logbook

GOLIVE, DEFECTS = "golive.jsonl", "defects.jsonl"
LOOKED = "looked"
"""The kind of a line that says: somebody compared a run with the trackers. Without it no defect is no good news."""


def known(workspace: Path, system: str) -> dict[str, Any]:
    """Facts as run.json keeps them. What nobody wrote down, or what was edited, is left out: then it is not known."""
    journals = workspace / logbook.FOLDER
    golive, defects = _whole(journals / GOLIVE), _whole(journals / DEFECTS)
    told = {
        "drill": next((entry.body for entry in reversed(golive.of("drill"))), None),
        "migration": _migrated(golive.of("migration")),
        "open_critical_defects": _open(entry for entry in defects.entries if entry.body.get("system") == system),
    }
    return {name: value for name, value in told.items() if value is not None}


def _whole(path: Path) -> Logbook:
    """Nothing of a journal that is broken is believed."""
    book = logbook.read(path)
    return Logbook() if book.problems else book


def _migrated(entries: Iterable[Entry]) -> Mapping[str, Any] | None:
    """The last count of every batch, and what all of them together leave unaccounted for: no batch hides another."""
    batches = {str(entry.body.get("batch", "")): entry.body for entry in entries}
    if not batches:
        return None
    told = {name: one.get("difference") for name, one in batches.items()}
    lost = {name: abs(one) for name, one in told.items() if isinstance(one, int | float)}
    last = dict(next(reversed(batches.values())))
    return {**last, "difference": sum(lost.values())} if len(lost) == len(batches) else last | {"difference": None}


def _open(entries: Iterable[Entry]) -> list[str] | None:
    """Keys of critical defects that were opened (again) and not closed since; None when nobody ever looked."""
    open_now: dict[tuple[str, str], str] = {}
    spoken = False
    for entry in entries:
        spoken = True
        fingerprint = str(entry.body.get("tracker", "")), str(entry.body.get("fingerprint", ""))
        if entry.kind in ("opened", "reopened") and entry.body.get("criticality") == "critical":
            open_now[fingerprint] = str(entry.body.get("key") or fingerprint[1])
        elif entry.kind == "closed":
            open_now.pop(fingerprint, None)
    return sorted(open_now.values()) if spoken else None
