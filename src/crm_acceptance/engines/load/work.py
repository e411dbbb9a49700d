"""What one arrival does, as Actions in business words; the same for every system, client and schedule."""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from crm_acceptance import vocabulary
from crm_acceptance.engines.load import pages
from crm_acceptance.manners import journal
from crm_acceptance.model import Action, Outcome

Work = Generator[Action, Outcome, None]
LEAST_PRICE, MOST_PAID = 100_000, 100
"""Of a quote without a table, of one payment."""
WORDS = ("科技", "网络", "信息", "有限", "传媒")


@dataclass
class Stock:
    """What was prepared before the peak: customers and orders by id, and quotes that are ready to be ordered; `rows`:
    what the tables of fixtures/ say, which arrivals name by number."""

    customers: dict[str, str] = field(default_factory=dict)
    order: str = ""
    quotes: dict[str, deque[str]] = field(default_factory=dict)
    rows: tuple[Mapping[str, str], ...] = ()

    def row(self, arrival: Arrival) -> Mapping[str, str]:
        """The line of a table that the arrival takes its data from; nothing without one."""
        return self.rows[arrival.row] if arrival.row >= 0 else {}

    def customer(self, person: str) -> str:
        """The person's own customer, or anybody's for those who own none."""
        return self.customers.get(person) or next(iter(self.customers.values()), "")


@dataclass(frozen=True, slots=True)
class Arrival:
    """One piece of work that begins at `at` (seconds after the opening), whether or not others are finished.

    In a closed loop `hand` (0...) says which of the people does it, those of one hand one after another: intended is
    max(at, end of that hand's last + pause), and what would be intended at or after `until` is left out, as is all
    that follows up to a later `until`. `row`: the line of Stock.rows that its data comes from, -1: none.
    """

    at: float
    verb: str
    person: str
    hand: int = -1
    pause: float = 0.0
    until: float = 0.0
    row: int = -1


def begin(arrival: Arrival, stock: Stock) -> Work:
    """The Actions of one arrival; receives each Outcome."""
    if pages.asks(arrival.verb):
        return _page(arrival.verb)
    kind, _, what = arrival.verb.partition(".")
    if kind == "report":
        return _report(what)
    if what in _LOOKING:
        return _LOOKING[what](kind, arrival, stock)
    return CREATING[arrival.verb](arrival, stock)


def _page(verb: str) -> Work:
    yield pages.visit(verb)


def mark() -> str:
    """A word that no other record holds, so that a write can be found again, and counted."""
    return journal.word("gf" + "".join(secrets.choice("abcdefghjkmnpqrstuvwxyz") for _ in range(10)))


def _report(name: str) -> Work:
    yield Action("read", "report", name)


def _search(kind: str, arrival: Arrival, stock: Stock) -> Work:
    told = next(iter(stock.row(arrival).values()), "")
    yield Action("list", kind, options={"q": told or secrets.choice(WORDS), "size": 20})


def _list(kind: str, arrival: Arrival, stock: Stock) -> Work:
    yield Action("list", kind, options={"size": 20})


def _sort(kind: str, arrival: Arrival, stock: Stock) -> Work:
    yield Action("list", kind, options={"sort": SORTED[kind], "size": 20})


def _filter(kind: str, arrival: Arrival, stock: Stock) -> Work:
    yield Action("list", kind, options={"where": {"customer": stock.customer(arrival.person)}, "size": 20})


def _export(kind: str, arrival: Arrival, stock: Stock) -> Work:
    yield Action("export", kind)


def _read(kind: str, arrival: Arrival, stock: Stock) -> Work:
    yield Action("read", kind, stock.order if kind == "order" else stock.customer(arrival.person))


def _contactable(word: str) -> dict[str, Any]:
    phone = "17" + "".join(secrets.choice("0123456789") for _ in range(9))
    return {"name": f"高峰{word}", "phone": phone, "email": f"{word}@example.com"}


def new_customer(row: Mapping[str, str] = MappingProxyType({})) -> Action:
    """A customer that no duplicate check knows."""
    word = mark()
    return Action("create", "customer", fields=_fed(word, "name", _contactable(word), row))


def new_quote(customer: str, row: Mapping[str, str] = MappingProxyType({})) -> Action:
    """A quote without discount, which needs nobody's approval."""
    word = mark()
    fields = {
        "customer": customer,
        "product": f"产品{word}",
        "quantity": 1,
        "unit_price": _money(),
        "discount": Decimal(0),
    }
    told = {name: cell for name, cell in row.items() if name in fields}
    return Action("create", "quote", fields=_fed(word, "product", fields, told))


def _money() -> Decimal:
    return Decimal(LEAST_PRICE + secrets.randbelow(900_000)) + Decimal(secrets.randbelow(89) + 10) / 100


