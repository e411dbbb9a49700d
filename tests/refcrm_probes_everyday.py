"""One look at the CRM per planted defect of every day, true while healthy: finding, reckoning, reporting, screens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import requests
from refcrm_process import PASSWORD, Crm, fresh, mobile
from refcrm_records import customer, lead, names, opportunity, order, quote, ticket


def duplicate_check_width(crm: Crm) -> bool:
    name = fresh("宽")
    customer(crm, name=f"{name}ABC")
    return crm["lina"].post("/customers", {"name": f"{name}ＡＢＣ"}).status_code == 409


def duplicate_check_country_code(crm: Crm) -> bool:
    phone = mobile()
    customer(crm, phone=phone)
    return crm["lina"].post("/customers", {"name": fresh("号"), "phone": f"+86 {phone}"}).status_code == 409


def duplicate_check_own_only(crm: Crm) -> bool:
    made = customer(crm)
    return crm["wangqiang"].post("/customers", {"name": made["name"]}).status_code == 409


def discount_rounds_down(crm: Crm) -> bool:
    return bool(quote(crm, "50", quantity=1, unit_price="0.35")["total"] == "0.18")


def total_drifts_after_change(crm: Crm) -> bool:
    path = f"/quotes/{quote(crm, '0')['id']}"
    return bool(crm["lina"].patch(path, quantity=10).json()["total"] == "999.90")


def large_amount_overflows(crm: Crm) -> bool:
    return bool(quote(crm, "0", unit_price="9000000")["total"] == "27000000.00")


def probability_stays(crm: Crm) -> bool:
    path = f"/opportunities/{opportunity(crm)['id']}/advance"
    return bool(crm["lina"].post(path, {"stage": "won"}).json()["probability"] == 100)


def _submitted(crm: Crm, discount: str) -> str:
    path = f"/quotes/{quote(crm, discount)['id']}"
    crm["lina"].post(f"{path}/submit")
    return path


def quote_changes_after_approval(crm: Crm) -> bool:
    return crm["lina"].patch(_submitted(crm, "5"), discount="60").status_code == 409


def rejected_quote_orderable(crm: Crm) -> bool:
    path = _submitted(crm, "40")
    crm["chenjing"].post(f"{path}/reject", {"reason": "太低"})
    return crm["lina"].post(f"{path}/order").status_code == 409


def order_forgets_small_discount(crm: Crm) -> bool:
    return bool(crm["lina"].post(f"{_submitted(crm, '10')}/order").json()["amount"] == "269.97")


def lead_converts_twice(crm: Crm) -> bool:
    path = f"/leads/{lead(crm)['id']}/convert"
    return [crm["lina"].post(path, {}).status_code for _ in range(2)] == [201, 409]


def convert_drops_phone(crm: Crm) -> bool:
    made = lead(crm)
    contact = crm["lina"].post(f"/leads/{made['id']}/convert", {}).json()["contact"]
    return bool(crm["lina"].get(f"/contacts/{contact}").json()["phone"] == made["phone"])


def claim_leaves_contacts(crm: Crm) -> bool:
    made = customer(crm)
    contact = crm["lina"].make("contacts", name="联系人", customer=made["id"])
    crm["lina"].post(f"/customers/{made['id']}/release")
    crm["wangqiang"].post(f"/customers/{made['id']}/claim")
    return crm["wangqiang"].get(f"/contacts/{contact['id']}").ok


def search_case_sensitive(crm: Crm) -> bool:
    made = customer(crm, name=fresh("Bosch"))
    return names(crm, "lina", "customers", made["name"].lower()) == [made["id"]]


def no_match_shows_all(crm: Crm) -> bool:
    customer(crm)
    return names(crm, "lina", "customers", fresh("没有")) == []


def stage_filter_includes_later(crm: Crm) -> bool:
    mark = fresh("阶段")
    for stage in ("qualify", "negotiation"):
        opportunity(crm, name=f"{mark}{stage}", stage=stage)
    return crm["lina"].get("/opportunities", q=mark, stage="qualify").json()["total"] == 1


def page_sorted_alone(crm: Crm) -> bool:
    mark = fresh("排序")
    for amount in ("30", "90", "10", "70"):
        opportunity(crm, name=f"{mark}-{amount}", amount=amount)
    pages = [crm["lina"].get("/opportunities", q=mark, sort="-amount", size=2, page=n).json() for n in (1, 2)]
    return [row["amount"] for page in pages for row in page["items"]] == ["90.00", "70.00", "30.00", "10.00"]


def export_commas_unquoted(crm: Crm) -> bool:
    made = lead(crm, note="甲,乙")
    return '"甲,乙"' in crm["lina"].get("/leads/export", company=made["company"]).content.decode("utf-8-sig")


def _imported(crm: Crm, text: str) -> dict[str, Any]:
    return dict(crm["zhaomin"].upload("/leads/import", "a.csv", text.encode()).json())


def import_by_position(crm: Crm) -> bool:
    return bool(_imported(crm, f"phone,company,name\n{mobile()},{fresh('公司')},甲\n")["created"] == 1)


def import_numbers_lose_zero(crm: Crm) -> bool:
    company = fresh("公司")
    _imported(crm, f"name,company,phone\n甲,{company},05751234567\n")
    return bool(crm["zhaomin"].get("/leads", q=company).json()["items"][0]["phone"] == "05751234567")


def _started(crm: Crm, day: str) -> bool:
    return bool(crm["zhaomin"].make("campaigns", name=fresh("活动"), starts=day)["starts"] == day)


def starts_a_day_early(crm: Crm) -> bool:
    return _started(crm, "2027-01-01")


def month_end_clipped(crm: Crm) -> bool:
    return _started(crm, "2026-12-31")


def _returns(crm: Crm) -> dict[str, Any]:
    """The report's row of a campaign of 100 that brought an order of 250 and a cancelled one of 50."""
    campaign = crm["zhaomin"].make("campaigns", name=fresh("活动"), budget="100")["id"]
    made = customer(crm, campaign=campaign)["id"]
    crm["lina"].make("orders", customer=made, amount="250")
    crm["lina"].post(f"/orders/{crm['lina'].make('orders', customer=made, amount='50')['id']}/cancel")
    return dict(crm["zhaomin"].get("/reports/campaign_roi", campaign=campaign).json()["rows"][0])


