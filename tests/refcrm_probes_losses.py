"""One look at the CRM per planted loss beyond the first ten, true while healthy."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from refcrm_process import Crm, fresh
from refcrm_records import customer, lead, opportunity, order, quote


def _written(crm: Crm) -> str:
    """The path of a customer of lina's with one follow-up."""
    path = f"/customers/{customer(crm)['id']}"
    crm["lina"].post(f"{path}/followups", {"text": "一"})
    return path


def transfer_drops_followups(crm: Crm) -> bool:
    path = _written(crm)
    crm["lina"].post(f"{path}/transfer", {"to": "wangqiang"})
    return crm["wangqiang"].get(f"{path}/followups").json()["total"] == 1


def release_drops_followups(crm: Crm) -> bool:
    path = _written(crm)
    crm["lina"].post(f"{path}/release")
    crm["wangqiang"].post(f"{path}/claim")
    return crm["wangqiang"].get(f"{path}/followups").json()["total"] == 1


def transfer_forgets_contacts(crm: Crm) -> bool:
    made = customer(crm)
    contact = crm["lina"].make("contacts", name="联系人", customer=made["id"])
    crm["lina"].post(f"/customers/{made['id']}/transfer", {"to": "wangqiang"})
    return bool(crm["chenjing"].get(f"/contacts/{contact['id']}").json()["owner"] == "wangqiang")


def _exported(crm: Crm, note: str) -> bool:
    made = lead(crm, note=note)
    return note in crm["lina"].get("/leads/export", company=made["company"]).content.decode("utf-8-sig")


def export_drops_emoji_rows(crm: Crm) -> bool:
    return _exported(crm, "好🍎")


def export_cuts_long_text(crm: Crm) -> bool:
    return _exported(crm, "长" * 300)


def import_swallows_bad_row(crm: Crm) -> bool:
    body = f"name,company,phone\n甲,{fresh('公司')},不是电话\n".encode()
    return len(crm["zhaomin"].upload("/leads/import", "a.csv", body).json()["rejected"]) == 1


def attachment_name_collision(crm: Crm) -> bool:
    first, _second = (
        crm["lina"].upload(f"/customers/{customer(crm)['id']}/attachments", "同名.txt", body).json()
        for body in (b"one", b"another")
    )
    return crm["lina"].get(f"/attachments/{first['id']}").content == b"one"


def key_answers_other_payment(crm: Crm) -> bool:
    made, key = order(crm, "10"), fresh("key-").encode().hex()
    answers = [crm["wufang"].post("/payments", {"order": made["id"], "amount": n}, key=key) for n in ("1", "2")]
    return [answer.status_code for answer in answers] == [201, 409]


def lead_doubled_on_retry(crm: Crm) -> bool:
    company, key = fresh("公司"), fresh("key-").encode().hex()
    for _ in range(2):
        crm["lina"].post("/leads", {"name": "甲", "company": company}, key=key)
    return crm["lina"].get("/leads", company=company).json()["total"] == 1


def quote_not_marked_ordered(crm: Crm) -> bool:
    deal = opportunity(crm)
    path = f"/quotes/{quote(crm, customer=deal['customer'], opportunity=deal['id'])['id']}"
    crm["lina"].post(f"{path}/submit")
    crm["lina"].post(f"{path}/order")
    return bool(crm["lina"].get(path).json()["state"] == "ordered")


def audit_lost_beside_another(crm: Crm) -> bool:
    path = f"/customers/{customer(crm)['id']}"
    changes = ((crm["lina"], {"level": "A"}), (crm["chenjing"], {"industry": "医药"}))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda one: one[0].patch(path, **one[1]), changes))
    rows = crm["fenglei"].get(f"{path}/audit").json()["items"]
    return {row["who"] for row in rows if row["action"] == "change"} == {"lina", "chenjing"}


def rare_characters_lost(crm: Crm) -> bool:
    return bool(lead(crm, note="𠮷👍")["note"] == "𠮷👍")


def long_text_cut(crm: Crm) -> bool:
    return len(lead(crm, note="长" * 1200)["note"]) == 1200


def assign_drops_note(crm: Crm) -> bool:
    made = lead(crm, "zhaomin", note="看演示")
    crm["zhaomin"].post(f"/leads/{made['id']}/assign", {"to": "lina"})
    return bool(crm["lina"].get(f"/leads/{made['id']}").json()["note"] == "看演示")


def delete_takes_customer_along(crm: Crm) -> bool:
    path = f"/leads/{lead(crm)['id']}"
    made = crm["lina"].post(f"{path}/convert", {}).json()["customer"]
    crm["lina"].delete(path)
    return crm["lina"].get(f"/customers/{made}").ok
