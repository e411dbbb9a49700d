"""Puts the live workspace into the wheel, and only there: an editable checkout reads the top folders themselves."""

from __future__ import annotations

from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

WORKSPACE = (
    "features",
    "steps",
    "load",
    "security",
    "fixtures",
    "conftest.py",
    "acceptance.toml",
    "reports/README.md",
    "docs/guides",
    "docs/reference",
    "docs/images/peak.png",
    "docs/images/sign.png",
    "deploy",
)


class WorkspaceHook(BuildHookInterface):  # type: ignore[type-arg]
    """Hatchling calls this before each build; a force-include in pyproject.toml would also copy into editables."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        build_data["force_include"].update({name: f"crm_acceptance/workspace/{name}" for name in WORKSPACE})
