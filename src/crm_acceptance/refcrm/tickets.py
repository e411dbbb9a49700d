"""A ticket's way: assigned, resolved, closed. Creation and deadline are in rules.py."""

from __future__ import annotations

from . import notices, store
from .auth import User
from .db import Database
from .defects import active
from .errors import conflict, invalid
from .sales import colleague
from .store import Record


def assign(db: Database, me: User, id: int, to: str) -> Record:
    """Give an unresolved ticket to somebody in service."""
    with db.write() as tx:
        row = store.fetch(tx, me, "ticket", id, "assign")
        person = colleague(tx, to, "ticket")
        if row["state"] not in ("new", "assigned"):
            raise conflict("已解决或关闭的工单不能再分派。")
        store.update(tx, me, "ticket", row, {"assignee": person.login, "state": "assigned"}, "assign")
        notices.tell(tx, me, person.login, "assign", "ticket", id)
        return store.seen(tx, me, "ticket", id)


def resolve(db: Database, me: User, id: int, resolution: str) -> Record:
    """Write down the solution."""
    if not resolution.strip():
        raise invalid("请填写解决方案。", {"resolution": "必填。"})
    with db.write() as tx:
        row = store.fetch(tx, me, "ticket", id, "resolve")
        if row["state"] not in ("new", "assigned"):
            raise conflict("工单已解决或关闭。")
        store.update(tx, me, "ticket", row, {"resolution": resolution.strip(), "state": "resolved"}, "resolve")
        owner = store.raw(tx, "customer", row["customer"])["owner"]
        notices.tell(tx, me, owner, "resolve", "ticket", id)
        return store.seen(tx, me, "ticket", id)


def close(db: Database, me: User, id: int) -> Record:
    """Close a resolved ticket."""
    with db.write() as tx:
        row = store.fetch(tx, me, "ticket", id, "close")
        if row["state"] == "closed" or (row["state"] != "resolved" and not active("ticket_closes_unresolved")):
            raise conflict("只有已解决的工单可以关闭。")
        lost = {"resolution": None} if active("resolution_cleared_on_close") else {}
        store.update(tx, me, "ticket", row, {"state": "closed", **lost}, "close")
        return store.seen(tx, me, "ticket", id)
