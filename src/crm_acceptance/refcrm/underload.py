"""How a create is committed, and the defects that show only there, under load. Looking is in drag.py."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from .auth import User
from .db import Database
from .defects import active
from .drag import for_rows, hold
from .errors import conflict
from .objects import OBJECTS

# The lock is held for a time, not for a count of rows, so that a fast machine suffers as much as a slow one.
LOCK_SECONDS = 1.2
SEARCH_SECONDS = 0.5
GATHER_SECONDS = 0.3
BUFFER_PLACES = 2
ATTEMPTS, ATTEMPT_SECONDS = 6, 0.4
AUDIT_SECONDS, LONGEST_AUDIT = 0.006, 1.2
"""Seconds per line of the audit log that is read again, and for all of it at most."""
STEP_SECONDS = 0.4
PATIENCE = {"order": 6.0, "payment": 2.5}
"""Seconds after which somebody who waits for a lock is taken for deadlocked; the payment gives in first."""

_waiting: list[str] = []
_arrived = threading.Condition()
_stock, _ledger = threading.Lock(), threading.Lock()
_version = 0
_versions = threading.Lock()


@contextmanager
def creating(db: Database, me: User, object: str) -> Iterator[sqlite3.Connection]:
    """The transaction in which a record is created; inside another, it joins that one."""
    if db.conn.in_transaction:
        yield db.conn
        return
    overflow = active("write_lost_under_load") and _gather(me)
    if object == "lead" and active("lead_check_grows_with_size"):
        _compare_with_all(db)
    if active("commit_retry_storm"):
        _start_over_until_alone()
    with _locks(object), db.write() as tx:
        if overflow:
            tx.execute("SAVEPOINT behind")
        yield tx
        if overflow:
            _forget(tx, object)
        if object == "order" and active("order_create_holds_lock"):
            _reconcile(tx)
        if active("audit_rehashed_each_write"):
            _rehash(tx)


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


def _compare_with_all(db: Database) -> None:
    # Nobody asks an index: every customer there is, is compared with the new lead.
    names = [row["name"] for row in db.conn.execute("SELECT name FROM customers")]
    hold(for_rows(len(names)))


def _start_over_until_alone() -> None:
    # Whoever was overtaken by another's commit throws the work away and begins again, at once.
    global _version
    for _ in range(ATTEMPTS):
        seen = _version
        hold(ATTEMPT_SECONDS)
        with _versions:
            if _version == seen:
                _version += 1
                return
    raise conflict("系统繁忙,数据已被他人更新,请稍后再试。")


@contextmanager
def _locks(object: str) -> Iterator[None]:
    # An order locks the stock and then the ledger, a payment the ledger and then the stock.
    if object not in PATIENCE or not active("locks_in_two_orders"):
        yield
        return
    first, second = (_stock, _ledger) if object == "order" else (_ledger, _stock)
    with first:
        hold(STEP_SECONDS)
        if not second.acquire(timeout=PATIENCE[object]):
            raise conflict("系统发现死锁,本次操作已取消,请重试。")
        second.release()
        yield


def _rehash(tx: sqlite3.Connection) -> None:
    # The audit log is chained anew from its first line, while every other writer waits.
    chain = hashlib.sha256()
    lines = tx.execute("SELECT object, record_id, action, who, at FROM audit ORDER BY row").fetchall()
    for line in lines:
        chain.update(repr(tuple(line)).encode())
    hold(min(LONGEST_AUDIT, len(lines) * AUDIT_SECONDS))


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
