"""Who may call what in this Strapi: roles of its users-permissions plugin; which rows is scoped.js's business."""

from __future__ import annotations

from typing import Any

from examples.business import Colleague
from examples.setup_line import SetupLine
from examples.strapi.schema import TYPES, USER

READ, WRITE = ("find", "findOne"), ("find", "findOne", "create", "update")
FULL = (*WRITE, "delete")
SALES = ("account", "person", "enquiry", "deal", "sales-order")
RIGHTS: dict[str, dict[str, tuple[str, ...]]] = {
    "sales_rep": {**dict.fromkeys(SALES, FULL), "service-case": ("find", "findOne", "create")},
    "sales_manager": {**dict.fromkeys(SALES, FULL), "service-case": READ},
    "marketer": {"enquiry": WRITE},
    "service_agent": {**dict.fromkeys(("account", "person", "sales-order"), READ), "service-case": FULL},
    "accountant": {"account": READ, "person": READ, "sales-order": WRITE},
    "executive": dict.fromkeys(TYPES, READ),
    "it_admin": {},
}
TITLES = {
    "sales_rep": "销售", "sales_manager": "销售经理", "marketer": "市场专员", "service_agent": "客服",
    "accountant": "财务", "executive": "高管", "it_admin": "IT 管理员",
}  # fmt: skip


def create_roles(line: SetupLine) -> dict[str, int]:
    """Role -> its number. Strapi makes a role's type from its name, so it is made in English first."""
    for role in RIGHTS:
        body = {"name": role, "description": TITLES[role], "permissions": _permissions(role), "users": []}
        line.post("/users-permissions/roles", body)
    return {one["name"]: one["id"] for one in line.get("/users-permissions/roles")["roles"]}


def _permissions(role: str) -> dict[str, Any]:
    own: dict[str, Any] = {}
    for name, actions in RIGHTS[role].items():
        converts = name == "enquiry" and "delete" in actions
        allowed = {action: {"enabled": True} for action in (*actions, *(("convert",) if converts else ()))}
        own[f"api::{name}"] = {"controllers": {name: allowed}}
    seen = {"user": {action: {"enabled": True} for action in ("find", "findOne", "me")}}
    return own | {"plugin::users-permissions": {"controllers": seen}}


def create_people(line: SetupLine, people: list[Colleague], roles: dict[str, int], password: str) -> dict[str, str]:
    """Key -> document id of the person."""
    ids = {}
    for one in people:
        row = {"username": one.login, "email": f"{one.key}@example.com", "password": password, "confirmed": True}
        row |= {"blocked": False, "role": {"connect": [{"id": roles[one.role]}]}}
        made = line.post(f"/content-manager/collection-types/{USER}", row)
        ids[one.key] = made.get("data", made)["documentId"]
    return ids


def set_passwords(line: SetupLine, password: str) -> None:
    """Everybody gets this one."""
    everybody = line.get(f"/content-manager/collection-types/{USER}?pageSize=100")["results"]
    for one in everybody:
        line.send("PUT", f"/content-manager/collection-types/{USER}/{one['documentId']}", {"password": password})
