"""Looking across object types: one search over everything, what I worked on last, and what belongs to a customer."""

from __future__ import annotations

import sqlite3
from typing import Any

from . import lists, store
from .auth import User
from .db import Database
from .defects import active
from .fields import ObjectType
from .lists import Asked
from .objects import OBJECTS
from .rights import may
from .store import Record

PER_KIND = 5
RECENT, EVERYBODYS = 10, 40
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


def recent(db: Database, me: User, everybody: bool = False) -> list[Row]:
    """The records that I created or changed last and may still read: object, id and title.

    `everybody`: what anybody did, to whatever; only the defects ask for that.
    """
    sql = """SELECT object, record_id, MAX(row) AS latest FROM audit WHERE (? OR who = ?) AND record_id <> ''
        GROUP BY object, record_id ORDER BY latest DESC LIMIT ?"""
    touched = db.conn.execute(sql, (everybody, me.login, EVERYBODYS if everybody else RECENT)).fetchall()
    shown = [_touched(db.conn, me, row, everybody) for row in touched if row["object"] in OBJECTS]
    return [row for row in shown if row is not None]


def _touched(conn: sqlite3.Connection, me: User, line: sqlite3.Row, any: bool) -> Row | None:
    kind, id = OBJECTS[line["object"]], int(line["record_id"])
    row = store.there(conn, kind.name, id) if any else store.find(conn, me, kind.name, id)
    return _hit(kind, store.to_record(me, kind.name, row)) if row is not None else None


def belonging(db: Database, me: User, object: str, customer: int, asked: Asked) -> dict[str, Any]:
    """A page of the records of one type that hang on a customer. Raises denied or missing for the customer itself."""
    store.require(me, "read", object)
    if object == "order" and active("related_list_unscoped"):
        return _everybodys(db, me, object, customer, asked)
    store.fetch(db.conn, me, "customer", customer)
    return lists.listing(db, me, object, Asked(page=asked.page, size=asked.size, where={"customer": customer}))


def _everybodys(db: Database, me: User, object: str, customer: int, asked: Asked) -> dict[str, Any]:
    sql = f"{store.select(object)} WHERE t.customer = ? ORDER BY t.id DESC LIMIT ?"
    found = db.conn.execute(sql, (customer, asked.size)).fetchall()
    items = [store.to_record(me, object, row) for row in found]
    return {"items": items, "total": len(items), "page": asked.page, "size": asked.size}


def expanded(db: Database, me: User, record: Record) -> Record:
    """The record with the customer that it names beside it, as far as I may read that one."""
    row = store.find(db.conn, me, "customer", record["customer"]) if record.get("customer") else None
    return record | {"expanded": {"customer": _customer(me, row) if row is not None else None}}


def _customer(me: User, row: sqlite3.Row) -> Record:
    return store.to_record(me, "customer", row, plain=active("expanded_in_plain"))
