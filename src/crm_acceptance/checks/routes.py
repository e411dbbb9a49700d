"""pytest's hooks for a workspace; each hands over to the module that knows. Registered by pytest_plugin.py."""

from __future__ import annotations

import contextlib
import gc
import os
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from crm_acceptance import catalogue, evidence, profile, sites
from crm_acceptance.checks import fixtures, outcome, progress
from crm_acceptance.checks.reading import room_of, title_of
from crm_acceptance.checks.session import ACCEPTANCE, SYSTEM_ENV, Acceptance
from crm_acceptance.errors import AcceptanceError
from crm_acceptance.gherkin import awaited, fastlane
from crm_acceptance.gherkin.collect import KNOWN, FeatureFile
from crm_acceptance.gherkin.telling import Teller
from crm_acceptance.gherkin.writing import take_over
from crm_acceptance.manners.guest import BY_HAND, guest

SPOKEN = ("features", "load")
"""Rooms whose .feature files are scenarios."""


def activate(config: pytest.Config, workspace: Path) -> None:
    """Reads profile and tables, registers everything. A mistake in them is one sentence and pytest's exit code 4."""
    try:
        told = profile.load(workspace, os.environ.get(SYSTEM_ENV))
        known = catalogue.load(told)
    except AcceptanceError as wrong:
        raise pytest.UsageError(str(wrong)) from None
    acceptance = Acceptance(told, known, getattr(config, "workerinput", {}).get("workerid", ""))
    config.stash[ACCEPTANCE] = acceptance
    config.stash[KNOWN] = known.requirements.keys()
    evidence.keep_environment_secrets(told.password)
    fastlane.install(config)
    awaited.install(config)
    listener = take_over(config, acceptance.checks)
    if listener is not None:
        config.pluginmanager.register(Teller(listener), "crm_acceptance_teller")
    config.pluginmanager.register(Routes(config, acceptance), "crm_acceptance_routes")
    config.pluginmanager.register(fixtures, "crm_acceptance_fixtures")


class Routes:
    """The hooks of one session in a workspace."""

    def __init__(self, config: pytest.Config, acceptance: Acceptance) -> None:
        self._acceptance = acceptance
        self._features = tuple(acceptance.profile.workspace / room for room in SPOKEN)
        self._seen: list[pytest.Item] = []
        self._left_out: list[pytest.Item] = []
        self._open = contextlib.ExitStack()
        self._progress = None if hasattr(config, "workerinput") else progress.Progress.from_environment()

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        if file_path.suffix == ".feature" and any(map(file_path.is_relative_to, self._features)):
            return FeatureFile.from_parent(parent, path=file_path)
        return None

    def pytest_collection_finish(self) -> None:
        """Everything that is there now stays: the collector of garbage need not look at it again and again."""
        gc.collect()
        gc.freeze()

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._acceptance.errors.append(f"{report.nodeid}: {report.longreprtext}".strip())

    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """`-k 李娜` has to find an example that pytest shows as \\u674e\\u5a1c."""
        self._seen.append(item)
        if "\\u" in item.name and room_of(item, self._acceptance.profile.workspace):
            item.extra_keyword_matches.add(title_of(item))

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        self._left_out += items

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        acceptance = self._acceptance
        unreadable = len(acceptance.errors)  # pytest shows these itself
        acceptance.take(config, items, [*self._left_out, *self._dropped(items)])
        if len(acceptance.errors) > unreadable:
            _stop(session, "\n".join(acceptance.errors[unreadable:]), acceptance.worker)
        elif unreadable and acceptance.worker:
            said = f"{unreadable} 处收集出错，一个检查也没有运行（collection errors: nothing ran）"
            _stop(session, said, acceptance.worker)

    def _dropped(self, items: list[pytest.Item]) -> list[pytest.Item]:
        """What some conftest or plugin took out of the list without a word stays promised, as not selected."""
        told = {*items, *self._left_out}
        return [item for item in dict.fromkeys(self._seen) if item not in told]

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_setupnodes(self, config: pytest.Config) -> None:
        """The controller launches the CRM once; a crashed worker must not take it along."""
        if sites.told() is None and not config.option.collectonly:
            profile = self._acceptance.profile
            site = self._open.enter_context(sites.opened(profile))
            self._open.enter_context(guest(profile, site, profile.workspace / "reports" / BY_HAND))
            sites.tell(site)

    def pytest_unconfigure(self) -> None:
        self._open.close()

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> Generator[None, Any, Any]:
        ours = item.nodeid in self._acceptance.checks
        if ours:
            evidence.start_check()
            outcome.label(item, self._acceptance.checks[item.nodeid])
        with outcome.unable(ours):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, Any, Any]:
        with outcome.translated(item.nodeid in self._acceptance.checks):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, Any, pytest.TestReport]:
        report = yield
        if report.failed and item.nodeid in self._acceptance.checks:
            report.crm_status = outcome.status_of(call)
            outcome.show_failure(call)
        if item.nodeid in self._acceptance.checks:
            outcome.masked(report)
        return cast(pytest.TestReport, report)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if self._progress is not None:
            self._progress.tell(report)


def _stop(session: pytest.Session, said: str, worker: str) -> None:
    """Ends before the first check. A worker of xdist cannot raise UsageError: its sentence travels as shouldfail."""
    if worker:
        session.shouldfail = said
        raise session.Failed(said)
    raise pytest.UsageError(said)
