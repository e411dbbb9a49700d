"""What earlier runs of a workspace said, from the gate.json that each left; judges none of them again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from crm_acceptance.manifest import MALFORMED, milliseconds


@dataclass(frozen=True)
class Past:
    """One run that was judged. proofs: requirement id -> proven, disproven or unproven."""

    id: str
    finished: datetime
    decision: str
    proofs: Mapping[str, str]


@dataclass(frozen=True)
class Span:
    """The runs of a span of time, oldest first, and the last one before it (None: there is none)."""

    runs: tuple[Past, ...]
    before: Past | None

    def changes(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Requirement ids that were disproven since, and that are proven again."""
        if self.before is None or not self.runs:
            return (), ()
        then, now = self.before.proofs, self.runs[-1].proofs
        worse = tuple(id for id, proof in now.items() if proof == "disproven" and then.get(id) != "disproven")
        better = tuple(id for id, proof in now.items() if proof == "proven" and then.get(id) == "disproven")
        return worse, better


def span(reports: Path, system: str, begin: datetime, end: datetime) -> Span:
    """Every judged run of `system` that ended within, by when it ended."""
    found = sorted(_runs(reports, system), key=lambda past: past.finished)
    inside = tuple(past for past in found if begin < past.finished <= end)
    return Span(inside, next((past for past in reversed(found) if past.finished <= begin), None))


def _runs(reports: Path, system: str) -> list[Past]:
    read = (_read(file.parent, system) for file in reports.glob("*/gate.json"))
    return [past for past in read if past is not None]


def _read(folder: Path, system: str) -> Past | None:
    """None for a run of another system, one that never ended, and one that nobody can read."""
    try:
        run, gate = (json.loads((folder / name).read_text("utf-8")) for name in ("run.json", "gate.json"))
        at = milliseconds(run["finished"])
        if run["system"] != system or at is None:
            return None
        return Past(run["id"], datetime.fromtimestamp(at / 1000).astimezone(), str(gate["decision"]), _proofs(gate))
    except MALFORMED:
        return None


def _proofs(gate: Mapping[str, Any]) -> dict[str, str]:
    return {str(one["id"]): str(one["proof"]) for one in gate["requirements"]}
