"""Seeds who works there: the people of fixtures/people.ten.csv with their roles; passwords are set at every launch."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from crm_acceptance.systems.nocobase.seed_collections import DEPARTMENTS
from crm_acceptance.systems.nocobase.wire import Wire

# key: name, department, role. login = key.
PEOPLE: Mapping[str, tuple[str, str, str]] = {
    "lina": ("李娜", "sales", "r_sales"),
    "wangqiang": ("王强", "sales", "r_sales"),
    "hejun": ("何军", "sales", "r_sales"),
    "chenjing": ("陈静", "sales", "r_sales_manager"),
    "zhaomin": ("赵敏", "marketing", "r_marketer"),
    "sunli": ("孙丽", "service", "r_service"),
    "zhoutao": ("周涛", "service", "r_service"),
    "wufang": ("吴芳", "finance", "r_finance"),
    "zhengwei": ("郑伟", "management", "r_executive"),
    "fenglei": ("冯磊", "it", "r_it"),
}


def seed_people(wire: Wire) -> dict[str, int]:
    """Person key -> user id. Nobody can sign in before the launch has set the passwords."""
    made: dict[str, int] = {}
    for key, (name, department, role) in PEOPLE.items():
        row = {"username": key, "nickname": name, "email": f"{key}@example.com", "password": secrets.token_urlsafe(24)}
        row |= {"department": DEPARTMENTS.get(department, ""), "appLang": "zh-CN"}
        made[key] = wire.create("users", {**row, "roles": [role]})["id"]
    return made
