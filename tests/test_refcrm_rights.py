"""Who may see and do what at the reference CRM: scopes, masks, hidden fields, and what hangs on a record."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from refcrm_process import Crm, running
from refcrm_records import customer, lead, opportunity, order, pooled, quote, ticket


@pytest.fixture(scope="module")
def crm() -> Iterator[Crm]:
    with running() as crm:
        yield crm


@pytest.mark.parametrize("make", [customer, order, quote, opportunity, lead])
def test_a_colleague_neither_reads_nor_changes_nor_deletes_nor_transfers(crm: Crm, make: type) -> None:
    made = make(crm)
    plural = {"customer": "customers", "opportunity": "opportunities"}.get(make.__name__, f"{make.__name__}s")
    path, other = f"/{plural}/{made['id']}", crm["wangqiang"]
    absent = other.get(f"/{plural}/999999")
    assert other.get(path).status_code == absent.status_code == 404
    assert other.get(path).json() == absent.json()
    assert other.patch(path).status_code == 404
    assert other.delete(path).status_code in (403, 404)
    assert other.post(f"{path}/transfer", {"to": "wangqiang"}).status_code == 404
    assert made["id"] not in [row["id"] for row in other.get(f"/{plural}", size=200).json()["items"]]
    assert crm["chenjing"].get(path).status_code == 200


def test_what_hangs_on_a_record_is_closed_with_it(crm: Crm) -> None:
    path = f"/customers/{customer(crm)['id']}"
    crm["lina"].post(f"{path}/followups", {"text": "秘密"})
    for room in ("followups", "attachments", "audit"):
        assert crm["wangqiang"].get(f"{path}/{room}").status_code == 404
        assert crm["zhaomin"].get(f"{path}/{room}").status_code == 403
        assert crm["lina"].get(f"{path}/{room}").status_code == 200


def test_nobody_builds_on_a_customer_out_of_reach(crm: Crm) -> None:
    id = customer(crm)["id"]
    for plural, fields in (("contacts", {"name": "x"}), ("orders", {"amount": "1"}), ("tickets", {"title": "x"})):
        assert crm["wangqiang"].post(f"/{plural}", {"customer": id, **fields}).status_code == 409


def test_service_sees_a_masked_phone_and_no_tax_number_anywhere(crm: Crm) -> None:
    made = customer(crm, tax_number="91310000MA1FL0000X")
    sold = crm["lina"].make("orders", customer=made["id"], amount="1")
    crm["lina"].patch(f"/customers/{made['id']}", tax_number="91310000MA1FL1111X")
    views = [
        crm["sunli"].get(f"/customers/{made['id']}").text,
        crm["sunli"].get("/customers", q=made["name"]).text,
        crm["sunli"].get("/customers/export", name=made["name"]).content.decode(),
        crm["sunli"].get(f"/customers/{made['id']}/audit").text,
        crm["sunli"].get(f"/orders/{sold['id']}").text,
    ]
    masked = f"{made['phone'][:3]}****{made['phone'][-4:]}"
    assert all(made["phone"] not in view and "91310000" not in view for view in views)
    assert all(masked in view for view in views[:3])


def test_a_masked_field_cannot_be_guessed_by_search_filter_or_sort(crm: Crm) -> None:
    made = customer(crm)
    assert crm["sunli"].get("/customers", q=made["phone"]).json()["total"] == 0
    assert crm["sunli"].get("/customers", phone=made["phone"]).status_code == 422
    assert crm["sunli"].get("/customers", sort="phone").status_code == 422
    assert crm["lina"].get("/customers", phone=made["phone"]).json()["total"] == 1


def test_finance_sees_the_tax_number_and_a_masked_phone(crm: Crm) -> None:
    made = customer(crm, tax_number="91310000MA1FL2222X")
    seen = crm["wufang"].get(f"/customers/{made['id']}").json()
    assert seen["tax_number"] == made["tax_number"] and "****" in seen["phone"]


@pytest.mark.parametrize("field", ["owner", "state", "id", "created_at", "nonsense"])
def test_a_body_smuggles_nothing_in(crm: Crm, field: str) -> None:
    made = customer(crm)
    assert crm["lina"].patch(f"/customers/{made['id']}", **{field: "wangqiang"}).status_code == 422
    assert crm["lina"].post("/customers", {"name": "x", field: "wangqiang"}).status_code == 422
    assert crm["lina"].get(f"/customers/{made['id']}").json() == made


def test_the_pool_is_open_to_sales_for_reading_and_claiming_only(crm: Crm) -> None:
    path = f"/customers/{pooled(crm)}"
    assert crm["wangqiang"].get(path).json()["owner"] is None
    assert crm["wangqiang"].patch(path, level="A").status_code == 403
    assert crm["zhaomin"].post(f"{path}/claim").status_code == 403
    assert crm["wangqiang"].post(f"{path}/claim").json()["owner"] == "wangqiang"
    assert crm["lina"].post(f"{path}/claim").status_code == 409
    assert crm["lina"].post(f"/customers/{customer(crm, 'wangqiang')['id']}/claim").status_code == 404


def test_marketing_follows_its_leads_and_nothing_behind_them(crm: Crm) -> None:
    made = lead(crm, "zhaomin")
    crm["zhaomin"].post(f"/leads/{made['id']}/assign", {"to": "lina"})
    assert crm["zhaomin"].get(f"/leads/{made['id']}").json()["owner"] == "lina"
    assert crm["zhaomin"].get(f"/leads/{lead(crm)['id']}").status_code == 404
    for plural in ("customers", "contacts", "opportunities", "quotes", "orders", "payments", "invoices", "tickets"):
        assert crm["zhaomin"].get(f"/{plural}").status_code == 403


def test_the_whole_log_and_the_accounts_are_for_it_only(crm: Crm) -> None:
    customer(crm)  # something to stand in the log, whichever test comes first
    for login in ("lina", "chenjing", "zhaomin", "sunli", "wufang", "zhengwei"):
        assert [crm[login].get(path).status_code for path in ("/audit", "/users")] == [403, 403]
    assert crm["fenglei"].get("/audit", size=1).json()["total"] > 0
    assert crm["fenglei"].get("/customers").status_code == 403


def test_sales_reads_the_money_of_own_orders_and_the_tickets_of_own_customers(crm: Crm) -> None:
    made = order(crm)
    paid = crm["wufang"].make("payments", order=made["id"], amount="1")
    told = ticket(crm)
    assert crm["lina"].get(f"/payments/{paid['id']}").status_code == 200
    assert crm["wangqiang"].get(f"/payments/{paid['id']}").status_code == 404
    assert crm["lina"].get(f"/tickets/{told['id']}").status_code == 200
    assert crm["wangqiang"].get(f"/tickets/{told['id']}").status_code == 404


def test_reports_are_for_those_who_may(crm: Crm) -> None:
    allowed = {
        login: [crm[login].get(f"/reports/{name}").ok for name in ("sales_summary", "receivables", "pipeline")]
        for login in ("lina", "chenjing", "wufang", "zhengwei")
    }
    assert allowed["lina"] == [False, False, False]
    assert allowed["chenjing"] == [True, False, True]
    assert allowed["wufang"] == [False, True, False]
    assert allowed["zhengwei"] == [True, True, True]


def test_every_address_but_the_login_wants_a_token(crm: Crm) -> None:
    document = requests.get(f"{crm.url}/openapi.json", timeout=30).json()
    open_to_all = []
    for path, methods in document["paths"].items():
        for method in methods:
            url = crm.url + path.replace("{id}", "1").replace("{login}", "lina").replace("{name}", "pipeline")
            if requests.request(method, url, timeout=30).status_code != 401:
                open_to_all.append((method, path))
    assert open_to_all == [("post", "/api/v1/login")]
