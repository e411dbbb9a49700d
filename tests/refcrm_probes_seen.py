"""One look at the CRM per planted leak of looking, true while the CRM is healthy."""

from __future__ import annotations

import requests
from refcrm_process import Crm, fresh, mobile
from refcrm_records import customer, lead, opportunity, order, quote, ticket


def ids(answer: requests.Response) -> list[int]:
    """The ids of a page."""
    return [row["id"] for row in answer.json()["items"]]


def contact(crm: Crm, owner: str = "lina") -> dict[str, object]:
    """A contact of a new customer."""
    return crm[owner].make("contacts", name=fresh("联系人"), customer=customer(crm, owner)["id"], phone=mobile())


def paid(crm: Crm, owner: str = "lina") -> dict[str, object]:
    """A payment on a new order."""
    return crm["wufang"].make("payments", order=order(crm, owner=owner)["id"], amount="1")


def big_page_unscoped(crm: Crm) -> bool:
    made = lead(crm)
    return made["id"] not in ids(crm["wangqiang"].get("/leads", q=made["company"], size=200))


def second_page_unscoped(crm: Crm) -> bool:
    paid(crm)
    first = crm["wangqiang"].get("/payments", size=1).json()
    found = [id for page in range(2, 12) for id in ids(crm["wangqiang"].get("/payments", size=1, page=page))]
    return len(found) <= max(0, first["total"] - 1)


def search_index_unscoped(crm: Crm) -> bool:
    return ids(crm["wangqiang"].get("/customers", q=customer(crm)["name"])) == []


def or_for_and_in_search(crm: Crm) -> bool:
    made = contact(crm)
    return ids(crm["wangqiang"].get("/contacts", q=made["phone"])) == []


def sort_rebuilds_query(crm: Crm) -> bool:
    made = quote(crm)
    return made["id"] not in ids(crm["wangqiang"].get("/quotes", customer=made["customer"], sort="-total"))


def owner_filter_trusted(crm: Crm) -> bool:
    made = order(crm)
    return ids(crm["wangqiang"].get("/orders", owner="lina", customer=made["customer"])) == []


def total_counts_all(crm: Crm) -> bool:
    return bool(crm["wangqiang"].get("/opportunities", q=opportunity(crm)["name"]).json()["total"] == 0)


def count_ignores_scope(crm: Crm) -> bool:
    return crm["wangqiang"].get("/tickets/count", q=ticket(crm)["title"]).json() == {"count": 0}


def sum_ignores_scope(crm: Crm) -> bool:
    made = paid(crm)
    return bool(crm["wangqiang"].get("/payments/sum", field="amount", order=made["order"]).json()["sum"] == "0.00")


def leader_sees_department(crm: Crm) -> bool:
    made = crm["wufang"].make("invoices", order=order(crm, owner="hejun")["id"], amount="1")
    return ids(crm["liuyang"].get("/invoices", order=made["order"])) == []


def list_cache_shared(crm: Crm) -> bool:
    made = ticket(crm)
    crm["lina"].get("/tickets", q=made["title"])
    return ids(crm["wangqiang"].get("/tickets", q=made["title"])) == []


def duplicate_check_tells_all(crm: Crm) -> bool:
    made = customer(crm, email="a@example.com")
    (told,) = crm["wangqiang"].get("/customers/duplicates", name=made["name"]).json()["items"]
    return set(told) == {"id", "name", "owner", "state"}


def read_or_for_and(crm: Crm) -> bool:
    return crm["wangqiang"].get(f"/opportunities/{opportunity(crm)['id']}").status_code == 404


def audit_ignores_scope(crm: Crm) -> bool:
    return crm["wangqiang"].get(f"/quotes/{quote(crm)['id']}/audit").status_code == 404


def attachments_listed_to_all(crm: Crm) -> bool:
    return crm["wangqiang"].get(f"/leads/{lead(crm)['id']}/attachments").status_code == 404


def notes_read_by_all(crm: Crm) -> bool:
    return crm["wangqiang"].get(f"/customers/{customer(crm)['id']}/followups").status_code == 404


def download_by_role_only(crm: Crm) -> bool:
    made = crm["lina"].upload(f"/contacts/{contact(crm)['id']}/attachments", "a.txt", b"secret").json()
    return crm["wangqiang"].get(f"/attachments/{made['id']}").status_code == 404


def print_ignores_scope(crm: Crm) -> bool:
    return crm["wangqiang"].get(f"/orders/{order(crm)['id']}/print").status_code == 404


def related_list_unscoped(crm: Crm) -> bool:
    return crm["wangqiang"].get(f"/customers/{order(crm)['customer']}/orders").status_code == 404


def expanded_in_plain(crm: Crm) -> bool:
    made = contact(crm)
    held = crm["lina"].get(f"/customers/{made['customer']}").json()["phone"]
    return held not in crm["sunli"].get(f"/contacts/{made['id']}", expand="customer").text


def global_search_unscoped(crm: Crm) -> bool:
    return ids(crm["wangqiang"].get("/search", q=customer(crm)["name"])) == []


def recent_of_everybody(crm: Crm) -> bool:
    return customer(crm)["name"] not in crm["wangqiang"].get("/recent").text


def export_by_department(crm: Crm) -> bool:
    return opportunity(crm)["name"] not in crm["wangqiang"].get("/opportunities/export").content.decode()


def filtered_export_unscoped(crm: Crm) -> bool:
    made = order(crm)
    return made["number"] not in crm["wangqiang"].get("/orders/export", customer=made["customer"]).content.decode()


def export_checks_no_role(crm: Crm) -> bool:
    return crm["zhaomin"].get("/customers/export").status_code == 403


def count_checks_no_role(crm: Crm) -> bool:
    return crm["zhaomin"].get("/contacts/count").status_code == 403


def mask_only_in_list(crm: Crm) -> bool:
    made = contact(crm)
    return str(made["phone"]) not in crm["sunli"].get(f"/contacts/{made['id']}").text


def phone_digits_beside_mask(crm: Crm) -> bool:
    made = contact(crm)
    return str(made["phone"]) not in crm["sunli"].get("/contacts", q=made["name"]).text


def highlight_unmasked(crm: Crm) -> bool:
    made = lead(crm)
    return made["phone"] not in crm["zhengwei"].get("/leads", q=made["company"]).text


def mask_on_screen_only(crm: Crm) -> bool:
    made = customer(crm)
    return made["phone"] not in crm["wufang"].get(f"/customers/{made['id']}").text


def audit_in_plain(crm: Crm) -> bool:
    made = customer(crm)
    crm["lina"].patch(f"/customers/{made['id']}", phone=mobile())
    return made["phone"] not in crm["sunli"].get(f"/customers/{made['id']}/audit").text


def sort_by_masked(crm: Crm) -> bool:
    return crm["sunli"].get("/customers", sort="phone").status_code == 422


def filter_by_masked(crm: Crm) -> bool:
    return crm["sunli"].get("/contacts", phone=mobile()).status_code == 422


def masked_field_searched(crm: Crm) -> bool:
    return ids(crm["zhengwei"].get("/leads", q=lead(crm)["phone"])) == []


def report_open_to_all(crm: Crm) -> bool:
    return crm["lina"].get("/reports/campaign_roi").status_code == 403


def report_by_owner_open(crm: Crm) -> bool:
    order(crm, owner="hejun")
    return bool(crm["liuyang"].get("/reports/sales_summary", owner="hejun").json()["rows"] == [])


def report_of_department(crm: Crm) -> bool:
    opportunity(crm, "hejun")
    return bool(crm["liuyang"].get("/reports/pipeline", owner="hejun").json()["rows"] == [])
