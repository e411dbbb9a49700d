"""Seeded opportunities, quotes, orders, payments, invoices, tickets and follow-ups, all hanging on the customers."""

from __future__ import annotations

from datetime import timedelta

from ..choices import PROBABILITY
from ..rules import due_at
from .market import TODAY, Draw, Row, Tables, stamped

PRODUCTS = (
    "CRM 标准版",
    "CRM 企业版",
    "实施服务",
    "数据迁移服务",
    "年度维保",
    "呼叫中心模块",
    "移动端授权",
    "培训服务",
)
PROBLEMS = (
    "无法登录系统",
    "报表数据不一致",
    "导入失败",
    "短信收不到",
    "打印格式错误",
    "页面打开缓慢",
    "需要开通新账号",
)
NOTES = (
    "电话沟通,客户对价格有疑虑,下周再联系。", "已拜访,演示了标准版,反馈良好。", "客户要求补充合同条款。",
    "发送了报价单,等待回复。", "客户内部立项中,预计下月决定。",
)  # fmt: skip
METHODS = ("银行转账", "支付宝", "微信", "承兑汇票")


def rows(draw: Draw, tables: Tables) -> Tables:
    """Everything that follows from the customers in `tables`."""
    made: Tables = {name: [] for name in ("opportunity", "quote", "order", "payment", "invoice", "ticket", "followups")}
    for customer in tables["customer"]:
        if customer["state"] == "active":
            _deals(draw, made, customer)
        made["followups"] += _followups(draw, customer)
    return made


def _deals(draw: Draw, made: Tables, customer: Row) -> None:
    for _ in range(draw.one((0, 1, 1, 2))):
        made["opportunity"].append(_opportunity(draw, len(made["opportunity"]) + 1, customer))
        opportunity = made["opportunity"][-1]
        if opportunity["stage"] in ("negotiation", "won"):
            made["quote"].append(_quote(draw, len(made["quote"]) + 1, customer, opportunity))
            if opportunity["stage"] == "won":
                _order(draw, made, customer, made["quote"][-1])


def _opportunity(draw: Draw, id: int, customer: Row) -> Row:
    stage, owner = draw.one(tuple(PROBABILITY)), customer["owner"]
    closes = TODAY + timedelta(days=draw.random.randrange(-60, 120))
    row = {"id": id, "name": f"{customer['name'][:-4]}{draw.one(PRODUCTS)}项目", "customer": customer["id"]}
    row |= {"amount": draw.random.randrange(5, 900) * 100_000, "stage": stage, "probability": PROBABILITY[stage]}
    row |= {"close_date": closes.date().isoformat(), "campaign": customer["campaign"], "owner": owner}
    return stamped(row, owner, draw.moment(200))


def _quote(draw: Draw, id: int, customer: Row, opportunity: Row) -> Row:
    quantity, price = draw.random.randrange(1, 20), draw.random.randrange(10, 900) * 10_000
    discount = draw.one((0, 500, 800, 1000, 1500))
    won = opportunity["stage"] == "won"
    row = {"id": id, "customer": customer["id"], "opportunity": opportunity["id"], "product": draw.one(PRODUCTS)}
    row |= {"quantity": quantity, "unit_price": price, "discount": discount}
    row |= {"total": quantity * price * (10_000 - discount) // 10_000, "state": "ordered" if won else "draft"}
    return stamped(row | {"owner": customer["owner"]}, customer["owner"], draw.moment(150))


def _order(draw: Draw, made: Tables, customer: Row, quote: Row) -> None:
    id, amount, at = len(made["order"]) + 1, quote["total"], draw.moment(120)
    state = draw.one(("open", "confirmed", "confirmed", "paid", "cancelled"))
    paid = {"paid": amount, "confirmed": amount // 200 * 100}.get(state, 0)
    row = {"id": id, "number": f"SO{at[:4]}{id:06d}", "customer": customer["id"], "quote": quote["id"]}
    row |= {"amount": amount, "paid": paid, "invoiced": paid, "state": state, "campaign": customer["campaign"]}
    row |= {"owner": customer["owner"], "customer_name_then": customer["name"]}
    made["order"].append(stamped(row, customer["owner"], at))
    if paid:
        _money(draw, made, customer, made["order"][-1])
    if draw.chance(0.6):
        made["ticket"].append(_ticket(draw, len(made["ticket"]) + 1, customer, id))


def _money(draw: Draw, made: Tables, customer: Row, order: Row) -> None:
    clerk, at = draw.who("accountant"), order["created_at"]
    row = {"id": len(made["payment"]) + 1, "order": order["id"], "amount": order["paid"], "method": draw.one(METHODS)}
    made["payment"].append(stamped(row | {"received_on": at[:10], "owner": clerk}, clerk, at))
    id = len(made["invoice"]) + 1
    row = {"id": id, "number": f"FP{at[:4]}{id:06d}", "order": order["id"], "amount": order["invoiced"]}
    row |= {"title": customer["name"], "tax_number": customer["tax_number"], "owner": clerk}
    made["invoice"].append(stamped(row, clerk, at))


def _ticket(draw: Draw, id: int, customer: Row, order: int) -> Row:
    state, agent, at = draw.one(("new", "assigned", "resolved", "closed")), draw.who("service_agent"), draw.moment(60)
    done = state in ("resolved", "closed")
    priority = draw.one(("low", "normal", "normal", "high", "urgent"))
    row = {"id": id, "title": draw.one(PROBLEMS), "customer": customer["id"], "order": order, "priority": priority}
    row |= {"state": state, "assignee": None if state == "new" else agent, "due_at": due_at(at, priority)}
    row |= {"resolution": "已远程处理并回访确认。" if done else None, "customer_name_then": customer["name"]}
    return stamped(row, agent, at)


def _followups(draw: Draw, customer: Row) -> list[Row]:
    same = {"object": "customer", "record_id": customer["id"], "author": customer["created_by"]}
    return [
        same | {"text": draw.one(NOTES), "at": at} for at in sorted(draw.moment(90) for _ in range(draw.one((0, 1, 2))))
    ]
