"""Customers and contacts in Tryton: parties with an owner category, contact mechanisms with a person's name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_acceptance.errors import Refused, Unsupported
from crm_acceptance.model import Action, Outcome, Record
from crm_acceptance.systems import Session
from crm_acceptance.systems.flow import Flow
from crm_acceptance.systems.tryton.fields import child, known
from crm_acceptance.systems.tryton.own_records import OWNERS, POOL
from crm_acceptance.systems.tryton.records import Plan, fetch, staff_of
from crm_acceptance.systems.tryton.rpc import Row, ask, find, number, one
from crm_acceptance.systems.tryton.shows import PHONES

FIELDS = ("name", "phone", "email", "industry", "level", "tax_number", "address", "owner")
KINDS = {"industry": "行业", "level": "级别"}
OPEN = ["lead", "opportunity", "converted"]
REACHED_BY = {"phone": "mobile", "email": "email"}


def reached(given: Mapping[str, Any], contact: str | None = None) -> list[dict[str, Any]]:
    """Phone and e-mail as contact mechanisms; a contact who gave neither is there by name only."""
    ways = [{"type": kind, "value": given[ours], "name": contact} for ours, kind in REACHED_BY.items() if ours in given]
    return ways or ([{"type": "other", "value": contact, "name": contact}] if contact else [])


def create_party(session: Session, given: Mapping[str, Any], contact: str | None = None) -> Flow[int]:
    """A party that belongs to the person (or to `owner`), with one address, as Tryton's own form makes it."""
    kinds = yield from _kinds(session, given)
    mine = yield from owner_category(session, str(given.get("owner") or session.person.key))
    row = {
        "name": given.get("name"),
        "categories": [["add", kinds + mine]],
        "addresses": [["create", [{"street": given.get("address")}]]],
        "contact_mechanisms": [["create", reached(given, contact)]],
    }
    if given.get("tax_number"):
        row["identifiers"] = [["create", [{"type": None, "code": given["tax_number"]}]]]
    made: list[int] = yield from ask(session, "model.party.party.create", [row])
    return made[0]


def owner_category(session: Session, key: str) -> Flow[list[int]]:
    """The category that makes somebody the owner; empty for people who own no customers."""
    asked = [["name", "=", staff_of(session).name(key)], ["parent.name", "=", OWNERS]]
    rows = yield from find(session, "party.category", asked, ["id"])
    return [row["id"] for row in rows[:1]]


def _kinds(session: Session, given: Mapping[str, Any]) -> Flow[list[int]]:
    found = []
    for name in KINDS.keys() & given.keys():
        found.append((yield from _kind(session, KINDS[name], given[name])))
    return found


def _kind(session: Session, parent: str, name: str) -> Flow[int]:
    rows = yield from find(session, "party.category", [["name", "=", name], ["parent.name", "=", parent]], ["id"])
    if not rows:
        raise Unsupported(f"Tryton 里没有 {parent} 分类 {name}。There is no party category {name} under {parent}.")
    return int(rows[0]["id"])


def _create(session: Session, action: Action) -> Flow[Outcome]:
    party = yield from create_party(session, known(action, *FIELDS))
    return (yield from fetch(session, "customer", str(party)))


def _change(session: Session, action: Action) -> Flow[Outcome]:
    given = known(action, *FIELDS)
    reads = ["contact_mechanisms.type", "identifiers.id", "addresses.id", "categories.parent.name"]
    row = yield from one(session, "party.party", action.id, reads)
    changes = change_party(row, given)
    if KINDS.keys() & given.keys():
        above = [KINDS[name] for name in KINDS.keys() & given.keys()]
        old = [kind["id"] for kind in row["categories."] or [] if (kind["parent."] or {}).get("name") in above]
        changes["categories"] = [["remove", old], ["add", (yield from _kinds(session, given))]]
    if changes:
        yield from ask(session, "model.party.party.write", [number(action.id)], changes, **_seen(action))
    if "owner" in given:
        yield from hand_over(session, number(action.id), str(given["owner"]))
    return (yield from fetch(session, "customer", action.id))


def _seen(action: Action) -> dict[str, Any]:
    """What the web client sends along, so that Tryton refuses to overwrite what somebody saved meanwhile."""
    version = action.options.get("version")
    return {"_timestamp": {f"party.party,{action.id}": version}} if version else {}


