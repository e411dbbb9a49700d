"""What the CRM knows about: its object types with fields and labels, as plain data. No SQL, no rules."""

from __future__ import annotations

from collections.abc import Mapping

from .choices import (
    CAMPAIGN_STATES,
    CUSTOMER_STATES,
    LEAD_STATES,
    ORDER_STATES,
    PRIORITIES,
    QUOTE_STATES,
    STAGES,
    TICKET_STATES,
)
from .choices import (
    PROBABILITY as PROBABILITY,
)
from .fields import Choice, Field, ObjectType

OWNER = Field("owner", "person", "负责人", "Owner", readonly=True, list_column=True)
PHONE = Field("phone", "phone", "手机", "Phone", search=True, list_column=True)
EMAIL = Field("email", "email", "邮箱", "Email", search=True)
NAME = Field("name", "text", "名称", "Name", required=True, search=True, list_column=True)
PERSON_NAME = Field("name", "text", "姓名", "Name", required=True, search=True, list_column=True)
CAMPAIGN_REF = Field("campaign", "ref", "市场活动", "Campaign", ref="campaign")
CUSTOMER_REF = Field("customer", "ref", "客户", "Customer", ref="customer", required=True, fixed=True, list_column=True)
AMOUNT = Field("amount", "money", "金额", "Amount", required=True, list_column=True)
PAID_AMOUNT = Field("amount", "money", "金额", "Amount", required=True, fixed=True, list_column=True, low=1)
CUSTOMER_NAME = Field(
    "customer_name", "text", "客户名称", "Customer name", readonly=True, live=True, search=True, list_column=True
)
TAX_LIVE = Field("tax_number", "text", "税号", "Tax number", readonly=True, live=True)


def _state(choices: tuple[Choice, ...], default: str, readonly: bool = True) -> Field:
    return Field(
        "state", "choice", "状态", "State", readonly=readonly, choices=choices, default=default, list_column=True
    )


