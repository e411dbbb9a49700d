"""A step that hands back something to be awaited has done nothing yet: it fails, instead of passing in silence.

`async def` steps are refused before anything runs (stepbook); what a decorator or a lambda hides shows only here.
"""

from __future__ import annotations

import importlib
import inspect
from typing import Any

import pytest
from _pytest.fixtures import FixtureRequest

from crm_acceptance.errors import WrongUse

_running: Any = importlib.import_module("pytest_bdd.scenario")
"""The module; the package shows a function under the same name."""


def install(config: pytest.Config) -> None:
    """For this session; undone at its end."""
    stock = _running.call_fixture_func

    def called(fixturefunc: Any, request: FixtureRequest, kwargs: Any) -> Any:
        return _refuse_awaitable(fixturefunc, stock(fixturefunc=fixturefunc, request=request, kwargs=kwargs))

    _running.call_fixture_func = called
    config.add_cleanup(lambda: setattr(_running, "call_fixture_func", stock))


def _refuse_awaitable(function: Any, answer: Any) -> Any:
    """The answer itself, or WrongUse (the check is broken, its requirement unproven) when nobody awaited it."""
    if not (inspect.isawaitable(answer) or inspect.isasyncgen(answer)):
        return answer
    if inspect.iscoroutine(answer):
        answer.close()
    raise WrongUse(
        f"步骤 {getattr(function, '__name__', function)} 返回了没有人等待的协程，它什么也没有做。"
        "The step handed back a coroutine that nobody awaits: it did nothing."
    )