def roi_divides_income(crm: Crm) -> bool:
    return bool(_returns(crm)["roi"] == 1.5)


def campaign_report_counts_cancelled(crm: Crm) -> bool:
    return bool(_returns(crm)["amount"] == "250.00")


def _paid(crm: Crm, *parts: str) -> dict[str, Any]:
    made = order(crm, "100")
    for part in parts:
        crm["wufang"].make("payments", order=made["id"], amount=part)
    return made


def due_counts_last_payment_only(crm: Crm) -> bool:
    return bool(crm["lina"].get(f"/orders/{_paid(crm, '60', '10')['id']}").json()["due"] == "30.00")


def receivables_ignore_part_payments(crm: Crm) -> bool:
    where = _paid(crm, "60")["customer"]
    return bool(crm["wufang"].get("/reports/receivables", customer=where).json()["total"]["due"] == "40.00")


def summary_joins_payments(crm: Crm) -> bool:
    where = _paid(crm, "60", "10")["customer"]
    return bool(crm["zhengwei"].get("/reports/sales_summary", customer=where).json()["total"]["orders"] == 1)


def summary_counts_cancelled(crm: Crm) -> bool:
    made = order(crm)
    crm["lina"].post(f"/orders/{made['id']}/cancel")
    return not crm["zhengwei"].get("/reports/sales_summary", customer=made["customer"]).json()["rows"]


def resolution_cleared_on_close(crm: Crm) -> bool:
    path = f"/tickets/{ticket(crm)['id']}"
    crm["sunli"].post(f"{path}/resolve", {"resolution": "重启"})
    return bool(crm["sunli"].post(f"{path}/close").json()["resolution"] == "重启")


def due_stays_after_priority_change(crm: Crm) -> bool:
    made = ticket(crm, priority="low")
    due = crm["sunli"].patch(f"/tickets/{made['id']}", priority="urgent").json()["due_at"]
    return (datetime.fromisoformat(due) - datetime.fromisoformat(made["created_at"])).total_seconds() == 4 * 3600


def _logged(crm: Crm) -> dict[str, Any]:
    """The log's line about the manager's change of a salesperson's customer from B to A."""
    made = customer(crm, level="B")
    crm["chenjing"].patch(f"/customers/{made['id']}", level="A")
    return dict(crm["fenglei"].get(f"/customers/{made['id']}/audit").json()["items"][-1])


def audit_names_owner(crm: Crm) -> bool:
    return bool(_logged(crm)["who"] == "chenjing")


def audit_swaps_old_and_new(crm: Crm) -> bool:
    line = _logged(crm)
    return (line["old"], line["new"]) == ("B", "A")


def _browser(crm: Crm, login: str) -> requests.Session:
    """Signed in as by the login page."""
    http = requests.Session()
    http.get(f"{crm.url}/login", timeout=30)
    http.post(f"{crm.url}/login", {"username": login, "password": PASSWORD, "csrf": _csrf(http, f"{crm.url}/login")})
    return http


def _csrf(http: requests.Session, url: str) -> str:
    text = http.get(url, timeout=30).text
    return text.partition('name="csrf" value="')[2].partition('"')[0]


def form_drops_priority(crm: Crm) -> bool:
    http, url = _browser(crm, "sunli"), f"{crm.url}/tickets/new"
    body = {"title": fresh("坏了"), "customer": customer(crm)["id"], "priority": "urgent", "csrf": _csrf(http, url)}
    id = http.post(url, body, timeout=30).url.partition("/tickets/")[2].partition("?")[0]
    return bool(crm["sunli"].get(f"/tickets/{id}").json()["priority"] == "urgent")


def state_label_wrong(crm: Crm) -> bool:
    id = ticket(crm)["id"]
    crm["sunli"].post(f"/tickets/{id}/resolve", {"resolution": "重启"})
    return ">已解决</span>" in _browser(crm, "sunli").get(f"{crm.url}/tickets/{id}", timeout=30).text


def screen_drops_cents(crm: Crm) -> bool:
    page = f"{crm.url}/orders/{order(crm, '12.34')['id']}"
    return "¥12.34" in _browser(crm, "wufang").get(page, timeout=30).text


def list_page_stale(crm: Crm) -> bool:
    http, url = _browser(crm, "sunli"), f"{crm.url}/tickets"
    http.get(url, timeout=30)
    return str(ticket(crm)["title"]) in http.get(url, timeout=30).text
