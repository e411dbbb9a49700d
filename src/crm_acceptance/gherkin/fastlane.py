"""Makes pytest-bdd do once per sentence and once per step function what it does for every step.

Stock, each look-up tries every fixture (8 us each: 300 definitions triple a run's time), and each step inspects its
function's signature three times.
"""

from __future__ import annotations

import importlib
import inspect
from functools import lru_cache
from typing import Any

import pytest
from _pytest.fixtures import FixtureRequest
from pytest_bdd import reporting
from pytest_bdd.parser import Step
from pytest_bdd.steps import StepFunctionContext

from crm_acceptance.errors import WrongUse
from crm_acceptance.gherkin.collect import book_of
from crm_acceptance.gherkin.stepbook import complaint

_running: Any = importlib.import_module("pytest_bdd.scenario")
"""The module; the package shows a function under the same name."""


def install(config: pytest.Config) -> None:
    """For this session; undone at its end, so that another session in the same process finds pytest-bdd as it was."""
    ours = {
        "get_step_function": step_function,
        "signature": lru_cache(maxsize=4096)(inspect.signature),
        "get_required_args": lru_cache(maxsize=4096)(_running.get_required_args),
    }
    stock = {name: getattr(_running, name) for name in ours}
    vars(_running).update(ours)
    config.add_cleanup(lambda: vars(_running).update(stock))
    if not (config.getoption("cucumber_json_path", None) or config.getoption("gherkin_terminal_reporter", None)):
        _leave_out_reports(config)


def _leave_out_reports(config: pytest.Config) -> None:
    """pytest-bdd writes every scenario out three times for two reporters; nobody reads it unless one is asked for."""
    stock = reporting.runtest_makereport
    reporting.runtest_makereport = lambda item, call, rep: None
    config.add_cleanup(lambda: setattr(reporting, "runtest_makereport", stock))


def step_function(request: FixtureRequest, step: Step) -> StepFunctionContext | None:
    """The one definition that fits, None when none does. Two that fit are refused; pytest-bdd takes the later."""
    book = book_of(request.session)
    found = book.fitting(step.type, step.name, request.node)
    if len(found) == 1 and not found[0].never_awaited:
        return found[0].context
    if not found:
        return None
    raise WrongUse(complaint(book, step, request.node) or "")
