"""Service and IT in Tryton: complaints as tickets, notes as follow-ups, users."""

from __future__ import annotations

from collections.abc import Mapping

from crm_acceptance.errors import Refused, Unsupported
from crm_acceptance.model import Action, Outcome, Page, Record
from crm_acceptance.systems import Session
from crm_acceptance.systems.flow import Flow
from crm_acceptance.systems.tryton import shows
from crm_acceptance.systems.tryton.fields import known, renamed
from crm_acceptance.systems.tryton.mapping import shape
from crm_acceptance.systems.tryton.own_records import (
    INTERNAL,
    OWNERS,
    POOL,
    RULE_GROUP,
    Kinds,
    group_of,
    of_salesperson,
)
from crm_acceptance.systems.tryton.records import Plan, fetch, list_, resource, staff_of
from crm_acceptance.systems.tryton.rpc import ask, find, number, one
from crm_acceptance.systems.tryton.seed_people import GROUPS

COMPLAINT = "sale.complaint"
ONE_PRIORITY = "Tryton 的投诉单没有优先级。A complaint in Tryton has no priority."


def _create_ticket(session: Session, action: Action) -> Flow[Outcome]:
    given = known(action, "title", "customer", "order", "priority")
    if given.get("priority", "normal") != "normal":
        raise Unsupported(ONE_PRIORITY)
    kinds = yield from find(session, "sale.complaint.type", [], ["id"], 1)
    if not kinds:
        raise Refused("invalid", "Tryton 里没有投诉类型")
    row = {"type": kinds[0]["id"], "reference": given["title"], "customer": number(given["customer"])}
    if "order" in given:
        row["origin"] = f"sale.sale,{number(given['order'])}"
    made: list[int] = yield from ask(session, f"model.{COMPLAINT}.create", [row])
    return (yield from fetch(session, "ticket", str(made[0])))


def _change_ticket(session: Session, action: Action) -> Flow[Outcome]:
    given = known(action, "title")
    yield from ask(session, f"model.{COMPLAINT}.write", [number(action.id)], renamed(given, {"title": "reference"}))
    return (yield from fetch(session, "ticket", action.id))


def _create_followup(session: Session, action: Action) -> Flow[Outcome]:
    given = known(action, "parent_object", "parent_id", "text")
    parent = Action("read", str(given["parent_object"]), str(given["parent_id"]))
    row = {"message": given["text"], "resource": resource(parent)}
    made: list[int] = yield from ask(session, "model.ir.note.create", [row])
    shown = yield from one(session, "ir.note", str(made[0]), shape("followup").reads)
    return shows.record("followup", shown, staff_of(session))


def _followups(session: Session, action: Action) -> Flow[Outcome]:
    """The notes of one record, oldest first; Refused when the record is not the person's to see."""
    where = action.options.get("where") or {}
    parent = Action("read", str(where["parent_object"]), str(where["parent_id"]))
    yield from one(session, shape(parent.object).model, parent.id, ["id"])
    of = shape("followup")
    rows = yield from ask(
        session, f"model.{of.model}.search_read", [["resource", "=", resource(parent)]], 0, None,
        [["create_date", "ASC"], ["id", "ASC"]], of.reads,
    )  # fmt: skip
    found = tuple(shows.record("followup", row, staff_of(session)) for row in rows)
    return Page(tuple(Record(row.object, row.id, {**where, **row.fields}) for row in found), len(found))


def _create_user(session: Session, action: Action) -> Flow[Outcome]:
    given = known(action, "login", "name", "role", "department", "password", "active")
    role = str(given.get("role"))
    groups = yield from find(session, "res.group", [["name", "=", f"角色 {role}"]], ["id"])
    theirs = [group["id"] for group in groups]
    for names in GROUPS.get(role, ()):
        theirs.append((yield from ask(session, "model.ir.model.data.get_id", *names)))
    company = session.memory["context"]["company"]
    employee = yield from _employ(session, str(given["name"]), company)
    row = {"groups": [["add", theirs]], "companies": [["add", [company]]], "company": company}
    row |= {"employees": [["add", [employee]]], "employee": employee}
    row |= {name: given[name] for name in ("login", "name", "password") if name in given}
    made: list[int] = yield from ask(session, "model.res.user.create", [row])
    if role == "sales_rep":
        yield from _own_records(session, str(given["name"]), made[0], employee)
    return (yield from fetch(session, "user", str(made[0])))


def _own_records(session: Session, name: str, user: int, employee: int) -> Flow[None]:
    """Without a group of their own, Tryton would show a new salesperson everybody's customers."""
    rows = yield from find(session, "party.category", [], ["name", "parent.name"])
    owners = tuple(row["id"] for row in rows if (row["parent."] or {}).get("name") == OWNERS)
    top = {row["name"]: row["id"] for row in rows if row["parent."] is None}
    group: list[int] = yield from ask(session, "model.res.group.create", [group_of(name, user)])
    rules = of_salesperson(group[0], Kinds(owners, top[POOL], top[INTERNAL]), [], user, employee)
    yield from ask(session, f"model.{RULE_GROUP}.create", rules)


def _employ(session: Session, name: str, company: int) -> Flow[int]:
    """In Tryton somebody who sells or writes invoices is an employee, and an employee is a party."""
    inside = yield from find(session, "party.category", [["name", "=", INTERNAL]], ["id"])
    party = {"name": name, "categories": [["add", [row["id"] for row in inside]]]}
    made: list[int] = yield from ask(session, "model.party.party.create", [party])
    ids: list[int] = yield from ask(session, "model.company.employee.create", [{"party": made[0], "company": company}])
    return ids[0]


def _active(active: bool) -> Plan:
    def switch(session: Session, action: Action) -> Flow[Outcome]:
        """Users are named by login; Tryton keeps the disabled ones out of sight unless asked."""
        asked = [["login", "=", action.id], ["active", "in", [True, False]]]
        rows = yield from find(session, "res.user", asked, ["id"])
        if not rows:
            raise Refused("missing", f"Tryton 里没有用户 {action.id}")
        yield from ask(session, "model.res.user.write", [rows[0]["id"]], {"active": active})
        return (yield from fetch(session, "user", str(rows[0]["id"])))

    return switch


PLANS: Mapping[tuple[str, str], Plan] = {
    ("ticket", "create"): _create_ticket, ("ticket", "change"): _change_ticket,
    ("followup", "create"): _create_followup, ("followup", "list"): _followups,
    ("user", "list"): list_, ("user", "create"): _create_user,
    ("user", "disable"): _active(False), ("user", "enable"): _active(True),
}  # fmt: skip
