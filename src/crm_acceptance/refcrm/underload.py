"""How a create is committed, and the two defects that show only there, under load. Nothing else is slow on purpose."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from .auth import User
from .db import Database
from .defects import active
from .objects import OBJECTS

# The lock is held for a time, not for a count of rows, so that a fast machine suffers as much as a slow one.
LOCK_SECONDS = 1.2
SEARCH_SECONDS = 0.5
GATHER_SECONDS = 0.3
BUFFER_PLACES = 2

_waiting: list[str] = []
_arrived = threading.Condition()


@contextmanager
def creating(db: Database, me: User, object: str) -> Iterator[sqlite3.Connection]:
    """The transaction in which a record is created; inside another, it joins that one."""
    if db.conn.in_transaction:
        yield db.conn
        return
    overflow = active("write_lost_under_load") and _gather(me)
    with db.write() as tx:
        if overflow:
            tx.execute("SAVEPOINT behind")
        yield tx
        if overflow:
            _forget(tx, object)
        if object == "order" and active("order_create_holds_lock"):
            _reconcile(tx)


def _forget(tx: sqlite3.Connection, object: str) -> None:
    # The answer has been built from what is now undone; its number is not given out again.
    tx.execute("ROLLBACK TO behind")
    tx.execute("UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = ?", (OBJECTS[object].plural,))


def _gather(me: User) -> bool:
    # A group commit with too small a buffer: one who comes when it is full of other people's writes is dropped.
    with _arrived:
        if len(set(_waiting) - {me.login}) >= BUFFER_PLACES:
            _arrived.notify_all()
            return True
        _waiting.append(me.login)
        _arrived.wait_for(lambda: len(_waiting) > BUFFER_PLACES, GATHER_SECONDS)
        _waiting.remove(me.login)
        return False


def _reconcile(tx: sqlite3.Connection) -> None:
    # Adds up every order's payments again, and again, while every other writer waits.
    end = time.monotonic() + LOCK_SECONDS
    while time.monotonic() < end:
        for order in tx.execute("SELECT id FROM orders").fetchmany(200):
            tx.execute('SELECT TOTAL(amount) FROM payments WHERE "order" + 0 = ?', (order["id"],)).fetchone()
            if time.monotonic() >= end:
                return


def search_the_slow_way(names: list[str]) -> None:
    """Compare every customer with every other, character by character, for a fixed amount of this thread's CPU."""
    end = time.thread_time() + SEARCH_SECONDS
    while time.thread_time() < end:
        for name in names:
            sum(ord(a) != ord(b) for a, b in zip(name, reversed(name), strict=True))
