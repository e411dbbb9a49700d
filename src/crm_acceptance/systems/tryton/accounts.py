"""Accounts in Tryton: opening, changing, disabling; who works there is an employee, and an employee is a party."""

from __future__ import annotations

from collections.abc import Mapping

from crm_acceptance.errors import Refused
from crm_acceptance.model import Action, Outcome
from crm_acceptance.systems import Session
from crm_acceptance.systems.flow import Flow
from crm_acceptance.systems.tryton.fields import known
from crm_acceptance.systems.tryton.own_records import (
    INTERNAL,
    OWNERS,
    PERSONAL,
    POOL,
    RULE_GROUP,
    Kinds,
    group_of,
    of_salesperson,
)
from crm_acceptance.systems.tryton.records import Plan, fetch, list_
from crm_acceptance.systems.tryton.rpc import Row, ask, find
from crm_acceptance.systems.tryton.seed_people import GROUPS


def _create_user(session: Session, action: Action) -> Flow[Outcome]:
    given = known(action, "login", "name", "role", "department", "password", "active")
    role = str(given.get("role"))
    theirs = yield from _groups(session, role)
    company = session.memory["context"]["company"]
    employee = yield from _employ(session, str(given["name"]), company)
    row = {"groups": [["add", theirs]], "companies": [["add", [company]]], "company": company}
    row |= {"employees": [["add", [employee]]], "employee": employee}
    row |= {name: given[name] for name in ("login", "name", "password") if name in given}
    made: list[int] = yield from ask(session, "model.res.user.create", [row])
    if role == "sales_rep":
        yield from _own_records(session, str(given["name"]), made[0], employee)
    return (yield from fetch(session, "user", str(made[0])))


def _groups(session: Session, role: str) -> Flow[list[int]]:
    """What a role is in Tryton: its own group, and those that Tryton brings for such people."""
    rows = yield from find(session, "res.group", [["name", "=", f"角色 {role}"]], ["id"])
    theirs = [row["id"] for row in rows]
    for names in GROUPS.get(role, ()):
        theirs.append((yield from ask(session, "model.ir.model.data.get_id", *names)))
    return theirs


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


def _change_user(session: Session, action: Action) -> Flow[Outcome]:
    """Another role is another set of groups; own-record rules are for those who sell, and would blind anybody else."""
    given = known(action, "name", "role", "password")
    user = yield from _user(session, action)
    row: Row = {name: given[name] for name in ("name", "password") if name in given}
    personal = [group["id"] for group in user["groups."] or [] if group["name"].startswith(PERSONAL)]
    if "role" in given:
        kept = personal if given["role"] == "sales_rep" else []
        ours = yield from _groups(session, str(given["role"]))
        row["groups"] = [["remove", user["groups"]], ["add", [*ours, *kept]]]
    yield from ask(session, "model.res.user.write", [user["id"]], row)
    if given.get("role") == "sales_rep" and not personal:
        yield from _own_records(session, user["name"], user["id"], user["employee"])
    return (yield from fetch(session, "user", str(user["id"])))


def _user(session: Session, action: Action) -> Flow[Row]:
    """Users are named by login; Tryton keeps the disabled ones out of sight unless asked."""
    asked = [["login", "=", action.id], ["active", "in", [True, False]]]
    rows = yield from find(session, "res.user", asked, ["name", "employee", "groups", "groups.name"])
    if not rows:
        raise Refused("missing", f"Tryton 里没有用户 {action.id}")
    return rows[0]


def _active(active: bool) -> Plan:
    def switch(session: Session, action: Action) -> Flow[Outcome]:
        user = yield from _user(session, action)
        yield from ask(session, "model.res.user.write", [user["id"]], {"active": active})
        return (yield from fetch(session, "user", str(user["id"])))

    return switch


PLANS: Mapping[tuple[str, str], Plan] = {
    ("user", "list"): list_, ("user", "create"): _create_user, ("user", "change"): _change_user,
    ("user", "disable"): _active(False), ("user", "enable"): _active(True),
}  # fmt: skip
