"""The reference CRM keeps its business rules, asked over HTTP in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from refcrm_process import Crm, fresh, mobile, running
from refcrm_records import customer, order, quote


@pytest.fixture(scope="module")
def crm() -> Iterator[Crm]:
    with running() as crm:
        yield crm


def test_a_lead_becomes_customer_contact_and_opportunity_exactly_once(crm: Crm) -> None:
    campaign = crm["zhaomin"].make("campaigns", name=fresh("活动"))
    lead = crm["zhaomin"].make("leads", name="张三", company=fresh("公司"), phone=mobile(), campaign=campaign["id"])
    assert crm["zhaomin"].post(f"/leads/{lead['id']}/assign", {"to": "lina"}).json()["owner"] == "lina"
    made = crm["lina"].post(f"/leads/{lead['id']}/convert", {"amount": "88.5"}).json()
    assert crm["lina"].get(f"/opportunities/{made['opportunity']}").json()["amount"] == "88.50"
    assert crm["lina"].get(f"/contacts/{made['contact']}").json()["customer"] == made["customer"]
    assert crm["lina"].get(f"/customers/{made['customer']}").json()["campaign"] == campaign["id"]
    assert crm["lina"].post(f"/leads/{lead['id']}/convert", {}).status_code == 409
    assert crm["zhaomin"].get(f"/campaigns/{campaign['id']}").json()["lead_count"] == 1


@pytest.mark.parametrize("written", ["{} 有限公司", " {}", "{}股份有限公司"])
def test_a_customer_written_differently_is_still_a_duplicate(crm: Crm, written: str) -> None:
    name = fresh("星海")
    customer(crm, name=f"{name}有限公司")
    assert crm["wangqiang"].post("/customers", {"name": written.format(name)}).json()["error"]["code"] == "duplicate"
    assert crm["wangqiang"].post("/customers", {"name": written.format(name), "force": True}).status_code == 201


def test_a_phone_written_differently_is_still_a_duplicate(crm: Crm) -> None:
    phone = mobile()
    found = customer(crm, phone=phone)
    other = f"+86 {phone[:3]}-{phone[3:7]} {phone[7:]}"
    assert crm["lina"].post("/customers", {"name": fresh("别名"), "phone": other}).status_code == 409
    rows = crm["wangqiang"].get("/customers/duplicates", phone=other).json()["items"]
    assert [(row["id"], row["owner"]) for row in rows] == [(found["id"], "lina")]
    assert "phone" not in rows[0]


def test_an_opportunity_moves_forward_only_and_ends(crm: Crm) -> None:
    body = {"name": "项目", "customer": customer(crm)["id"], "amount": "10"}
    path = f"/opportunities/{crm['lina'].make('opportunities', **body)['id']}/advance"
    assert crm["lina"].post(path, {"stage": "negotiation"}).json()["probability"] == 70
    assert crm["lina"].post(path, {"stage": "proposal"}).status_code == 409
    assert crm["lina"].post(path, {"stage": "lost"}).status_code == 200
    assert crm["lina"].post(path, {"stage": "won"}).status_code == 409


def test_a_total_is_rounded_half_up_to_cents(crm: Crm) -> None:
    assert quote(crm, "15")["total"] == "254.97"
    assert quote(crm, "0.5", quantity=1, unit_price="0.10")["total"] == "0.10"
    assert quote(crm, "50", quantity=1, unit_price="0.01")["total"] == "0.01"


@pytest.mark.parametrize(("discount", "state"), [("10", "approved"), ("10.01", "pending")])
def test_a_discount_above_ten_per_cent_waits_for_approval(crm: Crm, discount: str, state: str) -> None:
    path = f"/quotes/{quote(crm, discount)['id']}"
    assert crm["lina"].post(f"{path}/submit").json()["state"] == state
    assert crm["lina"].post(f"{path}/approve").status_code == 403


def test_an_order_comes_from_an_approved_quote_once(crm: Crm) -> None:
    made = quote(crm, "20")
    path = f"/quotes/{made['id']}"
    assert crm["lina"].post(f"{path}/order").status_code == 409
    crm["lina"].post(f"{path}/submit")
    assert crm["chenjing"].post(f"{path}/reject", {"reason": "太低"}).json()["state"] == "rejected"
    crm["lina"].post(f"{path}/submit")
    crm["zhengwei"].post(f"{path}/approve")
    ordered = crm["lina"].post(f"{path}/order").json()
    assert (ordered["amount"], ordered["number"][:2]) == (made["total"], "SO")
    assert crm["lina"].post(f"{path}/order").status_code == 409


def test_payments_and_invoices_never_exceed_the_order(crm: Crm) -> None:
    made = order(crm, "100")
    crm["wufang"].make("payments", order=made["id"], amount="60")
    assert crm["wufang"].post("/payments", {"order": made["id"], "amount": "40.01"}).status_code == 422
    assert crm["wufang"].post("/invoices", {"order": made["id"], "amount": "100.01"}).status_code == 422
    assert crm["lina"].post(f"/orders/{made['id']}/cancel").status_code == 409
    crm["wufang"].make("payments", order=made["id"], amount="40")
    now = crm["lina"].get(f"/orders/{made['id']}").json()
    assert (now["state"], now["paid"], now["due"]) == ("paid", "100.00", "0.00")


def test_a_cancelled_order_is_no_receivable_and_takes_no_money(crm: Crm) -> None:
    made = order(crm, "100")
    asked = {"customer": made["customer"]}
    assert crm["wufang"].get("/reports/receivables", **asked).json()["total"]["due"] == "100.00"
    assert crm["lina"].post(f"/orders/{made['id']}/cancel").json()["due"] == "0.00"
    assert crm["wufang"].get("/reports/receivables", **asked).json()["total"]["due"] == "0.00"
    assert crm["wufang"].post("/payments", {"order": made["id"], "amount": "1"}).status_code == 409


def test_an_invoice_keeps_the_name_of_its_day_and_an_order_shows_the_new_one(crm: Crm) -> None:
    made = order(crm)
    before = crm["wufang"].make("invoices", order=made["id"], amount="1")
    name = fresh("新名")
    crm["lina"].patch(f"/customers/{made['customer']}", name=name)
    assert crm["wufang"].get(f"/invoices/{before['id']}").json()["title"] == made["customer_name"]
    assert crm["sunli"].get(f"/orders/{made['id']}").json()["customer_name"] == name


def test_an_order_is_changed_only_while_it_is_open(crm: Crm) -> None:
    path = f"/orders/{order(crm)['id']}"
    assert crm["lina"].patch(path, amount="900").json()["amount"] == "900.00"
    assert crm["lina"].post(f"{path}/confirm").json()["state"] == "confirmed"
    assert crm["lina"].patch(path, amount="800").status_code == 409


@pytest.mark.parametrize(("priority", "hours"), [("urgent", 4), ("high", 8), ("normal", 24), ("low", 72)])
def test_a_tickets_deadline_follows_its_priority(crm: Crm, priority: str, hours: int) -> None:
    made = crm["sunli"].make("tickets", title="坏了", customer=customer(crm)["id"], priority=priority)
    begun, due = (datetime.fromisoformat(made[name]) for name in ("created_at", "due_at"))
    assert (due - begun).total_seconds() == hours * 3600


def test_a_ticket_is_resolved_before_it_is_closed(crm: Crm) -> None:
    path = f"/tickets/{crm['sunli'].make('tickets', title='坏了', customer=customer(crm)['id'])['id']}"
    assert crm["sunli"].post(f"{path}/assign", {"to": "zhoutao"}).json()["state"] == "assigned"
    assert crm["sunli"].post(f"{path}/close").status_code == 409
    assert crm["zhoutao"].post(f"{path}/resolve", {"resolution": "   "}).status_code == 422
    assert crm["zhoutao"].post(f"{path}/resolve", {"resolution": "已换"}).json()["state"] == "resolved"
    assert crm["sunli"].post(f"{path}/close").json()["state"] == "closed"


def test_a_transfer_takes_contacts_and_open_opportunities_along(crm: Crm) -> None:
    made = customer(crm)
    contact = crm["lina"].make("contacts", name="李四", customer=made["id"])
    body = {"customer": made["id"], "amount": "1"}
    opened = crm["lina"].make("opportunities", name="在谈", **body)
    lost = crm["lina"].make("opportunities", name="已输", stage="lost", **body)
    crm["lina"].post(f"/customers/{made['id']}/transfer", {"to": "wangqiang"})
    owner = {
        path: crm["chenjing"].get(path).json()["owner"]
        for path in (f"/contacts/{contact['id']}", f"/opportunities/{opened['id']}", f"/opportunities/{lost['id']}")
    }
    assert list(owner.values()) == ["wangqiang", "wangqiang", "lina"]
    assert crm["lina"].get(f"/customers/{made['id']}").status_code == 404


def test_a_stale_version_is_refused(crm: Crm) -> None:
    path = f"/customers/{customer(crm)['id']}"
    assert crm["lina"].patch(path, level="A", version=1).json()["version"] == 2
    assert crm["lina"].patch(path, level="B", version=1).json()["error"]["code"] == "conflict"
