"""Tags: every scenario names a requirement that exists, and every tag can be a pytest marker."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from crm_acceptance.lint.problem import Problem
from crm_acceptance.lint.shape import Case

LOOKS_LIKE_REQUIREMENT = re.compile(r"[A-Z0-9]+-\d+")
ALLOWED = re.compile(r"[\w-]+")
RESERVED = ("parametrize", "usefixtures", "filterwarnings", "requirement", "engine", "allure_label", "allure_link")
"""Markers that mean something else to pytest or to us; a bare tag of that name would break or distort the run."""


def check(found: list[Case], shown: str, requirements: Collection[str]) -> Iterator[Problem]:
    """All problems of this module; the same tag on a feature is told once, not once per scenario."""
    told: set[tuple[int, str]] = set()
    for case in found:
        every = [*case.inherited, *(tag for table in case.node["examples"] for tag in table["tags"])]
        for tag in every:
            at = (int(tag["location"]["line"]), str(tag["name"]))
            if at not in told:
                told.add(at)
                yield from _tag(tag, shown, requirements)
        yield from _unclaimed(case, shown, requirements)


def names(tags: Collection[Mapping[str, Any]]) -> list[str]:
    """Tags without their @."""
    return [str(tag["name"]).lstrip("@") for tag in tags]


def _tag(tag: Mapping[str, Any], shown: str, requirements: Collection[str]) -> Iterator[Problem]:
    name, line = str(tag["name"]).lstrip("@"), int(tag["location"]["line"])
    if not ALLOWED.fullmatch(name):
        yield Problem(
            shown, line, f"标签 @{name} 只能用文字、数字、“-”和“_”。A tag holds letters, digits, - and _ only."
        )
    elif name in RESERVED:
        yield Problem(shown, line, f"标签 @{name} 是保留的，请换一个名字。Reserved tag: choose another name.")
    elif LOOKS_LIKE_REQUIREMENT.fullmatch(name) and name not in requirements:
        near = difflib.get_close_matches(name, list(requirements), n=1)
        hint = f"是不是 {near[0]}？did you mean {near[0]}? " if near else ""
        known = ", ".join(sorted(requirements)[:60])
        yield Problem(shown, line, f"需求表里没有 {name}（unknown requirement）。{hint}已知 known: {known}。")


def _unclaimed(case: Case, shown: str, requirements: Collection[str]) -> Iterator[Problem]:
    """A scenario without requirement proves nothing; a table of examples may bring its own."""
    if any(LOOKS_LIKE_REQUIREMENT.fullmatch(name) for name in names(case.inherited)):
        return
    tables = case.node["examples"]
    if tables and all(set(names(table["tags"])) & set(requirements) for table in tables):
        return
    said = f"场景 {case.name!r} 没有任何需求标签（例如 @SALES-001），它什么也证明不了。"
    yield Problem(shown, case.line, f"{said}No requirement tag: this scenario proves nothing.")
