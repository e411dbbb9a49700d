"""The words of business people, Chinese and English, and the canonical names they mean; tables only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal

from crm_acceptance.errors import unknown


def _words(*rows: tuple[str, str]) -> dict[str, str]:
    """ "canonical: word word" rows as word -> canonical, each English word also with capitals."""
    known = {word: name for name, words in rows for word in [name, *words.split("|")]}
    return {**known, **{word.capitalize(): name for word, name in known.items() if word.isascii()}}


OBJECTS: Mapping[str, str] = _words(
    ("campaign", "市场活动|活动|campaigns"),
    ("lead", "线索|leads"),
    ("customer", "客户|customers"),
    ("contact", "联系人|contacts"),
    ("opportunity", "商机|opportunities"),
    ("quote", "报价|quotes"),
    ("order", "订单|orders"),
    ("payment", "回款|payments"),
    ("invoice", "发票|invoices"),
    ("ticket", "工单|tickets"),
)
FIELDS: Mapping[str, str] = _words(
    ("name", "姓名|名称"),
    ("title", "标题|职位|抬头"),
    ("company", "公司"),
    ("phone", "手机|电话"),
    ("email", "邮箱"),
    ("source", "来源"),
    ("campaign", "市场活动"),
    ("note", "备注"),
    ("owner", "负责人"),
    ("assignee", "处理人"),
    ("state", "状态"),
    ("stage", "阶段"),
    ("priority", "优先级"),
    ("resolution", "解决方案"),
    ("customer", "客户"),
    ("customer_name", "客户名称|customer name"),
    ("industry", "行业"),
    ("level", "级别"),
    ("tax_number", "税号|tax number"),
    ("address", "地址"),
    ("amount", "金额"),
    ("probability", "赢单率"),
    ("close_date", "预计成交日|close date"),
    ("opportunity", "商机"),
    ("order", "订单"),
    ("product", "产品"),
    ("quantity", "数量"),
    ("unit_price", "单价|unit price"),
    ("discount", "折扣|折扣(%)"),
    ("total", "总价|总金额"),
    ("paid", "已收"),
    ("invoiced", "已开票"),
    ("due", "未收|amount due"),
    ("method", "付款方式"),
    ("received_on", "到账日期|received on"),
    ("budget", "预算"),
    ("starts", "开始日期|start date"),
    ("lead_count", "线索数|lead count"),
)
ROLES: Mapping[str, str] = _words(
    ("sales_rep", "销售代表|salesperson"),
    ("sales_lead", "销售组长|team leader"),
    ("sales_manager", "销售经理|sales manager"),
    ("marketer", "市场专员"),
    ("service_agent", "客服专员|service agent"),
    ("accountant", "会计"),
    ("executive", "总经理"),
    ("it_admin", "系统管理员|administrator"),
)
DEEDS: Mapping[str, str] = {
    "登记": "create",
    "registering": "create",
    "转移": "transfer",
    "transferring": "transfer",
    "删除": "delete",
    "deleting": "delete",
}
DEPARTMENT_OF: Mapping[str, str] = {
    "sales_rep": "sales",
    "sales_lead": "sales",
    "sales_manager": "sales",
    "marketer": "marketing",
    "service_agent": "service",
    "accountant": "finance",
    "executive": "management",
    "it_admin": "it",
}
VALUES: Mapping[str, Mapping[str, str]] = {
    "stage": _words(
        ("qualify", "初步接触"),
        ("proposal", "方案报价"),
        ("negotiation", "商务谈判"),
        ("won", "赢单"),
        ("lost", "输单"),
    ),
    "priority": _words(("low", "低"), ("normal", "普通"), ("high", "高"), ("urgent", "紧急")),
    "state": _words(
        ("planned", "计划中"),
        ("running", "进行中"),
        ("done", "已结束"),
        ("new", "新建"),
        ("contacted", "已联系"),
        ("converted", "已转化"),
        ("active", "跟进中"),
        ("pool", "公海|public pool"),
        ("draft", "草稿"),
        ("pending", "待审批|pending approval"),
        ("approved", "已批准"),
        ("rejected", "已驳回"),
        ("ordered", "已下单"),
        ("open", "待确认"),
        ("confirmed", "已确认"),
        ("paid", "已付清"),
        ("cancelled", "已取消"),
        ("assigned", "已分派"),
        ("resolved", "已解决"),
        ("closed", "已关闭"),
    ),
}
MONEY = frozenset({"amount", "unit_price", "total", "paid", "invoiced", "due", "budget"})
NUMBERS = frozenset({"quantity", "probability", "lead_count"})
PEOPLE = frozenset({"owner", "assignee"})


def field_named(word: str) -> str:
    """The canonical field that a table's heading means; WrongUse lists the known headings."""
    if word not in FIELDS:
        raise unknown("表头 column", word, FIELDS)
    return FIELDS[word]


def value_of(field: str, word: str) -> str:
    """The canonical value that a word means in a field of fixed choices; other fields keep the word."""
    known = VALUES.get(field)
    if known is None:
        return word
    if word not in known:
        raise unknown(f"{field} 的取值 value", word, known)
    return known[word]


def money(text: str) -> Decimal:
    """ "1,200"、"¥1200.50"、"1.5万" -> Decimal yuan."""
    digits = re.sub(r"[¥￥,，元\s]", "", text)
    return Decimal(digits[:-1]) * 10_000 if digits.endswith("万") else Decimal(digits)
