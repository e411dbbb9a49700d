"""What sales people do: leads, customers, the public pool, opportunities, quotes and orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any, cast

from crm_acceptance.actors import Actor, RecordsDoor
from crm_acceptance.errors import Refused
from crm_acceptance.model import Action, Page, Record
from crm_acceptance.verbs.refusals import SAID_NO


def register_lead(actor: Actor, **fields: Any) -> Record:
    """登记线索."""
    return cast(Record, actor.act(Action("create", "lead", fields=fields)))


def convert_lead(actor: Actor, lead: Record, amount: Decimal | None = None) -> dict[str, Record]:
    """转商机: customer, contact and opportunity by object name; a part that the CRM did not make is left out."""
    fields = {} if amount is None else {"amount": amount}
    customer = cast(Record, actor.act(Action("convert", "lead", lead.id, fields=fields)))
    parts = {"customer": customer.get("customer") or customer.id}
    parts |= {part: customer.get(part) for part in ("contact", "opportunity")}
    return {part: Record(part, str(id)) for part, id in parts.items() if id}


def find_duplicates(actor: Actor, name: str, phone: str) -> tuple[Record, ...]:
    """查重 before registering."""
    return cast(Page, actor.look(Action("check_duplicate", "customer", fields={"name": name, "phone": phone}))).rows


def release(actor: Actor, customer: Record) -> None:
    """退回公海."""
    actor.act(Action("release", "customer", customer.id))


def claim(actor: Actor, customer: Record) -> None:
    """从公海领取."""
    actor.act(Action("claim", "customer", customer.id))


def in_pool(actor: Actor, q: str) -> tuple[Record, ...]:
    """What this person finds in the public pool."""
    options = {"pool": True, "q": q, "size": 200}
    return cast(Page, actor.look(Action("list", "customer", options=options))).rows


def claim_at_once(doors: Sequence[RecordsDoor], customer: Record) -> list[str]:
    """All claim the same customer at the same moment; the keys of those to whom the CRM said yes."""
    start = Barrier(len(doors))
    for door in doors:
        door.session()
    with ThreadPoolExecutor(len(doors)) as crowd:
        said = list(crowd.map(lambda door: _claimed(door, customer, start), doors))
    return [key for key in said if key]


def _claimed(door: RecordsDoor, customer: Record, start: Barrier) -> str:
    start.wait(timeout=30)
    try:
        door.do(Action("claim", "customer", customer.id))
    except Refused as no:
        if no.kind in SAID_NO:
            return ""
        raise
    return door.person.key


def open_opportunity(actor: Actor, customer: Record, **fields: Any) -> Record:
    """登记商机."""
    return cast(Record, actor.act(Action("create", "opportunity", fields={"customer": customer.id, **fields})))


def advance(actor: Actor, opportunity: Record, stage: str) -> None:
    """推进阶段."""
    actor.act(Action("advance", "opportunity", opportunity.id, options={"stage": stage}))


def make_quote(actor: Actor, customer: Record, opportunity: Record | None, fields: Mapping[str, Any]) -> Record:
    """报价: product, quantity, unit_price, discount (per cent)."""
    parents = {"customer": customer.id, **({"opportunity": opportunity.id} if opportunity else {})}
    return cast(Record, actor.act(Action("create", "quote", fields={**parents, **fields})))


def submit_quote(actor: Actor, quote: Record) -> None:
    """提交审批."""
    actor.act(Action("submit", "quote", quote.id))


def approve_quote(actor: Actor, quote: Record) -> None:
    """批准报价."""
    actor.act(Action("approve", "quote", quote.id))


def settle_quote(actor: Actor, quote: Record) -> None:
    """批准报价, unless the CRM has approved it already."""
    shown = cast(Record, actor.look(Action("read", "quote", quote.id)))
    if shown.get("state") != "approved":
        approve_quote(actor, quote)


def reject_quote(actor: Actor, quote: Record, reason: str) -> None:
    """驳回报价."""
    actor.act(Action("reject", "quote", quote.id, options={"reason": reason}))


def order_from_quote(actor: Actor, quote: Record) -> Record:
    """报价生成订单."""
    return cast(Record, actor.act(Action("order", "quote", quote.id)))


def confirm_order(actor: Actor, order: Record) -> None:
    """确认订单."""
    actor.act(Action("confirm", "order", order.id))


def cancel_order(actor: Actor, order: Record) -> None:
    """取消订单."""
    actor.act(Action("cancel", "order", order.id))


def place_order(
    actor: Actor, customer: Record, amount: Decimal, product: str, opportunity: Record | None = None
) -> Record:
    """From quote to confirmed order, without discount, as one business word."""
    quote = make_quote(actor, customer, opportunity, {"product": product, "quantity": 1, "unit_price": amount})
    submit_quote(actor, quote)
    order = order_from_quote(actor, quote)
    confirm_order(actor, order)
    return order
