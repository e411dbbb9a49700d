"""Sentences of the finance department: payments, invoices, receivables."""

from __future__ import annotations

from decimal import Decimal

from crm_acceptance.actors import Cast
from crm_acceptance.sentences import sentence
from crm_acceptance.story import Story
from crm_acceptance.verbs import finance, records
from crm_acceptance.verbs.refusals import refused
from fixtures.records import in_days

TODAY = in_days(0)


@sentence(
    '{who} 登记订单 "{order}" 的回款 {amount:money} 元',
    '{who} books on order "{order}" a payment of {amount:money} yuan',
)
def _(cast: Cast, story: Story, who: str, order: str, amount: Decimal) -> None:
    finance.register_payment(cast[who], story["order", order], amount, TODAY)


@sentence(
    '{who} 不能登记订单 "{order}" 的回款 {amount:money} 元',
    '{who} cannot book on order "{order}" a payment of {amount:money} yuan',
)
def _(cast: Cast, story: Story, who: str, order: str, amount: Decimal) -> None:
    what = f"订单 {order} 回款 {amount}"
    refused(what, finance.register_payment, cast[who], story["order", order], amount, TODAY)


@sentence(
    '网络中断，{who} 把订单 "{order}" 的同一笔回款 {amount:money} 元提交了两次',
    'the network fails and {who} sends the same payment of {amount:money} yuan on order "{order}" twice',
)
def _(cast: Cast, story: Story, who: str, order: str, amount: Decimal) -> None:
    finance.send_payment_twice(cast[who], story["order", order], amount, TODAY)


@sentence('{who} 看到订单 "{order}" 有 {n:d} 笔{kind:object}', '{who} sees on order "{order}" {n:d} {kind:object}')
def _(cast: Cast, story: Story, who: str, order: str, n: int, kind: str) -> None:
    assert len(records.belonging_to(cast[who], kind, story["order", order])) == n


@sentence(
    '{who} 给订单 "{order}" 开具 {amount:money} 元的发票 "{invoice}"',
    '{who} issues on order "{order}" the invoice "{invoice}" of {amount:money} yuan',
)
def _(cast: Cast, story: Story, who: str, order: str, amount: Decimal, invoice: str) -> None:
    story.keep("invoice", invoice, finance.issue_invoice(cast[who], story["order", order], amount))


@sentence(
    '{who} 不能给订单 "{order}" 开具 {amount:money} 元的发票',
    '{who} cannot issue on order "{order}" an invoice of {amount:money} yuan',
)
def _(cast: Cast, story: Story, who: str, order: str, amount: Decimal) -> None:
    refused(f"订单 {order} 开票 {amount}", finance.issue_invoice, cast[who], story["order", order], amount)


@sentence(
    '{who} 在应收报表里看到客户 "{customer}" 应收 {amount:money} 元',
    '{who} reads in the receivables that customer "{customer}" owes {amount:money} yuan',
)
def _(cast: Cast, story: Story, who: str, customer: str, amount: Decimal) -> None:
    assert finance.receivables(cast[who], story["customer", customer])["total"]["due"] == amount


@sentence('{who} 在订单列表里找得到订单 "{order}"', '{who} finds in the list of orders the order "{order}"')
def _(cast: Cast, story: Story, who: str, order: str) -> None:
    number = records.see(cast[who], story["order", order])["number"]
    assert story["order", order].id in [row.id for row in records.find(cast[who], "order", number)]
