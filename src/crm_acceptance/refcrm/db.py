"""The one way to SQLite: a connection per thread, one writer at a time. Tables are in schema.py."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BUSY_SECONDS = 20.0


class Database:
    """A file opened by every thread for itself. Readers never wait (WAL); writers queue in this process."""

    def __init__(self, path: Path | str) -> None:
        self.path = str(path)
        self._local = threading.local()
        self._writing = threading.Lock()

    @property
    def conn(self) -> sqlite3.Connection:
        """This thread's connection; inside `write()` it sees the open transaction."""
        conn: sqlite3.Connection | None = getattr(self._local, "conn", None)
        if conn is None:
            conn = self._local.conn = _connect(self.path)
        return conn

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: commits at the end, rolls back on any exception. Inside another, it joins that one."""
        if self.conn.in_transaction:
            yield self.conn
            return
        # A lock of our own first: SQLite's busy handler sleeps and polls, a queue does not.
        with self._writing:
            self.conn.execute("BEGIN IMMEDIATE")
            try:
                yield self.conn
            except BaseException:
                self.conn.rollback()
                raise
            self.conn.commit()

    def close(self) -> None:
        """Close this thread's connection."""
        self.conn.close()
        self._local.conn = None


def _connect(path: str) -> sqlite3.Connection:
    conn = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    conn.row_factory = sqlite3.Row
    conn.execute("PRAGMA journal_mode = WAL")
    conn.execute("PRAGMA synchronous = NORMAL")
    conn.execute("PRAGMA foreign_keys = ON")
    return conn
