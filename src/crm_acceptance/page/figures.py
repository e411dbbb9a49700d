"""The figures that a load engine left in reports/<run>/load/*.json, as tables to show. Judges and needs nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_acceptance.page import peaks

LONGEST_TABLE = 20
# the page tells times from the intended start only, which a late generator cannot hide; the rest is for Allure
NOT_ON_THE_PAGE = ("service_", "series")
TITLES = ("title", "peak")
# a threshold's sentence says its measure, verb and value already
SAID = ("requirement", "met", "sentence")


@dataclass(frozen=True)
class Table:
    """A list of flat objects: one column per key."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Figures:
    """One file: its single values as (name, value), and its lists as tables."""

    name: str
    values: tuple[tuple[str, str], ...]
    tables: tuple[Table, ...]


def read(folder: Path) -> tuple[Figures, ...]:
    """Every readable file of `folder`; none when there is no such folder. What cannot be read is left out: the gate
    never uses these figures, and the check that wrote them has its own result."""
    found = (_read_one(path) for path in sorted(folder.glob("*.json")) if not path.stem.endswith(".samples"))
    return tuple(figures for figures in found if figures)


def _read_one(path: Path) -> Figures | None:
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(body, dict) or (peaks.MARK in body and "peak" in body):
        return None
    shown = {str(key): value for key, value in body.items() if _is_shown(key)}
    tables = (_table(key, value) for key, value in shown.items())
    name = next((str(body[key]) for key in TITLES if body.get(key)), path.stem)
    return Figures(name, tuple(_values(shown)), tuple(table for table in tables if table))


def _values(shown: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Single values, also those of a flat object inside, in the file's order."""
    for key, value in shown.items():
        inside = value if isinstance(value, dict) else {} if key in TITLES else {key: value}
        yield from ((str(name), _text(one)) for name, one in inside.items() if _is_plain(one) and one != "")


def _table(name: str, value: Any) -> Table | None:
    if not isinstance(value, list) or not value or not all(isinstance(row, dict) for row in value):
        return None
    cells = (key for row in value for key, cell in row.items() if _is_plain(cell) and _is_shown(key))
    columns = tuple(dict.fromkeys(map(str, cells)))
    columns = tuple(name for name in SAID if name in columns) if "sentence" in columns else columns
    rows = tuple(tuple(_text(row.get(column)) for column in columns) for row in value[:LONGEST_TABLE])
    return Table(name, columns, rows)


def _is_shown(key: Any) -> bool:
    return not str(key).startswith(NOT_ON_THE_PAGE)


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "✓" if value else "✕"
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return "" if value is None else str(value)
