"""Which checks a person asked for beyond pytest's own -k and -m; whatever is left out stays promised, as unproven."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from crm_acceptance.catalogue import Catalogue
from crm_acceptance.checks.check import Check
from crm_acceptance.errors import unknown
from crm_acceptance.model import DEPARTMENTS

SELECTION_ENV = "CRM_ACCEPTANCE_SELECTION"


@dataclass(frozen=True)
class Selection:
    """Departments and requirements (empty: all), and whether checks that need a browser may run.

    listed: the path of a file with the node ids that may run, one per line; "" for all.
    """

    departments: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    without_browser: bool = False
    listed: str = ""

    @classmethod
    def from_environment(cls) -> Selection:
        raw: Mapping[str, Any] = json.loads(os.environ.get(SELECTION_ENV, "{}"))
        return cls(
            tuple(raw.get("departments", ())), tuple(raw.get("requirements", ())), bool(raw.get("without_browser")),
            str(raw.get("listed", "")),
        )  # fmt: skip

    def as_environment(self) -> dict[str, str]:
        """For the pytest processes of a run."""
        return {SELECTION_ENV: json.dumps(asdict(self), ensure_ascii=False)}

    def wants(self, check: Check, catalogue: Catalogue) -> bool:
        """Whether this check runs."""
        if self.without_browser and "ui" in check.markers:
            return False
        if self.listed and check.nodeid not in _listed(self.listed):
            return False
        if self.requirements and not set(self.requirements) & set(check.requirements):
            return False
        owners = {catalogue.requirements[id].department for id in check.requirements if id in catalogue.requirements}
        return not self.departments or bool(owners & set(self.departments))


@cache
def _listed(file: str) -> frozenset[str]:
    return frozenset(Path(file).read_text(encoding="utf-8").splitlines())


def selection(
    departments: list[str],
    requirements: list[str],
    without_browser: bool,
    catalogue: Catalogue,
    listed: Path | None = None,
) -> Selection:
    """From the command line: a department by key or Chinese name. WrongUse for an unknown one."""
    by_name = {name: key for key, name in DEPARTMENTS.items()}
    keys = [by_name.get(name, name) for name in departments]
    for asked, key in zip(departments, keys, strict=True):
        if key not in DEPARTMENTS:
            raise unknown("部门 department", asked, (*DEPARTMENTS, *by_name))
    for id in requirements:
        if id not in catalogue.requirements:
            raise unknown("需求 requirement", id, catalogue.requirements)
    return Selection(tuple(keys), tuple(requirements), without_browser, str(listed or ""))
