"""Who may do what, on which records, seeing which fields. Pure tables and the SQL condition of a scope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import slips
from .auth import User
from .defects import active
from .objects import OBJECTS

ROLES = ("sales_rep", "sales_lead", "sales_manager", "marketer", "service_agent", "accountant", "executive", "it_admin")
Condition = tuple[str, tuple[Any, ...]]


@dataclass(frozen=True)
class Right:
    """What a role may do with an object type.

    scope: own, team, department, created (own or created by one of us), all.
    """

    scope: str
    actions: frozenset[str]


def _right(scope: str, actions: str) -> Right:
    return Right(scope, frozenset(actions.split()))


def _selling(scope: str) -> dict[str, Right]:
    rest = "read create change transfer attach follow"
    return {
        "lead": _right(scope, f"{rest} delete import convert{'' if scope == 'own' else ' assign'}"),
        "customer": _right(scope, f"{rest} import claim release"),
        "contact": _right(scope, f"{rest} import"),
        "opportunity": _right(scope, f"{rest} advance"),
        "quote": _right(scope, f"{rest} submit order{' approve' if scope == 'department' else ''}"),
        "order": _right(scope, f"{rest} confirm cancel"),
        "payment": _right(scope, "read"),
        "invoice": _right(scope, "read"),
        "ticket": _right(scope, "read create"),
        "campaign": _right("all", "read"),
    }


_READ = _right("all", "read")
_MARKETING = {
    "campaign": _right("all", "read create change attach follow"),
    "lead": _right("created", "read create change attach follow import assign"),
}
RIGHTS: Mapping[str, Mapping[str, Right]] = {
    "sales_rep": _selling("own"),
    "sales_lead": _selling("team"),
    "sales_manager": _selling("department"),
    "marketer": _MARKETING,
    "service_agent": {
        "customer": _READ,
        "contact": _READ,
        "order": _READ,
        "ticket": _right("all", "read create change delete attach follow assign resolve close"),
    },
    "accountant": {
        "customer": _READ,
        "quote": _READ,
        "order": _READ,
        "payment": _right("all", "read create attach"),
        "invoice": _right("all", "read create attach"),
    },
    "executive": {name: _right("all", "read approve") if name == "quote" else _READ for name in OBJECTS},
    "it_admin": {"user": _right("all", "read create change"), "audit": _READ},
    # Nobody's job: whoever tidies up the data. Comes in by a people file only; no screen and no API gives this role.
    "data_admin": {name: _right("all", "read delete") for name in OBJECTS}
    | {"user": _right("all", "read change delete")},
}
REPORTS: Mapping[str, tuple[str, ...]] = {
    "sales_lead": ("sales_summary", "pipeline"),
    "sales_manager": ("sales_summary", "pipeline"),
    "marketer": ("campaign_roi",),
    "accountant": ("receivables",),
    "executive": ("sales_summary", "receivables", "pipeline", "campaign_roi"),
}
_PHONES = {("lead", "phone"): "masked", ("customer", "phone"): "masked", ("contact", "phone"): "masked"}
_NO_TAX = {("customer", "tax_number"): "hidden", ("order", "tax_number"): "hidden"}
MASKS: Mapping[str, Mapping[tuple[str, str], str]] = {
    "service_agent": _PHONES | _NO_TAX,
    "accountant": _PHONES,
    "executive": _PHONES,
    "it_admin": _PHONES | _NO_TAX,
}


def right_of(me: User, object: str) -> Right | None:
    """The right of my role on that object type, if any."""
    right = RIGHTS.get(me.role, {}).get(object)
    if active("marketer_sees_orders") and me.role == "marketer" and object == "order":
        return _READ
    if active("audit_open") and object in ("audit", "user") and right is None:
        return _READ
    return right


_APPROVING = {"sales_rep": "self_approval", "sales_lead": "leader_inherits_approval"}


def may(me: User, action: str, object: str) -> bool:
    """Whether my role has that action on that object type at all."""
    if action == "create" and object == "payment" and active("payment_by_anyone"):
        return True
    if action == "create" and object == "invoice" and active("invoice_by_anyone"):
        return True
    if action == "approve" and active(_APPROVING.get(me.role, "-")):
        return True
    if (action, object, me.role) == ("assign", "lead", "sales_rep") and active("assign_by_anyone"):
        return True
    if action == "approve" and active("approve_by_anyone"):
        return right_of(me, object) is not None
    right = right_of(me, object)
    return right is not None and action in right.actions


def mask_of(me: User, object: str, field: str) -> str:
    """ "", "masked" or "hidden": how my role sees that field."""
    return MASKS.get(me.role, {}).get((object, field), "")


def reports_of(me: User) -> tuple[str, ...]:
    """The reports that my role may read."""
    return REPORTS.get(me.role, ())


def scope(me: User, object: str, purpose: str = "read") -> Condition:
    """SQL condition on alias t: the records of that type within my reach.

    purpose: read list count sum search export write refer report.
    """
    right = right_of(me, object)
    if right is None:
        return "0", ()
    if active(_IGNORING.get(purpose, "-")):
        return "1", ()
    clause, args = _within(me, object, slips.wider(object, purpose, right.scope))
    late = active("former_owner_in_list") and (object, purpose) == ("opportunity", "list")
    if (active("old_owner_keeps_access") or late) and right.scope == "own":
        clause, args = f"({clause} OR {_FORMER})", (*args, object, me.login)
    if object == "customer" and purpose == "read" and "claim" in right.actions:
        clause = f"({clause} OR t.state = 'pool')"
    return _with_cross_department_defects(me, object, purpose, (clause, args))


_IGNORING = {
    "read": "read_ignores_scope",
    "list": "list_ignores_scope",
    "count": "list_ignores_scope",
    "sum": "list_ignores_scope",
    "export": "export_ignores_scope",
    "write": "update_ignores_scope",
}
_FORMER = "EXISTS (SELECT 1 FROM former_owners f WHERE f.object = ? AND f.record_id = t.id AND f.login = ?)"
_PARENT = {
    "payment": 't."order" IN (SELECT id FROM orders WHERE owner {})',
    "invoice": 't."order" IN (SELECT id FROM orders WHERE owner {})',
    "ticket": "t.customer IN (SELECT id FROM customers WHERE owner {})",
}
_COLLEAGUES = "IN (SELECT login FROM users WHERE department = ?)"
# Whoever has no team is a team of one.
_TEAM = "IN (SELECT login FROM users WHERE login = ? OR (department = ? AND team = ? AND team <> ''))"


def _within(me: User, object: str, scope: str) -> Condition:
    if scope == "all":
        return "1", ()
    if scope == "created":
        return f"(t.owner = ? OR t.created_by {_COLLEAGUES})", (me.login, me.department)
    owned = _PARENT.get(object, "t.owner {}")
    if scope == "own":
        return owned.format("= ?"), (me.login,)
    if scope == "team":
        return owned.format(_TEAM), (me.login, me.department, me.team)
    return owned.format(_COLLEAGUES), (me.department,)


def _with_cross_department_defects(me: User, object: str, purpose: str, condition: Condition) -> Condition:
    clause, args = condition
    looking = purpose in ("list", "read")
    if active("orders_hidden_from_service") and looking and (me.role, object) == ("service_agent", "order"):
        return "0", ()
    if active("ticket_hidden_from_sales") and looking and (me.role, object) == ("sales_rep", "ticket"):
        return f"({clause} AND t.created_by = ?)", (*args, me.login)
    if active("assigned_lead_invisible") and purpose == "list" and (me.role, object) == ("sales_rep", "lead"):
        return f"({clause} AND NOT t.assigned)", args
    if active("order_stays_with_sales") and purpose == "list" and (me.role, object) == ("accountant", "order"):
        return f"({clause} AND t.paid > 0)", args
    return condition
