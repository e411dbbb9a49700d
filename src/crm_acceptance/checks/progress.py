"""Tells the parent process how each check ended, one JSON line each; written by the controller only."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

PROGRESS_ENV = "CRM_ACCEPTANCE_PROGRESS"


class Progress:
    """Appends to one file; a reader may follow it while the phase runs."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @classmethod
    def from_environment(cls) -> Progress | None:
        name = os.environ.get(PROGRESS_ENV)
        return cls(Path(name)) if name else None

    def tell(self, report: pytest.TestReport) -> None:
        """A check is over when its call is, or when its set-up failed; a failing teardown is told, too."""
        if report.when == "call" or not report.passed:
            body = {
                "nodeid": report.nodeid,
                "when": report.when,
                "outcome": getattr(report, "crm_status", report.outcome),
                "said": _said(report),
            }
            with self._file.open("a", encoding="utf-8") as out:
                out.write(json.dumps(body, ensure_ascii=False) + "\n")


def _said(report: pytest.TestReport) -> str:
    if report.passed:
        return ""
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    text = str(getattr(report, "crm_said", "")) or report.longreprtext
    return text.splitlines()[0][:300] if text else ""
