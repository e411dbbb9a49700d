"""What sales does beyond create and change: convert, assign, transfer, claim, release, advance, look for duplicates."""

from __future__ import annotations

import sqlite3
import threading
from typing import Any

from . import notices, records, store, underload
from .auth import User, user_from
from .choices import PROBABILITY
from .db import Database
from .defects import active
from .errors import conflict, invalid
from .matching import matches
from .rights import may
from .store import Record

STAGE_ORDER = tuple(PROBABILITY)
OPEN_STAGES = ("qualify", "proposal", "negotiation")
# Which records go along when a customer changes hands.
_WITH_CUSTOMER = {"contact": "1", "opportunity": "t.stage IN ('qualify', 'proposal', 'negotiation')"}


def convert(
    db: Database,
    me: User,
    id: int,
    amount: Any = None,
    opportunity_name: str | None = None,
    force: bool = False,
) -> dict[str, int | None]:
    """Make customer, contact and opportunity out of a lead, once. Answers their ids."""
    with underload.creating(db, me, "lead") as tx:
        lead = store.fetch(tx, me, "lead", id, "convert")
        again = lead["state"] == "converted" and active("lead_converts_twice")
        if lead["state"] in ("converted", "lost") and not again:
            raise conflict("线索已转化或已丢失,不能再转。")
        made = _make_all(tx, me, lead, {"amount": amount or "0", "name": opportunity_name}, force or again)
        store.update(tx, me, "lead", lead, {"state": "converted"}, "convert")
        for object, new in made.items():
            if new is not None:
                tx.execute(f'UPDATE "{_TABLES[object]}" SET owner = ? WHERE id = ?', (lead["owner"], new))
        return made


_TABLES = {"customer": "customers", "contact": "contacts", "opportunity": "opportunities"}


def _make_all(
    tx: sqlite3.Connection, me: User, lead: sqlite3.Row, deal: dict[str, Any], force: bool
) -> dict[str, int | None]:
    reach = {"phone": lead["phone"], "email": lead["email"]}
    company = lead["company"] or lead["name"]
    customer = records.add(tx, me, "customer", {"name": company, "campaign": lead["campaign"], **reach}, force)
    contact = None
    if not active("convert_forgets_contact"):
        reached = {} if active("convert_drops_phone") else reach
        contact = records.add(tx, me, "contact", {"name": lead["name"], "customer": customer, **reached})
    name = deal["name"] or f"{company[:190]}商机"
    fields = {"name": name, "customer": customer, "amount": deal["amount"], "campaign": lead["campaign"]}
    return {"customer": customer, "contact": contact, "opportunity": records.add(tx, me, "opportunity", fields)}


def colleague(tx: sqlite3.Connection, login: str, object: str) -> User:
    """The active person with that login who may change such records. Raises conflict."""
    row = tx.execute("SELECT * FROM users WHERE login = ? AND active", (login,)).fetchone()
    if row is None:
        raise conflict(f"没有在职的同事 {login}。", {"to": "没有这位在职的同事。"})
    user = user_from(row)
    if not may(user, "change", object):
        raise conflict(f"{user.name} 的角色不能负责这类记录。")
    return user


def assign_lead(db: Database, me: User, id: int, to: str) -> Record:
    """Give a lead to somebody in sales."""
    with db.write() as tx:
        lead = store.fetch(tx, me, "lead", id, "assign")
        person = colleague(tx, to, "lead")
        if not may(person, "convert", "lead"):
            raise conflict(f"{person.name} 不在销售部。")
        lost = {"note": None} if active("assign_drops_note") else {}
        store.update(tx, me, "lead", lead, {"owner": person.login, "assigned": 1, **lost}, "assign")
        notices.tell(tx, me, person.login, "assign", "lead", id)
        return store.seen(tx, me, "lead", id)


def transfer(db: Database, me: User, object: str, id: int, to: str) -> Record:
    """Give a record to a colleague; a customer takes its contacts and open opportunities along."""
    with db.write() as tx:
        row = store.fetch(tx, me, object, id, "transfer")
        person = colleague(tx, to, object)
        _hand(tx, me, object, row, person.login, "transfer")
        if active("transfer_drops_followups"):
            _drop_followups(tx, object, id)
        if object == "customer":
            _hand_dependents(tx, me, id, person.login, "transfer")
        notices.tell(tx, me, person.login, "transfer", object, id)
        return store.seen(tx, me, object, id)


