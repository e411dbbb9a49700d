"""The same believable Chinese business for every example, in neutral words; how a CRM calls it is the example's."""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from faker import Faker

CUSTOMERS, CONTACTS, LEADS, OPPORTUNITIES, ORDERS, TICKETS = 50, 50, 40, 40, 30, 30
SOURCES = ("展会", "官网", "转介绍", "线下活动")
INDUSTRIES = ("制造业", "医药", "电子", "物流", "食品", "软件", "教育", "零售")
WANTS = ("CRM 升级", "呼叫中心扩容", "年度服务续签", "数据看板", "移动外勤", "私有化部署")
TROUBLES = ("无法登录", "报表数字不对", "发票抬头有误", "导出超时", "手机端闪退", "申请培训")

Row = dict[str, Any]


@dataclass(frozen=True)
class Colleague:
    """One row of people.csv."""

    key: str
    name: str
    department: str
    role: str
    login: str


@dataclass(frozen=True)
class Business:
    """Rows in canonical field names; `customer` and `order` are positions in the lists, `owner` is a person's key."""

    customers: list[Row]
    contacts: list[Row]
    leads: list[Row]
    opportunities: list[Row]
    orders: list[Row]
    tickets: list[Row]


def colleagues(file: Path) -> list[Colleague]:
    """Everybody of a people.csv, with or without a byte order mark."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return [Colleague(**row) for row in csv.DictReader(lines)]


def business(people: list[Colleague], seed: int = 2026) -> Business:
    """The same records for the same seed: 240 of them."""
    fake, dice = Faker("zh_CN"), random.Random(seed)
    fake.seed_instance(seed)
    reps = [one.key for one in people if one.role == "sales_rep"]
    customers = [_customer(fake, dice, dice.choice(reps)) for _ in range(CUSTOMERS)]
    orders = [_order(dice, customers, number) for number in range(1, ORDERS + 1)]
    return Business(
        customers=customers,
        contacts=[_contact(fake, dice, customers) for _ in range(CONTACTS)],
        leads=[_lead(fake, dice, dice.choice(reps)) for _ in range(LEADS)],
        opportunities=[_opportunity(fake, dice, customers) for _ in range(OPPORTUNITIES)],
        orders=orders,
        tickets=[_ticket(fake, dice, orders) for _ in range(TICKETS)],
    )


def _email(fake: Faker) -> str:
    return str(fake.unique.numerify("kh#####")) + "@example.com"


def _customer(fake: Faker, dice: random.Random, owner: str) -> Row:
    return {
        "name": fake.unique.company(),
        "phone": fake.unique.phone_number(),
        "email": _email(fake),
        "industry": dice.choice(INDUSTRIES),
        "level": dice.choice("ABC"),
        "tax_number": "91" + fake.unique.numerify("##############") + "XY",
        "address": fake.street_address(),
        "owner": owner,
    }


def _contact(fake: Faker, dice: random.Random, customers: list[Row]) -> Row:
    at = dice.randrange(len(customers))
    row = {"name": fake.name(), "customer": at, "phone": fake.unique.phone_number(), "email": _email(fake)}
    return row | {"title": fake.job()[:20], "owner": customers[at]["owner"]}


def _lead(fake: Faker, dice: random.Random, owner: str) -> Row:
    row = {"name": fake.name(), "company": fake.company(), "phone": fake.unique.phone_number(), "email": _email(fake)}
    row |= {"source": dice.choice(SOURCES), "state": dice.choice(("new", "new", "contacted", "lost"))}
    return row | {"note": f"想了解{dice.choice(WANTS)}", "owner": owner}


def _opportunity(fake: Faker, dice: random.Random, customers: list[Row]) -> Row:
    at = dice.randrange(len(customers))
    return {
        "name": f"{dice.choice(WANTS)}（{fake.city_name()}）",
        "customer": at,
        "amount": dice.randrange(10_000, 900_000) + dice.choice((0, 0.5)),
        "stage": dice.choice(("qualify", "proposal", "negotiation", "won", "lost")),
        "close_date": f"2027-{dice.randrange(1, 13):02}-{dice.randrange(1, 28):02}",
        "owner": customers[at]["owner"],
    }


def _order(dice: random.Random, customers: list[Row], number: int) -> Row:
    at = dice.randrange(len(customers))
    row = {"number": f"DD2026{number:05}", "customer": at, "amount": dice.randrange(500, 80_000)}
    return row | {"state": dice.choice(("open", "confirmed", "paid")), "owner": customers[at]["owner"]}


def _ticket(fake: Faker, dice: random.Random, orders: list[Row]) -> Row:
    at = dice.randrange(len(orders))
    row = {"title": f"{dice.choice(TROUBLES)}（{fake.name()}）", "customer": orders[at]["customer"], "order": at}
    return row | {"priority": dice.choice(("low", "normal", "high", "urgent")), "state": "new"}
