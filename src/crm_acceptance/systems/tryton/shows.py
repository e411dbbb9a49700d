"""Tryton's rows as canonical Records, one function per object; asks nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from crm_acceptance.model import Record
from crm_acceptance.systems.tryton.mapping import SHAPES
from crm_acceptance.systems.tryton.rpc import Row
from crm_acceptance.systems.tryton.staff import Staff

PHONES = ("mobile", "phone")


def record(object: str, row: Row, staff: Staff) -> Record:
    """The row of `object`'s reads as a Record."""
    return Record(object, str(row["id"]), SHOWS[object](row, staff))


def reach(rows: list[Row] | None, kinds: tuple[str, ...], name: str | None = None) -> str | None:
    """The first number or address of these kinds, of that contact when a name is given."""
    fitting = (row for row in rows or [] if row["type"] in kinds and (name is None or row.get("name") == name))
    return next((row["value"] for row in fitting), None)


def _customer(row: Row, staff: Staff) -> dict[str, Any]:
    return {
        "name": row["name"],
        "phone": reach(row["contact_mechanisms."], PHONES),
        "email": reach(row["contact_mechanisms."], ("email",)),
        "industry": _category(row, "行业"),
        "level": _category(row, "级别"),
        "tax_number": _first(row["identifiers."], "code"),
        "address": _first(row["addresses."], "street"),
        "owner": staff.owner(row),
        "state": "pool" if staff.pooled(row) else "active",
        "version": row["_timestamp"],
    }


def _contact(row: Row, staff: Staff) -> dict[str, Any]:
    party = row["party."]
    return {
        "name": row["name"],
        "customer": str(row["party"]),
        "phone": reach(party["contact_mechanisms."], PHONES, row["name"]),
        "email": reach(party["contact_mechanisms."], ("email",), row["name"]),
        "title": row["comment"],
        "owner": staff.owner(party),
    }


def _lead(row: Row, staff: Staff) -> dict[str, Any]:
    party = row["party."] or {}
    reached = party.get("contact_mechanisms.")
    return {
        "name": row["description"],
        "company": party.get("name"),
        "phone": reach(reached, PHONES),
        "email": reach(reached, ("email",)),
        "source": row["reference"],
        "note": row["comment"],
        "state": SHAPES["lead"].states[row["state"]],
        "owner": staff.employees.get(row["employee"] or 0),
    }


def _opportunity(row: Row, staff: Staff) -> dict[str, Any]:
    return {
        "name": row["description"],
        "customer": _id(row["party"]),
        "amount": row["amount"],
        "stage": SHAPES["opportunity"].states[row["state"]],
        "probability": round(row["conversion_probability"] * 100),
        "close_date": row["end_date"],
        "owner": staff.employees.get(row["employee"] or 0),
    }


def _quote(row: Row, staff: Staff) -> dict[str, Any]:
    line = (row["lines."] or [{}])[0]
    product = (line.get("product.") or {}).get("rec_name")
    origin = str(row["origin"] or "").partition(",")
    return {
        "customer": _id(row["party"]),
        "opportunity": origin[2] if origin[0] == "sale.opportunity" else None,
        "product": line.get("description") or product,
        "quantity": line.get("quantity"),
        "unit_price": line.get("base_price") or line.get("unit_price"),
        "discount": (line.get("discount_rate") or Decimal(0)) * 100,
        "total": row["total_amount"],
        "state": SHAPES["quote"].states[row["state"]],
        "owner": staff.owner(row["party."]),
    }


def _order(row: Row, staff: Staff) -> dict[str, Any]:
    paid = row["state"] == "processing" and row["invoice_state"] == "paid"
    return {
        "number": row["number"],
        "customer": _id(row["party"]),
        "quote": str(row["id"]),
        "amount": row["total_amount"],
        "state": "paid" if paid else SHAPES["order"].states[row["state"]],
        "customer_name": row["party."]["name"],
        "tax_number": _first(row["party."]["identifiers."], "code"),
        "owner": staff.owner(row["party."]),
    }


def billed(invoices: list[Row]) -> dict[str, Decimal]:
    """What an order's invoices add: billed, paid and still due. Drafts are not billed yet, but are due."""
    out = [row for row in invoices if row["state"] != "cancelled"]
    posted = [row for row in out if row["state"] in ("posted", "paid")]
    return {
        "invoiced": sum((row["total_amount"] for row in posted), Decimal(0)),
        "paid": sum((row["total_amount"] - row["amount_to_pay"] for row in posted), Decimal(0)),
        "due": sum((row["amount_to_pay"] if row in posted else row["total_amount"] for row in out), Decimal(0)),
    }


def _invoice(row: Row, staff: Staff) -> dict[str, Any]:
    return {
        "number": row["number"],
        "order": _id((row["sales"] or [None])[0]),
        "amount": row["total_amount"],
        "title": row["party."]["name"],
        "tax_number": _first(row["party."]["identifiers."], "code"),
        "owner": staff.users.get(row["create_uid"] or 0),
    }


def _payment(row: Row, staff: Staff) -> dict[str, Any]:
    sales = (row["invoice_payment."] or {}).get("sales") or [None]
    return {
        "order": _id(sales[0]),
        "amount": row["credit"],
        "method": (row["journal."] or {}).get("name"),
        "received_on": row["date"],
        "owner": staff.users.get(row["create_uid"] or 0),
    }


def _ticket(row: Row, staff: Staff) -> dict[str, Any]:
    origin = str(row["origin"] or "").partition(",")
    return {
        "title": row["reference"],
        "customer": _id(row["customer"]),
        "customer_name": row["customer."]["name"],
        "order": origin[2] if origin[0] == "sale.sale" else None,
        "priority": "normal",
        "state": SHAPES["ticket"].states[row["state"]],
        "owner": staff.users.get(row["create_uid"] or 0),
    }


def _followup(row: Row, staff: Staff) -> dict[str, Any]:
    return {"text": row["message"], "at": row["create_date"], "author": staff.users.get(row["create_uid"] or 0)}


def _user(row: Row, staff: Staff) -> dict[str, Any]:
    return {"login": row["login"], "name": row["name"], "active": bool(row["active"]), "role": _role(row)}


def _role(row: Row) -> str | None:
    names = (group["name"] for group in row["groups."] or [])
    return next((name.removeprefix("角色 ") for name in names if name.startswith("角色 ")), None)


def _category(row: Row, parent: str) -> str | None:
    kinds = row["categories."] or []
    return next((kind["name"] for kind in kinds if (kind["parent."] or {}).get("name") == parent), None)


def _first(rows: list[Row] | None, name: str) -> Any:
    return rows[0][name] if rows else None


def _id(value: Any) -> str | None:
    return None if value is None else str(value)


SHOWS: Mapping[str, Callable[[Row, Staff], dict[str, Any]]] = {
    "customer": _customer, "contact": _contact, "lead": _lead, "opportunity": _opportunity, "quote": _quote,
    "order": _order, "invoice": _invoice, "payment": _payment, "ticket": _ticket, "followup": _followup,
    "user": _user,
}  # fmt: skip
