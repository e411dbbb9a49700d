"""Request: what somebody asked to run. Values only; made by the command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Request:
    """One run. Empty means: as the profile says, or everything. `seed` "" keeps the order of collection.

    fresh: launch the system, whatever site the profile names.
    faults: what a proxy in front of the site shall do wrong, as `run --fault` takes it; such a run accepts nothing.
    clean: write down and remove what the run creates even on a CRM that it launches itself.
    listed: a file of node ids, one per line: only these checks run.
    promised: a run folder of the same workspace, collected just before; with `listed` only, and none of the others.
    budget: requests at most, instead of the profile's, and counted even on a CRM that is launched; 0: as it says.
    patience: seconds without any finished check after which a phase is ended.
    """

    workspace: Path
    system: str = ""
    site: str = ""
    fresh: bool = False
    out: Path | None = None
    workers: str = "auto"
    keyword: str = ""
    markers: str = ""
    departments: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    without_browser: bool = False
    seed: str = ""
    launch: Mapping[str, str] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    clean: bool = False
    listed: Path | None = None
    promised: Path | None = None
    budget: int = 0
    patience: float = 1800.0
    allure: bool = True
