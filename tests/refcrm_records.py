"""Records that several tests of the reference CRM need. No test lives here."""

from __future__ import annotations

from typing import Any

from refcrm_process import Crm, fresh, mobile


def customer(crm: Crm, owner: str = "lina", **fields: Any) -> dict[str, Any]:
    """A customer nobody else has."""
    return crm[owner].make("customers", **({"name": fresh("客户"), "phone": mobile()} | fields))


def order(crm: Crm, amount: str = "1000", owner: str = "lina", **fields: Any) -> dict[str, Any]:
    """An order of a new customer."""
    return crm[owner].make("orders", customer=customer(crm, owner)["id"], amount=amount, **fields)


def quote(crm: Crm, discount: str = "5", **fields: Any) -> dict[str, Any]:
    """A quote of lina's for a new customer: 3 x 99.99."""
    body = {"customer": customer(crm)["id"], "product": "CRM", "quantity": 3, "unit_price": "99.99"}
    return crm["lina"].make("quotes", **(body | {"discount": discount} | fields))


def lead(crm: Crm, owner: str = "lina", **fields: Any) -> dict[str, Any]:
    """A lead of a new company."""
    return crm[owner].make("leads", **({"name": "张三", "company": fresh("公司"), "phone": mobile()} | fields))


def opportunity(crm: Crm, owner: str = "lina", **fields: Any) -> dict[str, Any]:
    """An opportunity of a new customer."""
    same = {"name": fresh("项目"), "customer": customer(crm, owner)["id"], "amount": "10"}
    return crm[owner].make("opportunities", **(same | fields))


def ticket(crm: Crm, **fields: Any) -> dict[str, Any]:
    """A ticket that sunli wrote for one of lina's customers."""
    return crm["sunli"].make("tickets", **({"title": fresh("坏了"), "customer": customer(crm)["id"]} | fields))


def pooled(crm: Crm) -> int:
    """The id of a customer in the public pool."""
    id = int(customer(crm)["id"])
    crm["lina"].post(f"/customers/{id}/release")
    return id


def names(crm: Crm, who: str, plural: str, q: str) -> list[int]:
    """The ids that a search finds."""
    return [row["id"] for row in crm[who].get(f"/{plural}", q=q).json()["items"]]