CAMPAIGN = ObjectType(
    "campaign", "campaigns", "市场活动", "Campaigns", "name",
    (
        NAME,
        Field("budget", "money", "预算", "Budget", list_column=True, default="0"),
        _state(CAMPAIGN_STATES, "planned", readonly=False),
        Field("starts", "date", "开始日期", "Start date", list_column=True),
        Field("lead_count", "int", "线索数", "Leads", readonly=True, live=True, list_column=True),
        OWNER,
    ),
)  # fmt: skip
LEAD = ObjectType(
    "lead", "leads", "线索", "Leads", "name",
    (
        PERSON_NAME,
        Field("company", "text", "公司", "Company", search=True, list_column=True),
        PHONE,
        EMAIL,
        Field("source", "text", "来源", "Source", list_column=True),
        CAMPAIGN_REF,
        _state(LEAD_STATES, "new", readonly=False),
        Field("note", "long", "备注", "Note", search=True),
        OWNER,
    ),
    actions=("convert", "assign", "transfer"), importable=True,
)  # fmt: skip
CUSTOMER = ObjectType(
    "customer", "customers", "客户", "Customers", "name",
    (
        NAME,
        PHONE,
        EMAIL,
        Field("industry", "text", "行业", "Industry", list_column=True),
        Field("level", "text", "级别", "Level", list_column=True),
        Field("tax_number", "text", "税号", "Tax number", search=True),
        Field("address", "text", "地址", "Address", search=True),
        CAMPAIGN_REF,
        _state(CUSTOMER_STATES, "active"),
        OWNER,
    ),
    actions=("transfer", "claim", "release"), importable=True,
)  # fmt: skip
CONTACT = ObjectType(
    "contact", "contacts", "联系人", "Contacts", "name",
    (
        PERSON_NAME,
        CUSTOMER_REF,
        PHONE,
        EMAIL,
        Field("title", "text", "职位", "Title", list_column=True),
        OWNER,
    ),
    actions=("transfer",), importable=True,
)  # fmt: skip
OPPORTUNITY = ObjectType(
    "opportunity", "opportunities", "商机", "Opportunities", "name",
    (
        NAME,
        CUSTOMER_REF,
        AMOUNT,
        Field("stage", "choice", "阶段", "Stage", fixed=True, choices=STAGES, default="qualify", list_column=True),
        Field("probability", "int", "赢单率", "Probability", readonly=True),
        Field("close_date", "date", "预计成交日", "Close date", list_column=True),
        CAMPAIGN_REF,
        OWNER,
    ),
    actions=("advance", "transfer"), state="stage",
)  # fmt: skip
QUOTE = ObjectType(
    "quote", "quotes", "报价", "Quotes", "product",
    (
        CUSTOMER_REF,
        Field("opportunity", "ref", "商机", "Opportunity", ref="opportunity", fixed=True),
        Field("product", "text", "产品", "Product", required=True, search=True, list_column=True),
        Field("quantity", "int", "数量", "Quantity", required=True, list_column=True, low=1, high=10_000),
        Field("unit_price", "money", "单价", "Unit price", required=True, list_column=True, high=9_999_999_999),
        Field("discount", "percent", "折扣(%)", "Discount (%)", default="0", list_column=True, high=10_000),
        Field("total", "money", "总价", "Total", readonly=True, list_column=True),
        _state(QUOTE_STATES, "draft"),
        OWNER,
    ),
    actions=("submit", "approve", "reject", "order", "transfer"),
)  # fmt: skip
ORDER = ObjectType(
    "order", "orders", "订单", "Orders", "number",
    (
        Field("number", "text", "订单号", "Order number", readonly=True, search=True, list_column=True),
        CUSTOMER_REF,
        CUSTOMER_NAME,
        TAX_LIVE,
        Field("quote", "ref", "报价", "Quote", ref="quote", fixed=True),
        Field("amount", "money", "金额", "Amount", required=True, list_column=True, low=1),
        Field("paid", "money", "已收", "Paid", readonly=True, list_column=True),
        Field("invoiced", "money", "已开票", "Invoiced", readonly=True),
        Field("due", "money", "未收", "Due", readonly=True, live=True, list_column=True),
        _state(ORDER_STATES, "open"),
        Field("campaign", "ref", "市场活动", "Campaign", ref="campaign", readonly=True),
        OWNER,
    ),
    actions=("confirm", "cancel", "transfer"),
)  # fmt: skip
ORDER_REF = Field("order", "ref", "订单", "Order", ref="order", required=True, fixed=True, list_column=True)
PAYMENT = ObjectType(
    "payment", "payments", "回款", "Payments", "id",
    (
        ORDER_REF,
        PAID_AMOUNT,
        Field("method", "text", "付款方式", "Method", search=True, list_column=True),
        Field("received_on", "date", "到账日期", "Received on", list_column=True),
        OWNER,
    ),
)  # fmt: skip
INVOICE = ObjectType(
    "invoice", "invoices", "发票", "Invoices", "number",
    (
        Field("number", "text", "发票号", "Invoice number", readonly=True, search=True, list_column=True),
        ORDER_REF,
        PAID_AMOUNT,
        Field("title", "text", "抬头", "Title", readonly=True, search=True, list_column=True),
        Field("tax_number", "text", "税号", "Tax number", readonly=True),
        OWNER,
    ),
)  # fmt: skip
TICKET = ObjectType(
    "ticket", "tickets", "工单", "Tickets", "title",
    (
        Field("title", "text", "标题", "Title", required=True, search=True, list_column=True),
        CUSTOMER_REF,
        CUSTOMER_NAME,
        Field("order", "ref", "订单", "Order", ref="order", fixed=True),
        Field("priority", "choice", "优先级", "Priority", choices=PRIORITIES, default="normal", list_column=True),
        _state(TICKET_STATES, "new"),
        Field("assignee", "person", "处理人", "Assignee", readonly=True, list_column=True),
        Field("resolution", "long", "解决方案", "Resolution", readonly=True),
        Field("due_at", "datetime", "截止时间", "Due at", readonly=True, list_column=True),
    ),
    actions=("assign", "resolve", "close"),
)  # fmt: skip

OBJECTS: Mapping[str, ObjectType] = {
    o.name: o
    for o in (CAMPAIGN, LEAD, CUSTOMER, CONTACT, OPPORTUNITY, QUOTE, ORDER, PAYMENT, INVOICE, TICKET)
}  # fmt: skip
BY_PLURAL: Mapping[str, ObjectType] = {o.plural: o for o in OBJECTS.values()}
