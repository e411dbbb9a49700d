"""Finds what Gherkin files get wrong in silence, on the official AST; knows neither pytest nor step definitions."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from gherkin.errors import CompositeParserException, ParserError
from gherkin.parser import Parser

from crm_acceptance.lint import outline, shape, source, tags
from crm_acceptance.lint.problem import Problem

__all__ = ["Linted", "Problem", "lint"]


@dataclass(frozen=True)
class Linted:
    """A feature file: its AST as gherkin-official gives it (None when broken), and everything wrong with it."""

    document: dict[str, Any] | None
    problems: tuple[Problem, ...]


def lint(file: Path, shown: str, requirements: Collection[str]) -> Linted:
    """Reads and checks one feature file; `shown` is its name in sentences, `requirements` the known ids."""
    text, unreadable = source.read(file, shown)
    if text is None:
        return Linted(None, unreadable)
    if not source.says_anything(text):
        return Linted(None, (_nothing(shown),))
    fullwidth = source.fullwidth(text, shown)
    try:
        document = cast("dict[str, Any]", Parser().parse(text))
    except CompositeParserException as broken:
        return Linted(None, fullwidth or _broken(broken.errors, text, shown))
    except ParserError as broken:
        return Linted(None, fullwidth or _broken([broken], text, shown))
    found = (*fullwidth, *_ast(document, text, shown, requirements))
    return Linted(document, tuple(sorted(found, key=lambda problem: problem.line)))


def _ast(document: dict[str, Any], text: str, shown: str, requirements: Collection[str]) -> tuple[Problem, ...]:
    feature = document.get("feature")
    cases = shape.cases(feature) if feature else []
    if not feature or not cases:
        return (_nothing(shown),)
    return (
        *shape.check(cases, feature, text, shown),
        *outline.check(cases, shown),
        *tags.check(cases, shown, requirements),
    )


def _nothing(shown: str) -> Problem:
    return Problem(shown, 1, "文件里没有场景，什么也证明不了。The file has no scenario: it proves nothing.")


def _broken(errors: list[Any], text: str, shown: str) -> tuple[Problem, ...]:
    lines = text.splitlines()
    return tuple(_sentence(error, lines, shown) for error in errors[:5])


def _sentence(error: Any, lines: list[str], shown: str) -> Problem:
    line = int((getattr(error, "location", None) or {}).get("line", 1))
    said = lines[line - 1].strip() if 0 < line <= len(lines) else "(文件结尾 end of file)"
    hint = source.hint(said, lines)
    return Problem(
        shown, line, f"这一行不是正确的 Gherkin：{said!r}。{hint}Broken Gherkin: {source.reason(str(error))}"
    )
