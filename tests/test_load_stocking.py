"""What is prepared before a peak, so that a CRM that minds its rules has nothing to refuse."""

from __future__ import annotations

from decimal import Decimal

import pytest

from crm_acceptance.engines.load.stocking import Stocking
from crm_acceptance.engines.load.work import Arrival
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