def _hand(tx: sqlite3.Connection, me: User, object: str, row: sqlite3.Row, to: str | None, action: str) -> None:
    if row["owner"] and row["owner"] != to:
        tx.execute("INSERT OR IGNORE INTO former_owners VALUES (?, ?, ?)", (object, row["id"], row["owner"]))
    store.update(tx, me, object, row, {"owner": to}, action)


def _drop_followups(tx: sqlite3.Connection, object: str, id: int) -> None:
    tx.execute("DELETE FROM followups WHERE object = ? AND record_id = ?", (object, id))


def _hand_dependents(tx: sqlite3.Connection, me: User, customer: int, to: str, action: str) -> None:
    for object, condition in _WITH_CUSTOMER.items():
        if object == "contact" and active(
            "transfer_forgets_contacts" if action == "transfer" else "claim_leaves_contacts"
        ):
            continue
        rows = tx.execute(f"{store.select(object)} WHERE t.customer = ? AND {condition}", (customer,)).fetchall()
        for row in rows:
            _hand(tx, me, object, row, to, action)


def claim(db: Database, me: User, id: int) -> Record:
    """Take a customer out of the public pool. Only the first one gets it."""
    if active("pool_double_claim") and _free(db.conn, me, id):
        # Looks first and writes later: whoever comes in between believes it is free, too.
        threading.Event().wait(0.4)
        with db.write() as tx:
            return _take(tx, me, store.raw(tx, "customer", id))
    with db.write() as tx:
        return _take(tx, me, _free(tx, me, id))


def _free(conn: sqlite3.Connection, me: User, id: int) -> sqlite3.Row:
    store.require(me, "claim", "customer")
    row: sqlite3.Row | None = conn.execute(f"{store.select('customer')} WHERE t.id = ?", (id,)).fetchone()
    if row is not None and not row["pooled"] and active("owned_customer_claimed"):
        return row
    # Everybody in sales has seen what was in the pool; of other customers nobody may learn that they exist.
    if row is not None and row["state"] != "pool" and row["pooled"]:
        raise conflict("客户已被领取,不在公海。")
    if row is None or row["state"] != "pool":
        store.fetch(conn, me, "customer", id, "claim")
        raise conflict("客户不在公海。")
    return row


def _take(tx: sqlite3.Connection, me: User, row: sqlite3.Row) -> Record:
    store.update(tx, me, "customer", row, {"owner": me.login, "state": "active"}, "claim")
    _hand_dependents(tx, me, row["id"], me.login, "claim")
    return store.seen(tx, me, "customer", row["id"])


def release(db: Database, me: User, id: int) -> Record:
    """Put a customer back into the public pool."""
    with db.write() as tx:
        row = store.fetch(tx, me, "customer", id, "release")
        if row["state"] == "pool":
            raise conflict("客户已在公海。")
        store.update(tx, me, "customer", row, {"owner": None, "state": "pool", "pooled": 1}, "release")
        if active("release_drops_followups"):
            _drop_followups(tx, "customer", id)
        return store.seen(tx, me, "customer", id)


def duplicates(db: Database, me: User, name: str = "", phone: str = "") -> list[dict[str, Any]]:
    """Customers that are the same, whoever owns them: id, name, owner, state and nothing more."""
    store.require(me, "read", "customer")
    found = matches(db.conn, name.strip() or None, phone.strip() or None)
    if active("duplicate_check_tells_all"):
        return [store.to_record(me, "customer", store.raw(db.conn, "customer", row["id"]), plain=True) for row in found]
    return [{key: row[key] for key in ("id", "name", "owner", "state")} for row in found]


def advance(db: Database, me: User, id: int, stage: str) -> Record:
    """Move an opportunity forward, or to lost. Won and lost are final."""
    if stage not in STAGE_ORDER:
        raise invalid(f"没有阶段 {stage}。", {"stage": f"可用:{'、'.join(STAGE_ORDER)}。"})
    with db.write() as tx:
        row = store.fetch(tx, me, "opportunity", id, "advance")
        final = row["stage"] not in OPEN_STAGES
        backward = STAGE_ORDER.index(stage) <= STAGE_ORDER.index(row["stage"])
        if (final or backward) and not (final and active("stage_reopens")):
            raise conflict("已赢单或输单的商机不能再改。" if final else "商机只能向前推进。")
        likely = row["probability"] if active("probability_stays") else PROBABILITY[stage]
        store.update(tx, me, "opportunity", row, {"stage": stage, "probability": likely}, "advance")
        return store.seen(tx, me, "opportunity", id)
