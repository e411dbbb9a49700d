"""What one arrival does, as Actions in business words; the same for every system, client and schedule."""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from crm_acceptance.engines.load import pages
from crm_acceptance.manners import journal
from crm_acceptance.model import Action, Outcome

Work = Generator[Action, Outcome, None]
WORDS = ("科技", "网络", "信息", "有限", "传媒")


@dataclass
class Stock:
    """What was prepared before the peak: customers and orders by id, and quotes that are ready to be ordered; `rows`:
    what the tables of fixtures/ say, which arrivals name by number."""

    customers: dict[str, str] = field(default_factory=dict)
    order: str = ""
    quotes: dict[str, deque[str]] = field(default_factory=dict)
    rows: tuple[Mapping[str, str], ...] = ()

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
    yield Action("list", kind, options={"q": secrets.choice(WORDS), "size": 20})


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


def new_customer() -> Action:
    """A customer that no duplicate check knows."""
    return Action("create", "customer", fields=_contactable(mark()))


def new_quote(customer: str) -> Action:
    """A quote without discount, which needs nobody's approval."""
    fields = {
        "customer": customer,
        "product": f"产品{mark()}",
        "quantity": 1,
        "unit_price": _money(),
        "discount": Decimal(0),
    }
    return Action("create", "quote", fields=fields)


def _money() -> Decimal:
    return Decimal(100_000 + secrets.randbelow(900_000)) + Decimal(secrets.randbelow(89) + 10) / 100


def _customer(arrival: Arrival, stock: Stock) -> Work:
    yield new_customer()


def _lead(arrival: Arrival, stock: Stock) -> Work:
    word = mark()
    yield Action("create", "lead", fields={**_contactable(word), "company": f"公司{word[2:]}"})


def _opportunity(arrival: Arrival, stock: Stock) -> Work:
    yield Action(
        "create",
        "opportunity",
        fields={"name": f"商机{mark()}", "customer": stock.customer(arrival.person), "amount": _money()},
    )


def _order(arrival: Arrival, stock: Stock) -> Work:
    ready = stock.quotes.get(arrival.person)
    if ready:
        yield Action("order", "quote", ready.popleft())
    else:
        yield Action("create", "order", fields={"customer": stock.customer(arrival.person), "amount": _money()})


def _payment(arrival: Arrival, stock: Stock) -> Work:
    cents = Decimal(secrets.randbelow(9_000) + 1_000) / 100
    yield Action("create", "payment", fields={"order": stock.order, "amount": cents, "method": f"转账{mark()}"})


def _ticket(arrival: Arrival, stock: Stock) -> Work:
    fields = {"title": f"工单{mark()}", "customer": stock.customer(arrival.person), "priority": "normal"}
    yield Action("create", "ticket", fields=fields)


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
