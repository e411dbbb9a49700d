"""Lists, counts and sums of any type: search, filter, sort, page, all scoped in SQL. Not single records."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from . import drag, underload
from .auth import User
from .db import Database
from .defects import active
from .errors import invalid
from .objects import OBJECTS
from .rights import Condition, mask_of, may, scope
from .store import Record, expression, require, select, source, to_record
from .values import BIGGEST_ID, money, parse

BIGGEST_PAGE = 200


@dataclass(frozen=True)
class Asked:
    """What a list is asked for. sort: a field name, `-` in front: descending; where: field -> value, all must hold."""

    q: str = ""
    sort: str = ""
    page: int = 1
    size: int = 20
    where: Mapping[str, Any] = field(default_factory=dict)
    pool: bool = False


def listing(db: Database, me: User, object: str, asked: Asked) -> dict[str, Any]:
    """One page: items, total (of all pages), page, size."""
    require(me, "read", object)
    clause, args = _where(db, me, object, asked)
    drag.looking(db, object, bool(asked.where), asked.sort)
    total = db.conn.execute(f"SELECT COUNT(*) {source(object)} WHERE {clause}", args).fetchone()[0]
    items = rows(db.conn, me, object, asked, (clause, args))
    drag.looked(db, object, items, total)
    return {"items": items, "total": total, "page": asked.page, "size": asked.size}


def rows(conn: sqlite3.Connection, me: User, object: str, asked: Asked, where: Condition) -> list[Record]:
    """The records of one page."""
    offset = (asked.page - 1) * asked.size
    if active("paging_repeats_row"):
        offset = max(0, offset - 1)
    sql = f"{select(object)} WHERE {where[0]} ORDER BY {_order(me, object, asked.sort)} LIMIT ? OFFSET ?"
    return [to_record(me, object, row) for row in conn.execute(sql, (*where[1], asked.size, offset))]


def count(db: Database, me: User, object: str, asked: Asked) -> int:
    """How many records match."""
    require(me, "read", object)
    if active("count_ignores_filter"):
        asked = replace(asked, where={})
    clause, args = _where(db, me, object, asked)
    return int(db.conn.execute(f"SELECT COUNT(*) {source(object)} WHERE {clause}", args).fetchone()[0])


def total(db: Database, me: User, object: str, name: str, asked: Asked) -> str:
    """The sum of a money field over all records that match, as "123.00"."""
    require(me, "read", object)
    if name not in OBJECTS[object].money:
        raise invalid(f"不能对 {name} 求和。", {"field": f"可求和:{'、'.join(OBJECTS[object].money) or '无'}。"})
    clause, args = _where(db, me, object, asked)
    sql = f"SELECT COALESCE(SUM({expression(object, name)}), 0) {source(object)} WHERE {clause}"
    return money(db.conn.execute(sql, args).fetchone()[0])


def all_rows(db: Database, me: User, object: str, asked: Asked, limit: int) -> list[sqlite3.Row]:
    """Every row that matches, for an export."""
    require(me, "read", object)
    clause, args = _where(db, me, object, asked, "export")
    sql = f"{select(object)} WHERE {clause} ORDER BY {_order(me, object, asked.sort)} LIMIT ?"
    return db.conn.execute(sql, (*args, limit)).fetchall()


def _where(db: Database, me: User, object: str, asked: Asked, purpose: str = "list") -> Condition:
    if object == "customer" and purpose == "list" and active("customer_search_scans"):
        underload.search_the_slow_way([row["name"] for row in db.conn.execute("SELECT name FROM customers")])
    parts = [_reach(me, object, asked.pool, purpose), *_filters(me, object, asked.where), _search(me, object, asked.q)]
    return " AND ".join(part[0] for part in parts), tuple(arg for part in parts for arg in part[1])


def _reach(me: User, object: str, pool: bool, purpose: str) -> Condition:
    if not pool:
        return scope(me, object, purpose)
    if object != "customer":
        raise invalid("只有客户有公海。", {"pool": "只用于客户。"})
    if may(me, "claim", "customer"):
        return "t.state = 'pool'", ()
    clause, args = scope(me, object, purpose)
    return f"{clause} AND t.state = 'pool'", args


def _filters(me: User, object: str, where: Mapping[str, Any]) -> list[Condition]:
    known = {f.name: f for f in OBJECTS[object].fields}
    parts: list[Condition] = []
    for name, value in where.items():
        if name not in known:
            raise invalid(f"没有字段 {name}。", {name: f"可用:{'、'.join(known)}。"})
        _plainly_visible(me, object, name)
        try:
            # No record lies outside a field's bounds, but asking for one is no mistake.
            stored = parse(replace(known[name], low=0, high=BIGGEST_ID), value)
        except ValueError as error:
            raise invalid(f"{known[name].zh}:{error}", {name: str(error)}) from None
        parts.append((f"{expression(object, name)} IS ?", (stored,)))
    return parts


def _search(me: User, object: str, q: str) -> Condition:
    fields = [f for f in OBJECTS[object].fields if f.search and not mask_of(me, object, f.name)]
    if not q.strip():
        return "1", ()
    pattern = "%" + q.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    parts = [f"{expression(object, f.name)} LIKE ? ESCAPE '\\'" for f in fields] or ["0"]
    return f"({' OR '.join(parts)})", (pattern,) * len(fields)


def _order(me: User, object: str, sort: str) -> str:
    name, way = sort.removeprefix("-"), "DESC" if sort.startswith("-") else "ASC"
    if not name:
        return "t.id DESC"
    if name in ("id", "created_at", "updated_at"):
        return f"t.{name} {way}, t.id {way}"
    known = [f.name for f in OBJECTS[object].fields]
    if name not in known:
        raise invalid(f"不能按 {name} 排序。", {"sort": f"可用:{'、'.join(known)}。"})
    _plainly_visible(me, object, name)
    what = expression(object, name)
    if active("sort_amount_as_text") and OBJECTS[object].field(name).type == "money":
        what = f"CAST({what} AS TEXT)"
    return f"{what} {way}, t.id {way}"


def _plainly_visible(me: User, object: str, name: str) -> None:
    # Whoever sees a field masked could find its value by filtering or sorting.
    if mask_of(me, object, name):
        said = f"{OBJECTS[object].field(name).zh}对您的角色不可见,不能用来筛选或排序。"
        raise invalid(said, {name: "不能用来筛选或排序。"})
