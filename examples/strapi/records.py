"""Puts the example's business into this Strapi, in the company's own field names and words."""

from __future__ import annotations

from typing import Any

from examples.business import Business, Row
from examples.setup_line import SetupLine
from examples.strapi import schema

REACH = {"phone": "mobile", "email": "mail", "owner": "accountManager"}
# Canonical name -> the company's.
NAMES: dict[str, dict[str, str]] = {
    "account": {
        "name": "companyName", "industry": "branch", "level": "rating", "tax_number": "vatId", "address": "street",
        **REACH, "phone": "phoneNo",
    },
    "person": {"name": "fullName", "customer": "account", "title": "position", **REACH},
    "enquiry": {
        "name": "fullName", "company": "firm", "source": "origin", "state": "progress", "note": "remark", **REACH,
    },
    "deal": {
        "name": "subject", "customer": "account", "amount": "value", "stage": "phase",
        "close_date": "expectedClose", "owner": "accountManager",
    },
    "sales-order": {
        "number": "orderNo", "customer": "account", "amount": "total", "state": "progress", "owner": "accountManager",
    },
    "service-case": {
        "title": "subject", "customer": "account", "order": "salesOrder", "priority": "urgency", "state": "progress",
    },
}  # fmt: skip
WORDS = {
    ("enquiry", "state"): schema.LEAD_STATES,
    ("deal", "stage"): schema.STAGES,
    ("sales-order", "state"): schema.ORDER_STATES,
    ("service-case", "state"): schema.TICKET_STATES,
    ("service-case", "priority"): schema.PRIORITIES,
}


def create_records(line: SetupLine, made: Business, people: dict[str, str]) -> None:
    """Customers first, then what belongs to them."""
    ids: dict[str, list[str]] = {}

    def put(kind: str, rows: list[Row]) -> list[str]:
        path = f"/content-manager/collection-types/api::{kind}.{kind}"
        return [line.post(path, _row(kind, row, ids, people))["data"]["documentId"] for row in rows]

    ids["customer"] = put("account", made.customers)
    put("person", made.contacts)
    put("enquiry", made.leads)
    put("deal", made.opportunities)
    ids["order"] = put("sales-order", made.orders)
    put("service-case", made.tickets)


def _row(kind: str, row: Row, ids: dict[str, list[str]], people: dict[str, str]) -> dict[str, Any]:
    def value(name: str, given: Any) -> Any:
        if name == "owner":
            return {"connect": [{"documentId": people[given]}]}
        if name in ids:
            return {"connect": [{"documentId": ids[name][given]}]}
        return WORDS.get((kind, name), {}).get(given, given)

    return {NAMES[kind][name]: value(name, given) for name, given in row.items()}
