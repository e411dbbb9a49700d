"""Writes expected/<phase>.json at collection, before the first check runs; reading it is manifest.py's."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Any

from crm_acceptance.checks.check import Check

FOLDER = "expected"


def write(run_dir: Path, phase: str, checks: Iterable[Check], selected: Collection[str], errors: Sequence[str]) -> None:
    """One phase's promise. `selected` holds the node ids that will run; the others stay in it, as not selected."""
    items = [
        {
            "nodeid": check.nodeid,
            "title": check.title,
            "requirements": list(check.requirements),
            "engine": check.engine,
            "selected": check.nodeid in selected,
            "markers": sorted(check.markers),
            "content": check.content,
        }
        for check in checks
    ]
    body = {"phase": phase, "complete": not errors, "items": items, "errors": list(errors)}
    write_json(run_dir / FOLDER / f"{phase}.json", body)


def promised(run_dir: Path, phase: str) -> list[dict[str, Any]] | None:
    """The items of a complete promise as written, or None when there is none yet."""
    file = run_dir / FOLDER / f"{phase}.json"
    if not file.is_file():
        return None
    body = json.loads(file.read_text(encoding="utf-8"))
    return list(body["items"]) if body["complete"] else None


def write_json(file: Path, body: Any) -> None:
    """Any JSON file of a run folder, replaced in one step. OSError when the disk is full or read-only."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            json.dump(body, out, ensure_ascii=False, indent=1)
        os.chmod(name, 0o644)  # mkstemp's 0600 would hide the report from colleagues
        os.replace(name, file)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
