"""Tables of records for lists, dashboards and detail pages: columns, rows, sums. Asks nothing of the service."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from ..fields import Field, ObjectType
from .render import label_of
from .values import NUMBERS, Looks


@dataclass(frozen=True)
class Column:
    """One column: `url` sorts by it, `sorted` is ascending, descending or empty."""

    label: str
    number: bool = False
    url: str = ""
    sorted: str = ""


@dataclass(frozen=True)
class Row:
    """One row; `id` is the record's number, None where a row is no record."""

    id: int | str | None
    cells: tuple[str | Markup, ...]


@dataclass(frozen=True)
class Board:
    """A short table with a heading, the number of all records behind it, and where to see them or add one."""

    label: str
    total: int
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    all_url: str
    new_url: str = ""


def columns_of(kind: ObjectType, without: Iterable[str] = ()) -> tuple[Field, ...]:
    """The list columns. A live copy of the customer's name is left out where the customer itself is a column."""
    names = {f.name for f in kind.columns}
    doubled = {"customer_name"} if "customer" in names else set()
    return tuple(f for f in kind.columns if f.name not in doubled and f.name not in set(without))


def heads(looks: Looks, kind: ObjectType, fields: Iterable[Field]) -> tuple[Column, ...]:
    """Column heads without sorting; a record without a title of its own gets its number as the first column."""
    first = (Column("#"),) if kind.title == "id" else ()
    return (*first, *(Column(label_of(looks.visit, f), f.type in NUMBERS) for f in fields))


def row(looks: Looks, kind: ObjectType, fields: Iterable[Field], record: Mapping[str, Any]) -> Row:
    """One record as a row, its title linked to its page."""
    first = (looks.link(kind, record),) if kind.title == "id" else ()
    cells = (looks.link(kind, record) if f.name == kind.title else looks.value(f, record.get(f.name)) for f in fields)
    return Row(record["id"], (*first, *cells))


def board(
    looks: Looks, kind: ObjectType, items: Iterable[Mapping[str, Any]], total: int, all_url: str,
    new_url: str = "", without: Iterable[str] = (), label: str = "",
) -> Board:  # fmt: skip
    """A short table of `items`."""
    fields = columns_of(kind, without)
    rows = tuple(row(looks, kind, fields, item) for item in items)
    return Board(label or label_of(looks.visit, kind), total, heads(looks, kind, fields), rows, all_url, new_url)
