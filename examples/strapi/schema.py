"""What this company named its content types and fields in Strapi: English synonyms, Chinese states."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

USER = "plugin::users-permissions.user"
LEAD_STATES = {"new": "新询盘", "contacted": "已联系", "converted": "已转化", "lost": "已关闭"}
STAGES = {"qualify": "初步接触", "proposal": "已报价", "negotiation": "谈判中", "won": "成交", "lost": "丢单"}
ORDER_STATES = {"open": "待确认", "confirmed": "已确认", "paid": "已付清", "cancelled": "已取消"}
PRIORITIES = {"low": "不急", "normal": "一般", "high": "较急", "urgent": "特急"}
TICKET_STATES = {"new": "待分派", "assigned": "处理中", "resolved": "已解决", "closed": "已关闭"}

Field = dict[str, Any]
TEXT: Field = {"type": "string"}
LONG: Field = {"type": "text"}
NAME: Field = {"type": "string", "required": True}
MONEY: Field = {"type": "decimal"}


def _link(to: str, required: bool = False) -> Field:
    target = to if to == USER else f"api::{to}.{to}"
    field = {"type": "relation", "relation": "manyToOne", "target": target}
    return field | ({"required": True} if required else {})


def _choice(words: dict[str, str], start: str) -> Field:
    """Strapi's enumerations refuse Chinese ("at least one alphabetical character"), so it is a text with a pattern."""
    return {"type": "string", "regex": f"^({'|'.join(words.values())})$", "default": words[start]}


REACH = {"mobile": TEXT, "mail": TEXT}
OWNER = {"accountManager": _link(USER)}
# Singular: plural, title, fields.
TYPES: dict[str, tuple[str, str, dict[str, Field]]] = {
    "account": (
        "accounts", "客户",
        {"companyName": NAME, "phoneNo": TEXT, "mail": TEXT, "branch": TEXT, "rating": TEXT, "vatId": TEXT}
        | {"street": TEXT} | OWNER,
    ),
    "person": (
        "people", "联系人",
        {"fullName": NAME, "account": _link("account")} | REACH | {"position": TEXT} | OWNER,
    ),
    "enquiry": (
        "enquiries", "询盘",
        {"fullName": NAME, "firm": TEXT} | REACH | {"origin": TEXT, "progress": _choice(LEAD_STATES, "new")}
        | {"remark": LONG} | OWNER,
    ),
    "deal": (
        "deals", "商机",
        {"subject": NAME, "account": _link("account"), "value": MONEY, "phase": _choice(STAGES, "qualify")}
        | {"expectedClose": {"type": "date"}} | OWNER,
    ),
    "sales-order": (
        "sales-orders", "订单",
        {"orderNo": TEXT, "account": _link("account"), "total": MONEY, "progress": _choice(ORDER_STATES, "open")}
        | OWNER,
    ),
    "service-case": (
        "service-cases", "服务单",
        {"subject": NAME, "account": _link("account"), "salesOrder": _link("sales-order")}
        | {"urgency": _choice(PRIORITIES, "normal"), "progress": _choice(TICKET_STATES, "new")}
        | {"handler": _link(USER), "solution": LONG},
    ),
}  # fmt: skip
OWNERS = {"service-case": ["account", "accountManager"]}
CORE = """'use strict';

module.exports = require('@strapi/strapi').factories.{factory}('{uid}');
"""
CONTROLLER = """'use strict';

module.exports = require('../../../scoped')('{uid}', {owner}{more});
"""
CONVERT = """'use strict';

module.exports = { routes: [{ method: 'POST', path: '/enquiries/:id/convert', handler: 'enquiry.convert' }] };
"""


def write_types(api: Path) -> None:
    """One folder per content type below `src/api`: its schema, its routes, its service, its scoped controller."""
    for name, (plural, title, fields) in TYPES.items():
        uid, home = f"api::{name}.{name}", api / name
        info = {"singularName": name, "pluralName": plural, "displayName": title}
        schema = {"kind": "collectionType", "collectionName": plural.replace("-", "_"), "info": info}
        schema |= {"options": {"draftAndPublish": False}, "attributes": fields}
        _write(home / "content-types" / name / "schema.json", json.dumps(schema, ensure_ascii=False, indent=2) + "\n")
        _write(home / "routes" / f"{name}.js", CORE.format(factory="createCoreRouter", uid=uid))
        _write(home / "services" / f"{name}.js", CORE.format(factory="createCoreService", uid=uid))
        more = ", require('../../../conversion')" if name == "enquiry" else ""
        owner = json.dumps(OWNERS.get(name, ["accountManager"]))
        _write(home / "controllers" / f"{name}.js", CONTROLLER.format(uid=uid, owner=owner, more=more))
    _write(api / "enquiry" / "routes" / "convert.js", CONVERT)


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
