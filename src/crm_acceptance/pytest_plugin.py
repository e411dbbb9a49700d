"""Hooks that only route: active in a folder with acceptance.toml, silent and cheap in every other pytest run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Our ini values; nothing that could collide with an option of another plugin."""
    if os.environ.get("CRM_ACCEPTANCE_LIFELINE"):
        from crm_acceptance.checks import lifeline

        lifeline.hold()


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """In a workspace, everything else comes to life here; Allure's own plugin has been configured by now."""
    config.addinivalue_line("markers", "requirement(*ids): the requirements that this check proves")
    config.addinivalue_line("markers", "engine(name): what kind of check this is, for the report")
    workspace = _workspace(config)
    if workspace is not None:
        from crm_acceptance.checks.routes import activate

        activate(config, workspace)


def _workspace(config: pytest.Config) -> Path | None:
    """Told by the runner, or the nearest folder with acceptance.toml above the first path, or above pytest's root."""
    from crm_acceptance.profile import find_workspace

    told = os.environ.get("CRM_ACCEPTANCE_WORKSPACE")
    if told:
        return Path(told)
    first = Path(config.invocation_params.dir, (config.args or ["."])[0].split("::")[0])
    return find_workspace(first.resolve()) or find_workspace(config.rootpath)
