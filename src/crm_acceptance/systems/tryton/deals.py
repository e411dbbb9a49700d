"""Leads and opportunities in Tryton: one model, sale.opportunity, moved along by the buttons of its form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_acceptance.errors import Refused, Unsupported
from crm_acceptance.model import Action, Outcome, Record
from crm_acceptance.systems import Session
from crm_acceptance.systems.flow import Flow
from crm_acceptance.systems.tryton.fields import day, known, money, renamed
from crm_acceptance.systems.tryton.parties import change_party, create_party, hand_over
from crm_acceptance.systems.tryton.records import Plan, fetch, press, staff_of
from crm_acceptance.systems.tryton.rpc import ask, number, one

MODEL = "sale.opportunity"
LEAD = ("name", "company", "phone", "email", "source", "note", "owner")
BUTTONS = {"qualify": "opportunity", "proposal": "convert", "lost": "lost"}


def _create_lead(session: Session, action: Action) -> Flow[Outcome]:
    """First the company as a party with the contact's phone and e-mail, then the lead that points at both."""
    given = known(action, *LEAD)
    company = {**given, "name": given.get("company") or given.get("name")}
    party = yield from create_party(session, company, given.get("name"))
    row = yield from one(session, "party.party", str(party), ["contact_mechanisms"])
    lead = {"party": party, "contact": next(iter(row["contact_mechanisms"]), None), "conversion_probability": 0.1}
    lead |= renamed(given, {"name": "description", "source": "reference", "note": "comment"})
    lead["employee"] = staff_of(session).employee(str(given.get("owner") or session.person.key))
    made: list[int] = yield from ask(session, f"model.{MODEL}.create", [lead])
    return (yield from fetch(session, "lead", str(made[0])))


def _change_lead(session: Session, action: Action) -> Flow[Outcome]:
    given = known(action, *LEAD)
    reads = ["party", "contact", "party.contact_mechanisms.type", "party.identifiers.id", "party.addresses.id"]
    row = yield from one(session, MODEL, action.id, reads)
    company = change_party(row["party."], renamed(given, {"company": "name", "phone": "phone", "email": "email"}))
    if company:
        yield from ask(session, "model.party.party.write", [row["party"]], company)
    if "name" in given and row["contact"]:
        yield from ask(session, "model.party.contact_mechanism.write", [row["contact"]], {"name": given["name"]})
    changes = renamed(given, {"name": "description", "source": "reference", "note": "comment"})
    if "owner" in given:
        changes["employee"] = staff_of(session).employee(str(given["owner"]))
    if changes:
        yield from ask(session, f"model.{MODEL}.write", [number(action.id)], changes)
    return (yield from fetch(session, "lead", action.id))


def _assign(session: Session, action: Action) -> Flow[Outcome]:
    """The lead and the company behind it go together."""
    to = str(action.options["to"])
    row = yield from one(session, MODEL, action.id, ["party"])
    yield from ask(session, f"model.{MODEL}.write", [number(action.id)], {"employee": staff_of(session).employee(to)})
    if row["party"]:
        yield from hand_over(session, row["party"], to)
    return (yield from _last_look(session, "lead", action.id))


def _convert(session: Session, action: Action) -> Flow[Outcome]:
    """The button "Convert to Opportunity": customer and contact are there already, in Tryton a lead has them."""
    row = yield from one(session, MODEL, action.id, ["party", "contact", "state"])
    if row["state"] != "lead":
        raise Refused("conflict", f"线索 {action.id} 已经是 {row['state']}，Tryton 不再转换")
    asked = {**action.fields, **action.options}
    changes = renamed(asked, {"opportunity_name": "description"})
    if asked.get("amount") is not None:
        changes["amount"] = money(asked["amount"])
    if changes:
        yield from ask(session, f"model.{MODEL}.write", [number(action.id)], changes)
    yield from press(session, "opportunity", action.id, "opportunity", "qualify")
    contact = None if row["contact"] is None else str(row["contact"])
    ids = {"customer": str(row["party"]), "contact": contact, "opportunity": action.id}
    customer = yield from fetch(session, "customer", ids["customer"])
    return Record("customer", customer.id, {**customer.fields, **ids})


def _values(session: Session, given: Mapping[str, Any]) -> dict[str, Any]:
    row = renamed(given, {"name": "description"})
    if "amount" in given:
        row["amount"] = money(given["amount"])
    if "close_date" in given:
        row["end_date"] = day(given["close_date"])
    if "customer" in given:
        row["party"] = number(given["customer"])
    if "owner" in given:
        row["employee"] = staff_of(session).employee(str(given["owner"]))
    return row


def _create(session: Session, action: Action) -> Flow[Outcome]:
    given = known(action, "name", "customer", "amount", "close_date", "stage", "owner")
    if given.pop("stage", "qualify") != "qualify":
        raise Unsupported("Tryton 的商机总从第一阶段开始。In Tryton an opportunity starts at the first stage.")
    mine = {"owner": session.person.key, **given}
    made: list[int] = yield from ask(session, f"model.{MODEL}.create", [_values(session, mine)])
    return (yield from press(session, "opportunity", str(made[0]), "opportunity", "qualify"))


def _change(session: Session, action: Action) -> Flow[Outcome]:
    given = known(action, "name", "amount", "close_date", "customer", "owner")
    yield from ask(session, f"model.{MODEL}.write", [number(action.id)], _values(session, given))
    return (yield from fetch(session, "opportunity", action.id))


def _transfer(session: Session, action: Action) -> Flow[Outcome]:
    employee = staff_of(session).employee(str(action.options["to"]))
    yield from ask(session, f"model.{MODEL}.write", [number(action.id)], {"employee": employee})
    return (yield from _last_look(session, "opportunity", action.id))


def _advance(session: Session, action: Action) -> Flow[Outcome]:
    stage = str(action.options["stage"])
    if stage not in BUTTONS:
        raise Unsupported(
            f"Tryton 没有阶段 {stage}：商机→报价→赢/输，赢单由订单得出。Tryton has no button for the stage {stage}."
        )
    return (yield from press(session, "opportunity", action.id, BUTTONS[stage], stage))


def _last_look(session: Session, object: str, id: str | None) -> Flow[Record]:
    """After handing over, the record may no longer be the person's to see."""
    try:
        return (yield from fetch(session, object, id))
    except Refused:
        return Record(object, str(id))


PLANS: Mapping[tuple[str, str], Plan] = {
    ("lead", "create"): _create_lead, ("lead", "change"): _change_lead, ("lead", "assign"): _assign,
    ("lead", "transfer"): _assign, ("lead", "convert"): _convert,
    ("opportunity", "create"): _create, ("opportunity", "change"): _change,
    ("opportunity", "transfer"): _transfer, ("opportunity", "advance"): _advance,
}  # fmt: skip
