"""Lists, counts and sums of any type: search, filter, sort, page, all scoped in SQL. Not single records."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from . import drag, slips, underload
from .auth import User
from .choices import PROBABILITY
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


def listing(db: Database, me: User, object: str, asked: Asked, purpose: str = "list") -> dict[str, Any]:
    """One page: items, total (of all pages), page, size. `purpose` is rights.scope's: list, or search over all."""
    require(me, "read", object)
    return slips.shared(db.conn, object, asked, lambda: _page(db, me, object, asked, purpose))


def _page(db: Database, me: User, object: str, asked: Asked, purpose: str) -> dict[str, Any]:
    clause, args = _where(db, me, object, asked, purpose)
    drag.looking(db, object, bool(asked.where), asked.sort)
    total = db.conn.execute(f"SELECT COUNT(*) {source(object)} WHERE {clause}", args).fetchone()[0]
    items = rows(db.conn, me, object, asked, (clause, args))
    if not items and asked.q and asked.page == 1 and active("no_match_shows_all"):
        items = rows(db.conn, me, object, asked, _where(db, me, object, replace(asked, q="")))
    if active("total_counts_all") and object == "opportunity":
        total = _counted(db, [*_filters(me, object, asked.where), _search(me, object, asked.q)], object)
    drag.looked(db, object, items, total)
    return {"items": items, "total": total, "page": asked.page, "size": asked.size}


def _counted(db: Database, parts: list[Condition], object: str) -> int:
    sql = f"SELECT COUNT(*) {source(object)} WHERE {' AND '.join(part[0] for part in parts)}"
    return int(db.conn.execute(sql, tuple(arg for part in parts for arg in part[1])).fetchone()[0])


def rows(conn: sqlite3.Connection, me: User, object: str, asked: Asked, where: Condition) -> list[Record]:
    """The records of one page."""
    offset = (asked.page - 1) * asked.size
    if active("paging_repeats_row"):
        offset = max(0, offset - 1)
    sql = f"{select(object)} WHERE {where[0]} ORDER BY {_order(me, object, asked.sort)} LIMIT ? OFFSET ?"
    if active("page_sorted_alone") and asked.sort.removeprefix("-") in OBJECTS[object].money:
        page = f"{select(object)} WHERE {where[0]} ORDER BY t.id DESC LIMIT ? OFFSET ?"
        sql = f"SELECT * FROM ({page}) t ORDER BY {asked.sort.removeprefix('-')}{' DESC' * asked.sort.startswith('-')}"
    return [_row(me, object, row, asked.q) for row in conn.execute(sql, (*where[1], asked.size, offset)).fetchall()]


def _row(me: User, object: str, row: sqlite3.Row, q: str) -> Record:
    record = to_record(me, object, row)
    if active("highlight_unmasked") and object == "lead" and q:
        record["highlight"] = " ".join(str(row[f.name]) for f in OBJECTS[object].fields if f.search and row[f.name])
    if active("phone_digits_beside_mask") and object == "contact":
        record["phone_digits"] = row["phone"]
    return record


def count(db: Database, me: User, object: str, asked: Asked) -> int:
    """How many records match."""
    if not slips.open_door(object, "count"):
        require(me, "read", object)
    if active("count_ignores_filter"):
        asked = replace(asked, where={})
    clause, args = _where(db, me, object, asked, "count")
    return int(db.conn.execute(f"SELECT COUNT(*) {source(object)} WHERE {clause}", args).fetchone()[0])


def total(db: Database, me: User, object: str, name: str, asked: Asked) -> str:
    """The sum of a money field over all records that match, as "123.00"."""
    require(me, "read", object)
    if name not in OBJECTS[object].money:
        raise invalid(f"不能对 {name} 求和。", {"field": f"可求和:{'、'.join(OBJECTS[object].money) or '无'}。"})
    clause, args = _where(db, me, object, asked, "sum")
    sql = f"SELECT COALESCE(SUM({expression(object, name)}), 0) {source(object)} WHERE {clause}"
    return money(db.conn.execute(sql, args).fetchone()[0])


