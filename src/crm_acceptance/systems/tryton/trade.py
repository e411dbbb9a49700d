"""Quotes, orders, invoices and payments in Tryton: one sale on its way, and the invoice that it draws up itself."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from crm_acceptance.errors import Refused, Unsupported
from crm_acceptance.model import Action, Outcome, Record
from crm_acceptance.systems import Session
from crm_acceptance.systems.flow import Flow
from crm_acceptance.systems.tryton.fields import day, known, money
from crm_acceptance.systems.tryton.records import Plan, fetch, press
from crm_acceptance.systems.tryton.rpc import Row, ask, find, number, one

SALE, INVOICE = "sale.sale", "account.invoice"
QUOTE = ("customer", "opportunity", "product", "quantity", "unit_price", "discount")
APPROVAL_ABOVE = Decimal(10)
"""Per cent. The company's rule; Tryton has no approval, so it is not asked to quote above it."""
NO_APPROVAL = "Tryton 没有折扣审批。Tryton has no approval of discounts."
WHOLE = "Tryton 按整张订单开票，不能另定金额。Tryton bills the whole order, no other amount."
BILLED_ORDER = (
    "Tryton 处理过的订单不能取消，只能红冲发票。Tryton cannot cancel a processed order, only credit its invoice."
)


def _line(session: Session, given: Mapping[str, Any]) -> Flow[dict[str, Any]]:
    """A free-text line. Tryton itself works out the discounted price, as it does when somebody types in the form."""
    price = money(given.get("unit_price", 0))
    line: dict[str, Any] = {"description": given.get("product"), "quantity": float(given.get("quantity") or 1)}
    line |= {"unit_price": price, "base_price": price}
    if money(given.get("discount") or 0):
        asked = {"base_price": price, "discount_rate": money(given["discount"]) / 100}
        answered = yield from ask(session, "model.sale.line.on_change", asked, ["discount_rate"])
        line["unit_price"] = _changed(answered)["unit_price"]
    return line


def _changed(answered: Any) -> Row:
    """on_change answers one dict per field that was typed into."""
    rows: list[Row] = answered if isinstance(answered, list) else [answered]
    return {name: value for row in rows for name, value in row.items()}


def _sale(session: Session, customer: Any, line: dict[str, Any], **more: Any) -> Flow[str]:
    home = yield from one(session, "party.party", str(customer), ["addresses"])
    address = next(iter(home["addresses"]), None)
    row = {"party": number(customer), "invoice_address": address, "shipment_address": address}
    made: list[int] = yield from ask(session, f"model.{SALE}.create", [row | {"lines": [["create", [line]]]} | more])
    return str(made[0])


def _create_quote(session: Session, action: Action) -> Flow[Outcome]:
    given = known(action, *QUOTE)
    line = yield from _line(session, given)
    origin = {"origin": f"sale.opportunity,{number(given['opportunity'])}"} if "opportunity" in given else {}
    id = yield from _sale(session, given["customer"], line, **origin)
    return (yield from fetch(session, "quote", id))


def _change_quote(session: Session, action: Action) -> Flow[Outcome]:
    given = known(action, "product", "quantity", "unit_price", "discount")
    record = yield from fetch(session, "quote", action.id)
    row = yield from one(session, SALE, action.id, ["lines"])
    line = yield from _line(session, {**record.fields, **given})
    yield from ask(session, f"model.{SALE}.write", [number(action.id)], {"lines": [["write", row["lines"][:1], line]]})
    return (yield from fetch(session, "quote", action.id))


def _submit(session: Session, action: Action) -> Flow[Outcome]:
    record = yield from fetch(session, "quote", action.id)
    if money(record["discount"]) > APPROVAL_ABOVE:
        raise Unsupported(NO_APPROVAL)
    return (yield from press(session, "quote", action.id, "quote", "approved"))


def _approve(session: Session, action: Action) -> Flow[Outcome]:
    raise Unsupported(NO_APPROVAL)
    yield  # a flow like the others


def _order_quote(session: Session, action: Action) -> Flow[Outcome]:
    """Tryton processes a confirmed sale in the same breath and drafts its invoice."""
    record = yield from fetch(session, "quote", action.id)
    if record["state"] != "approved":
        raise Refused("conflict", f"报价 {action.id} 是 {record['state']}，Tryton 不再确认")
    return (yield from press(session, "order", action.id, "confirm", "confirmed"))


def _create_order(session: Session, action: Action) -> Flow[Outcome]:
    given = known(action, "customer", "amount")
    line = yield from _line(session, {"product": "订单", "unit_price": given["amount"]})
    id = yield from _sale(session, given["customer"], line)
    yield from press(session, "quote", id, "quote", "approved")
    return (yield from press(session, "order", id, "confirm", "confirmed"))


def _confirm(session: Session, action: Action) -> Flow[Outcome]:
    """In Tryton an order is a confirmed sale from the start: nothing is left to press."""
    record = yield from fetch(session, "order", action.id)
    if record["state"] == "confirmed":
        return record
    return (yield from press(session, "order", action.id, "confirm", "confirmed"))


