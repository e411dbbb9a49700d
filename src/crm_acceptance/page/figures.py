"""The figures that a load engine left in reports/<run>/load/*.json, as tables to show. Judges and needs nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LONGEST_TABLE = 20
# times from the actual start: the page tells only those from the intended start, which a late generator cannot hide
LEFT_OUT = "service_"


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
    found = (_read_one(path) for path in sorted(folder.glob("*.json")))
    return tuple(figures for figures in found if figures)


def _read_one(path: Path) -> Figures | None:
    try:
        body = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(body, dict):
        return None
    values = tuple((str(key), _text(value)) for key, value in body.items() if _is_plain(value))
    tables = (_table(str(key), value) for key, value in body.items())
    return Figures(path.stem, values, tuple(table for table in tables if table))


def _table(name: str, value: Any) -> Table | None:
    if isinstance(value, dict) and value:
        nested = all(isinstance(row, dict) for row in value.values())
        value = [{name: key, **(row if nested else {"": row})} for key, row in value.items()]
    if not isinstance(value, list) or not value or not all(isinstance(row, dict) for row in value):
        return None
    columns = tuple(dict.fromkeys(str(key) for row in value for key, cell in row.items() if _is_shown(key, cell)))
    rows = tuple(tuple(_text(row.get(column)) for column in columns) for row in value[:LONGEST_TABLE])
    return Table(name, columns, rows)


def _is_shown(key: Any, cell: Any) -> bool:
    return _is_plain(cell) and not str(key).startswith(LEFT_OUT)


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float | bool)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "✓" if value else "✕"
    if isinstance(value, float):
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return "" if value is None else str(value)
