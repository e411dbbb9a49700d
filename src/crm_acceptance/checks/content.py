"""What a check says, as one digest: a scenario's sentences, a row of a table, a peak; else the code that it is."""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
import textwrap
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pytest_bdd.parser import ScenarioTemplate, Step

from crm_acceptance.errors import AcceptanceError
from crm_acceptance.gherkin.collect import example_of, template_of
from crm_acceptance.profile import Profile


def content_of(item: pytest.Item, profile: Profile) -> str:
    """SHA-256 in hex, the same as long as what is checked stays the same.

    A scenario: its tags, background, sentences, tables and its row of Examples, wherever in the file it stands. A check
    with a `content` mark: what the mark says (the row, the peak), or what its functions say of the profile. Any other:
    its function's code without comments, and its parameters. How a sentence or a row is carried out (steps, engines,
    this program) is no part of it: the run says which suite it was (strength.digest).
    """
    template, marker = template_of(item), item.get_closest_marker("content")
    if template is not None:
        return _digest(_scenario(template, example_of(item)))
    if marker and marker.args:
        return _digest(["marked", item.nodeid.partition("[")[0], *(_said(one, profile) for one in marker.args)])
    return _digest(["coded", item.nodeid, _source(item)])


def _said(one: Any, profile: Profile) -> str:
    """A table that cannot be read says what is wrong with it; the check will say so, too."""
    try:
        return str(one(profile) if callable(one) else one)
    except AcceptanceError as wrong:
        return str(wrong)


def _scenario(template: ScenarioTemplate, row: Mapping[str, str]) -> Any:
    steps = [_step(step) for step in template.steps]
    return ["scenario", template.name, sorted(template.tags), sorted(template.feature.tags), steps, dict(row)]


def _step(step: Step) -> Any:
    table = [[cell.value for cell in row.cells] for row in step.datatable.rows] if step.datatable else []
    return [step.type, step.name, step.docstring or "", table]


def _source(item: pytest.Item) -> str:
    function = getattr(item, "function", None)
    try:
        source = inspect.getsource(function) if function is not None else ""
        return ast.unparse(ast.parse(textwrap.dedent(source)))
    except (OSError, TypeError, SyntaxError):  # no file behind it, or a function that is no statement of its own
        return _file(item.path)


@cache
def _file(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""


def _digest(said: Any) -> str:
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
