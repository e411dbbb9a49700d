"""Which step definition a sentence means, looked up once per sentence; refuses two that fit, and coroutines."""

from __future__ import annotations

import difflib
import inspect
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from pytest_bdd import parsers
from pytest_bdd.parser import Step
from pytest_bdd.steps import StepFunctionContext, StepNamePrefix, step_function_context_registry

from crm_acceptance.sentences import BothLanguages

_FIELD = re.compile(r"\{\{|\}\}|\{[^{}]*\}")
_KIND_OF_BLANK = re.compile(r":\w+\}")
_PREFIX = StepNamePrefix.step_def.value


@dataclass(frozen=True, eq=False)
class Definition:
    """One step definition: its sentence, where it may be used (`baseid`, "" everywhere), and what it must contain."""

    context: StepFunctionContext
    baseid: str
    fragments: tuple[str, ...] | None

    @property
    def sentence(self) -> str:
        """As the programmer wrote it, placeholders included."""
        return str(self.context.parser.name)

    @property
    def wordings(self) -> tuple[str, ...]:
        """The sentence in each of its languages."""
        parser = self.context.parser
        return (parser.zh.text, parser.en.text) if isinstance(parser, BothLanguages) else (self.sentence,)

    @property
    def where(self) -> str:
        """file:line of the Python function, relative to the working directory where possible."""
        code = inspect.unwrap(self.context.step_func).__code__
        file = os.path.relpath(code.co_filename)
        return f"{code.co_filename if file.startswith('..') else file}:{code.co_firstlineno}"

    @property
    def never_awaited(self) -> bool:
        """Whether pytest-bdd would call it and drop the coroutine: a silent pass."""
        function = inspect.unwrap(self.context.step_func)
        return inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)

    def fits(self, kind: str, text: str, lowered: str) -> bool:
        """Cheap tests first: `parse` costs 8 us, and most definitions can be ruled out by one word."""
        if self.context.type is not None and self.context.type != kind:
            return False
        if self.fragments is not None and not all(part in lowered for part in self.fragments):
            return False
        return bool(self.context.parser.is_matching(text))


class StepBook:
    """All step definitions of one pytest session. Rebuilt when a module brings new ones."""

    def __init__(self, session: pytest.Session) -> None:
        self._fixtures: Any = session._fixturemanager
        self._size = -1
        self._definitions: tuple[Definition, ...] = ()
        self._exact: dict[str, list[Definition]] = {}
        self._known: dict[tuple[str, str], tuple[Definition, ...]] = {}

    def fitting(self, kind: str, text: str, node: pytest.Item | pytest.Collector) -> tuple[Definition, ...]:
        """Every definition that fits `text` as `kind` (given, when, then) and is visible at `node`."""
        self._refresh()
        found = self._known.get((kind, text))
        if found is None:
            lowered = text.lower()
            tried = (*self._exact.get(text, ()), *self._definitions)
            found = self._known[(kind, text)] = tuple(one for one in tried if one.fits(kind, text, lowered))
        if all(not one.baseid for one in found):
            return found
        above = {parent.nodeid for parent in node.listchain()}
        return tuple(one for one in found if not one.baseid or one.baseid in above)

    def nearest(self, text: str, count: int = 3) -> list[str]:
        """The known sentences that look most like `text`, as the guides write them: blanks without their kinds."""
        self._refresh()
        every = (*self._definitions, *(one for many in self._exact.values() for one in many))
        known = {_KIND_OF_BLANK.sub("}", wording) for one in every for wording in one.wordings}
        return difflib.get_close_matches(text, known - {"trace"}, n=count, cutoff=0.0)

    def _refresh(self) -> None:
        size = len(step_function_context_registry)
        if size == self._size:
            return
        self._size = size
        self._known.clear()
        self._exact = {}
        every = list(self._all())
        for one in every:
            if isinstance(one.context.parser, parsers.string):
                self._exact.setdefault(one.sentence, []).append(one)
        self._definitions = tuple(one for one in every if not isinstance(one.context.parser, parsers.string))

    def _all(self) -> Iterator[Definition]:
        seen: set[int] = set()
        for name, fixtures in self._fixtures._arg2fixturedefs.items():
            for fixture in fixtures if name.startswith(_PREFIX) else ():
                context = step_function_context_registry.get(fixture.func)
                if context is not None and id(context) not in seen:
                    seen.add(id(context))
                    yield Definition(context, fixture.baseid or "", _fragments(context.parser))


def complaint(book: StepBook, step: Step, node: pytest.Item | pytest.Collector) -> str | None:
    """The sentence about a step that no definition, or more than one, fits; None when exactly one does."""
    found = book.fitting(step.type, step.name, node)
    if not found:
        near = "；".join(book.nearest(step.name)) or "(none)"
        said = f"没有步骤认识这句话：{step.keyword} {step.name}。最接近的 nearest known: {near}。"
        return f"{said}No step knows this sentence."
    if len(found) > 1:
        both = "；".join(f"{one.sentence!r} ({one.where})" for one in found)
        said = f"这句话有 {len(found)} 个步骤都认：{step.name}：{both}。"
        return f"{said}More than one step fits: make the sentences differ."
    if found[0].never_awaited:
        said = f"步骤 {found[0].sentence!r} ({found[0].where}) 是 async def，不会被执行。"
        return f"{said}A coroutine step is never awaited."
    return _own_complaint(found[0].context.parser, step.name)


def _own_complaint(parser: Any, sentence: str) -> str | None:
    """A parser that reads more than blanks may say what it cannot carry out, before anything runs."""
    own = getattr(parser, "complaint", None)
    return (own(sentence) or None) if own is not None else None


def _fragments(parser: Any) -> tuple[str, ...] | None:
    """The literal parts of a `parse` sentence in lower case (it ignores case); None for other kinds of parser."""
    if not isinstance(parser, parsers.parse):
        return None
    return _literals(parser.name)


@cache
def _literals(sentence: str) -> tuple[str, ...]:
    parts = (part.strip().lower() for part in _FIELD.split(sentence))
    return tuple(sorted((part for part in parts if part), key=len, reverse=True))
