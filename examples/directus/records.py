"""Puts the example's business into this Directus, in the company's own field names and words."""

from __future__ import annotations

from typing import Any

from examples.business import Business, Row
from examples.directus import schema
from examples.setup_line import SetupLine

# Canonical name -> the company's.
NAMES: dict[str, dict[str, str]] = {
    "kehu": {
        "name": "mingcheng", "phone": "dianhua", "email": "youxiang", "industry": "hangye", "level": "dengji",
        "tax_number": "shuihao", "address": "dizhi", "owner": "fuzeren",
    },
    "lianxiren": {
        "name": "xingming", "customer": "kehu", "phone": "shouji", "email": "youxiang", "title": "zhiwei",
        "owner": "fuzeren",
    },
    "xiansuo": {
        "name": "xingming", "company": "gongsi", "phone": "shouji", "email": "youxiang", "source": "laiyuan",
        "state": "zhuangtai", "note": "beizhu", "owner": "fuzeren",
    },
    "shangji": {
        "name": "mingcheng", "customer": "kehu", "amount": "jine", "stage": "jieduan",
        "close_date": "yuji_chengjiao", "owner": "fuzeren",
    },
    "dingdan": {
        "number": "bianhao", "customer": "kehu", "amount": "jine", "state": "zhuangtai", "owner": "fuzeren",
    },
    "gongdan": {
        "title": "biaoti", "customer": "kehu", "order": "dingdan", "priority": "youxianji", "state": "zhuangtai",
    },
}  # fmt: skip
WORDS = {
    ("xiansuo", "state"): schema.LEAD_STATES,
    ("shangji", "stage"): schema.STAGES,
    ("dingdan", "state"): schema.ORDER_STATES,
    ("gongdan", "state"): schema.TICKET_STATES,
    ("gongdan", "priority"): schema.PRIORITIES,
}


def create_records(line: SetupLine, made: Business, people: dict[str, str]) -> None:
    """Customers first, then what belongs to them."""
    ids: dict[str, list[str]] = {"owner": []}

    def put(collection: str, rows: list[Row]) -> list[str]:
        told = [_row(collection, row, ids, people) for row in rows]
        return [one["id"] for one in line.post(f"/items/{collection}?fields=id", told)["data"]]

    ids["customer"] = put("kehu", made.customers)
    put("lianxiren", made.contacts)
    put("xiansuo", made.leads)
    put("shangji", made.opportunities)
    ids["order"] = put("dingdan", made.orders)
    put("gongdan", made.tickets)


def _row(collection: str, row: Row, ids: dict[str, list[str]], people: dict[str, str]) -> dict[str, Any]:
    def value(name: str, given: Any) -> Any:
        if name == "owner":
            return people[given]
        if name in ids:
            return ids[name][given]
        return WORDS.get((collection, name), {}).get(given, given)

    return {NAMES[collection][name]: value(name, given) for name, given in row.items()}
