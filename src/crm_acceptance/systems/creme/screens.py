"""The only door of Creme: pages described by mapping.toml, and by hand what a table cannot say."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, cast

from crm_acceptance.errors import Unsupported
from crm_acceptance.model import Action, Outcome, Page, Person, Record, Site
from crm_acceptance.systems.creme import screens_papers
from crm_acceptance.systems.rest import mapping
from crm_acceptance.systems.rest import screens as by_names
from crm_acceptance.systems.rest.shape import Mapping as Described

MAPPING = Path(__file__).parent / "mapping.toml"
EMPLOYEE = "is an employee of — employs"
Hand = Callable[["CremeScreens", Any, Action], Outcome]


@cache
def table() -> Described:
    """What mapping.toml says."""
    return mapping.load(MAPPING)


class CremeScreens:
    """Stateless: the page carries the login."""

    def __init__(self, site: Site) -> None:
        self.url = site.url
        self.table = by_names.screens(table(), site)

    def login(self, page: Any, person: Person, password: str) -> None:
        """As mapping.toml says."""
        self.table.login(page, person, password)

    def logout(self, page: Any) -> None:
        """As mapping.toml says."""
        self.table.logout(page)

    def do(self, page: Any, action: Action) -> Outcome:
        """By hand where there is a hand, else as mapping.toml says."""
        if not supports(action.name, action.object):
            raise Unsupported(f"Creme 的页面做不了 {action.verb}。Creme's pages cannot do it, or not by mapping.toml.")
        if action.options.get("sort"):
            raise Unsupported("Creme 不按自定义字段（金额）排序。Creme does not sort by fields of one's own (金额).")
        hand = HANDS.get((action.object, action.name))
        return hand(self, page, action) if hand else self.table.do(page, action)

    def read(self, page: Any, object: str, id: str) -> Record:
        """The record as mapping.toml reads it."""
        return cast(Record, self.table.do(page, Action("read", object, id)))


def supports(action: str, object: str) -> bool:
    """Whether mapping.toml or a hand does this."""
    known = by_names.spec_of(table()).objects.get(object)
    if known is None or (object, action) in HANDS:
        return known is not None
    plain = {"read": known.record, "create": known.new, "change": known.edit, "list": known.path, "count": known.path}
    return action in known.verbs or bool(plain.get(action))


def _customers(screens: CremeScreens, page: Any, action: Action) -> Outcome:
    """A number is looked for in the column of phones, a word in the column of names."""
    by_phone = re.fullmatch(r"[\d +-]{7,}", str(action.options.get("q", "")))
    found = screens.table.do(page, replace(action, object="x_by_phone") if by_phone else action)
    if not isinstance(found, Page):
        return found
    return replace(found, rows=tuple(replace(row, object="customer") for row in found.rows))


def _key(name: str) -> str:
    people: Mapping[str, str] = (table().screens or {})["people"]
    return next((key for key, shown in people.items() if shown == name), name)


def _create_quote(screens: CremeScreens, page: Any, action: Action) -> Record:
    return screens.read(page, "quote", screens_papers.create_quote(page, screens.url, action).id)


def _create_invoice(screens: CremeScreens, page: Any, action: Action) -> Record:
    order, amount = str(action.fields["order"]), Decimal(str(action.fields["amount"]))
    if screens.read(page, "order", order)["amount"] != amount:
        raise Unsupported("Creme 只按订单全额开票。Creme bills an order as a whole, not in parts.")
    path = f"/billing/sales_order/{order}"
    return screens_papers.convert(page, screens.url, path, "Convert to Invoice", "invoice")


def _create_ticket(screens: CremeScreens, page: Any, action: Action) -> Record:
    """Creme wants a description; the customer is linked from the customer's page afterwards."""
    fields = {"x_description": action.fields.get("title"), **action.fields}
    customer = fields.pop("customer", None)
    made = cast(Record, screens.table.do(page, replace(action, fields=fields)))
    if customer:
        number = str(screens.read(page, "ticket", made.id)["x_number"])
        screens_papers.link_ticket(page, screens.url, str(customer), number)
    return screens.read(page, "ticket", made.id)


def _campaign(screens: CremeScreens, page: Any, action: Action) -> Outcome:
    """Creme wants to know when an event starts, to the minute, in three boxes."""
    fields = dict(action.fields)
    if action.name == "create" or "starts" in fields:
        day = fields.pop("starts", None) or date.today().isoformat()
        fields |= {"x_day": day, "x_hour": "0", "x_minute": "0"}
    return screens.table.do(page, replace(action, fields=fields))


def _create_contact(screens: CremeScreens, page: Any, action: Action) -> Outcome:
    """Creme wants to know what the contact is to the organisation."""
    return screens.table.do(page, replace(action, fields={"x_role": EMPLOYEE, **action.fields}))


def _claim(screens: CremeScreens, page: Any, action: Action) -> Outcome:
    """Claiming is to make oneself the owner; who one is stands in the menu."""
    me = _key(screens_papers.me(page, screens.url))
    return screens.table.do(page, replace(action, name="transfer", options={"to": me}))


def _followups(screens: CremeScreens, page: Any, action: Action) -> Page:
    """Creme shows the day only; memos of one day are in the order of their numbers."""
    parent = action.options["where"]
    path = (table().screens or {})["objects"][parent["parent_object"]]["record"].format(id=parent["parent_id"])
    rows = [
        Record("followup", id, {"author": _key(author), "at": day, "text": text})
        for id, author, day, text in screens_papers.memos(page, screens.url + path)
    ]
    return Page(tuple(rows), len(rows))


HANDS: Mapping[tuple[str, str], Hand] = {
    ("quote", "create"): _create_quote,
    ("invoice", "create"): _create_invoice,
    ("ticket", "create"): _create_ticket,
    ("campaign", "create"): _campaign,
    ("campaign", "change"): _campaign,
    ("contact", "create"): _create_contact,
    ("customer", "claim"): _claim,
    ("customer", "list"): _customers,
    ("customer", "count"): _customers,
    ("followup", "list"): _followups,
}
