"""Scenario outlines that would run with a literal <x>, run nothing, or run the same row twice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from crm_acceptance.lint.problem import Problem
from crm_acceptance.lint.shape import Case

PLACEHOLDER = re.compile(r"<([^<>\s][^<>]*)>")


def check(found: list[Case], shown: str) -> Iterator[Problem]:
    """All problems of this module."""
    for case in found:
        tables = case.node["examples"]
        if tables:
            yield from _tables(case, tables, shown)
        else:
            yield from _without(case, shown)


def _without(case: Case, shown: str) -> Iterator[Problem]:
    asked = sorted({name for step in case.node["steps"] for name in PLACEHOLDER.findall(step["text"])})
    if asked:
        said = f"场景 {case.name!r} 用了 <{asked[0]}>，却没有“例子”表；它会照字面 “<{asked[0]}>” 运行。"
        yield Problem(shown, case.line, f"{said}A placeholder without Examples would run literally.")


def _tables(case: Case, tables: list[Mapping[str, Any]], shown: str) -> Iterator[Problem]:
    asked = _asked(case.node)
    seen: dict[tuple[tuple[str, str], ...], int] = {}
    for table in tables:
        line = table["location"]["line"]
        columns = [cell["value"] for cell in (table.get("tableHeader") or {}).get("cells", [])]
        if not table.get("tableBody"):
            said = f"场景 {case.name!r} 的“例子”没有一行数据，它会照字面运行一次。"
            yield Problem(
                shown, line, f"{said}Empty Examples: the scenario would run once with the literal placeholders."
            )
            continue
        yield from _columns(case, columns, asked, line, shown)
        yield from _rows(columns, table["tableBody"], seen, shown)


def _columns(case: Case, columns: list[str], asked: set[str], line: int, shown: str) -> Iterator[Problem]:
    for name in sorted(asked - set(columns)):
        yield Problem(
            shown, line, f"“例子”里没有 <{name}> 这一列（known: {', '.join(columns)}）。Placeholder without a column."
        )
    for name in sorted(set(columns) - asked):
        yield Problem(shown, line, f"“例子”的列 {name!r} 在场景 {case.name!r} 里没有用到。Column that no step uses.")
    for name in sorted({name for name in columns if columns.count(name) > 1}):
        yield Problem(shown, line, f"“例子”的列 {name!r} 写了两次。Column given twice.")


def _rows(
    columns: list[str], rows: list[Mapping[str, Any]], seen: dict[tuple[tuple[str, str], ...], int], shown: str
) -> Iterator[Problem]:
    for row in rows:
        line = int(row["location"]["line"])
        key = tuple(zip(columns, (cell["value"] for cell in row["cells"]), strict=False))
        if key in seen:
            said = f"与第 {seen[key]} 行的例子完全相同，报告会把它们当成同一次检查的重试。"
            yield Problem(shown, line, f"{said}Identical Examples rows would count as retries of one check.")
        seen.setdefault(key, line)


def _asked(node: Mapping[str, Any]) -> set[str]:
    """Every placeholder of the name, the sentences, their tables and docstrings."""
    texts = [str(node["name"])]
    for step in node["steps"]:
        texts += [step["text"], (step.get("docString") or {}).get("content", "")]
        texts += [cell["value"] for row in (step.get("dataTable") or {}).get("rows", []) for cell in row["cells"]]
    return {name for text in texts for name in PLACEHOLDER.findall(text)}
