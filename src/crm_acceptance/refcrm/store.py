"""Rows in and out: select, insert, update with audit, and the record that a person sees. No business rule."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from . import mishaps, slips
from .auth import User
from .defects import active
from .errors import CrmError, conflict, denied, missing
from .fields import Field
from .objects import OBJECTS
from .rights import mask_of, may, scope
from .values import mask_phone, now, show

Record = dict[str, Any]


def expression(object: str, field: str) -> str:
    """The SQL expression of a field on alias t (and c, the customer, where one is joined)."""
    if field == "customer_name" and active("rename_not_synced"):
        return "COALESCE(t.customer_name_then, c.name)"
    if field == "lead_count" and active("campaign_count_wrong"):
        return "(SELECT COUNT(*) FROM leads l WHERE l.campaign = t.id AND l.state = 'converted')"
    if (object, field) == ("order", "due") and active("due_counts_last_payment_only"):
        return f"({_LIVE[object, field]} + t.paid - COALESCE({_LAST_PAYMENT}, 0))"
    return _LIVE.get((object, field), f't."{field}"')


_LIVE: Mapping[tuple[str, str], str] = {
    ("order", "customer_name"): "c.name",
    ("order", "tax_number"): "c.tax_number",
    ("order", "due"): "(CASE t.state WHEN 'cancelled' THEN 0 ELSE t.amount - t.paid END)",
    ("ticket", "customer_name"): "c.name",
    ("campaign", "lead_count"): "(SELECT COUNT(*) FROM leads l WHERE l.campaign = t.id)",
}


_LAST_PAYMENT = '(SELECT p.amount FROM payments p WHERE p."order" = t.id ORDER BY p.id DESC LIMIT 1)'


def source(object: str) -> str:
    """The FROM clause of an object type."""
    joined = " JOIN customers c ON c.id = t.customer" if object in ("order", "ticket") else ""
    return f'FROM "{OBJECTS[object].plural}" t{joined}'


def select(object: str) -> str:
    """SELECT and FROM with every column and live field of an object type."""
    live = [f"{expression(object, f.name)} AS {f.name}" for f in OBJECTS[object].fields if f.live]
    return f"SELECT {', '.join(['t.*', *live])} {source(object)}"


def require(me: User, action: str, object: str) -> None:
    """Raise denied unless my role has that action on that object type."""
    if not may(me, action, object):
        raise denied()


def fetch(conn: sqlite3.Connection, me: User, object: str, id: int, action: str = "read") -> sqlite3.Row:
    """The row, if my role has the action and the record is in my scope. Raises denied or missing."""
    require(me, action, object)
    purpose = "read" if action in ("read", "claim") else "write"
    if active(slips.ACTS.get((object, action), "-")) and (found := there(conn, object, id)) is not None:
        return found
    row = _select_one(conn, me, object, id, purpose)
    if row is None and purpose == "write" and _select_one(conn, me, object, id, "read") is not None:
        raise denied("这条记录不归您负责。")
    if row is None:
        raise _unseen(conn, object, id)
    return row


def _unseen(conn: sqlite3.Connection, object: str, id: int) -> CrmError:
    row = there(conn, object, id)
    if row is not None and object == "customer" and active("denied_tells_existence"):
        return denied("您无权查看这条记录。")
    if row is not None and object == "order" and active("message_names_owner"):
        return missing(f"这条记录由 {row['owner']} 负责,不在您的数据范围内。")
    return missing()


def there(conn: sqlite3.Connection, object: str, id: int) -> sqlite3.Row | None:
    """The row whoever asks, if there is one."""
    row: sqlite3.Row | None = conn.execute(f"{select(object)} WHERE t.id = ?", (id,)).fetchone()
    return row


def refer(conn: sqlite3.Connection, me: User, field: Field, id: int) -> sqlite3.Row:
    """The row that a reference field points to. Raises conflict when I cannot reach it."""
    row = _select_one(conn, me, field.ref, id, "refer")
    if row is None:
        raise conflict(f"{field.zh} {id} 不存在,或不在您的数据范围内。", {field.name: "不存在或无权引用。"})
    return row


def find(conn: sqlite3.Connection, me: User, object: str, id: int) -> sqlite3.Row | None:
    """The row, if my role may read such records and it is in my scope; None otherwise."""
    return _select_one(conn, me, object, id, "read") if may(me, "read", object) else None


def _select_one(conn: sqlite3.Connection, me: User, object: str, id: int, purpose: str) -> sqlite3.Row | None:
    clause, args = scope(me, object, purpose)
    row: sqlite3.Row | None = conn.execute(f"{select(object)} WHERE t.id = ? AND {clause}", (id, *args)).fetchone()
    return row


def raw(conn: sqlite3.Connection, object: str, id: int) -> sqlite3.Row:
    """The row whoever asks: for what the CRM does by itself."""
    row: sqlite3.Row = conn.execute(f"{select(object)} WHERE t.id = ?", (id,)).fetchone()
    return row


def insert(tx: sqlite3.Connection, me: User, object: str, values: Mapping[str, Any]) -> int:
    """Store a new row and its audit line; the id."""
    row = {**values, "created_by": me.login, "created_at": now(), "updated_at": now()}
    names, marks = ", ".join(f'"{name}"' for name in row), ", ".join("?" * len(row))
    cursor = tx.execute(f'INSERT INTO "{OBJECTS[object].plural}" ({names}) VALUES ({marks})', tuple(row.values()))
    id = cursor.lastrowid or 0
    audit(tx, me, object, id, "create", "", None, str(values.get(OBJECTS[object].title) or id))
    return id


def update(
    tx: sqlite3.Connection, me: User, object: str, row: sqlite3.Row, values: Mapping[str, Any], action: str = "change"
) -> None:
    """Store changed columns, one audit line per visible field that differs, and a new version."""
    changed = {name: value for name, value in values.items() if row[name] != value}
    if not changed:
        return
    fields = {f.name: f for f in OBJECTS[object].fields}
    for name in changed.keys() & fields.keys():
        audit(tx, me, object, row["id"], action, name, show(fields[name], row[name]), show(fields[name], changed[name]))
    pairs = ", ".join(f'"{name}" = ?' for name in changed)
    tx.execute(
        f'UPDATE "{OBJECTS[object].plural}" SET {pairs}, version = version + 1, updated_at = ? WHERE id = ?',
        (*changed.values(), now(), row["id"]),
    )


def audit(
    tx: sqlite3.Connection, me: User, object: str, id: int | str, action: str, field: str, old: Any, new: Any
) -> None:
    """Write one line of the audit log."""
    if action == "transfer" and active("audit_misses_transfer"):
        return
    text = [None if value is None else str(value) for value in (old, new)]
    if action == "change" and active("audit_swaps_old_and_new"):
        text.reverse()
    lossy = action == "change" and active("audit_lost_beside_another")
    if lossy and mishaps.beside_another_change(tx, object, str(id), me.login, now()):
        return
    who = me.login
    if action == "change" and object in OBJECTS and active("audit_names_owner"):
        row = raw(tx, object, int(id))
        who = row["owner"] if "owner" in row.keys() else who  # noqa: SIM118
    tx.execute(
        "INSERT INTO audit (object, record_id, action, field, old, new, who, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (object, str(id), action, field, *text, who, now()),
    )


def to_record(me: User, object: str, row: sqlite3.Row, plain: bool = False) -> Record:
    """The row as this person may see it; `plain` leaves nothing out."""
    record: Record = {"id": row["id"]}
    for field in OBJECTS[object].fields:
        mask = "" if plain else mask_of(me, object, field.name)
        if mask != "hidden":
            record[field.name] = masked(mask, show(field, row[field.name]))
    lost = active("tax_number_lost_for_finance") and me.role == "accountant" and object in ("customer", "order")
    if lost:
        record["tax_number"] = None
    return record | {name: row[name] for name in ("version", "created_at", "updated_at")}


def masked(mask: str, value: Any) -> Any:
    """The value behind its mask."""
    if value is None or not mask:
        return value
    return mask_phone(str(value)) if mask == "masked" else "***"


def seen(conn: sqlite3.Connection, me: User, object: str, id: int) -> Record:
    """The record after something was done to it, as this person may see it."""
    return to_record(me, object, raw(conn, object, id))
