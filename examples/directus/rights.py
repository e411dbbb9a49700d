"""Who may do what in this Directus: one role and one policy per kind of colleague, own records by the field fuzeren."""

from __future__ import annotations

from typing import Any

from examples.business import Colleague
from examples.directus.schema import USERS
from examples.setup_line import SetupLine

MINE = {"fuzeren": {"_eq": "$CURRENT_USER"}}
MY_CUSTOMERS = {"kehu": MINE}
SALES = ("kehu", "lianxiren", "xiansuo", "shangji", "dingdan")
READ, WRITE, FULL = ("read",), ("create", "read", "update"), ("create", "read", "update", "delete")
WITHOUT_TAX = ["id", "mingcheng", "dianhua", "youxiang", "hangye", "dengji", "dizhi", "fuzeren", "chuangjian_shijian"]
Rule = tuple[str, tuple[str, ...], dict[str, Any], list[str]]
ALL: list[str] = ["*"]

# Role: collection, actions, which rows, which fields.
RULES: dict[str, tuple[Rule, ...]] = {
    "sales_rep": (
        *((name, FULL, MINE, ALL) for name in SALES),
        ("gongdan", ("create", "read"), MY_CUSTOMERS, ALL),
    ),
    "sales_manager": (*((name, FULL, {}, ALL) for name in SALES), ("gongdan", READ, {}, ALL)),
    "marketer": (("xiansuo", WRITE, {}, ALL),),
    "service_agent": (
        ("kehu", READ, {}, WITHOUT_TAX),
        *((name, READ, {}, ALL) for name in ("lianxiren", "dingdan")),
        ("gongdan", FULL, {}, ALL),
    ),
    "accountant": (*((name, READ, {}, ALL) for name in ("kehu", "lianxiren")), ("dingdan", WRITE, {}, ALL)),
    "executive": tuple((name, READ, {}, ALL) for name in (*SALES, "gongdan")),
    "it_admin": ((USERS, WRITE, {}, ALL), ("directus_activity", READ, {}, ALL)),
}
TITLES = {
    "sales_rep": "销售", "sales_manager": "销售经理", "marketer": "市场专员", "service_agent": "客服",
    "accountant": "财务", "executive": "高管", "it_admin": "IT 管理员",
}  # fmt: skip


def create_roles(line: SetupLine) -> dict[str, str]:
    """Role -> its id. Everybody may see who the colleagues are: owners are shown by name."""
    return {role: _role(line, role, rules) for role, rules in RULES.items()}


def _role(line: SetupLine, role: str, rules: tuple[Rule, ...]) -> str:
    made: str = line.post("/roles", {"name": TITLES[role]})["data"]["id"]
    policy = line.post("/policies", {"name": TITLES[role], "app_access": True, "admin_access": False})["data"]["id"]
    line.post("/access", {"role": made, "policy": policy})
    seen: Rule = (USERS, READ, {}, ["id", "email", "first_name", "status"])
    for collection, actions, rows, fields in (*rules, *((seen,) if role != "it_admin" else ())):
        line.post("/permissions", [_permission(policy, collection, action, rows, fields) for action in actions])
    return made


def _permission(policy: str, collection: str, action: str, rows: dict[str, Any], fields: list[str]) -> dict[str, Any]:
    row = {"policy": policy, "collection": collection, "action": action, "fields": fields, "permissions": rows}
    if rows == MINE and action in ("create", "update"):
        row["validation"] = MINE  # whoever owns a record cannot give it away either
    return row | ({"presets": {"fuzeren": "$CURRENT_USER"}} if rows == MINE and action == "create" else {})


def create_people(line: SetupLine, people: list[Colleague], roles: dict[str, str]) -> dict[str, str]:
    """Key -> user id. Nobody has a password yet: every start sets one."""
    rows = [{"email": one.login, "first_name": one.name, "role": roles[one.role]} for one in people]
    made = line.post("/users", rows)["data"]
    return {one.key: row["id"] for one, row in zip(people, made, strict=True)}
