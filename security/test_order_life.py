"""订单的一生 an order's whole life.

hypothesis invents sequences of create, change, confirm, cancel, pay and invoice, and after every step the order at the
real site must be what a model of a dozen lines says. Paying or invoicing too much is other checks' business (FIN).
"""

from __future__ import annotations

import secrets as random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from crm_acceptance.catalogue import Catalogue
from crm_acceptance.engines.permissions.voices import Voices
from crm_acceptance.errors import Unproven, Unsupported
from crm_acceptance.manners import journal
from crm_acceptance.model import Action, Person, Record, Site
from crm_acceptance.profile import Profile
from crm_acceptance.sending import http_send, line
from crm_acceptance.systems import HasRecords, System

pytestmark = pytest.mark.engine("hypothesis")
NEEDED = (
    ("create", "customer"), ("create", "order"), ("change", "order"), ("confirm", "order"), ("cancel", "order"),
    ("create", "payment"), ("create", "invoice"), ("read", "order"),
)  # fmt: skip
ALIVE = ("open", "confirmed")
SHARES = st.sampled_from([Decimal("0.5"), Decimal("0.25"), Decimal("0.1"), Decimal(1)])
AMOUNTS = st.integers(100, 99_999).map(lambda cents: Decimal(cents) / 100)


class OrderLife(RuleBasedStateMachine):
    """The model: four figures. `voices`, `seller` and `cashier` are set by whoever runs it."""

    voices: Voices
    seller: Person
    cashier: Person
    customer: str

    def __init__(self) -> None:
        super().__init__()
        self.state, self.amount, self.paid, self.invoiced = "", Decimal(0), Decimal(0), Decimal(0)
        self.id = ""
        self.refused: set[str] = set()
        self.steps = 0

    @initialize(amount=AMOUNTS)
    def create(self, amount: Decimal) -> None:
        """新建订单."""
        self.state, self.amount = "open", amount
        fields = {"customer": self.customer, "amount": amount}
        order = self.voices.hear(self.seller, Action("create", "order", fields=fields))
        assert isinstance(order.outcome, Record), f"新建订单被拒绝 refused: {order.refusal}"
        self.id = order.outcome.id
        self.compare("create")

    @rule(data=st.data())
    def step(self, data: st.DataObject) -> None:
        """One of the steps that make sense now. One rule on purpose: of several, hypothesis leaves some out per run."""
        name = data.draw(
            st.sampled_from([name for name in self.STEPS if self.sensible(name)] or ["look"]), label="step"
        )
        self.steps += 1
        getattr(self, name)(data.draw(SHARES, label="share"))
        self.compare(name)

    def sensible(self, name: str) -> bool:
        """What was rightly refused is not tried again before something else has worked; nor what is FIN's business."""
        if name in self.refused or (name == "pay" and self.state == "paid"):
            return False
        if name == "cancel":  # an end: not too early, and what an unpaid invoice means for it CRMs see differently
            return bool(self.paid) or (not self.invoiced and self.steps > 2)
        return name != "invoice" or self.invoiced < self.amount

    STEPS = ("change", "confirm", "cancel", "pay", "invoice")

    def change(self, share: Decimal) -> None:
        """修改金额: only while nobody has confirmed it."""
        wanted = max(self.paid, self.invoiced) + self.amount * (1 + share)
        if self.done(self.seller, "change", self.state == "open", {"amount": cents(wanted)}):
            self.amount = cents(wanted)

    def confirm(self, share: Decimal) -> None:
        """确认订单: once."""
        if self.done(self.seller, "confirm", self.state == "open"):
            self.state = "confirmed"

    def cancel(self, share: Decimal) -> None:
        """取消订单: never after a payment."""
        if self.done(self.seller, "cancel", self.state in ALIVE and not self.paid):
            self.state = "cancelled"

    def pay(self, share: Decimal) -> None:
        """登记回款 of a part of what is due, or of all."""
        part = cents((self.amount - self.paid) * share)
        if self.booked("pay", "payment", part):
            self.paid += part
            self.state = "paid" if self.paid == self.amount else self.state

    def invoice(self, share: Decimal) -> None:
        """开票 of a part of what is not invoiced yet, or of all."""
        part = cents((self.amount - self.invoiced) * share)
        if self.booked("invoice", "invoice", part):
            self.invoiced += part

    def look(self, share: Decimal) -> None:
        """Nothing changes by looking."""

    def booked(self, name: str, kind: str, part: Decimal) -> bool:
        """Whether finance could book it: on every order that is not cancelled."""
        fields: dict[str, Any] = {"order": self.id, "amount": part}
        more = {"method": "转账", "received_on": "2026-11-20"} if kind == "payment" else {}
        action = Action("create", kind, fields={**fields, **more})
        return self.judged(name, self.cashier, action, self.state != "cancelled")

    def done(self, person: Person, name: str, allowed: bool, fields: dict[str, Any] | None = None) -> bool:
        """Whether the step on the order worked, which must be what the rules say."""
        return self.judged(name, person, Action(name, "order", self.id, fields=fields or {}), allowed)

    def judged(self, name: str, person: Person, action: Action, allowed: bool) -> bool:
        """Does it; a refusal where it is allowed is wrong, and so is the opposite."""
        refusal = self.voices.hear(person, action).refusal
        what = f"{action.verb}（状态 {self.state}，金额 {self.amount}，已收 {self.paid}，已开票 {self.invoiced}）"
        assert not (allowed and refusal), f"{what} 应当可以，却被拒绝 wrongly refused: {refusal}"
        assert allowed or refusal, f"{what} 应当被拒绝，却成功了 must be refused, but it worked"
        self.refused = set() if allowed else {*self.refused, name}
        return allowed

    def compare(self, after: str) -> None:
        """The order as the seller reads it is the model."""
        order = self.voices.hear(self.seller, Action("read", "order", self.id)).outcome
        assert isinstance(order, Record), f"{after} 之后订单读不到了 the order cannot be read any more"
        expected = {"state": self.state, "amount": self.amount, "paid": self.paid, "invoiced": self.invoiced}
        shown = {name: order.get(name) for name in expected}
        assert shown == expected, f"{after} 之后订单与规则不符 the order is not what the rules say"


