"""A quote's way through approval to an order, and an order's confirmation or cancellation. Amounts are in rules.py."""

from __future__ import annotations

import sqlite3

from . import notices, records, store, underload
from .auth import User, user_from
from .db import Database
from .defects import active
from .errors import conflict, invalid
from .rules import FREE_DISCOUNT
from .store import Record
from .values import money


def submit(db: Database, me: User, id: int) -> Record:
    """Submit a quote: approved at once up to 10 % discount, pending above."""
    with db.write() as tx:
        row = store.fetch(tx, me, "quote", id, "submit")
        if row["state"] not in ("draft", "rejected"):
            raise conflict("只有草稿或被驳回的报价可以提交。")
        free = row["discount"] <= FREE_DISCOUNT or active("approval_skipped")
        store.update(tx, me, "quote", row, {"state": "approved" if free else "pending"}, "submit")
        if not free:
            notices.tell_approvers(tx, me, id)
        return store.seen(tx, me, "quote", id)


def approve(db: Database, me: User, id: int) -> Record:
    """Approve a pending quote."""
    return _decide(db, me, id, "approved", "approve")


def reject(db: Database, me: User, id: int, reason: str) -> Record:
    """Reject a pending quote; the reason goes to the audit log and the follow-ups."""
    if not reason.strip():
        raise invalid("驳回须写原因。", {"reason": "必填。"})
    with db.write() as tx:
        record = _decide(db, me, id, "rejected", "reject")
        store.audit(tx, me, "quote", id, "reject", "reason", None, reason.strip())
        return record


def _decide(db: Database, me: User, id: int, state: str, action: str) -> Record:
    with db.write() as tx:
        anyone = action == "reject" and active("reject_by_anyone")
        row = store.fetch(tx, me, "quote", id, "read" if anyone else "approve")
        if row["state"] != "pending":
            raise conflict("报价不在待审批状态。")
        store.update(tx, me, "quote", row, {"state": state}, action)
        notices.tell(tx, me, row["owner"], action, "quote", id)
        return store.seen(tx, me, "quote", id)


def make_order(db: Database, me: User, id: int) -> Record:
    """Make the order of an approved quote, once. Answers the order."""
    with underload.creating(db, me, "order") as tx:
        if active("order_with_owners_rights"):
            me = _owner_instead(tx, me, id)
        quote = store.fetch(tx, me, "quote", id, "order")
        fields = {"customer": quote["customer"], "quote": id, "amount": money(quote["total"])}
        if quote["total"] < 1:
            raise conflict("总价为零的报价不能下单。")
        return store.seen(tx, me, "order", records.add(tx, me, "order", fields))


def _owner_instead(tx: sqlite3.Connection, me: User, id: int) -> User:
    store.require(me, "order", "quote")
    quote = store.there(tx, "quote", id)
    row = tx.execute("SELECT * FROM users WHERE login = ?", (quote["owner"] if quote else me.login,)).fetchone()
    return user_from(row)


def confirm(db: Database, me: User, id: int) -> Record:
    """Confirm an open order."""
    with db.write() as tx:
        row = store.fetch(tx, me, "order", id, "confirm")
        if row["state"] != "open":
            raise conflict("只有待确认的订单可以确认。")
        store.update(tx, me, "order", row, {"state": "confirmed"}, "confirm")
        return store.seen(tx, me, "order", id)


def cancel(db: Database, me: User, id: int) -> Record:
    """Cancel an order for which nothing was paid."""
    with db.write() as tx:
        row = store.fetch(tx, me, "order", id, "cancel")
        if row["state"] == "cancelled":
            raise conflict("订单已取消。")
        if row["paid"] and not active("cancel_after_payment"):
            raise conflict("订单已有回款,不能取消。")
        store.update(tx, me, "order", row, {"state": "cancelled"}, "cancel")
        return store.seen(tx, me, "order", id)
