"""Believable Chinese data of any size, the same for the same seed. Rules are not run: the rows already keep them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .. import auth, people
from ..auth import User
from ..db import Database
from ..objects import OBJECTS
from ..schema import create_tables
from . import business, market
from .market import Draw
from .staff import STAFF

_TABLES = (
    "answers",
    "former_owners",
    "notifications",
    "audit",
    "attachments",
    "followups",
    "sessions",
    "users",
    "guesses",
)


@dataclass(frozen=True)
class Recipe:
    """What to seed: number of customers, random seed, the people, and the password of all of them."""

    size: int = 300
    seed: int = 1
    password: str = "demo2026"
    staff: tuple[User, ...] = STAFF


def plant(db: Database, recipe: Recipe) -> bool:
    """Create the tables and, in an empty database, the data. Answers whether there was anything to do."""
    create_tables(db.conn)
    if db.conn.execute("SELECT COUNT(*) FROM users").fetchone()[0]:
        return False
    with db.write() as tx:
        _staff(tx, recipe)
        _data(tx, recipe)
    return True


def again(db: Database, recipe: Recipe) -> None:
    """Throw everything away and plant anew."""
    with db.write() as tx:
        tx.execute("PRAGMA defer_foreign_keys = ON")
        for table in [*_TABLES, *reversed([kind.plural for kind in OBJECTS.values()])]:
            tx.execute(f'DELETE FROM "{table}"')
        tx.execute("DELETE FROM sqlite_sequence")
        _staff(tx, recipe)
        _data(tx, recipe)


def _staff(tx: sqlite3.Connection, recipe: Recipe) -> None:
    for user in recipe.staff:
        people.insert(tx, user, auth.hash_password(recipe.password))


def _data(tx: sqlite3.Connection, recipe: Recipe) -> None:
    draw = Draw(recipe.seed, recipe.staff)
    tables = market.rows(draw, recipe.size)
    tables |= business.rows(draw, tables)
    for name, rows in tables.items():
        _insert(tx, OBJECTS[name].plural if name in OBJECTS else name, rows)


def _insert(tx: sqlite3.Connection, table: str, rows: Iterable[Mapping[str, Any]]) -> None:
    rows = list(rows)
    if not rows:
        return
    names = ", ".join(f'"{name}"' for name in rows[0])
    marks = ", ".join("?" * len(rows[0]))
    tx.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', [tuple(row.values()) for row in rows])