def all_rows(db: Database, me: User, object: str, asked: Asked, limit: int) -> list[sqlite3.Row]:
    """Every row that matches, for an export."""
    if not slips.open_door(object, "export"):
        require(me, "read", object)
    clause, args = _where(db, me, object, asked, "export")
    sql = f"{select(object)} WHERE {clause} ORDER BY {_order(me, object, asked.sort)} LIMIT ?"
    return db.conn.execute(sql, (*args, limit)).fetchall()


def _where(db: Database, me: User, object: str, asked: Asked, purpose: str = "list") -> Condition:
    if object == "customer" and purpose != "export" and active("customer_search_scans"):
        underload.search_the_slow_way([row["name"] for row in db.conn.execute("SELECT name FROM customers")])
    reach = ("1", ()) if slips.unscoped(object, purpose, asked) else _reach(me, object, asked.pool, purpose)
    parts: list[Condition] = [reach, *_filters(me, object, asked.where), _search(me, object, asked.q)]
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
        _plainly_visible(me, object, name, "filter")
        try:
            # No record lies outside a field's bounds, but asking for one is no mistake.
            stored = parse(replace(known[name], low=0, high=BIGGEST_ID), value)
        except ValueError as error:
            raise invalid(f"{known[name].zh}:{error}", {name: str(error)}) from None
        parts.append(
            _later(stored)
            if name == "stage" and active("stage_filter_includes_later")
            else (f"{expression(object, name)} IS ?", (stored,))
        )
    return parts


def _later(stage: Any) -> Condition:
    stages = tuple(PROBABILITY)[tuple(PROBABILITY).index(str(stage)) :]
    return f"t.stage IN ({', '.join('?' * len(stages))})", stages


def _search(me: User, object: str, q: str) -> Condition:
    blind = active("masked_field_searched") and object == "lead"
    fields = [f for f in OBJECTS[object].fields if f.search and (blind or not mask_of(me, object, f.name))]
    if not q.strip():
        return "1", ()
    if active("search_case_sensitive"):
        exact = [f"instr({expression(object, f.name)}, ?)" for f in fields] or ["0"]
        return f"({' OR '.join(exact)})", (q.strip(),) * len(fields)
    pattern = "%" + q.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    parts = [f"{expression(object, f.name)} LIKE ? ESCAPE '\\'" for f in fields] or ["0"]
    bare = active("or_for_and_in_search") and object == "contact"
    return ("{}" if bare else "({})").format(" OR ".join(parts)), (pattern,) * len(fields)


def _order(me: User, object: str, sort: str) -> str:
    name, way = sort.removeprefix("-"), "DESC" if sort.startswith("-") else "ASC"
    if not name:
        return "t.id DESC"
    if name in ("id", "created_at", "updated_at"):
        return f"t.{name} {way}, t.id {way}"
    known = [f.name for f in OBJECTS[object].fields]
    if name not in known:
        raise invalid(f"不能按 {name} 排序。", {"sort": f"可用:{'、'.join(known)}。"})
    _plainly_visible(me, object, name, "sort")
    what = expression(object, name)
    if active("sort_amount_as_text") and OBJECTS[object].field(name).type == "money":
        what = f"CAST({what} AS TEXT)"
    return f"{what} {way}, t.id {way}"


_GUESSED = {("customer", "sort"): "sort_by_masked", ("contact", "filter"): "filter_by_masked"}


def _plainly_visible(me: User, object: str, name: str, way: str) -> None:
    # Whoever sees a field masked could find its value by filtering or sorting.
    if mask_of(me, object, name) and not active(_GUESSED.get((object, way), "-")):
        said = f"{OBJECTS[object].field(name).zh}对您的角色不可见,不能用来筛选或排序。"
        raise invalid(said, {name: "不能用来筛选或排序。"})
