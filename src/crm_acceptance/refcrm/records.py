"""Create, read, change and delete one record of any type, with rights, rules and audit. Lists are in lists.py."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from . import mishaps, notices, store, underload
from .auth import User
from .db import Database
from .defects import active
from .errors import conflict, invalid
from .fields import Field
from .matching import matches
from .objects import OBJECTS
from .rules import CHANGING, CREATING, due_at
from .store import Record
from .values import parse, parse_all, sentence


def create(db: Database, me: User, object: str, fields: Mapping[str, Any], force: bool = False) -> Record:
    """A new record. `force` creates a customer although a duplicate exists."""
    store.require(me, "create", object)
    with underload.creating(db, me, object) as tx:
        return store.seen(tx, me, object, add(tx, me, object, fields, force))


def add(tx: sqlite3.Connection, me: User, object: str, fields: Mapping[str, Any], force: bool = False) -> int:
    """Create within an open transaction, rights already checked; the id."""
    given, smuggled = _smuggled(object, fields)
    values = _complete(object, parse_all(OBJECTS[object], given, lambda field: field.creatable))
    _check_references(tx, me, object, values)
    if object != "ticket":
        values["owner"] = me.login
    if object == "customer":
        values["force"] = force
    if object in CREATING:
        CREATING[object](tx, me, values)
    id = store.insert(tx, me, object, values | smuggled)
    _after(tx, object, id)
    _tell(tx, me, object, id)
    return id


def _tell(tx: sqlite3.Connection, me: User, object: str, id: int) -> None:
    row = store.raw(tx, object, id)
    if object == "payment":
        notices.tell(tx, me, store.raw(tx, "order", row["order"])["owner"], "payment", "order", row["order"])
    if object == "ticket":
        notices.tell(tx, me, store.raw(tx, "customer", row["customer"])["owner"], "complain", "ticket", id)


_OPEN = {"owner": "owner_mass_assignment", "state": "state_mass_assignment", "paid": "paid_mass_assignment"}


def _smuggled(object: str, fields: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    kind, given, through = OBJECTS[object], dict(fields), {}
    shut = [f for f in kind.fields if f.readonly and given.get(f.name) and active(_OPEN.get(f.name, "-"))]
    for field in shut:
        try:
            through[field.name] = parse(field, given.pop(field.name))
        except ValueError as error:
            raise invalid(f"{field.zh}:{error}", {field.name: str(error)}) from None
    return given, through


def read(db: Database, me: User, object: str, id: int) -> Record:
    """The record as I may see it."""
    if object == "opportunity" and active("read_or_for_and"):
        store.require(me, "read", object)
        if store.there(db.conn, object, id) is not None:
            return store.seen(db.conn, me, object, id)
    if object == "contact" and active("mask_only_in_list"):
        return store.to_record(me, object, store.fetch(db.conn, me, object, id), plain=True)
    return store.to_record(me, object, store.fetch(db.conn, me, object, id))


def change(
    db: Database, me: User, object: str, id: int, fields: Mapping[str, Any], version: int | None = None
) -> Record:
    """Change fields. With `version`, only if nobody changed the record since that version was read."""
    given, smuggled = _smuggled(object, fields)
    store.require(me, "change", object)
    with db.write() as tx:
        row = store.fetch(tx, me, object, id, "change")
        if version is not None and version != row["version"] and not active("concurrent_edit_overwrites"):
            raise conflict(f"记录已被他人修改(现为第 {row['version']} 版),请刷新后重试。")
        values = parse_all(OBJECTS[object], given, lambda field: field.changeable)
        _emptied(object, values)
        _check_references(tx, me, object, values)
        if object in CHANGING and values:
            CHANGING[object](tx, row, values)
        store.update(tx, me, object, row, values | smuggled)
        return store.seen(tx, me, object, id)


def overwrite(tx: sqlite3.Connection, me: User, object: str, fields: Mapping[str, Any]) -> None:
    """Change the customer that is the same as these fields, whoever owns it; only the defect of imports does that."""
    kind = OBJECTS[object]
    values = parse_all(kind, fields, lambda field: field.changeable)
    for row in matches(tx, fields.get("name"), fields.get("phone"))[:1]:
        store.update(tx, me, object, store.raw(tx, object, row["id"]), values)


def delete(db: Database, me: User, object: str, id: int) -> None:
    """Delete a record with whatever hangs on it or tells of it. Raises conflict when others refer to it."""
    with db.write() as tx:
        row = store.fetch(tx, me, object, id, "delete")
        if object == "lead" and row["state"] == "converted" and active("delete_takes_customer_along"):
            mishaps.lead_with_all_it_became(tx, row)
        elif object == "lead" and row["state"] == "converted" and me.role != "data_admin":
            raise conflict("已转化的线索不能删除。")
        store.audit(tx, me, object, id, "delete", "", str(row[OBJECTS[object].title]), None)
        try:
            tx.execute(f'DELETE FROM "{OBJECTS[object].plural}" WHERE id = ?', (id,))
        except sqlite3.IntegrityError:
            raise conflict("还有其他记录引用它,不能删除。") from None
        for table in ("followups", "attachments", "notifications", "former_owners"):
            tx.execute(f"DELETE FROM {table} WHERE object = ? AND record_id = ?", (object, id))


def _complete(object: str, values: dict[str, Any]) -> dict[str, Any]:
    kind = OBJECTS[object]
    wanting = {f.name: "必填。" for f in kind.fields if f.required and f.creatable and values.get(f.name) is None}
    if wanting:
        raise invalid(sentence(kind, wanting), wanting)
    defaults = {f.name: parse(f, f.default) for f in kind.fields if f.default and values.get(f.name) is None}
    return values | defaults


def _emptied(object: str, values: dict[str, Any]) -> None:
    # Emptying a field that has a default sets it back: an amount of nothing cannot be reckoned with.
    for field in OBJECTS[object].fields:
        if field.default and field.name in values and values[field.name] is None:
            values[field.name] = parse(field, field.default)


def _check_references(tx: sqlite3.Connection, me: User, object: str, values: Mapping[str, Any]) -> None:
    if object == "contact" and active("parent_unchecked"):
        return
    for field in OBJECTS[object].fields:
        if field.ref and values.get(field.name) is not None:
            _refer(tx, me, field, values[field.name])


def _refer(tx: sqlite3.Connection, me: User, field: Field, id: int) -> None:
    row = store.refer(tx, me, field, id)
    if field.ref == "customer" and row["state"] == "pool" and me.role.startswith("sales"):
        raise conflict("公海客户须先领取。", {field.name: "请先领取。"})


def _after(tx: sqlite3.Connection, object: str, id: int) -> None:
    row = store.raw(tx, object, id)
    if object in ("order", "invoice"):
        prefix = {"order": "SO", "invoice": "FP"}[object]
        number = f"{prefix}{row['created_at'][:4]}{id:06d}"
        tx.execute(f'UPDATE "{OBJECTS[object].plural}" SET number = ? WHERE id = ?', (number, id))
    if object == "ticket":
        tx.execute("UPDATE tickets SET due_at = ? WHERE id = ?", (due_at(row["created_at"], row["priority"]), id))
