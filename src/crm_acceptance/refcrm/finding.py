"""Looking across object types: one search over everything, what I worked on last, and what belongs to a customer."""

from __future__ import annotations

import sqlite3
from typing import Any

from . import lists, store
from .auth import User
from .db import Database
from .fields import ObjectType
from .lists import Asked
from .objects import OBJECTS
from .rights import may
from .store import Record

PER_KIND = 5
RECENT = 10
OF_CUSTOMER = ("contact", "opportunity", "quote", "order", "ticket")
Row = dict[str, Any]


def search(db: Database, me: User, q: str) -> list[Row]:
    """A few records of every object type that I may read, newest first: object, id and title."""
    kinds = [kind for kind in OBJECTS.values() if q.strip() and may(me, "read", kind.name)]
    return [_hit(kind, record) for kind in kinds for record in _found(db, me, kind, q)]


def _found(db: Database, me: User, kind: ObjectType, q: str) -> list[Record]:
    items: list[Record] = lists.listing(db, me, kind.name, Asked(q=q, size=PER_KIND), "search")["items"]
    return items


def _hit(kind: ObjectType, record: Record) -> Row:
    return {"object": kind.name, "id": record["id"], "title": title(kind, record)}


def title(kind: ObjectType, record: Record) -> str:
    """What a record is called: its title field, or its number."""
    return str(record.get(kind.title) or f"#{record['id']}")


def recent(db: Database, me: User) -> list[Row]:
    """The records that I created or changed last and may still read: object, id and title."""
    sql = """SELECT object, record_id, MAX(row) AS latest FROM audit WHERE who = ? AND record_id <> ''
        GROUP BY object, record_id ORDER BY latest DESC LIMIT ?"""
    touched = db.conn.execute(sql, (me.login, RECENT)).fetchall()
    shown = [_touched(db.conn, me, row) for row in touched if row["object"] in OBJECTS]
    return [row for row in shown if row is not None]


def _touched(conn: sqlite3.Connection, me: User, line: sqlite3.Row) -> Row | None:
    kind = OBJECTS[line["object"]]
    row = store.find(conn, me, kind.name, int(line["record_id"]))
    return _hit(kind, store.to_record(me, kind.name, row)) if row is not None else None


def belonging(db: Database, me: User, object: str, customer: int, asked: Asked) -> dict[str, Any]:
    """A page of the records of one type that hang on a customer. Raises denied or missing for the customer itself."""
    store.require(me, "read", object)
    store.fetch(db.conn, me, "customer", customer)
    return lists.listing(db, me, object, Asked(page=asked.page, size=asked.size, where={"customer": customer}))


def expanded(db: Database, me: User, record: Record) -> Record:
    """The record with the customer that it names beside it, as far as I may read that one."""
    row = store.find(db.conn, me, "customer", record["customer"]) if record.get("customer") else None
    return record | {"expanded": {"customer": store.to_record(me, "customer", row) if row is not None else None}}
