"""What happened to one's records: told to whoever is concerned, shown as far as the record is still within reach."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from . import store
from .auth import User, user_from
from .db import Database
from .defects import active
from .objects import OBJECTS
from .rights import may
from .values import money, now

NEWEST = 50
SENTENCES: Mapping[str, str] = {
    "assign": "{who}给您分配了{kind}“{title}”",
    "transfer": "{who}把{kind}“{title}”转给了您",
    "approve": "{who}批准了{kind}“{title}”",
    "reject": "{who}驳回了{kind}“{title}”",
    "submit": "{who}提交了{kind}“{title}”,等待审批",
    "payment": "{who}登记了{kind}“{title}”的回款",
    "complain": "{who}为您的客户登记了{kind}“{title}”",
    "resolve": "{who}解决了您客户的{kind}“{title}”",
    "follow": "{who}在{kind}“{title}”上写了跟进",
}
Row = dict[str, Any]


def tell(tx: sqlite3.Connection, me: User, login: str | None, what: str, object: str, id: int) -> None:
    """Leave word for `login`, unless nobody is concerned or it is oneself. `what` is a key of SENTENCES."""
    if not login or login == me.login:
        return
    sql = "INSERT INTO notifications (login, what, object, record_id, who, at) VALUES (?, ?, ?, ?, ?, ?)"
    for one in _colleagues(tx, login) if active("notice_to_department") else [login]:
        tx.execute(sql, (one, what, object, id, me.login, now()))


def tell_approvers(tx: sqlite3.Connection, me: User, quote: int) -> None:
    """Leave word for whoever may approve that quote: the executives, and the managers of its owner's department."""
    for row in tx.execute("SELECT * FROM users WHERE active").fetchall():
        person = user_from(row)
        if may(person, "approve", "quote") and store.find(tx, person, "quote", quote) is not None:
            tell(tx, me, person.login, "submit", "quote", quote)


def _colleagues(tx: sqlite3.Connection, login: str) -> list[str]:
    sql = "SELECT login FROM users WHERE department = (SELECT department FROM users WHERE login = ?)"
    return [row["login"] for row in tx.execute(sql, (login,))]


def concerned(object: str, row: sqlite3.Row) -> str | None:
    """The login of whoever looks after that record."""
    who: str | None = row["assignee" if object == "ticket" else "owner"]
    return who


def notices(db: Database, me: User) -> list[Row]:
    """My latest notifications, newest first; one about a record that is out of my reach by now is not shown."""
    sql = """SELECT n.*, COALESCE(u.name, n.who) AS author FROM notifications n LEFT JOIN users u ON u.login = n.who
        WHERE n.login = ? ORDER BY n.id DESC LIMIT ?"""
    told = [_shown(db.conn, me, row) for row in db.conn.execute(sql, (me.login, NEWEST)).fetchall()]
    return [row for row in told if row is not None]


def _shown(conn: sqlite3.Connection, me: User, notice: sqlite3.Row) -> Row | None:
    kind = OBJECTS[notice["object"]]
    if active("notice_outlives_reach") or active("notice_to_department"):
        row = store.there(conn, kind.name, notice["record_id"])
    else:
        row = store.find(conn, me, kind.name, notice["record_id"])
    if row is None:
        return None
    # The title as it is now: what was told once may have been renamed, and is not the reader's for ever.
    title = store.to_record(me, kind.name, row).get(kind.title) or f"#{row['id']}"
    if kind.name == "order":
        title = f"{title} ¥{money(row['amount'])}"
    text = SENTENCES[notice["what"]].format(who=notice["author"], kind=kind.zh, title=title)
    return {"row": notice["id"], "object": kind.name, "id": row["id"], "text": text, "at": notice["at"]}
