"""Creme's lists, by address: the boxes above the columns have no names, but the address takes what one would type."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from crm_acceptance.errors import Refused, Unsupported
from crm_acceptance.model import Action, Page, Record

OFFERED = (10, 25, 50, 100, 200)
TOTAL = re.compile(r"([\d,]+)\s*\)\s*$")
NAMED, NUMBER, OWNER = "regular_field-name", "regular_field-number", "regular_field-user"
CUSTOMER = {
    "quote": "relation-billing-subject_bill_received",
    "order": "relation-billing-subject_bill_received",
    "invoice": "relation-billing-subject_bill_received",
    "opportunity": "relation-opportunities-subject_targets_orga",
    "contact": "relation-persons-subject_employed_by",
    "ticket": "relation-tickets-object_linked_2_ticket",
}
# Canonical field -> column; the first one is what a word is searched in. Custom fields have numbers (inside/books.py).
COLUMNS: Mapping[str, Mapping[str, str]] = {
    "customer": {"name": NAMED, "phone": "regular_field-phone", "owner": OWNER},
    "contact": {"name": "regular_field-last_name", "phone": "regular_field-mobile", "owner": OWNER},
    "lead": {"name": NAMED, "company": "custom_field-1", "phone": "custom_field-2", "owner": OWNER},
    "opportunity": {"name": NAMED, "stage": "regular_field-sales_phase", "owner": OWNER},
    "quote": {"product": NAMED, "number": NUMBER, "owner": OWNER},
    "order": {"name": NAMED, "number": NUMBER, "amount": "regular_field-total_no_vat", "owner": OWNER},
    "invoice": {"name": NAMED, "number": NUMBER, "amount": "regular_field-total_no_vat", "owner": OWNER},
    "ticket": {"title": "regular_field-title", "owner": OWNER},
    "campaign": {"name": NAMED, "budget": "regular_field-budget", "owner": OWNER},
}
_ROWS = """rows => rows.map(row => [row.querySelector('[name=entity_id]').value, Object.fromEntries(
    [...row.querySelectorAll('td[name]')].map(cell => [cell.getAttribute('name'), cell.innerText.trim()]))])"""


def listed(page: Any, url: str, path: str, action: Action, customer_name: str = "") -> Page:
    """One page of the list; Refused("denied") when this person has no such list."""
    asked = _asked(action, customer_name)
    answer = page.goto(f"{url}{path}?{urlencode(asked)}")
    if answer is not None and answer.status in (403, 404):
        raise Refused("denied", f"Creme 不给看这个列表（HTTP {answer.status}）", answer.status)
    title = page.locator(".list-title").first.inner_text()
    total = _total(title)
    first = (int(asked["page"]) - 1) * int(asked["rows"])
    if first and first >= total:  # behind the end Creme shows the last page again
        return Page((), total)
    columns = COLUMNS[action.object]
    rows = page.locator("tr.lv-row.selectable").evaluate_all(_ROWS)
    return Page(tuple(_record(action.object, columns, str(id), cells) for id, cells in rows), total)


def _asked(action: Action, customer_name: str) -> dict[str, str]:
    columns, options = COLUMNS[action.object], action.options
    size = next((one for one in OFFERED if one >= int(options.get("size", 100))), OFFERED[-1])
    asked = {"page": str(options.get("page", 1)), "rows": str(size)}
    if options.get("q"):
        asked[f"search-{_searched(columns, str(options['q']))}"] = str(options["q"])
    if customer_name:
        asked[f"search-{CUSTOMER[action.object]}"] = customer_name
    sort = str(options.get("sort", ""))
    if sort:
        asked |= {"sort_key": _column(columns, sort.lstrip("-")), "sort_order": "DESC" if sort[0] == "-" else "ASC"}
    return asked


def _searched(columns: Mapping[str, str], q: str) -> str:
    if "phone" in columns and re.fullmatch(r"[\d +-]{7,}", q):
        return columns["phone"]
    if "number" in columns and re.fullmatch(r"[A-Z]{3}-[\d-]+", q):
        return columns["number"]
    return next(iter(columns.values()))


def _column(columns: Mapping[str, str], field: str) -> str:
    if not columns.get(field, "").startswith("regular_field"):
        raise Unsupported(f"Creme 的列表不能按 {field} 排序或筛选。Creme's list cannot be sorted or filtered by it.")
    return columns[field]


def _total(title: str) -> int:
    """An empty list says no total."""
    found = TOTAL.search(title)
    return int(found[1].replace(",", "")) if found else 0


def _record(object: str, columns: Mapping[str, str], id: str, cells: Mapping[str, str]) -> Record:
    shown = {field: cells[column] for field, column in columns.items() if cells.get(column)}
    return Record(object, id, shown)
