"""Hands for opportunities, quotes, orders, payments and complaints in the web client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_acceptance.errors import Refused, Unsupported
from crm_acceptance.model import Action, Outcome, Record
from crm_acceptance.systems.tryton.deals import BUTTONS
from crm_acceptance.systems.tryton.desk import ONE_PRIORITY
from crm_acceptance.systems.tryton.fields import known, money
from crm_acceptance.systems.tryton.forms import (
    ADD,
    OPEN,
    choose,
    dialog,
    field,
    fill,
    heard,
    open_new,
    open_record,
    pane,
    pick,
    press,
    save,
    visit,
    write,
)
from crm_acceptance.systems.tryton.screens_parties import LEAD, PARTY, Hand, name_of
from crm_acceptance.systems.tryton.trade import APPROVAL_ABOVE, NO_APPROVAL

SALE, INVOICE, COMPLAINT = "sale.sale", "account.invoice", "sale.complaint"


def _advance(page: Any, url: str, action: Action) -> Outcome:
    stage = str(action.options["stage"])
    if stage not in BUTTONS:
        raise Unsupported(f"Tryton 没有阶段 {stage}。Tryton has no button for the stage {stage}.")
    open_record(page, url, LEAD, action.id)
    press(page, LEAD, BUTTONS[stage])
    return Record("opportunity", str(action.id), {"stage": stage})


def _quote(page: Any, url: str, action: Action) -> Outcome:
    """For an opportunity: its button "Convert to Sale" makes the sale. Else a new sale for the customer."""
    given = known(action, "customer", "opportunity", "product", "quantity", "unit_price", "discount")
    if money(given.get("discount") or 0) > APPROVAL_ABOVE:
        raise Unsupported(NO_APPROVAL)
    if "opportunity" in given:
        open_record(page, url, LEAD, str(given["opportunity"]))
        made = heard(page, f"model.{SALE}.read", lambda: press(page, LEAD, "convert"))
        open_record(page, url, SALE, str(made[0]["id"]))
    else:
        buyer = name_of(page, url, PARTY, str(given["customer"]))
        open_new(page, url, SALE)
        choose(pane(page), "party", buyer)
    _line(page, given)
    if "opportunity" in given:
        write(page, SALE)
        return Record("quote", str(made[0]["id"]))
    return Record("quote", save(page, SALE))


def _line(page: Any, given: Mapping[str, Any]) -> None:
    pane(page).locator(".form-one2many").first.locator(ADD).first.click()
    sheet = dialog(page, form=True)
    fill(sheet, {"quantity": given.get("quantity", 1), "base_price": given["unit_price"]})
    fill(sheet, {"unit_price": given["unit_price"]})
    if given.get("discount"):
        fill(sheet, {"discount_rate": given["discount"]})
    fill(sheet, {"description": given.get("product")})
    sheet.locator("button.btn-primary").last.click()
    sheet.wait_for(state="hidden")


def _submit(page: Any, url: str, action: Action) -> Outcome:
    """Looks at the discount first: Tryton would quote any."""
    open_record(page, url, SALE, action.id)
    lines = pane(page).locator(".form-one2many").first
    lines.locator("tbody tr").first.click()
    lines.locator(OPEN).first.click()
    rate = field(dialog(page), "discount_rate").first.input_value()
    if money(rate or 0) > APPROVAL_ABOVE:
        raise Unsupported(NO_APPROVAL)
    open_record(page, url, SALE, action.id)
    press(page, SALE, "quote")
    return Record("quote", str(action.id))


def _order(page: Any, url: str, action: Action) -> Outcome:
    open_record(page, url, SALE, action.id)
    press(page, SALE, "confirm")
    return Record("order", str(action.id))


def _confirm(page: Any, url: str, action: Action) -> Outcome:
    """In Tryton an order is a confirmed sale from the start: nothing is left to press."""
    open_record(page, url, SALE, action.id)
    return Record("order", str(action.id))


def _cancel(page: Any, url: str, action: Action) -> Outcome:
    open_record(page, url, SALE, action.id)
    press(page, SALE, "cancel")
    return Record("order", str(action.id))


def _pay(page: Any, url: str, action: Action) -> Outcome:
    """The button "Pay" of the order's invoice and its wizard; "partial" where Tryton asks."""
    given = known(action, "order", "amount", "method", "received_on")
    listed = [["sales", "=", int(str(given["order"]))]]
    page.goto("about:blank")
    found = heard(page, f"model.{INVOICE}.search", lambda: visit(page, url, INVOICE, domain=listed))
    if not found:
        raise Refused("conflict", f"订单 {given['order']} 没有发票")
    row = open_record(page, url, INVOICE, str(found[0]))
    if row["state"] in ("draft", "validated"):
        press(page, INVOICE, "post", asks=True)
        open_record(page, url, INVOICE, str(found[0]))
    heard(page, "wizard.account.invoice.pay.execute", lambda: press(page, INVOICE, "pay"))
    start = dialog(page, form=True)
    fill(start, {"amount": given["amount"]})
    choose(start, "payment_method", "银行转账")
    step = heard(page, "wizard.account.invoice.pay.execute", start.locator("button.btn-primary").last.click)
    if "view" in step:
        asked = dialog(page)
        pick(asked, "type", value='"partial"')
        heard(page, "wizard.account.invoice.pay.execute", asked.locator("button.btn-primary").last.click)
    return Record("payment", "", given)


def _ticket(page: Any, url: str, action: Action) -> Outcome:
    given = known(action, "title", "customer", "priority")
    if given.get("priority", "normal") != "normal":
        raise Unsupported(ONE_PRIORITY)
    customer = name_of(page, url, PARTY, str(given["customer"]))
    open_new(page, url, COMPLAINT)
    choose(pane(page), "customer", customer)
    choose(pane(page), "type", "订单问题")
    fill(pane(page), {"reference": given["title"]})
    return Record("ticket", save(page, COMPLAINT))


HANDS: Mapping[tuple[str, str], Hand] = {
    ("opportunity", "advance"): _advance, ("quote", "create"): _quote, ("quote", "submit"): _submit,
    ("quote", "order"): _order, ("order", "confirm"): _confirm, ("order", "cancel"): _cancel,
    ("payment", "create"): _pay, ("ticket", "create"): _ticket,
}  # fmt: skip
