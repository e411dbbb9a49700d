"""How planted defects spoil what passes through: texts, dates, files. Where each is made, its `active(...)` stands."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from .defects import active

BASIC_PLANE = 0xFFFF
COLUMN_WIDTH = 1024
CELL_WIDTH = 255
INT_RANGE = 2**32


def spoilt_lead(values: dict[str, Any]) -> None:
    """A new lead's texts as they arrive in columns that are too narrow for them."""
    if active("lead_source_dropped"):
        values["source"] = None
    for name, text in values.items():
        if isinstance(text, str) and active("rare_characters_lost"):
            values[name] = "".join("?" if ord(c) > BASIC_PLANE else c for c in text)
    if active("long_text_cut") and values.get("note"):
        values["note"] = values["note"][:COLUMN_WIDTH]


def spoilt_date(name: str, day: date) -> date:
    """A day that lost some hours on its way through another time zone, or that every month is thought to have."""
    if name == "starts" and active("starts_a_day_early"):
        return day - timedelta(days=1)
    if name == "starts" and active("month_end_clipped"):
        return day.replace(day=min(day.day, 28))
    return day


def overflown(cents: int) -> int:
    """The number in a signed integer of 32 bits."""
    return (cents + INT_RANGE // 2) % INT_RANGE - INT_RANGE // 2


def without_rare(rows: Sequence[sqlite3.Row]) -> list[sqlite3.Row]:
    """Those rows that an encoder of the basic plane can write; it skips the others."""
    return [
        row for row in rows if not any(ord(c) > BASIC_PLANE for v in row for c in (v if isinstance(v, str) else ""))
    ]


def unquoted(lines: Iterable[Iterable[Any]]) -> str:
    """Cells joined by commas, whatever is in them."""
    return "".join(",".join("" if cell is None else str(cell) for cell in line) + "\r\n" for line in lines)


def as_numbers(fields: Mapping[str, str]) -> dict[str, str]:
    """Cells of digits as a spreadsheet takes them: numbers, which begin with no zero."""
    return {name: str(int(cell)) if cell.isascii() and cell.isdigit() else cell for name, cell in fields.items()}


def lead_with_all_it_became(tx: sqlite3.Connection, lead: sqlite3.Row) -> None:
    """Deletes what a converted lead was made into, as a cascade does that goes one step too far."""
    name = lead["company"] or lead["name"]
    owned = "customer IN (SELECT id FROM customers WHERE name = ? AND owner = ?)"
    for table in ("contacts", "opportunities"):
        tx.execute(f"DELETE FROM {table} WHERE {owned}", (name, lead["owner"]))
    tx.execute("DELETE FROM customers WHERE name = ? AND owner = ?", (name, lead["owner"]))


def beside_another_change(tx: sqlite3.Connection, object: str, id: str, who: str, at: str) -> bool:
    """Whether somebody else's change of that record was logged within these two seconds."""
    sql = "SELECT 1 FROM audit WHERE object = ? AND record_id = ? AND action = 'change' AND who <> ? AND at >= ?"
    since = (datetime.fromisoformat(at) - timedelta(seconds=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return tx.execute(sql, (object, id, who, since)).fetchone() is not None
