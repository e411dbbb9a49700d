"""Seeded campaigns, leads, customers and contacts, and the random draws that all seeds share."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from faker import Faker

from ..auth import User
from ..matching import keys

Row = dict[str, Any]
Tables = dict[str, list[Row]]
# Data must be the same whenever it is planted, so time stands still here.
TODAY = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
INDUSTRIES = ("制造", "软件", "医疗", "教育", "物流", "零售", "建筑", "能源", "金融", "餐饮")
SOURCES = ("官网", "展会", "转介绍", "电话", "抖音", "百度推广")
LEVELS = ("A", "B", "C")
TITLES = ("总经理", "采购经理", "信息主管", "财务总监", "行政主管", "运营经理")
TRADES = ("科技", "信息技术", "实业", "贸易", "智能装备", "供应链", "网络", "新材料", "生物医药", "文化传媒")
EVENTS = ("春季新品发布会", "华东行业展", "线上公开课", "老客户答谢会", "抖音直播专场", "校企合作日", "秋季巡展")
_TAX = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


class Draw:
    """One stream of random choices; the same seed draws the same things."""

    def __init__(self, seed: int, staff: Sequence[User]) -> None:
        self.random = random.Random(seed)
        self.fake = Faker("zh_CN")
        self.fake.seed_instance(seed)
        self._staff, self._taken = staff, set[str]()
        self.person = _pool(self.fake.name, 400)
        self.city = _pool(self.fake.city_name, 120)
        self.street = _pool(self.fake.street_address, 400)
        self.stem = _pool(self.fake.company_prefix, 400)

    def who(self, *roles: str) -> str:
        """The login of somebody with one of these roles, or of anybody when nobody has."""
        logins = [user.login for user in self._staff if user.role in roles] or [self._staff[0].login]
        return self.random.choice(logins)

    def one(self, of: Sequence[Any]) -> Any:
        """One of them."""
        return self.random.choice(of)

    def chance(self, of: float) -> bool:
        """True that often."""
        return self.random.random() < of

    def moment(self, days: int = 365) -> str:
        """A moment within the last so many days."""
        at = TODAY - timedelta(seconds=self.random.randrange(days * 86_400))
        return at.strftime("%Y-%m-%dT%H:%M:%SZ")

    def mobile(self) -> str:
        """A Chinese mobile number."""
        return f"1{self.one(('38', '39', '36', '50', '59', '77', '86', '88', '99'))}{self.random.randrange(10**8):08d}"

    def company(self) -> str:
        """A company's name that was not drawn before."""
        while True:
            name = f"{self.one(self.city)}{self.one(self.stem)}{self.one(TRADES)}有限公司"
            if len(self._taken) > 100_000:
                name = name.replace("有限公司", f"{len(self._taken)}有限公司")
            if name not in self._taken:
                self._taken.add(name)
                return name

    def tax_number(self) -> str:
        """A 统一社会信用代码 with its check character, as GB 32100-2015 computes it."""
        body = "91" + f"{self.random.randrange(110000, 659000)}" + "".join(self.random.choices(_TAX, k=9))
        total = sum(_TAX.index(c) * w for c, w in zip(body, _WEIGHTS, strict=True))
        return body + _TAX[(31 - total % 31) % 31]


def _pool(draw: Callable[[], str], size: int) -> tuple[str, ...]:
    # Faker is slow per call; a few hundred draws make enough variety for any size.
    return tuple(dict.fromkeys(draw() for _ in range(size)))


def stamped(row: Row, who: str, at: str) -> Row:
    """The row with the columns that every table has."""
    return row | {"created_by": who, "version": 1, "created_at": at, "updated_at": at}


def rows(draw: Draw, size: int) -> Tables:
    """Campaigns, leads, customers (`size` of them) and contacts."""
    campaigns = [_campaign(draw, id) for id in range(1, max(3, min(60, size // 40)) + 1)]
    ids = [row["id"] for row in campaigns]
    customers = [_customer(draw, id, ids) for id in range(1, size + 1)]
    contacts = [_contact(draw, customer) for customer in customers for _ in range(1 + draw.chance(0.4))]
    for id, contact in enumerate(contacts, start=1):
        contact["id"] = id
    leads = [_lead(draw, id, ids) for id in range(1, size * 4 // 5 + 1)]
    return {"campaign": campaigns, "lead": leads, "customer": customers, "contact": contacts}


def _campaign(draw: Draw, id: int) -> Row:
    starts = TODAY - timedelta(days=draw.random.randrange(-20, 300))
    state = "planned" if starts > TODAY else draw.one(("running", "done"))
    owner = draw.who("marketer")
    row = {"id": id, "name": f"{starts.year}{draw.one(EVENTS)}·{draw.one(draw.city)}{id}"}
    row |= {"budget": draw.random.randrange(20, 500) * 100_000, "state": state, "starts": starts.date().isoformat()}
    return stamped(row | {"owner": owner}, owner, draw.moment())


def _customer(draw: Draw, id: int, campaigns: list[int]) -> Row:
    pool = draw.chance(0.08)
    owner = draw.who("sales_rep")
    name, phone = draw.company(), draw.mobile()
    row = {"id": id, "name": name, "phone": phone, "email": f"info{id}@example.cn", "industry": draw.one(INDUSTRIES)}
    row |= {"level": draw.one(LEVELS), "tax_number": draw.tax_number(), "address": draw.one(draw.street)}
    row |= {"campaign": draw.one([*campaigns, None]), "owner": None if pool else owner}
    row |= {"state": "pool" if pool else "active", "pooled": int(pool)}
    return stamped(row | keys(name, phone), owner, draw.moment())


def _contact(draw: Draw, customer: Row) -> Row:
    row = {"id": 0, "name": draw.one(draw.person), "customer": customer["id"], "phone": draw.mobile()}
    row |= {"email": f"c{draw.random.randrange(10**6)}@example.cn", "title": draw.one(TITLES)}
    return stamped(row | {"owner": customer["created_by"]}, customer["created_by"], customer["created_at"])


def _lead(draw: Draw, id: int, campaigns: list[int]) -> Row:
    assigned = draw.chance(0.7)
    owner, creator = (draw.who("sales_rep"), draw.who("marketer")) if assigned else (draw.who("marketer"),) * 2
    row = {"id": id, "name": draw.one(draw.person), "company": draw.company(), "phone": draw.mobile()}
    row |= {"email": f"lead{id}@example.cn", "source": draw.one(SOURCES), "campaign": draw.one(campaigns)}
    row |= {"state": draw.one(("new", "new", "contacted", "lost")), "note": None, "owner": owner, "assigned": 0}
    return stamped(row, creator, draw.moment(120))
