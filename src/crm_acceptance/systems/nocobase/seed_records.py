"""Seeds believable Chinese business: customers, contacts, leads, deals, then quotes, orders, payments, tickets."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from faker import Faker

from crm_acceptance.systems.nocobase.wire import Wire

CAMPAIGNS, CUSTOMERS, LEADS, DEALS, QUOTES, TICKETS = 6, 72, 48, 48, 30, 18
REPS = ("lina", "wangqiang", "hejun")
WANTS = ("CRM 升级", "呼叫中心扩容", "年度服务续签", "数据看板", "移动外勤", "渠道门户", "私有化部署")
EVENTS = ("春季客户答谢会", "工业博览会展台", "公众号推广", "技术沙龙", "渠道大会", "新品发布会")
TRADES = ("机械", "软件", "食品", "医药", "物流", "教育", "零售")


@dataclass(frozen=True)
class Seeding:
    """What the two halves share: the dice, the names, who is who, and the customers with their owners."""

    wire: Wire
    fake: Faker
    dice: random.Random
    people: Mapping[str, int]


def seeding(wire: Wire, people: Mapping[str, int], seed: int = 2026) -> Seeding:
    """The same records for the same seed: about 300, spread over the three salespeople."""
    fake = Faker("zh_CN")
    fake.seed_instance(seed)
    return Seeding(wire, fake, random.Random(seed), people)


def seed_parties(to: Seeding) -> list[dict[str, Any]]:
    """Everything that no rule has to work on, before there are rules: that is fast. Returns the deals."""
    dice, fake, people = to.dice, to.fake, to.people
    for name in EVENTS[:CAMPAIGNS]:
        to.wire.create("crm_campaigns", _campaign(dice, name, people["zhaomin"]))
    owners = [people[dice.choice(REPS)] for _ in range(CUSTOMERS)]
    customers = [to.wire.create("crm_customers", _customer(fake, dice, owner))["id"] for owner in owners]
    who = dict(zip(customers, owners, strict=True))
    for _ in range(LEADS):
        to.wire.create("crm_leads", _lead(fake, dice, people[dice.choice(REPS)]))
    for customer in customers:
        to.wire.create("crm_contacts", _contact(fake, customer, who[customer]))
    return [_deal(to.wire, fake, dice, customer, who[customer]) for customer in dice.choices(customers, k=DEALS)]


def seed_trade(to: Seeding, deals: list[dict[str, Any]]) -> None:
    """Quotes, orders, payments and tickets, through the same rules as everybody's."""
    orders = [_order(to.wire, to.dice, deal) for deal in deals[:QUOTES]]
    for order in orders[::2]:
        to.wire.create("crm_receipts", _receipt(to.dice, order, to.people["wufang"]))
    for deal in to.dice.sample(deals, TICKETS):
        to.wire.create("crm_tickets", _ticket(to.dice, deal["customer_id"], to.people["sunli"]))


def _campaign(dice: random.Random, name: str, owner: int) -> dict[str, Any]:
    begins = date(2026, 1, 1) + timedelta(days=dice.randrange(360))
    row: dict[str, Any] = {"title": name, "budget": dice.randrange(10, 200) * 1000, "begins_on": begins.isoformat()}
    return row | {"phase": dice.choice(("计划中", "进行中", "已结束")), "owner_id": owner}


def _customer(fake: Faker, dice: random.Random, owner: int) -> dict[str, Any]:
    row: dict[str, Any] = {"company_name": fake.unique.company(), "mobile": fake.unique.phone_number()}
    row |= {"email": fake.unique.numerify("sales####") + "@example.com", "trade": dice.choice(TRADES)}
    row |= {
        "grade": dice.choice("ABC"),
        "tax_no": fake.numerify("91##############") + "XY",
        "addr": fake.street_address(),
    }
    name = re.sub(r"(股份)?有限(责任)?公司$", "", row["company_name"]).lower()
    return row | {"owner_id": owner, "name_key": name, "phone_key": row["mobile"]}


def _lead(fake: Faker, dice: random.Random, owner: int) -> dict[str, Any]:
    row: dict[str, Any] = {"contact_name": fake.name(), "company": fake.company(), "mobile": fake.phone_number()}
    row |= {"channel": dice.choice(("展会", "官网", "转介绍")), "campaign_id": dice.randrange(1, CAMPAIGNS + 1)}
    return row | {"remark": f"想了解{dice.choice(WANTS)}", "owner_id": owner}


def _contact(fake: Faker, customer: int, owner: int) -> dict[str, Any]:
    row: dict[str, Any] = {"full_name": fake.name(), "mobile": fake.phone_number(), "position": fake.job()}
    return row | {"customer_id": customer, "owner_id": owner}


def _deal(wire: Wire, fake: Faker, dice: random.Random, customer: int, owner: int) -> dict[str, Any]:
    row: dict[str, Any] = {"title": f"{dice.choice(WANTS)}（{fake.city_name()}）", "customer_id": customer}
    row |= {"amount": dice.randrange(10, 900) * 1000, "stage": dice.choice(("初步接触", "方案报价", "商务谈判"))}
    return wire.create("crm_deals", row | {"owner_id": owner})


def _order(wire: Wire, dice: random.Random, deal: dict[str, Any]) -> int:
    belongs = {"customer_id": deal["customer_id"], "owner_id": deal["owner_id"]}
    row = {"product": dice.choice(WANTS), "qty": dice.randrange(1, 9), "price": dice.randrange(5, 90) * 100}
    quote = wire.create("crm_quotes", {**row, **belongs, "deal_id": deal["id"], "discount": dice.choice((0, 5, 10))})
    wire.call("crm_quotes:update", {"submitted": True}, filterByTk=str(quote["id"]))
    order = wire.create("crm_orders", {"quote_id": quote["id"], "owner_id": deal["owner_id"]})
    wire.call("crm_orders:update", {"status": "已确认"}, filterByTk=str(order["id"]))
    return int(order["id"])


def _receipt(dice: random.Random, order: int, owner: int) -> dict[str, Any]:
    row = {"order_id": order, "amount": dice.randrange(1, 4) * 100, "method": "银行转账", "owner_id": owner}
    return row | {"received_on": date(2026, 11, dice.randrange(1, 20)).isoformat()}


def _ticket(dice: random.Random, customer: int, owner: int) -> dict[str, Any]:
    subject = dice.choice(("登录后看不到订单", "发票抬头有误", "移动端闪退", "数据同步延迟", "地址变更"))
    return {
        "subject": subject,
        "customer_id": customer,
        "urgency": dice.choice(("低", "普通", "高")),
        "owner_id": owner,
    }
