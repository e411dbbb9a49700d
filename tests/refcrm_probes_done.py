"""One look at the CRM per planted leak of doing, true while the CRM is healthy."""

from __future__ import annotations

import re

import requests
from refcrm_process import PASSWORD, Crm, Person, fresh, mobile
from refcrm_records import customer, lead, opportunity, order, quote


def hired(crm: Crm, **fields: str) -> tuple[str, Person]:
    """A newcomer, signed in."""
    login = f"probe{mobile()}"
    account = {"login": login, "name": fresh("试用"), "role": "sales_rep", "password": PASSWORD, **fields}
    assert crm["fenglei"].post("/users", account).status_code == 201
    return login, Person(crm.url, login)


def pages(crm: Crm, login: str) -> requests.Session:
    """A browser's session of that person."""
    web = requests.Session()
    csrf = re.search(r'name="csrf" value="([^"]+)"', web.get(f"{crm.url}/login", timeout=30).text)
    assert csrf
    form = {"username": login, "password": PASSWORD, "csrf": csrf[1]}
    assert web.post(f"{crm.url}/login", data=form, timeout=30).status_code == 200
    return web


def convert_ignores_scope(crm: Crm) -> bool:
    return crm["wangqiang"].post(f"/leads/{lead(crm)['id']}/convert", {"force": True}).status_code == 404


def delete_ignores_scope(crm: Crm) -> bool:
    return crm["wangqiang"].delete(f"/leads/{lead(crm)['id']}").status_code == 404


def cancel_ignores_scope(crm: Crm) -> bool:
    return crm["wangqiang"].post(f"/orders/{order(crm)['id']}/cancel").status_code == 404


def transfer_ignores_scope(crm: Crm) -> bool:
    path = f"/opportunities/{opportunity(crm)['id']}/transfer"
    return crm["wangqiang"].post(path, {"to": "wangqiang"}).status_code == 404


def advance_ignores_scope(crm: Crm) -> bool:
    path = f"/opportunities/{opportunity(crm)['id']}/advance"
    return crm["wangqiang"].post(path, {"stage": "proposal"}).status_code == 404


def attach_ignores_scope(crm: Crm) -> bool:
    made = crm["lina"].make("contacts", name="张", customer=customer(crm)["id"])
    return crm["wangqiang"].upload(f"/contacts/{made['id']}/attachments", "a.txt", b"x").status_code == 404


def note_ignores_scope(crm: Crm) -> bool:
    return crm["wangqiang"].post(f"/customers/{customer(crm)['id']}/followups", {"text": "x"}).status_code == 404


def order_with_owners_rights(crm: Crm) -> bool:
    path = f"/quotes/{quote(crm)['id']}"
    crm["lina"].post(f"{path}/submit")
    return crm["wangqiang"].post(f"{path}/order").status_code == 404


def parent_unchecked(crm: Crm) -> bool:
    body = {"name": "张", "customer": customer(crm)["id"]}
    return crm["wangqiang"].post("/contacts", body).status_code == 409


def import_updates_others(crm: Crm) -> bool:
    made = customer(crm)
    crm["wangqiang"].upload("/customers/import", "c.csv", f"name,level\n{made['name']},Z\n".encode())
    return bool(crm["lina"].get(f"/customers/{made['id']}").json()["level"] != "Z")


def owned_customer_claimed(crm: Crm) -> bool:
    return crm["wangqiang"].post(f"/customers/{customer(crm)['id']}/claim").status_code == 404


def assign_by_anyone(crm: Crm) -> bool:
    return crm["lina"].post(f"/leads/{lead(crm)['id']}/assign", {"to": "lina"}).status_code == 403


def bulk_change_unscoped(crm: Crm) -> bool:
    ask = {"ids": [customer(crm)["id"]], "fields": {"level": "Z"}}
    return crm["wangqiang"].post("/customers/bulk", ask).status_code == 404


def invoice_by_anyone(crm: Crm) -> bool:
    return crm["lina"].post("/invoices", {"order": order(crm)["id"], "amount": "1"}).status_code == 403


def _pending(crm: Crm) -> str:
    path = f"/quotes/{quote(crm, '30')['id']}"
    crm["lina"].post(f"{path}/submit")
    return path


def self_approval(crm: Crm) -> bool:
    return crm["lina"].post(f"{_pending(crm)}/approve").status_code == 403


def leader_inherits_approval(crm: Crm) -> bool:
    return crm["liuyang"].post(f"{_pending(crm)}/approve").status_code == 403


def reject_by_anyone(crm: Crm) -> bool:
    return crm["wufang"].post(f"{_pending(crm)}/reject", {"reason": "x"}).status_code == 403


def state_mass_assignment(crm: Crm) -> bool:
    path = f"/quotes/{quote(crm)['id']}"
    crm["lina"].patch(path, state="approved")
    return bool(crm["lina"].get(path).json()["state"] == "draft")