def change_party(row: Row, given: Mapping[str, Any]) -> dict[str, Any]:
    """What to write into a party, given its children as read."""
    changes: dict[str, Any] = {"name": given["name"]} if "name" in given else {}
    for ours, kinds in (("phone", PHONES), ("email", ("email",))):
        if ours in given:
            there = [way for way in row["contact_mechanisms."] or [] if way["type"] in kinds]
            kind = {"value": given[ours]} if there else {"value": given[ours], "type": kinds[0]}
            changes.setdefault("contact_mechanisms", []).extend(child(there, kind))
    if "tax_number" in given:
        changes["identifiers"] = child(row["identifiers."] or [], {"code": given["tax_number"]})
    if "address" in given:
        changes["addresses"] = child(row["addresses."] or [], {"street": given["address"]})
    return changes


def hand_over(session: Session, party: int, to: str | None) -> Flow[None]:
    """Another owner category, or the public pool for nobody."""
    owners = yield from find(session, "party.category", [["parent.name", "=", OWNERS]], ["id"])
    pool = yield from find(session, "party.category", [["name", "=", POOL]], ["id"])
    new = (yield from owner_category(session, to)) if to else [row["id"] for row in pool]
    if not new:
        raise Refused("invalid", f"{to} 没有“{OWNERS}”分类，不能做客户的负责人")
    old = [row["id"] for row in owners + pool if row["id"] not in new]
    yield from ask(session, "model.party.party.write", [party], {"categories": [["remove", old], ["add", new]]})


def _transfer(session: Session, action: Action) -> Flow[Outcome]:
    """Open opportunities first: afterwards the customer may no longer be the person's to see."""
    to, party = str(action.options["to"]), number(action.id)
    rows = yield from find(session, "sale.opportunity", [["party", "=", party], ["state", "in", OPEN]], ["id"])
    if rows:
        employee = {"employee": staff_of(session).employee(to)}
        yield from ask(session, "model.sale.opportunity.write", [row["id"] for row in rows], employee)
    yield from hand_over(session, party, to)
    return (yield from _last_look(session, action.id))


def _last_look(session: Session, id: str | None) -> Flow[Record]:
    try:
        return (yield from fetch(session, "customer", id))
    except Refused:
        return Record("customer", str(id))


def _claim(session: Session, action: Action) -> Flow[Outcome]:
    record = yield from fetch(session, "customer", action.id)
    if record["state"] != "pool":
        raise Refused("conflict", f"客户 {action.id} 不在公海")
    yield from hand_over(session, number(action.id), session.person.key)
    return (yield from fetch(session, "customer", action.id))


def _release(session: Session, action: Action) -> Flow[Outcome]:
    yield from hand_over(session, number(action.id), None)
    return (yield from fetch(session, "customer", action.id))


def _create_contact(session: Session, action: Action) -> Flow[Outcome]:
    given = known(action, "name", "customer", "phone", "email", "title")
    ways = reached(given, given.get("name"))
    if not ways:
        raise Refused("invalid", "Tryton 的联系人就是联系方式，姓名、手机、邮箱至少要有一个")
    party = {"party": number(given["customer"]), "comment": given.get("title")}
    made: list[int] = yield from ask(session, "model.party.contact_mechanism.create", [way | party for way in ways])
    return (yield from fetch(session, "contact", str(made[0])))


def _change_contact(session: Session, action: Action) -> Flow[Outcome]:
    given = known(action, "name", "phone", "title")
    names = {"name": "name", "phone": "value", "title": "comment"}
    changes = {theirs: given[ours] for ours, theirs in names.items() if ours in given}
    yield from ask(session, "model.party.contact_mechanism.write", [number(action.id)], changes)
    return (yield from fetch(session, "contact", action.id))


PLANS: Mapping[tuple[str, str], Plan] = {
    ("customer", "create"): _create, ("customer", "change"): _change, ("customer", "transfer"): _transfer,
    ("customer", "claim"): _claim, ("customer", "release"): _release,
    ("contact", "create"): _create_contact, ("contact", "change"): _change_contact,
}  # fmt: skip
