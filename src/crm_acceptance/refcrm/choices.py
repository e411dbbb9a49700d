"""The allowed values of the choice fields with their labels. Which field uses which is in objects.py."""

from __future__ import annotations

from collections.abc import Mapping

from .fields import Choice


def _choices(*rows: tuple[str, str, str]) -> tuple[Choice, ...]:
    return tuple(Choice(*row) for row in rows)


CAMPAIGN_STATES = _choices(
    ("planned", "计划中", "Planned"), ("running", "进行中", "Running"), ("done", "已结束", "Done")
)
LEAD_STATES = _choices(
    ("new", "新建", "New"),
    ("contacted", "已联系", "Contacted"),
    ("converted", "已转化", "Converted"),
    ("lost", "已丢失", "Lost"),
)
CUSTOMER_STATES = _choices(("active", "跟进中", "Active"), ("pool", "公海", "Public pool"))
STAGES = _choices(
    ("qualify", "初步接触", "Qualify"),
    ("proposal", "方案报价", "Proposal"),
    ("negotiation", "商务谈判", "Negotiation"),
    ("won", "赢单", "Won"),
    ("lost", "输单", "Lost"),
)
QUOTE_STATES = _choices(
    ("draft", "草稿", "Draft"),
    ("pending", "待审批", "Pending"),
    ("approved", "已批准", "Approved"),
    ("rejected", "已驳回", "Rejected"),
    ("ordered", "已下单", "Ordered"),
)
ORDER_STATES = _choices(
    ("open", "待确认", "Open"),
    ("confirmed", "已确认", "Confirmed"),
    ("paid", "已付清", "Paid"),
    ("cancelled", "已取消", "Cancelled"),
)
PRIORITIES = _choices(
    ("low", "低", "Low"), ("normal", "普通", "Normal"), ("high", "高", "High"), ("urgent", "紧急", "Urgent")
)
TICKET_STATES = _choices(
    ("new", "新建", "New"),
    ("assigned", "已分派", "Assigned"),
    ("resolved", "已解决", "Resolved"),
    ("closed", "已关闭", "Closed"),
)
PROBABILITY: Mapping[str, int] = {"qualify": 20, "proposal": 40, "negotiation": 70, "won": 100, "lost": 0}
