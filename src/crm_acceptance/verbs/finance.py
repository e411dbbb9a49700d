"""What finance does: payments, invoices, receivables."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from crm_acceptance.actors import Actor
from crm_acceptance.errors import Refused
from crm_acceptance.model import Action, Record


def register_payment(actor: Actor, order: Record, amount: Decimal, received_on: str) -> Record:
    """登记回款."""
    return cast(Record, actor.act(_payment(order, amount, received_on)))


def send_payment_twice(actor: Actor, order: Record, amount: Decimal, received_on: str) -> None:
    """The answer to the first sending is lost, so the very same payment is sent again; a CRM may refuse the second."""
    payment = _payment(order, amount, received_on, key=uuid.uuid4().hex)
    actor.records.do(payment)
    try:
        actor.records.do(payment)
    except Refused as no:
        if no.kind not in ("duplicate", "conflict", "invalid"):
            raise


def _payment(order: Record, amount: Decimal, received_on: str, **options: Any) -> Action:
    fields = {"order": order.id, "amount": amount, "method": "银行转账", "received_on": received_on}
    return Action("create", "payment", fields=fields, options=options)


def issue_invoice(actor: Actor, order: Record, amount: Decimal) -> Record:
    """开票."""
    return cast(Record, actor.act(Action("create", "invoice", fields={"order": order.id, "amount": amount})))


def receivables(actor: Actor, customer: Record) -> Mapping[str, Any]:
    """应收报表 of one customer."""
    where = {"customer": customer.id}
    return cast(Mapping[str, Any], actor.look(Action("read", "report", "receivables", options={"where": where})))