def cents(amount: Decimal) -> Decimal:
    """At least one cent, never more than the amount."""
    return max(Decimal("0.01"), amount.quantize(Decimal("0.01"), "ROUND_DOWN"))


@pytest.fixture
def life(
    profile: Profile, catalogue: Catalogue, system: System, site: Site, secrets: Callable[[Person], str]
) -> type[OrderLife]:
    """The machine with people, and a customer for its orders."""
    missing = [f"{kind}.{name}" for name, kind in NEEDED if not system.supports(name, kind)]
    if missing or not isinstance(system, HasRecords):
        raise Unsupported(
            f"{system.title} 缺少 {', '.join(missing) or 'API'}，订单的一生无法验证。Not supported there."
        )
    people = tuple(catalogue.people.values())
    voices = Voices(system.records(site), secrets, lambda person: http_send(line(site), site, profile.timeout))
    seller, cashier = (next(one for one in people if one.department == name) for name in ("sales", "finance"))
    fields = {
        "name": f"订单一生{journal.word(random.token_hex(6))}",
        "phone": "18" + str(random.randbelow(10**9)).zfill(9),
    }
    made = voices.hear(seller, Action("create", "customer", fields=fields))
    if not isinstance(made.outcome, Record):
        raise Unproven(f"建不了客户，订单的一生无法验证：{made.refusal}。No customer for the orders.")
    facts = {"voices": voices, "seller": seller, "cashier": cashier, "customer": made.outcome.id}
    return type("OrderLife", (OrderLife,), facts)


@pytest.mark.requirement("SALES-017", built_in=True)
def test_an_order_always_follows_the_rules(life: type[OrderLife]) -> None:
    """订单的一生始终符合规则 an order's whole life follows the rules."""
    bounded = settings(
        max_examples=14, stateful_step_count=9, derandomize=True, database=None, deadline=None,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck), print_blob=False,
    )  # fmt: skip
    run_state_machine_as_test(life, settings=bounded)
