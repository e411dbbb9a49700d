"""How looking gets slow with a defect on: lists, exports and reports. Writes are in underload.py; nothing else drags.

Every defect holds somebody up for a time, or as long as a count of rows takes, so that fast and slow machines suffer
alike; what the mistake really does is done as well, once.
"""

from __future__ import annotations

import json
import os
import tempfile
import threading
import time
import zlib
from collections.abc import Sequence
from functools import cache
from typing import IO, Any

from .auth import User
from .db import Database
from .defects import active
from .objects import OBJECTS

ROUND_TRIP = 0.05
"""Seconds that one more question to a database in another room takes."""
ROW_SECONDS = 0.015
"""Seconds for one row that is read, compared or shown for nothing."""
LONGEST = 5.0
FLUSH_SECONDS = 0.05
"""Seconds in which a disk writes down one line for good."""
SERIALISE_SECONDS = 0.5
"""Of this thread's own processor time."""
REPORT_SECONDS, REPORT_LASTS = 1.0, 0.5
EXPORT_SECONDS = 2.5
EXPORT_BYTES = 24 * 2**20

_disk, _exporting, _computing = threading.Lock(), threading.Lock(), threading.Lock()
_kept: list[bytes] = []
_computed: dict[str, float] = {}


def hold(seconds: float) -> None:
    """Somebody waits for what takes that long; the processor is free meanwhile."""
    time.sleep(seconds)


def for_rows(count: int) -> float:
    """Seconds that reading `count` rows for nothing takes."""
    return min(LONGEST, count * ROW_SECONDS)


def looking(db: Database, object: str, filtered: bool, sort: str) -> None:
    """Before a page is read: what a filter or a sorting costs."""
    table = f'"{OBJECTS[object].plural}"'
    if filtered and active("filter_without_index"):
        found = db.conn.execute(f"SELECT COUNT(*) FROM {table} WHERE +id > 0").fetchone()[0]
        hold(for_rows(found))
    if sort and active("sort_in_memory"):
        rows = db.conn.execute(f"SELECT id FROM {table}").fetchall()
        # Each comparison fetches its two records anew; a merge sort of n rows needs about n of them at the very least.
        hold(for_rows(len(sorted(rows, key=lambda row: -row["id"]))))


def looked(db: Database, object: str, items: Sequence[dict[str, Any]], total: int) -> None:
    """After a page was read: what is done with its rows."""
    if active("list_asks_row_by_row"):
        _ask_row_by_row(db, object, items)
    if active("list_without_paging"):
        hold(for_rows(total - len(items)))
    if active("log_flushed_per_row"):
        _log(object, items)
    if active("list_serialises_history"):
        _serialise(db, items)


def _ask_row_by_row(db: Database, object: str, items: Sequence[dict[str, Any]]) -> None:
    for item in items:
        for table in ("followups", "attachments", "former_owners", "audit"):
            sql = f"SELECT COUNT(*) FROM {table} WHERE object = ? AND record_id = ?"
            db.conn.execute(sql, (object, item["id"])).fetchone()
            hold(ROUND_TRIP)


@cache
def _logfile() -> IO[bytes]:
    return tempfile.TemporaryFile(prefix="refcrm-", suffix=".log", buffering=0)


def _log(object: str, items: Sequence[dict[str, Any]]) -> None:
    for item in items:
        with _disk:
            _logfile().write(f"read {object} {item['id']}\n".encode())
            os.fsync(_logfile().fileno())
            hold(FLUSH_SECONDS)


def _serialise(db: Database, items: Sequence[dict[str, Any]]) -> None:
    # The whole history hangs on every row, and goes out packed as small as can be, row by row.
    history = [tuple(row) for row in db.conn.execute("SELECT * FROM audit ORDER BY row DESC LIMIT 200")]
    end = time.thread_time() + SERIALISE_SECONDS
    while time.thread_time() < end:
        zlib.compress(json.dumps([items, history], ensure_ascii=False).encode(), 9)


def exporting() -> None:
    """Before an export is written."""
    if active("exports_one_at_a_time"):
        with _exporting:
            hold(EXPORT_SECONDS)
    if active("exports_kept_in_memory"):
        # For whoever might fetch it again; nobody ever throws it away.
        _kept.append(b"," * EXPORT_BYTES)


def reporting(me: User, name: str) -> None:
    """Before a report is computed: a cache whose entry everybody renews who finds it too old."""
    if not active("report_cache_stampede"):
        return
    key = f"{me.role}/{name}"
    if time.monotonic() - _computed.get(key, -REPORT_LASTS) < REPORT_LASTS:
        return
    with _computing:
        hold(REPORT_SECONDS)
    _computed[key] = time.monotonic()
