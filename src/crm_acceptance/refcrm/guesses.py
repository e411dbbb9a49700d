"""Wrong passwords, counted per login name, whoever it belongs to or not; after too many the name waits."""

from __future__ import annotations

import time

from .db import Database
from .errors import CrmError

TRIES = 8
WINDOW_SECONDS = 900
PAUSE_SECONDS = 300


def refuse(db: Database, login: str) -> None:
    """Raises throttled while the name waits. Known and unknown names alike, so that nobody learns who exists."""
    now = time.time()
    sql = "SELECT COUNT(*), MAX(at) FROM guesses WHERE login = ? AND at > ?"
    wrong, last = db.conn.execute(sql, (login, now - WINDOW_SECONDS)).fetchone()
    if wrong >= TRIES and now - last < PAUSE_SECONDS:
        raise CrmError("throttled", "密码输错次数过多,请过几分钟再试。", after=int(PAUSE_SECONDS - (now - last)) + 1)


def missed(db: Database, login: str) -> None:
    """One more wrong password."""
    with db.write() as tx:
        tx.execute("DELETE FROM guesses WHERE at < ?", (time.time() - WINDOW_SECONDS,))
        tx.execute("INSERT INTO guesses VALUES (?, ?)", (login, time.time()))


def forget(db: Database, login: str) -> None:
    """The right password clears the count; nothing is written where there is none."""
    if db.conn.execute("SELECT 1 FROM guesses WHERE login = ? LIMIT 1", (login,)).fetchone():
        with db.write() as tx:
            tx.execute("DELETE FROM guesses WHERE login = ?", (login,))