def _fed(word: str, marked: str, fields: Mapping[str, Any], row: Mapping[str, str]) -> dict[str, Any]:
    """The fields with what a table says instead; what has to be unique stays so, whatever the table says."""
    return {**fields, **{name: _cell(word, name == marked, name, cell) for name, cell in row.items()}}


def _cell(word: str, marked: bool, name: str, cell: str) -> Any:
    if name == "email":
        return f"{word}@{cell.partition('@')[2] or 'example.com'}"
    if name == "phone":
        return cell[:3] + "".join(secrets.choice("0123456789") for _ in cell[3:])
    if name in vocabulary.NUMBERS:
        return int(cell)
    return vocabulary.money(cell) if name in vocabulary.MONEY else cell + word * marked


def _customer(arrival: Arrival, stock: Stock) -> Work:
    yield new_customer(stock.row(arrival))


def _lead(arrival: Arrival, stock: Stock) -> Work:
    word = mark()
    fields = {**_contactable(word), "company": f"公司{word[2:]}"}
    yield Action("create", "lead", fields=_fed(word, "name", fields, stock.row(arrival)))


def _opportunity(arrival: Arrival, stock: Stock) -> Work:
    word = mark()
    fields = {"name": f"商机{word}", "customer": stock.customer(arrival.person), "amount": _money()}
    yield Action("create", "opportunity", fields=_fed(word, "name", fields, stock.row(arrival)))


def _order(arrival: Arrival, stock: Stock) -> Work:
    ready = stock.quotes.get(arrival.person)
    if ready:
        yield Action("order", "quote", ready.popleft())
        return
    told = stock.row(arrival).get("amount", "")
    amount = vocabulary.money(told) if told else _money()
    yield Action("create", "order", fields={"customer": stock.customer(arrival.person), "amount": amount})


def _payment(arrival: Arrival, stock: Stock) -> Work:
    word, paid = mark(), Decimal(secrets.randbelow(100 * MOST_PAID - 1_000) + 1_000) / 100
    fields = {"order": stock.order, "amount": paid, "method": f"转账{word}"}
    yield Action("create", "payment", fields=_fed(word, "method", fields, stock.row(arrival)))


def _ticket(arrival: Arrival, stock: Stock) -> Work:
    word = mark()
    fields = {"title": f"工单{word}", "customer": stock.customer(arrival.person), "priority": "normal"}
    yield Action("create", "ticket", fields=_fed(word, "title", fields, stock.row(arrival)))


CREATING: Mapping[str, Callable[[Arrival, Stock], Work]] = {
    "customer.create": _customer,
    "lead.create": _lead,
    "opportunity.create": _opportunity,
    "order.create": _order,
    "payment.create": _payment,
    "ticket.create": _ticket,
}
_LOOKING: Mapping[str, Callable[[str, Arrival, Stock], Work]] = {
    "search": _search,
    "list": _list,
    "sort": _sort,
    "filter": _filter,
    "export": _export,
    "read": _read,
}
OBJECTS = ("customer", "lead", "contact", "opportunity", "quote", "order", "payment", "invoice", "ticket", "campaign")
REPORTS = ("sales_summary", "receivables", "pipeline", "campaign_roi")
SORTED: Mapping[str, str] = {"opportunity": "-amount", "quote": "-total", "order": "-amount", "payment": "-amount"}
OF_A_CUSTOMER = ("contact", "opportunity", "quote", "order", "ticket")
VERBS = (
    *CREATING,
    *(f"{kind}.{what}" for kind in OBJECTS for what in ("search", "list", "export")),
    *(f"{kind}.sort" for kind in SORTED),
    *(f"{kind}.filter" for kind in OF_A_CUSTOMER),
    *("customer.read", "order.read"),
    *(f"report.{name}" for name in REPORTS),
)
_SOUGHT = ("name", "title", "company", "phone", "email", "product")
FED: Mapping[str, tuple[str, ...]] = {
    "customer.create": ("name", "industry", "level", "address", "phone", "email"),
    "lead.create": ("name", "company", "source", "note", "phone", "email"),
    "opportunity.create": ("name", "amount", "close_date"),
    "order.create": ("product", "quantity", "unit_price", "amount"),
    "payment.create": ("amount", "method"),
    "ticket.create": ("title", "priority"),
    **{f"{kind}.search": _SOUGHT for kind in OBJECTS},
}
"""The columns that are used of a table of data; a search looks for what stands in the first of them."""
NEEDS: Mapping[str, str] = {
    "opportunity.create": "customer",
    "order.create": "quotes",
    "payment.create": "order",
    "ticket.create": "customer",
    "customer.read": "customer",
    "order.read": "order",
    **{f"{kind}.filter": "customer" for kind in OF_A_CUSTOMER},
}
"""What must be there before the peak begins."""
