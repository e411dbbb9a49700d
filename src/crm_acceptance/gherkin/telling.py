"""Tells Allure every sentence of a scenario as a real step, with its keyword, status, table and text."""

from __future__ import annotations

import csv
import io
import sys
import time
import traceback
import uuid
from typing import Any

import pytest
from allure_commons.model2 import Status, StatusDetails, TestStepResult
from allure_commons.types import AttachmentType
from pytest_bdd.parser import Scenario, Step

from crm_acceptance.errors import Refused, Unproven, Unsupported
from crm_acceptance.evidence import mask

UNDERWAY = "sentence underway"
"""Allure keeps running steps by key; sentences never overlap, so one key does for all."""


def status_of(error: BaseException | None) -> str:
    """Allure's word for how a sentence ended: the CRM is wrong (failed), or nobody can tell (skipped, broken)."""
    if error is None:
        return str(Status.PASSED)
    if isinstance(error, (pytest.skip.Exception, Unsupported, Unproven)):
        return str(Status.SKIPPED)
    if isinstance(error, (AssertionError, pytest.fail.Exception, Refused)):
        return str(Status.FAILED)
    return str(Status.BROKEN)


class Teller:
    """Listens to pytest-bdd for one session and writes into Allure's listener, without a detour over its hooks."""

    def __init__(self, listener: Any) -> None:
        self._logger = listener.allure_logger
        self._underway: TestStepResult | None = None
        self._told = 0

    def pytest_bdd_before_scenario(self) -> None:
        self._underway, self._told = None, 0

    def pytest_bdd_before_step(self, step: Step) -> None:
        self._begin(step)

    def pytest_bdd_after_step(self) -> None:
        self._end(None)

    def pytest_bdd_step_error(self, exception: BaseException) -> None:
        self._end(exception)

    def pytest_bdd_step_func_lookup_error(self, step: Step, exception: BaseException) -> None:
        self._begin(step)
        self._end(exception)

    def pytest_bdd_after_scenario(self, scenario: Scenario) -> None:
        """A skip inside a step fires no hook of its own (it is no Exception): the last sentence may still be open."""
        if self._underway is not None:
            self._end(sys.exc_info()[1])
        for step in scenario.steps[self._told :]:
            self._begin(step)
            self._end(pytest.skip.Exception("前面的步骤没有通过 an earlier sentence did not pass"))

    def _begin(self, step: Step) -> None:
        self._underway = TestStepResult(name=f"{step.keyword} {step.name}", start=_now(), stage="finished")
        self._told += 1
        self._logger.start_step(None, UNDERWAY, self._underway)
        if step.datatable is not None:
            self._attach(_as_csv(step.datatable.raw()), "表格 table", AttachmentType.CSV)
        if step.docstring is not None:
            self._attach(step.docstring, "正文 text", AttachmentType.TEXT)

    def _end(self, error: BaseException | None) -> None:
        if self._underway is None:
            return
        details = (
            None
            if error is None
            else StatusDetails(message=mask("".join(traceback.format_exception_only(error)).strip()))
        )
        self._logger.stop_step(UNDERWAY, stop=_now(), status=status_of(error), statusDetails=details)
        self._underway = None

    def _attach(self, body: str, name: str, kind: AttachmentType) -> None:
        self._logger.attach_data(str(uuid.uuid4()), mask(body), name=name, attachment_type=kind)


def _now() -> int:
    """Milliseconds since the epoch, as Allure counts."""
    return round(time.time() * 1000)


def _as_csv(rows: Any) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()
