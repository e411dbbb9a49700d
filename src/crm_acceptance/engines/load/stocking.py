"""Prepares before the peak what its arrivals will need: a customer, an order, quotes ready to be ordered."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from crm_acceptance import vocabulary
from crm_acceptance.engines.load.work import LEAST_PRICE, MOST_PAID, NEEDS, Arrival, Stock, new_customer, new_quote
from crm_acceptance.errors import Unproven
from crm_acceptance.model import Action, Outcome, Person, Record

ALLOWED, EACH, MOST_GRACE = 40.0, 0.5, 600.0
"""Seconds for all quotes, more for each of them, and how many more at most."""
SELLING = ("order.create", "opportunity.create", "customer.create", "lead.create", "customer.search")


def helper(arrivals: Sequence[Arrival], people: Sequence[Person]) -> tuple[Person, ...]:
    """Who prepares customers where those who work in the peak need some and none of them sells: one of sales."""
    if not any(one.verb in NEEDS for one in arrivals) or sellers(arrivals):
        return ()
    return tuple(one for one in people if one.department == "sales")[:1]


def sellers(arrivals: Sequence[Arrival]) -> list[str]:
    """Who may own customers: whoever orders or sells in the mix."""
    return list({a.person: None for verb in SELLING for a in arrivals if a.verb == verb and a.verb != "lead.create"})


def grace(arrivals: Sequence[Arrival]) -> float:
    """Seconds more than usual that may be spent on preparing: every order of the peak may need a quote of its own."""
    return min(MOST_GRACE, EACH * sum(one.verb == "order.create" for one in arrivals))


def _too_slow(done: int, needed: int, took: float) -> Unproven:
    return Unproven(
        f"打单要先一份一份备好报价：{needed} 份里 {took:.0f} 秒只备好 {done} 份（每份约 {took / done:.2g} 秒），"
        "高峰没有开始。请减少打单的人数、次数或时间，或者让系统快一些。"
        f"Preparing took too long: {done} of {needed} quotes in {took:.0f} s, and nothing was measured. Ask for fewer "
        "orders, or for a shorter peak."
    )


@dataclass(frozen=True)
class Stocking:
    """`do` performs an Action as a person (by key). Quotes are made one after another, before anybody measures.
    `helpers`: who makes the customers where nobody in the peak sells; `clock` in seconds."""

    arrivals: Sequence[Arrival]
    do: Callable[[str, Action], Outcome]
    orders_from_quotes: bool
    rows: Sequence[Mapping[str, str]] = ()
    helpers: Sequence[str] = ()
    clock: Callable[[], float] = time.monotonic

    def fill(self) -> Stock:
        """The stock, and nothing that no arrival needs. Unproven when the site gives no record back."""
        needed = {NEEDS[arrival.verb] for arrival in self.arrivals if arrival.verb in NEEDS}
        stock = Stock(rows=tuple(self.rows))
        if not needed:
            return stock
        owners = self._owners()
        stock.customers = {key: self._made(key, new_customer()).id for key in owners}
        if self.orders_from_quotes and "quotes" in needed:
            ordering: dict[str, list[Mapping[str, str]]] = {}
            for arrival in self.arrivals:
                if arrival.verb == "order.create":
                    ordering.setdefault(arrival.person, []).append(stock.row(arrival))
            stock.quotes = self._all_quotes(stock, ordering)
        if "order" in needed:
            stock.order = self._order(owners[0], stock.customer(owners[0]), self._to_be_paid(stock))
        return stock

    def _owners(self) -> list[str]:
        found = sellers(self.arrivals) or list(self.helpers)
        if not found:
            raise Unproven(
                "高峰里有人要建订单、回款或工单，却没有一个销售可以先建客户：请在人员表里写一个销售。"
                "Nobody of sales is known, so there is no customer to work on."
            )
        return found

    def _all_quotes(self, stock: Stock, ordering: Mapping[str, Sequence[Mapping[str, str]]]) -> dict[str, deque[str]]:
        """Unproven when the site needs so long for them that the peak would not begin in time."""
        found = {key: deque[str]() for key in ordering}
        begun, allowed = self.clock(), ALLOWED + grace(self.arrivals)
        for key, rows in ordering.items():
            for row in rows:
                found[key] += self._quotes(key, stock.customer(key), [row])
                if (took := self.clock() - begun) > allowed:
                    raise _too_slow(sum(map(len, found.values())), sum(map(len, ordering.values())), took)
        return found

    def _quotes(self, key: str, customer: str, rows: Sequence[Mapping[str, str]]) -> deque[str]:
        ready: deque[str] = deque()
        for row in rows:
            quote = self._made(key, new_quote(customer, row))
            self._made(key, Action("submit", "quote", quote.id))
            ready.append(quote.id)
        return ready

    def _to_be_paid(self, stock: Stock) -> Decimal:
        """What all payments of the peak can come to: a CRM rightly takes no more than an order is worth."""
        told = [stock.row(one).get("amount", "") for one in self.arrivals if one.verb == "payment.create"]
        return sum((vocabulary.money(cell) if cell else Decimal(MOST_PAID) for cell in told), Decimal(0))

    def _order(self, key: str, customer: str, worth: Decimal) -> str:
        if self.orders_from_quotes:
            row = {"unit_price": str(worth)} if worth > LEAST_PRICE else {}
            return self._made(key, Action("order", "quote", self._quotes(key, customer, [row]).popleft())).id
        fields = {"customer": customer, "amount": max(worth, Decimal("987654.32"))}
        return self._made(key, Action("create", "order", fields=fields)).id

    def _made(self, key: str, action: Action) -> Record:
        outcome = self.do(key, action)
        if not isinstance(outcome, Record):
            raise Unproven(f"准备高峰数据时 {key} 做 {action.verb} 没有得到记录。No record came back while preparing.")
        return outcome
