"""Hooks that only route: active in a folder with acceptance.toml, silent and cheap in every other pytest run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOMS = ("features", "security", "load")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Our ini values; nothing that could collide with an option of another plugin."""
    if os.environ.get("CRM_ACCEPTANCE_LIFELINE"):
        from crm_acceptance.checks import lifeline

        lifeline.hold()


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """In a run, the ledger belongs to the parent: `--clean-alluredir` would wipe other phases, or everything.

    (allure-pytest cleans in every process: after one crashed worker, nothing would be left.)
    """
    if os.environ.get("CRM_ACCEPTANCE_RUN_DIR") and getattr(config.option, "clean_alluredir", False):
        config.option.clean_alluredir = False


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """In a workspace, everything else comes to life here; Allure's own plugin has been configured by now."""
    config.addinivalue_line("markers", "requirement(*ids, built_in): what it proves; built_in: only if required")
    config.addinivalue_line("markers", "engine(name): what kind of check this is, for the report")
    config.addinivalue_line("markers", "content(*said): what a check says, or functions of the profile, for its digest")
    config.addinivalue_line("markers", "title(text): what people call this check, instead of its docstring")
    config.addinivalue_line("markers", "ui: this check needs a browser; --without-browser leaves it out")
    workspace = _workspace(config)
    if workspace is not None:
        from crm_acceptance.checks.routes import activate

        activate(config, workspace)


def _workspace(config: pytest.Config) -> Path | None:
    """Told by the runner, or the one whose own rooms, or whose whole, pytest was asked to collect."""
    from crm_acceptance.profile import find_workspace

    told = os.environ.get("CRM_ACCEPTANCE_WORKSPACE")
    if told:
        return Path(told)
    for argument in config.args or ["."]:
        asked = Path(config.invocation_params.dir, argument.split("::")[0]).resolve()
        workspace = find_workspace(asked)
        if workspace is not None and (asked == workspace or asked.relative_to(workspace).parts[0] in ROOMS):
            return workspace
    return None
