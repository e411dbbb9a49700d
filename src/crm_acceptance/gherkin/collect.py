"""A .feature file as a pytest module without a stub file: linted first, then bound by pytest-bdd."""

from __future__ import annotations

import types
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pytest_bdd import feature as parsed_features
from pytest_bdd import scenarios
from pytest_bdd.gherkin_parser import GherkinDocument
from pytest_bdd.parser import FeatureParser, ScenarioTemplate, Step
from pytest_bdd.scenario import scenario_wrapper_template_registry

from crm_acceptance.gherkin.stepbook import StepBook, complaint
from crm_acceptance.lint import Problem, lint
from crm_acceptance.lint.shape import cases
from crm_acceptance.lint.tags import LOOKS_LIKE_REQUIREMENT, names

BOOK = pytest.StashKey[StepBook]()
KNOWN = pytest.StashKey[Collection[str]]()
"""The ids of requirements.csv, which tags are checked against."""
BUILT_IN = "built_in"
"""Tag of a file that comes with the harness and is asked only where its requirement is."""


class FeatureFile(pytest.Module):
    """Node ids become `features/sales/leads.feature::test_...`; everything wrong with the file is one collect error."""

    def _getobj(self) -> types.ModuleType:
        shown = self.nodeid
        linted = lint(self.path, shown, self._known())
        if linted.document is None or linted.problems:
            raise self.CollectError("\n".join(map(str, linted.problems)))
        _register_tags(self.config, linted.document)
        module = _bound(self.path, linted.document)
        self._refuse_unknown_sentences(module, shown)
        return module

    def _known(self) -> Collection[str]:
        """The requirements that tags may name. Those of a file that comes with the harness need not be the company's:
        what its own table does not require is not asked."""
        known = self.config.stash[KNOWN]
        said = self.path.read_bytes().decode("utf-8", errors="replace")
        return {*known, *LOOKS_LIKE_REQUIREMENT.findall(said)} if f"@{BUILT_IN}" in said.split() else known

    def _refuse_unknown_sentences(self, module: types.ModuleType, shown: str) -> None:
        book = book_of(self.session)
        told = {(step.line_number, said) for step in _sentences(module) if (said := complaint(book, step, self))}
        if told:
            raise self.CollectError("\n".join(str(Problem(shown, line, said)) for line, said in sorted(told)))


def book_of(session: pytest.Session) -> StepBook:
    """The session's one book of steps."""
    if BOOK not in session.config.stash:
        session.config.stash[BOOK] = StepBook(session)
    return session.config.stash[BOOK]


def engine_of(item: pytest.Item) -> str:
    """The kind of check that one of a scenario's sentences makes it (its parser's `engine`); "" for nearly all."""
    template = template_of(item)
    if template is None:
        return ""
    row, book = example_of(item), book_of(item.session)
    steps = template.render(row).steps if row else template.steps
    parsers = (one.context.parser for step in steps for one in book.fitting(step.type, step.name, item))
    return next((engine for parser in parsers if (engine := str(getattr(parser, "engine", "")))), "")


def template_of(item: pytest.Item) -> ScenarioTemplate | None:
    """The scenario that an item runs; None for a check written in Python."""
    function = getattr(item, "function", None)
    return scenario_wrapper_template_registry.get(function) if function is not None else None


def example_of(item: pytest.Item) -> Mapping[str, str]:
    """The row of Examples that an item runs with; empty for a plain scenario."""
    callspec = getattr(item, "callspec", None)
    row: Mapping[str, str] = callspec.params.get("_pytest_bdd_example", {}) if callspec else {}
    return row


class _Parsed(FeatureParser):
    """pytest-bdd's feature from an AST that is already there, so that each file is parsed once."""

    def __init__(self, path: Path, document: Mapping[str, Any]) -> None:
        super().__init__(str(path.parent), path.name)
        self._document = document

    def _parse_feature_file(self) -> GherkinDocument:
        return GherkinDocument.from_dict(self._document)


def _bound(path: Path, document: Mapping[str, Any]) -> types.ModuleType:
    parsed_features.features[str(path)] = _Parsed(path, document).parse()
    module = types.ModuleType(path.stem)
    module.__file__ = str(path)
    module.__dict__.update(scenarios=scenarios, path=str(path), base=str(path.parent))
    # scenarios() writes into the locals of its caller, so the caller has to be this module
    exec("scenarios(path, features_base_dir=base); del scenarios, path, base", module.__dict__)
    return module


def _sentences(module: types.ModuleType) -> Iterator[Step]:
    """Every step of the module with every row of its examples filled in."""
    for value in list(vars(module).values()):
        if isinstance(value, types.FunctionType) and value in scenario_wrapper_template_registry:
            template = scenario_wrapper_template_registry[value]
            rows = [row for table in template.examples for row in table.as_contexts()]
            for row in rows or [{}]:
                yield from template.render(row).steps if row else template.steps


def _register_tags(config: pytest.Config, document: Mapping[str, Any]) -> None:
    """Markers must be known before binding: tags of Examples bypass pytest_bdd_apply_tag under --strict-markers."""
    seen = config.stash.setdefault(_TAGS, set())
    for case in cases(document["feature"]):
        every = [*case.inherited, *(tag for table in case.node["examples"] for tag in table["tags"])]
        for name in set(names(every)) - seen:
            seen.add(name)
            config.addinivalue_line("markers", f"{name}: tag of a feature file")


_TAGS = pytest.StashKey[set[str]]()