def paid_mass_assignment(crm: Crm) -> bool:
    path = f"/orders/{order(crm)['id']}"
    crm["lina"].patch(path, paid="1.00")
    return bool(crm["lina"].get(path).json()["paid"] == "0.00")


def denied_tells_existence(crm: Crm) -> bool:
    return crm["wangqiang"].get(f"/customers/{customer(crm)['id']}").status_code == 404


def message_names_owner(crm: Crm) -> bool:
    absent = crm["wangqiang"].get("/orders/999999").json()
    return bool(crm["wangqiang"].get(f"/orders/{order(crm)['id']}").json() == absent)


def empty_list_for_absent(crm: Crm) -> bool:
    return crm["wangqiang"].get("/leads/999999/attachments").status_code == 404


def notice_to_department(crm: Crm) -> bool:
    made = customer(crm)
    crm["chenjing"].post(f"/customers/{made['id']}/followups", {"text": "x"})
    return made["name"] not in crm["wangqiang"].get("/notifications").text


def notice_outlives_reach(crm: Crm) -> bool:
    made = customer(crm, "wangqiang")
    crm["chenjing"].post(f"/customers/{made['id']}/transfer", {"to": "hejun"})
    crm["chenjing"].post(f"/customers/{made['id']}/transfer", {"to": "lina"})
    return made["name"] not in crm["hejun"].get("/notifications").text


def former_owner_in_list(crm: Crm) -> bool:
    made = opportunity(crm)
    crm["lina"].post(f"/opportunities/{made['id']}/transfer", {"to": "wangqiang"})
    return bool(crm["lina"].get("/opportunities", q=made["name"]).json()["items"] == [])


def stale_role_cache(crm: Crm) -> bool:
    login, person = hired(crm)
    assert person.get("/orders").status_code == 200
    crm["fenglei"].patch(f"/users/{login}", role="marketer")
    return person.get("/orders").status_code == 403


def handover_leaves_account_on(crm: Crm) -> bool:
    login, _ = hired(crm)
    crm["fenglei"].post(f"/users/{login}/handover", {"to": "lina"})
    return _refused(crm, login)


def _refused(crm: Crm, login: str) -> bool:
    body = {"username": login, "password": PASSWORD}
    return requests.post(f"{crm.url}/api/v1/login", json=body, timeout=30).status_code == 401


def handover_keeps_session(crm: Crm) -> bool:
    login, person = hired(crm)
    crm["fenglei"].post(f"/users/{login}/handover", {"to": "lina"})
    return person.get("/me").status_code == 401


def disabled_can_sign_in(crm: Crm) -> bool:
    login, _ = hired(crm)
    crm["fenglei"].post(f"/users/{login}/disable")
    return _refused(crm, login)


def password_change_keeps_sessions(crm: Crm) -> bool:
    login, person = hired(crm)
    crm["fenglei"].patch(f"/users/{login}", password="another-word-1")
    return person.get("/me").status_code == 401


def user_create_by_anyone(crm: Crm) -> bool:
    account = {"login": f"probe{mobile()}", "name": "试", "role": "sales_rep", "password": PASSWORD}
    return crm["lina"].post("/users", account).status_code == 403


def disable_by_anyone(crm: Crm) -> bool:
    return crm["lina"].post(f"/users/{hired(crm)[0]}/disable").status_code == 403


def handover_by_anyone(crm: Crm) -> bool:
    return crm["lina"].post(f"/users/{hired(crm)[0]}/handover", {"to": "lina"}).status_code == 403


def self_elevation(crm: Crm) -> bool:
    login, person = hired(crm)
    return person.patch(f"/users/{login}", role="it_admin").status_code == 403


def recent_panel_shared(crm: Crm) -> bool:
    made = customer(crm)
    return made["name"] not in pages(crm, "wangqiang").get(f"{crm.url}/", timeout=30).text


def edit_form_unchecked(crm: Crm) -> bool:
    made = opportunity(crm)
    shown = pages(crm, "wangqiang").get(f"{crm.url}/opportunities/{made['id']}/edit", timeout=30).text
    return made["name"] not in shown


def hidden_input_in_plain(crm: Crm) -> bool:
    made = customer(crm)
    return made["phone"] not in pages(crm, "sunli").get(f"{crm.url}/customers/{made['id']}", timeout=30).text


def select_offers_everybodys(crm: Crm) -> bool:
    made = customer(crm)
    return made["name"] not in pages(crm, "wangqiang").get(f"{crm.url}/contacts/new", timeout=30).text


def page_source_tells_all(crm: Crm) -> bool:
    sold = crm["lina"].make("orders", customer=customer(crm, tax_number="91310000MA1FL9999X")["id"], amount="1")
    return "91310000MA1FL9999X" not in pages(crm, "sunli").get(f"{crm.url}/orders/{sold['id']}", timeout=30).text
