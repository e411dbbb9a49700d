"""The house rules that a machine can check, over the whole package: small files, telling names, a line on top."""

from __future__ import annotations

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "crm_acceptance"
MODULES = sorted(PACKAGE.rglob("*.py"))
TELLS_NOTHING = {"util", "utils", "helper", "helpers", "common", "base", "misc"}


def names(module: Path) -> str:
    """How a module is shown in a report."""
    return module.relative_to(PACKAGE).as_posix()


def functions(module: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of a module, methods too."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_no_file_is_above_three_hundred_lines() -> None:
    counted = {names(module): len(module.read_text(encoding="utf-8").splitlines()) for module in MODULES}
    assert {name: lines for name, lines in counted.items() if lines > 300} == {}


def test_functions_are_short_in_the_median() -> None:
    lengths = [(node.end_lineno or node.lineno) - node.lineno + 1 for module in MODULES for node in functions(module)]
    assert statistics.median(lengths) <= 9


@pytest.mark.parametrize("module", MODULES, ids=names)
def test_every_module_opens_with_a_line_that_says_what_lives_there(module: Path) -> None:
    assert ast.get_docstring(ast.parse(module.read_text(encoding="utf-8")))


def test_no_file_or_class_has_a_name_that_says_nothing() -> None:
    assert [names(module) for module in MODULES if module.stem in TELLS_NOTHING] == []
    classes = [
        f"{names(module)}: {node.name}"
        for module in MODULES
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and node.name.endswith(("Manager", "Factory", "Helper"))
    ]
    assert classes == []


def test_nothing_is_swallowed_whole() -> None:
    silent = [
        f"{names(module)}:{node.lineno}"
        for module in MODULES
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler) and (node.type is None or ast.unparse(node.type) == "BaseException")
        if all(isinstance(part, ast.Pass) for part in node.body)
    ]
    assert silent == []


def imported(module: Path) -> set[str]:
    """The top-level names that a module imports when it is loaded or later, type checking included."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def test_within_a_system_only_its_screens_know_playwright() -> None:
    knowing = [module for module in MODULES if "playwright" in imported(module)]
    assert knowing, "the look itself must find somebody"
    strangers = [
        names(module)
        for module in knowing
        if not module.stem.startswith("screens") and module.parent != PACKAGE / "engines"
    ]
    assert strangers == []