def _cancel(session: Session, action: Action) -> Flow[Outcome]:
    record = yield from fetch(session, "order", action.id)
    if record["state"] == "confirmed" and not record.get("paid"):
        raise Unsupported(BILLED_ORDER)
    return (yield from press(session, "order", action.id, "cancel", "cancelled"))


def _invoices(session: Session, order: Any) -> Flow[list[Row]]:
    yield from one(session, SALE, str(order), ["id"])
    fields = ["state", "total_amount", "amount_to_pay", "currency", "company", "party", "account", "payment_lines"]
    return (yield from find(session, INVOICE, [["sales", "=", number(order)], ["state", "!=", "cancelled"]], fields))


def _create_invoice(session: Session, action: Action) -> Flow[Outcome]:
    """Posts the invoice that Tryton drafted when the order was confirmed."""
    given = known(action, "order", "amount")
    rows = yield from _invoices(session, given["order"])
    drafts = [row for row in rows if row["state"] in ("draft", "validated")]
    if not drafts:
        raise Refused("conflict", f"订单 {given['order']} 没有待开的发票")
    if money(given.get("amount", drafts[0]["total_amount"])) != drafts[0]["total_amount"]:
        raise Unsupported(WHOLE)
    yield from ask(session, f"model.{INVOICE}.post", [drafts[0]["id"]])
    return (yield from fetch(session, "invoice", str(drafts[0]["id"])))


def _create_payment(session: Session, action: Action) -> Flow[Outcome]:
    """Through Tryton's payment wizard, against the order's invoice; a draft invoice is posted first, as it must be."""
    given = known(action, "order", "amount", "method", "received_on")
    rows = yield from _invoices(session, given["order"])
    open_ones = [row for row in rows if row["amount_to_pay"] or row["state"] in ("draft", "validated")]
    if not open_ones:
        raise Refused("conflict", f"订单 {given['order']} 没有未收的发票")
    invoice = open_ones[0]
    if invoice["state"] in ("draft", "validated"):
        yield from ask(session, f"model.{INVOICE}.post", [invoice["id"]])
    start = yield from _payment(session, invoice, given)
    yield from _pay(session, invoice["id"], start)
    after = yield from one(session, INVOICE, str(invoice["id"]), ["payment_lines"])
    new = [line for line in after["payment_lines"] if line not in invoice["payment_lines"]]
    if not new:
        raise Refused("invalid", f"Tryton 没有记下订单 {given['order']} 的回款")
    paid = {"order": str(given["order"]), "amount": money(given["amount"]), "method": given.get("method")}
    paid |= {"received_on": given.get("received_on"), "owner": session.person.key}
    return Record("payment", str(max(new)), paid)


def _payment(session: Session, invoice: Row, given: Mapping[str, Any]) -> Flow[dict[str, Any]]:
    methods = yield from find(session, "account.invoice.payment.method", [], ["name"])
    if not methods:
        raise Refused("invalid", "Tryton 里没有收款方式")
    named = [row for row in methods if row["name"] == given.get("method")]
    start = {"payee": invoice["party"], "payees": [invoice["party"]], "invoice_account": invoice["account"]}
    start |= {"currency": invoice["currency"], "company": invoice["company"], "amount": money(given["amount"])}
    start |= {"payment_method": (named or methods)[0]["id"], "description": given.get("method")}
    start["date"] = day(given.get("received_on") or (yield from ask(session, "model.ir.date.today")))
    return start


def _pay(session: Session, invoice: int, start: dict[str, Any]) -> Flow[None]:
    """Less than due: Tryton asks, we answer "partial". More than due: "partial" is refused by Tryton itself."""
    on = {"active_model": INVOICE, "active_id": invoice, "active_ids": [invoice]}
    wizard, *_ = yield from ask(session, "wizard.account.invoice.pay.create", **on)
    step = yield from ask(session, "wizard.account.invoice.pay.execute", wizard, {"start": start}, "choice", **on)
    if "view" in step:
        shown = step["view"].get("defaults", {})
        answers = {
            "start": start,
            "ask": {name: shown[name] for name in shown if "." not in name} | {"type": "partial"},
        }
        yield from ask(session, "wizard.account.invoice.pay.execute", wizard, answers, "pay", **on)
    yield from ask(session, "wizard.account.invoice.pay.delete", wizard, **on)


PLANS: Mapping[tuple[str, str], Plan] = {
    ("quote", "create"): _create_quote, ("quote", "change"): _change_quote, ("quote", "submit"): _submit,
    ("quote", "approve"): _approve, ("quote", "reject"): _approve, ("quote", "order"): _order_quote,
    ("order", "create"): _create_order, ("order", "confirm"): _confirm, ("order", "cancel"): _cancel,
    ("invoice", "create"): _create_invoice, ("payment", "create"): _create_payment,
}  # fmt: skip
