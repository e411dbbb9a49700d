"""Seeds who works there and what each may see: users, employees, rights per model, own-record rules per salesperson."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crm_acceptance.systems.tryton.own_records import (
    INTERNAL,
    OWNERS,
    POOL,
    RULE_GROUP,
    Kinds,
    colleagues,
    group_of,
    of_marketing,
    of_salesperson,
    orders_only,
)
from crm_acceptance.systems.tryton.seed_books import Books
from crm_acceptance.systems.tryton.wire import Wire

# key: name, role. The same people as fixtures/people.ten.csv; login = key.
PEOPLE: Mapping[str, tuple[str, str]] = {
    "lina": ("李娜", "sales_rep"),
    "wangqiang": ("王强", "sales_rep"),
    "hejun": ("何军", "sales_rep"),
    "chenjing": ("陈静", "sales_manager"),
    "zhaomin": ("赵敏", "marketer"),
    "sunli": ("孙丽", "service_agent"),
    "zhoutao": ("周涛", "service_agent"),
    "wufang": ("吴芳", "accountant"),
    "zhengwei": ("郑伟", "executive"),
    "fenglei": ("冯磊", "it_admin"),
}
# Tryton's own groups per role (module, name); besides, every role has a group of our own for what Tryton lacks.
GROUPS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "sales_rep": (("sale", "group_sale"), ("sale_opportunity", "group_opportunity")),
    "sales_manager": (("sale", "group_sale_admin"), ("sale", "group_sale"), ("sale_opportunity", "group_opportunity")),
    "marketer": (("sale_opportunity", "group_opportunity"),),
    "accountant": (("account", "group_account"),),
    "it_admin": (("res", "group_admin"), ("company", "group_employee_admin")),
}
READ, WRITE, FULL = "r", "rwc", "rwcd"
# Rights that stock Tryton leaves to everybody (party) or to other groups; "" is everybody, a dotted name Tryton's own.
RIGHTS: tuple[tuple[str, str, str], ...] = (
    ("party.party", "party.group_party_admin", FULL),
    ("party.party", "", READ),
    ("party.party", "sales_rep", WRITE),
    ("party.party", "sales_manager", WRITE),
    ("party.party", "marketer", WRITE),
    ("party.party", "it_admin", WRITE),
    *(("sale.sale", role, READ) for role in ("service_agent", "accountant", "executive")),
    *(("account.invoice", role, READ) for role in ("executive",)),
    ("sale.opportunity", "executive", READ),
    ("sale.complaint", "service_agent", FULL),
    ("sale.complaint", "executive", READ),
)
# Buttons that stock Tryton keeps for the sales administrator: (module, button, role that may press it here).
BUTTONS = (
    ("sale_complaint", "complaint_approve_button", "service_agent"),
    ("sale_complaint", "complaint_do_button", "service_agent"),
)
KINDS: Mapping[str, tuple[str, ...]] = {
    "行业": ("制造业", "医药", "电子", "化工", "物流", "食品", "环保", "软件", "教育", "零售", "金融", "互联网"),
    "级别": ("A", "B", "C"),
}


@dataclass(frozen=True)
class Staff:
    """User and employee ids per person key; `owners` holds the party category that says whose customer it is."""

    users: Mapping[str, int]
    employees: Mapping[str, int]
    owners: Mapping[str, int]


def seed_people(wire: Wire, books: Books) -> Staff:
    """Creates everybody; nobody has a password yet, that is set at each launch."""
    roles = sorted({role for _, role in PEOPLE.values()})
    groups = dict(zip(roles, wire.create("res.group", *({"name": f"角色 {role}"} for role in roles)), strict=True))
    _rights(wire, groups)
    kinds, owners = _categories(wire, books)
    users, employees = _users(wire, books, groups, kinds.internal)
    for key in owners:
        if PEOPLE[key][1] == "sales_rep":
            name = PEOPLE[key][0]
            own = wire.create("res.group", group_of(name, users[key]))[0]
            wire.create(RULE_GROUP, *of_salesperson(own, kinds, [owners[key]], users[key], employees[key]))
    wire.create(RULE_GROUP, *of_marketing(groups["marketer"], kinds, users["zhaomin"]))
    wire.create(RULE_GROUP, colleagues(groups["it_admin"], kinds), orders_only(groups["service_agent"]))
    return Staff(users, employees, owners)


def _rights(wire: Wire, groups: Mapping[str, int]) -> None:
    letters = {"r": "perm_read", "w": "perm_write", "c": "perm_create", "d": "perm_delete"}
    rows = [
        {"model": model, "group": _group(wire, groups, role)}
        | {perm: letter in may for letter, perm in letters.items()}
        for model, role, may in RIGHTS
    ]
    wire.create("ir.model.access", *rows)
    for module, button, role in BUTTONS:
        found = wire.call("model.ir.model.data.get_id", module, button)
        wire.call("model.ir.model.button.write", [found], {"groups": [["add", [groups[role]]]]})


def _group(wire: Wire, groups: Mapping[str, int], role: str) -> int | None:
    if "." not in role:
        return groups.get(role)
    found: int = wire.call("model.ir.model.data.get_id", *role.split("."))
    return found


def _categories(wire: Wire, books: Books) -> tuple[Kinds, dict[str, int]]:
    parent, pool, internal = wire.create("party.category", {"name": OWNERS}, {"name": POOL}, {"name": INTERNAL})
    selling = [key for key, (_, role) in PEOPLE.items() if role.startswith("sales_")]
    made = wire.create("party.category", *({"name": PEOPLE[key][0], "parent": parent} for key in selling))
    for kind, names in KINDS.items():
        above = wire.create("party.category", {"name": kind})[0]
        wire.create("party.category", *({"name": name, "parent": above} for name in names))
    wire.call("model.party.party.write", [books.party], {"categories": [["add", [internal]]]})
    return Kinds(tuple(made), pool, internal), dict(zip(selling, made, strict=True))


def _users(wire: Wire, books: Books, groups: Mapping[str, int], internal: int) -> tuple[dict[str, int], dict[str, int]]:
    rows = [{"name": name, "categories": [["add", [internal]]]} for name, _ in PEOPLE.values()]
    parties = wire.create("party.party", *rows)
    employees = wire.create("company.employee", *({"party": party, "company": books.company} for party in parties))
    chinese = wire.one("ir.lang", [["code", "=", "zh_CN"]])
    users = []
    for (key, (name, role)), employee in zip(PEOPLE.items(), employees, strict=True):
        own = [wire.call("model.ir.model.data.get_id", *names) for names in GROUPS.get(role, ())]
        row = {"login": key, "name": name, "email": f"{key}@example.com", "language": chinese}
        row |= {"companies": [["add", [books.company]]], "company": books.company}
        row |= {"employees": [["add", [employee]]], "employee": employee, "groups": [["add", [groups[role], *own]]]}
        users += wire.create("res.user", row)
    return dict(zip(PEOPLE, users, strict=True)), dict(zip(PEOPLE, employees, strict=True))
