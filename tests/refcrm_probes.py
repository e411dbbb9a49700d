"""One look at the CRM per planted defect, true while the CRM is healthy: functional, cross-department, data loss."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from refcrm_process import Crm, fresh, mobile
from refcrm_records import customer, lead, names, opportunity, order, pooled, quote, ticket


def lead_source_dropped(crm: Crm) -> bool:
    return lead(crm, source="展会")["source"] == "展会"


def convert_forgets_contact(crm: Crm) -> bool:
    return crm["lina"].post(f"/leads/{lead(crm)['id']}/convert", {}).json()["contact"] is not None


def duplicate_check_exact_only(crm: Crm) -> bool:
    name = fresh("重名")
    customer(crm, name=f"{name}有限公司")
    return crm["lina"].post("/customers", {"name": name}).status_code == 409


def stage_reopens(crm: Crm) -> bool:
    made = opportunity(crm, stage="won")
    return crm["lina"].post(f"/opportunities/{made['id']}/advance", {"stage": "proposal"}).status_code == 409


def quote_ignores_discount(crm: Crm) -> bool:
    return bool(quote(crm, "10")["total"] == "269.97")


def approval_skipped(crm: Crm) -> bool:
    return crm["lina"].post(f"/quotes/{quote(crm, '30')['id']}/submit").json()["state"] == "pending"


def quote_ordered_twice(crm: Crm) -> bool:
    path = f"/quotes/{quote(crm)['id']}"
    crm["lina"].post(f"{path}/submit")
    crm["lina"].post(f"{path}/order")
    return crm["lina"].post(f"{path}/order").status_code == 409


def sort_amount_as_text(crm: Crm) -> bool:
    mark = fresh("排序")
    for amount in ("9", "1000", "200"):
        opportunity(crm, name=f"{mark}-{amount}", amount=amount)
    rows = crm["lina"].get("/opportunities", q=mark, sort="amount").json()["items"]
    return [row["amount"] for row in rows] == ["9.00", "200.00", "1000.00"]


def paging_repeats_row(crm: Crm) -> bool:
    pages = [crm["lina"].get("/customers", size=3, page=page).json()["items"] for page in (1, 2)]
    ids = [row["id"] for page in pages for row in page]
    return len(set(ids)) == 6


def count_ignores_filter(crm: Crm) -> bool:
    mark = fresh("计数")
    for level in ("A", "B"):
        customer(crm, name=f"{mark}{level}", level=level)
    return bool(crm["lina"].get("/customers/count", q=mark, level="A").json()["count"] == 1)


def payment_over_amount(crm: Crm) -> bool:
    return crm["wufang"].post("/payments", {"order": order(crm, "10")["id"], "amount": "11"}).status_code == 422


def invoice_over_amount(crm: Crm) -> bool:
    return crm["wufang"].post("/invoices", {"order": order(crm, "10")["id"], "amount": "11"}).status_code == 422


def receivables_include_cancelled(crm: Crm) -> bool:
    made = order(crm)
    crm["lina"].post(f"/orders/{made['id']}/cancel")
    return not crm["wufang"].get("/reports/receivables", customer=made["customer"]).json()["rows"]


def ticket_closes_unresolved(crm: Crm) -> bool:
    return crm["sunli"].post(f"/tickets/{ticket(crm)['id']}/close").status_code == 409


def due_ignores_priority(crm: Crm) -> bool:
    made = ticket(crm, priority="urgent")
    begun, due = (datetime.fromisoformat(made[name]) for name in ("created_at", "due_at"))
    return (due - begun).total_seconds() == 4 * 3600


def campaign_count_wrong(crm: Crm) -> bool:
    made = crm["zhaomin"].make("campaigns", name=fresh("活动"))
    lead(crm, "zhaomin", campaign=made["id"])
    return bool(crm["zhaomin"].get(f"/campaigns/{made['id']}").json()["lead_count"] == 1)


def pipeline_counts_lost(crm: Crm) -> bool:
    made = opportunity(crm, stage="lost")
    return bool(crm["zhengwei"].get("/reports/pipeline", customer=made["customer"]).json()["total"]["count"] == 0)


def cancel_after_payment(crm: Crm) -> bool:
    made = order(crm)
    crm["wufang"].make("payments", order=made["id"], amount="1")
    return crm["lina"].post(f"/orders/{made['id']}/cancel").status_code == 409


def tax_number_lost_for_finance(crm: Crm) -> bool:
    made = customer(crm, tax_number="91310000MA1FL0000X")
    sold = crm["lina"].make("orders", customer=made["id"], amount="1")
    return bool(crm["wufang"].get(f"/orders/{sold['id']}").json()["tax_number"] == made["tax_number"])


def orders_hidden_from_service(crm: Crm) -> bool:
    return crm["sunli"].get("/orders", customer=order(crm)["customer"]).json()["total"] == 1


def rename_not_synced(crm: Crm) -> bool:
    made, name = order(crm), fresh("改名")
    crm["lina"].patch(f"/customers/{made['customer']}", name=name)
    return bool(crm["wufang"].get(f"/orders/{made['id']}").json()["customer_name"] == name)


def ticket_hidden_from_sales(crm: Crm) -> bool:
    return crm["lina"].get("/tickets", customer=ticket(crm)["customer"]).json()["total"] == 1


def assigned_lead_invisible(crm: Crm) -> bool:
    made = lead(crm, "zhaomin")
    crm["zhaomin"].post(f"/leads/{made['id']}/assign", {"to": "lina"})
    return names(crm, "lina", "leads", made["company"]) == [made["id"]]


def campaign_lost_in_order(crm: Crm) -> bool:
    campaign = crm["zhaomin"].make("campaigns", name=fresh("活动"))["id"]
    made = customer(crm, campaign=campaign)
    return bool(crm["lina"].make("orders", customer=made["id"], amount="1")["campaign"] == campaign)


def order_stays_with_sales(crm: Crm) -> bool:
    made = order(crm)
    return names(crm, "wufang", "orders", made["number"]) == [made["id"]]


def payment_doubled_on_retry(crm: Crm) -> bool:
    made, key = order(crm, "10"), fresh("key-").encode().hex()
    for _ in range(2):
        crm["wufang"].post("/payments", {"order": made["id"], "amount": "1"}, key=key)
    return bool(crm["lina"].get(f"/orders/{made['id']}").json()["paid"] == "1.00")


def handover_drops_opportunities(crm: Crm) -> bool:
    login = f"leaver{mobile()}"
    account = {"login": login, "name": "离职者", "role": "sales_rep", "password": "for-tests-only-1"}
    assert crm["fenglei"].post("/users", account).status_code == 201
    made = opportunity(crm, login)
    crm["fenglei"].post(f"/users/{login}/handover", {"to": "wangqiang"})
    return bool(crm["chenjing"].get(f"/opportunities/{made['id']}").json()["owner"] == "wangqiang")


def import_drops_last_row(crm: Crm) -> bool:
    body = f"name,company\n甲,{fresh('公司')}\n乙,{fresh('公司')}\n".encode()
    return bool(crm["zhaomin"].upload("/leads/import", "a.csv", body).json()["created"] == 2)


def export_stops_at_page(crm: Crm) -> bool:
    body = "name,company\n" + "".join(f"客{n},{fresh('公司')}\n" for n in range(25))
    crm["zhaomin"].upload("/leads/import", "a.csv", body.encode())
    total = crm["zhaomin"].get("/leads/count").json()["count"]
    return len(crm["zhaomin"].get("/leads/export").content.decode("utf-8-sig").splitlines()) == total + 1


def attachment_truncated(crm: Crm) -> bool:
    made = crm["lina"].upload(f"/customers/{customer(crm)['id']}/attachments", "a.txt", b"0123456789")
    return crm["lina"].get(f"/attachments/{made.json()['id']}").content == b"0123456789"


def followup_overwritten(crm: Crm) -> bool:
    path = f"/customers/{customer(crm)['id']}/followups"
    for text in ("一", "二"):
        crm["lina"].post(path, {"text": text})
    return [row["text"] for row in crm["lina"].get(path).json()["items"]] == ["一", "二"]


def pool_double_claim(crm: Crm) -> bool:
    path = f"/customers/{pooled(crm)}/claim"
    people = [crm[login] for login in ("lina", "wangqiang", "chenjing")]
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda person: person.post(path).status_code, people))
    return sorted(answers) == [200, 409, 409]


def concurrent_edit_overwrites(crm: Crm) -> bool:
    path = f"/customers/{customer(crm)['id']}"
    crm["lina"].patch(path, level="A", version=1)
    return crm["lina"].patch(path, level="B", version=1).status_code == 409


def audit_misses_transfer(crm: Crm) -> bool:
    made = customer(crm)
    crm["lina"].post(f"/customers/{made['id']}/transfer", {"to": "wangqiang"})
    rows = crm["fenglei"].get(f"/customers/{made['id']}/audit").json()["items"]
    return ("owner", "lina", "wangqiang") in [(row["field"], row["old"], row["new"]) for row in rows]


def write_lost_under_load(crm: Crm) -> bool:
    logins = ("lina", "wangqiang", "chenjing", "zhaomin", "lina", "wangqiang", "chenjing", "zhaomin")
    people = [crm[login] for login in logins]
    with ThreadPoolExecutor(len(people)) as pool:
        made = list(pool.map(lambda person: person.make("leads", name="峰值"), people))
    return all(person.get(f"/leads/{row['id']}").ok for person, row in zip(people, made, strict=True))
