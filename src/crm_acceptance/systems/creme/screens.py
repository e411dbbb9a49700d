"""The only door of Creme: pages described by mapping.toml, and by hand what a table cannot say."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, cast

from crm_acceptance.errors import Unsupported
from crm_acceptance.model import Action, Outcome, Page, Person, Record, Site
from crm_acceptance.systems.creme import screens_lists, screens_papers
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


@cache
def _words() -> Mapping[str, Any]:
    found: Mapping[str, Any] = tomllib.loads(MAPPING.read_text("utf-8"))["screens"]
    return found


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
        hand = HANDS.get((action.object, action.name)) or _LISTS.get(action.name)
        if hand is None or (hand in (_list, _count) and action.object not in screens_lists.COLUMNS):
            return self.table.do(page, action)
        return hand(self, page, action)

    def read(self, page: Any, object: str, id: str) -> Record:
        """The record as mapping.toml reads it."""
        return cast(Record, self.table.do(page, Action("read", object, id)))

    def address(self, parent: Mapping[str, Any]) -> str:
        """The page of the record that a follow-up hangs on."""
        record: str = _words()["objects"][parent["parent_object"]]["record"]
        return self.url + record.format(id=parent["parent_id"])


def supports(action: str, object: str) -> bool:
    """Whether mapping.toml or a hand does this."""
    by_hand = (object, action) in HANDS or (action in _LISTS and object in screens_lists.COLUMNS)
    return by_hand or ((object, action) not in NOT_HERE and _named(action, object))


def _named(action: str, object: str) -> bool:
    known = by_names.spec_of(table()).objects.get(object)
    if known is None:
        return False
    plain = {"read": known.record, "create": known.new, "change": known.edit}
    return action in known.verbs or bool(plain.get(action))


def _list(screens: CremeScreens, page: Any, action: Action) -> Page:
    """`where` knows the customer only; the pool is what belongs to the team of that name."""
    where = dict(action.options.get("where", {}))
    customer = where.pop("customer", None)
    if where:
        raise Unsupported(f"Creme 的列表不能按 {', '.join(where)} 筛选。Creme's lists cannot be filtered by that.")
    name = str(screens.read(page, "customer", customer)["name"]) if customer else ""
    path = _words()["objects"][action.object]["path"]
    found = screens_lists.listed(page, screens.url, path, action, name)
    rows = tuple(replace(row, fields=dict(map(_canonical, row.fields.items()))) for row in found.rows)
    if action.options.get("pool"):
        rows = tuple(row for row in rows if row.get("owner") == "pool")
        return Page(rows, len(rows))
    return Page(rows, found.total)


def _canonical(cell: tuple[str, str]) -> tuple[str, Any]:
    field, shown = cell
    if field == "owner":
        known = _words()["people"].items()
        return field, next((key for key, names in known if shown == names or shown in list(names)), shown)
    return field, Decimal(shown.replace(",", "")) if field in ("amount", "budget") else shown


def _count(screens: CremeScreens, page: Any, action: Action) -> int:
    return cast(int, _list(screens, page, replace(action, options={**action.options, "size": 10})).total)


def _create_quote(screens: CremeScreens, page: Any, action: Action) -> Record:
    return screens.read(page, "quote", screens_papers.create_quote(page, screens.url, action).id)


def _order(screens: CremeScreens, page: Any, action: Action) -> Record:
    path = f"/billing/quote/{action.id}"
    return screens_papers.convert(page, screens.url, path, "Convert to Salesorder", "order")


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
    _, me = _canonical(("owner", screens_papers.me(page, screens.url)))
    return screens.table.do(page, replace(action, name="transfer", options={"to": me}))


def _follow(screens: CremeScreens, page: Any, action: Action) -> Record:
    screens_papers.write_memo(page, screens.address(action.fields), str(action.fields["text"]))
    return _followups(screens, page, replace(action, options={"where": action.fields})).rows[-1]


def _followups(screens: CremeScreens, page: Any, action: Action) -> Page:
    """Creme shows the day only; memos of one day are in the order of their numbers."""
    found = sorted(screens_papers.memos(page, screens.address(action.options["where"])), key=lambda one: int(one[0]))
    rows = [
        Record("followup", id, {"author": _canonical(("owner", author))[1], "at": day, "text": text})
        for id, author, day, text in found
    ]
    return Page(tuple(rows), len(rows))


HANDS: Mapping[tuple[str, str], Hand] = {
    ("quote", "create"): _create_quote,
    ("quote", "order"): _order,
    ("invoice", "create"): _create_invoice,
    ("ticket", "create"): _create_ticket,
    ("campaign", "create"): _campaign,
    ("campaign", "change"): _campaign,
    ("contact", "create"): _create_contact,
    ("customer", "claim"): _claim,
    ("followup", "create"): _follow,
    ("followup", "list"): _followups,
}
_LISTS: Mapping[str, Hand] = {"list": _list, "count": _count}
NOT_HERE = frozenset({("order", "create"), ("invoice", "change"), ("quote", "export")})
"""What the table's general words would offer, and Creme does otherwise."""
