"""What is prepared before a peak, so that a CRM that minds its rules has nothing to refuse."""

from __future__ import annotations

from decimal import Decimal

import pytest

from crm_acceptance.engines.load.stocking import ALLOWED, EACH, MOST_GRACE, Stocking, grace
from crm_acceptance.engines.load.work import Arrival
from crm_acceptance.errors import Unproven
from crm_acceptance.model import Action, Record


@pytest.mark.parametrize("from_quotes", [True, False])
@pytest.mark.parametrize(("count", "amount", "worth"), [(20_000, "", 2_000_000), (3, "100万", 3_000_000)])
def test_the_order_that_is_paid_is_worth_all_payments_of_the_peak(
    from_quotes: bool, count: int, amount: str, worth: int
) -> None:
    made: list[Action] = []

    def do(person: str, action: Action) -> Record:
        made.append(action)
        return Record(action.object, str(len(made)))

    plan = [Arrival(float(n), "payment.create", "wufang", row=0) for n in range(count)]
    Stocking(plan, do, from_quotes, [{"amount": amount} if amount else {}], ("lina",)).fill()
    told = next(one.fields for one in made if one.object == ("quote" if from_quotes else "order"))
    assert Decimal(told["unit_price" if from_quotes else "amount"]) >= worth


def quoted(count: int, seconds: float) -> int:
    """How many quotes are ready, when each takes so long."""
    now = [0.0]

    def do(person: str, action: Action) -> Record:
        now[0] += seconds * (action.name == "submit")
        return Record(action.object, "7")

    plan = [Arrival(float(n), "order.create", ("lina", "wangqiang")[n % 2]) for n in range(count)]
    stock = Stocking(plan, do, True, clock=lambda: now[0]).fill()
    return sum(map(len, stock.quotes.values()))


def test_a_crm_that_takes_its_time_is_given_it_and_one_that_takes_too_long_is_told_so() -> None:
    assert quoted(100, 0.8) == 100
    with pytest.raises(Unproven, match="46 of 100 quotes in 92 s"):
        quoted(100, 2.0)
    assert grace([Arrival(0.0, "order.create", "lina")] * 10_000) == MOST_GRACE
    assert ALLOWED + 100 * EACH == 90.0
