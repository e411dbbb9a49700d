"""What must hold when a record is created or changed, one function per object type. Not the special actions."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from typing import Any

from . import mishaps
from .auth import User
from .choices import PROBABILITY
from .defects import active
from .errors import CrmError, conflict, invalid
from .matching import keys, matches
from .store import raw, update
from .values import money

Values = dict[str, Any]
Creating = Callable[[sqlite3.Connection, User, Values], None]
Changing = Callable[[sqlite3.Connection, sqlite3.Row, Values], None]
# Discounts above this many hundredths of a percent need somebody's approval.
FREE_DISCOUNT = 1000
HOURS: Mapping[str, int] = {"urgent": 4, "high": 8, "normal": 24, "low": 72}


def total_of(quantity: int, unit_price: int, discount: int) -> int:
    """Cents of quantity x unit price less the discount (hundredths of a percent), rounded half up."""
    if active("quote_ignores_discount"):
        discount = 0
    exact = Decimal(quantity) * unit_price * (10_000 - discount) / 10_000
    total = int(exact.quantize(Decimal(1), ROUND_DOWN if active("discount_rounds_down") else ROUND_HALF_UP))
    return mishaps.overflown(total) if active("large_amount_overflows") else total


def due_at(created_at: str, priority: str) -> str:
    """When a ticket of that priority must be done."""
    hours = HOURS["normal" if active("due_ignores_priority") else priority]
    return (datetime.fromisoformat(created_at) + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def refuse_duplicate(tx: sqlite3.Connection, me: User, name: str | None, phone: str | None) -> None:
    """Raise duplicate when a customer with that name or phone exists, whoever owns it."""
    found = matches(tx, name, phone)
    if active("duplicate_check_own_only"):
        found = [row for row in found if row["owner"] == me.login]
    if found:
        owner = found[0]["owner"] or "公海"
        raise CrmError("duplicate", f"已有相同名称或手机的客户(负责人:{owner})。", {"name": "重复的客户。"})


def _new_lead(tx: sqlite3.Connection, me: User, values: Values) -> None:
    if values.get("state") == "converted":
        raise conflict("线索只能通过“转商机”变为已转化。")
    mishaps.spoilt_lead(values)


def _new_customer(tx: sqlite3.Connection, me: User, values: Values) -> None:
    if not values.pop("force", False):
        refuse_duplicate(tx, me, values["name"], values.get("phone"))
    values |= keys(values["name"], values.get("phone"))


def _inherit_owner(tx: sqlite3.Connection, me: User, values: Values) -> None:
    values["owner"] = raw(tx, "customer", values["customer"])["owner"] or me.login


def _new_opportunity(tx: sqlite3.Connection, me: User, values: Values) -> None:
    _inherit_owner(tx, me, values)
    values["probability"] = PROBABILITY[values["stage"]]
    if values.get("campaign") is None:
        values["campaign"] = raw(tx, "customer", values["customer"])["campaign"]


def _new_quote(tx: sqlite3.Connection, me: User, values: Values) -> None:
    _inherit_owner(tx, me, values)
    opportunity = values.get("opportunity")
    if opportunity and raw(tx, "opportunity", opportunity)["customer"] != values["customer"]:
        raise conflict("商机不属于这个客户。")
    values["total"] = total_of(values["quantity"], values["unit_price"], values["discount"])


def _new_order(tx: sqlite3.Connection, me: User, values: Values) -> None:
    _inherit_owner(tx, me, values)
    customer = raw(tx, "customer", values["customer"])
    values |= {"paid": 0, "invoiced": 0, "customer_name_then": customer["name"], "campaign": customer["campaign"]}
    if values.get("quote"):
        values |= _from_quote(tx, me, values)
    if active("campaign_lost_in_order"):
        values["campaign"] = None


def _from_quote(tx: sqlite3.Connection, me: User, values: Values) -> Values:
    quote = raw(tx, "quote", values["quote"])
    orderable = {"approved"} | ({"ordered"} if active("quote_ordered_twice") else set())
    orderable |= {"rejected"} if active("rejected_quote_orderable") else set()
    if quote["state"] not in orderable:
        raise conflict("只有已批准且未下单的报价可以生成订单。")
    if quote["customer"] != values["customer"] or quote["total"] != values["amount"]:
        raise conflict(f"订单的客户和金额必须与报价一致(金额 {money(quote['total'])})。")
    if not (active("quote_not_marked_ordered") and quote["opportunity"]):
        update(tx, me, "quote", quote, {"state": "ordered"}, "order")
    found = raw(tx, "opportunity", quote["opportunity"])["campaign"] if quote["opportunity"] else None
    copied: Values = {"owner": quote["owner"], "campaign": found or values["campaign"]}
    if active("order_forgets_small_discount") and quote["discount"] <= FREE_DISCOUNT:
        copied["amount"] = quote["quantity"] * quote["unit_price"]
    return copied


def _new_payment(tx: sqlite3.Connection, me: User, values: Values) -> None:
    order = _open_for_money(tx, values["order"])
    paid = order["paid"] + values["amount"]
    if paid > order["amount"] and not active("payment_over_amount"):
        left = money(order["amount"] - order["paid"])
        raise invalid(f"回款超过未收金额 {left}。", {"amount": f"最多 {left}。"})
    state = "paid" if paid >= order["amount"] else order["state"]
    update(tx, me, "order", order, {"paid": paid, "state": state}, "payment")


def _new_invoice(tx: sqlite3.Connection, me: User, values: Values) -> None:
    order = _open_for_money(tx, values["order"])
    invoiced = order["invoiced"] + values["amount"]
    if invoiced > order["amount"] and not active("invoice_over_amount"):
        left = money(order["amount"] - order["invoiced"])
        raise invalid(f"开票超过未开票金额 {left}。", {"amount": f"最多 {left}。"})
    customer = raw(tx, "customer", order["customer"])
    values |= {"title": customer["name"], "tax_number": customer["tax_number"]}
    update(tx, me, "order", order, {"invoiced": invoiced}, "invoice")


def _open_for_money(tx: sqlite3.Connection, id: int) -> sqlite3.Row:
    order = raw(tx, "order", id)
    if order["state"] == "cancelled":
        raise conflict("订单已取消。")
    return order


def _new_ticket(tx: sqlite3.Connection, me: User, values: Values) -> None:
    customer = raw(tx, "customer", values["customer"])
    order = values.get("order")
    if order and raw(tx, "order", order)["customer"] != customer["id"]:
        raise conflict("订单不属于这个客户。")
    values["customer_name_then"] = customer["name"]


def _change_lead(tx: sqlite3.Connection, row: sqlite3.Row, values: Values) -> None:
    state = values.get("state", row["state"])
    if state != row["state"] and "converted" in (state, row["state"]):
        raise conflict("线索只能通过“转商机”变为已转化,之后不再改变。")


def _change_customer(tx: sqlite3.Connection, row: sqlite3.Row, values: Values) -> None:
    values |= keys(values.get("name", row["name"]), values.get("phone", row["phone"]))


def _change_quote(tx: sqlite3.Connection, row: sqlite3.Row, values: Values) -> None:
    if row["state"] == "approved" and active("quote_changes_after_approval"):
        return
    if row["state"] not in ("draft", "rejected"):
        raise conflict("报价已提交,不能再修改。")
    new = {name: values.get(name, row[name]) for name in ("quantity", "unit_price", "discount")}
    values |= {"state": "draft"} | ({} if active("total_drifts_after_change") else {"total": total_of(**new)})


def _change_order(tx: sqlite3.Connection, row: sqlite3.Row, values: Values) -> None:
    if values.get("amount", row["amount"]) == row["amount"]:
        return
    if row["state"] != "open" or row["quote"]:
        raise conflict("只有待确认且不来自报价的订单可以改金额。")
    if values["amount"] < max(row["paid"], row["invoiced"]):
        raise conflict("订单金额不能小于已收或已开票金额。")


def _change_ticket(tx: sqlite3.Connection, row: sqlite3.Row, values: Values) -> None:
    if row["state"] == "closed":
        raise conflict("工单已关闭。")
    if not active("due_stays_after_priority_change"):
        values["due_at"] = due_at(row["created_at"], values.get("priority", row["priority"]))


CREATING: Mapping[str, Creating] = {
    "lead": _new_lead,
    "customer": _new_customer,
    "contact": _inherit_owner,
    "opportunity": _new_opportunity,
    "quote": _new_quote,
    "order": _new_order,
    "payment": _new_payment,
    "invoice": _new_invoice,
    "ticket": _new_ticket,
}
CHANGING: Mapping[str, Changing] = {
    "lead": _change_lead,
    "customer": _change_customer,
    "quote": _change_quote,
    "order": _change_order,
    "ticket": _change_ticket,
}
