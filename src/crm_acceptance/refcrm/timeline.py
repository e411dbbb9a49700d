"""What hangs on a record: follow-ups, attachments and the audit log. Their rights follow the record."""

from __future__ import annotations

import sqlite3
from typing import Any

from . import notices, store
from .auth import User
from .db import Database
from .defects import active
from .errors import CrmError, invalid, missing
from .objects import OBJECTS
from .rights import RIGHTS, mask_of, may
from .values import now

BIGGEST_ATTACHMENT = 5 * 1024 * 1024
Row = dict[str, Any]
_ATTACHMENT = "id, object AS parent_object, record_id AS parent_id, name, size, at, author"
_FOLLOWUP = "id, object AS parent_object, record_id AS parent_id, text, at, author"


def follow(db: Database, me: User, object: str, id: int, text: str) -> Row:
    """Write a follow-up on a record."""
    text = text.strip()
    if not text or len(text) > 4000:
        raise invalid("跟进内容须为 1 到 4000 个字。", {"text": "1 到 4000 个字。"})
    with db.write() as tx:
        row = store.fetch(tx, me, object, id, "follow")
        if active("followup_overwritten"):
            tx.execute("DELETE FROM followups WHERE object = ? AND record_id = ?", (object, id))
        sql = "INSERT INTO followups (object, record_id, text, at, author) VALUES (?, ?, ?, ?, ?)"
        new = tx.execute(sql, (object, id, text, now(), me.login)).lastrowid
        store.audit(tx, me, object, id, "follow", "", None, f"followup {new}")
        notices.tell(tx, me, notices.concerned(object, row), "follow", object, id)
        return _one(tx, f"SELECT {_FOLLOWUP} FROM followups WHERE id = ?", new)


def followups(db: Database, me: User, object: str, id: int) -> list[Row]:
    """A record's follow-ups, oldest first."""
    _reach(db, me, object, id, "notes_read_by_all" if object == "customer" else "-")
    sql = f"SELECT {_FOLLOWUP} FROM followups WHERE object = ? AND record_id = ? ORDER BY id"
    return [dict(row) for row in db.conn.execute(sql, (object, id))]


def _reach(db: Database, me: User, object: str, id: int, forgotten: str) -> None:
    if not (active(forgotten) and may(me, "read", object) and store.there(db.conn, object, id) is not None):
        store.fetch(db.conn, me, object, id)


def attach(db: Database, me: User, object: str, id: int, filename: str, body: bytes) -> Row:
    """Store a file with a record. Raises too_large above 5 MB, invalid when it is empty."""
    if len(body) > BIGGEST_ATTACHMENT:
        raise CrmError("too_large", "附件不能超过 5 MB。", {"file": "最大 5 MB。"})
    if not body:
        raise invalid("附件是空文件。", {"file": "空文件。"})
    kept = body[: len(body) * 3 // 4] if active("attachment_truncated") else body
    with db.write() as tx:
        store.fetch(tx, me, object, id, "attach")
        sql = "INSERT INTO attachments (object, record_id, name, size, body, at, author) VALUES (?, ?, ?, ?, ?, ?, ?)"
        new = tx.execute(sql, (object, id, _safe_name(filename), len(body), kept, now(), me.login)).lastrowid
        if active("attachment_name_collision"):
            same = "UPDATE attachments SET body = ?, size = ? WHERE name = ? AND author = ?"
            tx.execute(same, (kept, len(body), _safe_name(filename), me.login))
        store.audit(tx, me, object, id, "attach", "", None, _safe_name(filename))
        return _one(tx, f"SELECT {_ATTACHMENT} FROM attachments WHERE id = ?", new)


def attachments(db: Database, me: User, object: str, id: int) -> list[Row]:
    """A record's attachments, without their bodies."""
    if object == "lead" and active("empty_list_for_absent") and store.there(db.conn, object, id) is None:
        return []
    _reach(db, me, object, id, "attachments_listed_to_all" if object == "lead" else "-")
    sql = f"SELECT {_ATTACHMENT} FROM attachments WHERE object = ? AND record_id = ? ORDER BY id"
    return [dict(row) for row in db.conn.execute(sql, (object, id))]


def download(db: Database, me: User, id: int) -> tuple[str, bytes]:
    """An attachment's name and bytes, for whoever may read its record. All others: missing."""
    row = db.conn.execute("SELECT * FROM attachments WHERE id = ?", (id,)).fetchone()
    if row is None:
        raise missing()
    if not active("attachment_open"):
        if not may(me, "read", row["object"]):
            raise missing()
        _reach(db, me, row["object"], row["record_id"], "download_by_role_only" if row["object"] == "contact" else "-")
    return row["name"], row["body"]


def record_audit(db: Database, me: User, object: str, id: int) -> list[Row]:
    """What happened to one record, oldest first; fields that I see masked are masked here, too."""
    mine = "audit" not in RIGHTS[me.role]
    if mine:
        _reach(db, me, object, id, "audit_ignores_scope" if object == "quote" else "-")
    plain = mine and object == "customer" and active("audit_in_plain")
    sql = "SELECT * FROM audit WHERE object = ? AND record_id = ? ORDER BY row"
    return [_audit_row(me, row, plain) for row in db.conn.execute(sql, (object, str(id)))]


def whole_audit(db: Database, me: User, page: int = 1, size: int = 50, object: str = "", id: str = "") -> Row:
    """A page of the whole log, newest first, perhaps of one object type or record only."""
    store.require(me, "read", "audit")
    where, args = "(? = '' OR object = ?) AND (? = '' OR record_id = ?)", (object, object, id, id)
    total = db.conn.execute(f"SELECT COUNT(*) FROM audit WHERE {where}", args).fetchone()[0]
    sql = f"SELECT * FROM audit WHERE {where} ORDER BY row DESC LIMIT ? OFFSET ?"
    rows = [_audit_row(me, row) for row in db.conn.execute(sql, (*args, size, (page - 1) * size))]
    return {"items": rows, "total": total, "page": page, "size": size}


def _audit_row(me: User, row: sqlite3.Row, plain: bool = False) -> Row:
    mask = mask_of(me, row["object"], row["field"]) if row["object"] in OBJECTS and not plain else ""
    old, new = store.masked(mask, row["old"]), store.masked(mask, row["new"])
    same = {name: row[name] for name in ("row", "object", "action", "field", "who", "at")}
    return same | {"id": row["record_id"], "old": old, "new": new}


def _safe_name(filename: str) -> str:
    name = filename.replace("\\", "/").rsplit("/", 1)[-1].encode("utf-8", "replace").decode()
    kept = "".join(c for c in name if c.isprintable() and c not in '"<>|:*?')
    return kept[-120:] or "attachment"


def _one(tx: sqlite3.Connection, sql: str, id: int | None) -> Row:
    return dict(tx.execute(sql, (id,)).fetchone())
