"""Makes pytest-bdd look a sentence up once instead of trying every fixture for every step (8 us each)."""

from __future__ import annotations

import importlib
from typing import Any, cast

import pytest
from _pytest.fixtures import FixtureRequest
from pytest_bdd.parser import Step
from pytest_bdd.steps import StepFunctionContext

from crm_acceptance.errors import WrongUse
from crm_acceptance.gherkin.collect import book_of
from crm_acceptance.gherkin.stepbook import complaint

_running: Any = importlib.import_module("pytest_bdd.scenario")
"""The module; the package shows a function under the same name."""
_stock = _running.get_step_function


def install(config: pytest.Config) -> None:
    """For this session; undone at its end, so that another session in the same process finds pytest-bdd as it was."""
    _running.get_step_function = step_function
    config.add_cleanup(_uninstall)


def _uninstall() -> None:
    _running.get_step_function = _stock


def step_function(request: FixtureRequest, step: Step) -> StepFunctionContext | None:
    """The one definition that fits, None when none does. Two that fit are refused; pytest-bdd takes the later."""
    book = book_of(request.session)
    found = book.fitting(step.type, step.name, request.node)
    if len(found) == 1 and not found[0].never_awaited:
        return cast(StepFunctionContext, found[0].context)
    if not found:
        return None
    raise WrongUse(complaint(book, step, request.node) or "")


