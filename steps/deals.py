"""Sentences about quotes and orders: prices, discounts, approval, order and cancellation."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from crm_acceptance.actors import Cast
from crm_acceptance.model import Record
from crm_acceptance.sentences import rows, sentence
from crm_acceptance.story import Story
from crm_acceptance.verbs import records, sales
from crm_acceptance.verbs.refusals import refused
from fixtures.records import BUILDERS

Table = list[list[str]]


def quote(cast: Cast, story: Story, who: str, opportunity: str, name: str, terms: Mapping[str, object]) -> None:
    """A quote for an opportunity's customer; its name is its product."""
    deal = records.see(cast[who], story["opportunity", opportunity])
    fields = {"product": story.name(name), **terms}
    customer = Record("customer", str(deal["customer"]))
    story.keep("quote", name, sales.make_quote(cast[who], customer, deal, fields), fields)


@sentence('{who} 为商机 "{opportunity}" 报价：', '{who} quotes for opportunity "{opportunity}":')
def _(cast: Cast, story: Story, who: str, opportunity: str, datatable: Table) -> None:
    for row in rows(datatable):
        terms = story.fields("quote", row)
        quote(cast, story, who, opportunity, next(iter(row.values())), terms)


@sentence(
    '{who} 为商机 "{opportunity}" 报价 "{name}"，单价 {price:money} 元，数量 {n:d}，折扣 {discount:percent}%',
    '{who} quotes for opportunity "{opportunity}" "{name}" at {price:money} yuan, quantity {n:d}, discount {discount:percent}%',  # noqa: E501
)
def _(
    cast: Cast, story: Story, who: str, opportunity: str, name: str, price: Decimal, n: int, discount: Decimal
) -> None:
    terms = {"quantity": n, "unit_price": price, "discount": discount}
    quote(cast, story, who, opportunity, name, terms)


@sentence('{who} 提交报价 "{name}" 审批', '{who} submits the quote "{name}" for approval')
def _(cast: Cast, story: Story, who: str, name: str) -> None:
    sales.submit_quote(cast[who], story["quote", name])


@sentence('{who} 批准报价 "{name}"', '{who} approves the quote "{name}"')
def _(cast: Cast, story: Story, who: str, name: str) -> None:
    sales.approve_quote(cast[who], story["quote", name])


@sentence('{who} 审批通过报价 "{name}"', '{who} sees to the approval of quote "{name}"')
def _(cast: Cast, story: Story, who: str, name: str) -> None:
    sales.settle_quote(cast[who], story["quote", name])


@sentence('{who} 驳回报价 "{name}"，原因 "{reason}"', '{who} rejects the quote "{name}" because "{reason}"')
def _(cast: Cast, story: Story, who: str, name: str, reason: str) -> None:
    sales.reject_quote(cast[who], story["quote", name], reason)


@sentence('{who} 把报价 "{name}" 生成订单 "{order}"', '{who} turns the quote "{name}" into order "{order}"')
def _(cast: Cast, story: Story, who: str, name: str, order: str) -> None:
    story.keep("order", order, sales.order_from_quote(cast[who], story["quote", name]))


@sentence('{who} 不能把报价 "{name}" 生成订单', '{who} cannot turn the quote "{name}" into an order')
def _(cast: Cast, story: Story, who: str, name: str) -> None:
    refused(f"报价 {name} 生成订单", sales.order_from_quote, cast[who], story["quote", name])


@sentence(
    '{who} 看到订单 "{order}" 的金额与报价 "{name}" 一致',
    '{who} sees order "{order}" amount to the total of quote "{name}"',
)
def _(cast: Cast, story: Story, who: str, order: str, name: str) -> None:
    amount = records.see(cast[who], story["order", order])["amount"]
    assert amount == records.see(cast[who], story["quote", name])["total"]


@sentence(
    '{who} 的客户 "{customer}" 有一张 {amount:money} 元的订单 "{order}"',
    '{who} has from customer "{customer}" an order "{order}" of {amount:money} yuan',
)
def _(cast: Cast, story: Story, who: str, customer: str, amount: Decimal, order: str) -> None:
    if not story.knows("customer", customer):
        fields = BUILDERS["customer"](story.dice, story.name(customer))
        story.keep("customer", customer, records.register(cast[who], "customer", fields), fields)
    buyer = story["customer", customer]
    story.keep("order", order, sales.place_order(cast[who], buyer, amount, story.name(order)))


@sentence('{who} 确认订单 "{order}"', '{who} confirms the order "{order}"')
def _(cast: Cast, story: Story, who: str, order: str) -> None:
    sales.confirm_order(cast[who], story["order", order])


@sentence('{who} 取消订单 "{order}"', '{who} cancels the order "{order}"')
def _(cast: Cast, story: Story, who: str, order: str) -> None:
    sales.cancel_order(cast[who], story["order", order])


@sentence('{who} 不能取消订单 "{order}"', '{who} cannot cancel the order "{order}"')
def _(cast: Cast, story: Story, who: str, order: str) -> None:
    refused(f"取消订单 {order}", sales.cancel_order, cast[who], story["order", order])
