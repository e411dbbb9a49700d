"""One look at the CRM per planted permission defect, true while the CRM is healthy."""

from __future__ import annotations

import requests
from refcrm_process import Crm, Person, fresh, mobile
from refcrm_records import customer, lead, order, quote


def list_ignores_scope(crm: Crm) -> bool:
    made = customer(crm)
    counted = crm["wangqiang"].get("/customers/count", q=made["name"]).json()["count"]
    return counted == 0 and crm["wangqiang"].get("/customers", q=made["name"]).json()["items"] == []


def read_ignores_scope(crm: Crm) -> bool:
    return crm["wangqiang"].get(f"/customers/{customer(crm)['id']}").status_code == 404


def export_ignores_scope(crm: Crm) -> bool:
    return customer(crm)["name"] not in crm["wangqiang"].get("/customers/export").content.decode()


def update_ignores_scope(crm: Crm) -> bool:
    return crm["wangqiang"].patch(f"/customers/{customer(crm)['id']}", level="A").status_code == 404


def mask_missing_in_export(crm: Crm) -> bool:
    made = customer(crm)
    text = crm["sunli"].get("/customers/export", name=made["name"]).content.decode()
    return made["phone"] not in text and made["name"] in text and "tax_number" not in text


def payment_by_anyone(crm: Crm) -> bool:
    return crm["lina"].post("/payments", {"order": order(crm)["id"], "amount": "1"}).status_code == 403


def approve_by_anyone(crm: Crm) -> bool:
    path = f"/quotes/{quote(crm, '30')['id']}"
    crm["lina"].post(f"{path}/submit")
    return crm["lina"].post(f"{path}/approve").status_code == 403


def attachment_open(crm: Crm) -> bool:
    made = crm["lina"].upload(f"/customers/{customer(crm)['id']}/attachments", "a.txt", b"secret").json()
    answers = [crm[login].get(f"/attachments/{made['id']}").status_code for login in ("wangqiang", "zhaomin")]
    return answers == [404, 404]


def owner_mass_assignment(crm: Crm) -> bool:
    made = lead(crm)
    crm["lina"].patch(f"/leads/{made['id']}", owner="wangqiang")
    return bool(crm["chenjing"].get(f"/leads/{made['id']}").json()["owner"] == "lina")


def audit_open(crm: Crm) -> bool:
    return [crm["lina"].get(path).status_code for path in ("/audit", "/users")] == [403, 403]


def old_owner_keeps_access(crm: Crm) -> bool:
    made = customer(crm)
    crm["lina"].post(f"/customers/{made['id']}/transfer", {"to": "wangqiang"})
    return crm["lina"].get(f"/customers/{made['id']}").status_code == 404


def export_without_login(crm: Crm) -> bool:
    return requests.get(f"{crm.url}/api/v1/customers/export", timeout=30).status_code == 401


def marketer_sees_orders(crm: Crm) -> bool:
    return crm["zhaomin"].get("/orders").status_code == 403


def session_survives_disabling(crm: Crm) -> bool:
    login = f"gone{mobile()}"
    account = {"login": login, "name": fresh("停用者"), "role": "sales_rep", "password": "for-tests-only-1"}
    assert crm["fenglei"].post("/users", account).status_code == 201
    person = Person(crm.url, login)
    crm["fenglei"].post(f"/users/{login}/disable")
    return person.get("/me").status_code == 401


def logout_keeps_token(crm: Crm) -> bool:
    person = Person(crm.url, "lina")
    assert person.post("/logout").status_code == 204
    return person.get("/me").status_code == 401
