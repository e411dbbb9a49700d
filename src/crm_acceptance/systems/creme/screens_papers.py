"""By hand what Creme's names cannot say: quote lines, quote to order to invoice, which ticket is whose."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from crm_acceptance.errors import Refused
from crm_acceptance.model import Action, Record

PAPER = re.compile(r"/billing/(?:quote|sales_order|invoice)/(\d+)$")
LINE = {"quantity": "quantity", "unit_price": "unit_price", "discount": "quantity_discount", "product": "on_the_fly"}
_MEMOS = """rows => rows.filter(row => row.querySelector('a[href*="/memo/edit/"]')).map(row => [
    row.querySelector('a[href*="/memo/edit/"]').getAttribute('href').match(/[0-9]+/)[0],
    ...[...row.cells].slice(0, 3).map(cell => cell.innerText.trim())])"""


def opened(page: Any, address: str) -> None:
    """The record's page. Refused when Creme shows a page of its own instead."""
    answer = page.goto(address)
    if answer is not None and answer.status >= 400:
        kind = "missing" if answer.status == 404 else "denied"
        raise Refused(kind, f"Creme 应答 HTTP {answer.status}", answer.status)


def create_quote(page: Any, url: str, action: Action) -> Record:
    """From the customer's page: a quote with its one line."""
    opened(page, f"{url}/persons/organisation/{action.fields['customer']}")
    _pressed(page, "Create a related quote")
    form = page.get_by_role("dialog").last
    form.get_by_label("Name").first.fill(str(action.fields["product"]))
    _led(page, lambda: form.get_by_role("button", name="Save the quote").click())
    id = _number(page)
    _pressed(page, "Add a line on the fly")
    line = page.locator(".bline-container-not_saved:visible").last
    for field, box in LINE.items():
        if field in action.fields:
            line.locator(f".line-{box}").fill(str(action.fields[field]))
    with page.expect_response(lambda answer: "multi_save_lines" in answer.url) as waited:
        _pressed(page, "Save all lines")
    if not waited.value.ok:
        raise Refused("invalid", waited.value.text()[:200], waited.value.status)
    return Record("quote", id)


def convert(page: Any, url: str, path: str, button: str, yields: str) -> Record:
    """The button that makes one paper out of another. Refused("denied") when it is not offered to this person."""
    opened(page, f"{url}{path}")
    found = page.get_by_role("link", name=button)
    if not found.count():
        raise Refused("denied", f"页面上没有可用的“{button}”")
    _led(page, found.first.click)
    return Record(yields, _number(page))


def link_ticket(page: Any, url: str, customer: str, number: str) -> None:
    """From the customer's page: the ticket of that number is the customer's from now on."""
    opened(page, f"{url}/persons/organisation/{customer}")
    page.get_by_text("Link to a ticket").click()
    chooser = page.get_by_role("dialog").last
    box = chooser.locator('[name="search-regular_field-number"]')
    box.fill(number)
    with page.expect_response(lambda answer: "objects2link" in answer.url):
        box.press("Enter")
    chooser.locator("tr.lv-row", has=page.get_by_role("cell", name=number, exact=True)).click()
    with page.expect_response(lambda answer: answer.url.endswith("/add_from_predicate/save")) as waited:
        chooser.get_by_role("button", name="Validate the selection").click()
    if not waited.value.ok:
        raise Refused("denied", waited.value.text()[:200], waited.value.status)


def memos(page: Any, address: str) -> list[tuple[str, str, str, str]]:
    """Id, author, day and text of every memo on the record of that address, oldest first."""
    opened(page, address)
    rows = page.locator("#brick-regular-assistants-memos tbody tr").evaluate_all(_MEMOS)
    return sorted((tuple(row) for row in rows), key=lambda row: int(row[0]))


def me(page: Any, url: str) -> str:
    """The name of who is signed in, from the menu."""
    opened(page, f"{url}/")
    return str(page.locator("[class*=id_persons-user_contact] a").first.text_content()).strip()


def _pressed(page: Any, name: str) -> None:
    page.get_by_role("link", name=name).first.click()


def _led(page: Any, press: Callable[[], Any]) -> None:
    with page.expect_navigation():
        press()


def _number(page: Any) -> str:
    found = PAPER.search(page.url)
    if found is None:
        raise Refused("invalid", f"Creme 没有打开新单据，而是 {page.url}")
    return found[1]
