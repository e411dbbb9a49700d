"""Scenarios that would vanish or say something else than they read: names, first steps, empty ones, the 当前 trap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crm_acceptance.lint.problem import Problem

OPENERS = ("Context", "Action", "Outcome")
"""gherkin-official's keyword types of Given, When, Then."""


@dataclass(frozen=True)
class Case:
    """One scenario of the AST with all tags that it inherits from its rule and feature."""

    node: Mapping[str, Any]
    inherited: tuple[Mapping[str, Any], ...]

    @property
    def name(self) -> str:
        """What the scenario is called."""
        return str(self.node["name"])

    @property
    def line(self) -> int:
        """Where it starts."""
        return int(self.node["location"]["line"])


def cases(feature: Mapping[str, Any]) -> list[Case]:
    """Every scenario of a feature, those in rules included, in the order of the file."""
    return list(_cases(feature["children"], tuple(feature["tags"])))


def _cases(children: list[Mapping[str, Any]], tags: tuple[Mapping[str, Any], ...]) -> Iterator[Case]:
    for child in children:
        if "scenario" in child:
            yield Case(child["scenario"], (*tags, *child["scenario"]["tags"]))
        elif "rule" in child:
            yield from _cases(child["rule"]["children"], (*tags, *child["rule"]["tags"]))


def check(found: list[Case], feature: Mapping[str, Any], text: str, shown: str) -> Iterator[Problem]:
    """All problems of this module."""
    yield from _names(found, shown)
    lines = text.splitlines()
    for steps in _backgrounds(feature):
        yield from _steps(steps, lines, shown)
    for case in found:
        if not case.node["steps"]:
            yield Problem(shown, case.line, f"场景 {case.name!r} 没有步骤，什么也证明不了。The scenario has no steps.")
        yield from _steps(case.node["steps"], lines, shown)


def _names(found: list[Case], shown: str) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for case in found:
        if not case.name:
            yield Problem(shown, case.line, "场景没有名字。The scenario has no name.")
        elif case.name in first:
            said = f"场景名重复：{case.name!r}，第 {first[case.name]} 行已有；前一个会被悄悄丢掉。"
            yield Problem(shown, case.line, f"{said}Duplicate scenario name: the first would be dropped in silence.")
        first.setdefault(case.name, case.line)


def _backgrounds(parent: Mapping[str, Any]) -> Iterator[list[Mapping[str, Any]]]:
    for child in parent["children"]:
        if "background" in child:
            yield child["background"]["steps"]
        elif "rule" in child:
            yield from _backgrounds(child["rule"])


def _steps(steps: list[Mapping[str, Any]], lines: list[str], shown: str) -> Iterator[Problem]:
    if steps and steps[0]["keywordType"] not in OPENERS:
        line, keyword = steps[0]["location"]["line"], steps[0]["keyword"].strip()
        said = f"第一个步骤不能以 {keyword!r} 开头，请用 假如、当 或 那么。"
        yield Problem(shown, line, f"{said}The first step must be Given, When or Then, not {keyword!r}.")
    for step in steps:
        line = step["location"]["line"]
        if lines[line - 1].lstrip().startswith("当前"):
            said = "“当前…”会被读成步骤“当 前…”；若是步骤请在“当”后加空格，否则换一个说法。"
            yield Problem(shown, line, f"{said}This reads as When + 前…: put a space after 当, or say it differently.")
