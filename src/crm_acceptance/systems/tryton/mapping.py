"""mapping.toml as values, and canonical questions (where, q, sort) as Tryton domains; sends nothing."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crm_acceptance.errors import Unsupported
from crm_acceptance.model import Action
from crm_acceptance.systems.tryton.rpc import number
from crm_acceptance.systems.tryton.staff import Staff

REFERENCES = frozenset({"customer", "order", "quote", "opportunity"})
PERSONS = frozenset({"owner", "assignee"})


@dataclass(frozen=True)
class Shape:
    """One canonical object in Tryton: its model, what to read, where to ask for a field, which state is which."""

    model: str
    reads: list[str]
    search: list[str] = field(default_factory=list)
    listed: list[Any] = field(default_factory=list)
    paths: Mapping[str, str] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)


SHAPES: Mapping[str, Shape] = {
    name: Shape(**row)
    for name, row in tomllib.loads((Path(__file__).parent / "mapping.toml").read_text("utf-8")).items()
}


def shape(object: str) -> Shape:
    """The object's shape. Unsupported when Tryton has no such thing."""
    if object not in SHAPES:
        raise Unsupported(f"Tryton 8.0（所装模块）没有 {object} 这种对象。Tryton has no {object} in these modules.")
    return SHAPES[object]


def domain(action: Action, staff: Staff) -> list[Any]:
    """What a list, count or export asks for: the object's own records, `where` and `q` of the options."""
    of, options = shape(action.object), action.options
    asked = [*of.listed]
    if options.get("pool"):
        asked.append(["categories.name", "=", staff.pool])
    for name, value in (options.get("where") or {}).items():
        asked.append(_clause(of, action.object, name, value, staff))
    if options.get("q"):
        asked.append(["OR", *([path, "ilike", f"%{options['q']}%"] for path in of.search)])
    return asked


def order(action: Action) -> list[list[str]]:
    """`sort` as Tryton's order; the id comes last, so that paging is stable."""
    by = str(action.options.get("sort") or "")
    direction = "DESC" if by.startswith("-") else "ASC"
    if not by:
        return [["id", "ASC"]]
    path = _path(shape(action.object), action.object, by.lstrip("-"))
    if path.startswith("lines."):  # a record has many lines: Tryton answers 503 to such an order
        raise Unsupported(f"Tryton 不能按 {by.lstrip('-')} 排序 {action.object}。Tryton cannot sort by it.")
    return [[path, direction], ["id", "ASC"]]


def _clause(of: Shape, object: str, name: str, value: Any, staff: Staff) -> list[Any]:
    path, _, model = _path(of, object, name).partition(":")
    if model:
        return [path, "=", f"{model},{number(value)}"]
    if of.states and name in ("state", "stage"):
        return [path, "in", [theirs for theirs, ours in of.states.items() if ours == value]]
    if name in PERSONS:
        return [path, "=", staff.name(str(value))]
    return [path, "=", number(value) if name in REFERENCES else value]


def _path(of: Shape, object: str, name: str) -> str:
    if name not in of.paths:
        raise Unsupported(f"Tryton 不能按 {object}.{name} 查询或排序。Tryton cannot filter or sort {object} by {name}.")
    return of.paths[name]
