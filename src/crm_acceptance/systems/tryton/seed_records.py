"""Seeds believable Chinese business: customers, leads, opportunities, quotes, orders, invoices, complaints."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

from faker import Faker

from crm_acceptance.systems.tryton.seed_books import Books
from crm_acceptance.systems.tryton.seed_people import PEOPLE, Staff
from crm_acceptance.systems.tryton.wire import Wire

CUSTOMERS, OPPORTUNITIES, SALES, COMPLAINTS = 240, 220, 90, 24
COMPLAINT_TYPE = "订单问题"
WANTS = ("CRM 升级", "呼叫中心扩容", "年度服务续签", "数据看板", "移动外勤", "渠道门户", "私有化部署")


def seed_records(wire: Wire, books: Books, staff: Staff, seed: int = 2026) -> None:
    """The same records for the same seed. A third of the sales stay quotes; of the others, half are billed."""
    fake, dice = Faker("zh_CN"), random.Random(seed)
    fake.seed_instance(seed)
    owners = [dice.choice(_reps()) for _ in range(CUSTOMERS)]
    parties = wire.create("party.party", *(_customer(fake, staff.owners[owner]) for owner in owners))
    picked = [dice.randrange(CUSTOMERS) for _ in range(OPPORTUNITIES)]
    rows = [_opportunity(fake, dice, books, parties[at], staff.employees[owners[at]]) for at in picked]
    made = wire.create("sale.opportunity", *rows)
    wire.call("model.sale.opportunity.opportunity", made[::2])
    sales = _sales(wire, books, dice, parties)
    _complaints(wire, books, fake, parties, sales)


def _reps() -> list[str]:
    return [key for key, (_, role) in PEOPLE.items() if role == "sales_rep"]


def _customer(fake: Faker, owner: int) -> dict[str, Any]:
    contact = fake.name()
    reach = [("mobile", fake.phone_number()), ("email", fake.unique.numerify("sales####") + "@example.com")]
    return {
        "name": fake.unique.company(),
        "categories": [["add", [owner]]],
        "addresses": [["create", [{"street": fake.street_address(), "city": fake.city_name()}]]],
        "contact_mechanisms": [["create", [{"type": kind, "value": value, "name": contact} for kind, value in reach]]],
        "identifiers": [["create", [{"type": None, "code": fake.numerify("91##############") + "XY"}]]],
    }


def _opportunity(fake: Faker, dice: random.Random, books: Books, party: int, employee: int) -> dict[str, Any]:
    return {
        "party": party,
        "company": books.company,
        "currency": books.currency,
        "employee": employee,
        "description": f"{dice.choice(WANTS)}（{fake.city_name()}）",
        "amount": Decimal(dice.randrange(10_000, 900_000)),
        "conversion_probability": 0.5,
    }


def _sales(wire: Wire, books: Books, dice: random.Random, parties: list[int]) -> list[int]:
    """The ids of the orders that were confirmed."""
    chosen = dice.sample(parties, SALES)
    homes = wire.call("model.party.party.read", chosen, ["addresses"])
    address = {row["id"]: row["addresses"][0] for row in homes}
    made = wire.create("sale.sale", *(_sale(books, dice, party, address[party]) for party in chosen))
    wire.call("model.sale.sale.quote", made)
    orders = made[SALES // 3 :]
    wire.call("model.sale.sale.confirm", orders)  # Tryton processes at once, and drafts the invoices
    wire.call("model.account.invoice.post", wire.search("account.invoice", [["state", "=", "draft"]])[::2])
    return orders


def _sale(books: Books, dice: random.Random, party: int, address: int) -> dict[str, Any]:
    price = Decimal(dice.randrange(50, 900)) * 10
    line: dict[str, Any] = {"product": books.product, "unit": books.unit, "quantity": float(dice.randrange(1, 9))}
    line |= {"unit_price": price, "base_price": price}
    row: dict[str, Any] = {
        "party": party,
        "company": books.company,
        "currency": books.currency,
        "lines": [["create", [line]]],
    }
    return row | {"invoice_address": address, "shipment_address": address}


def _complaints(wire: Wire, books: Books, fake: Faker, parties: list[int], sales: list[int]) -> None:
    model = wire.one("ir.model", [["name", "=", "sale.sale"]])
    kind = wire.create("sale.complaint.type", {"name": COMPLAINT_TYPE, "origin": model})[0]
    orders = wire.call("model.sale.sale.read", sales[:COMPLAINTS], ["party"])
    rows = [{"type": kind, "customer": row["party"], "origin": f"sale.sale,{row['id']}"} for row in orders]
    wire.create("sale.complaint", *(row | _words(fake, books) for row in rows))


def _words(fake: Faker, books: Books) -> dict[str, Any]:
    return {"company": books.company, "reference": "客户反馈", "description": fake.sentence()}
