"""The four reports, each one grouped query within the reader's scope. Who may read which is in rights.py."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from . import drag
from .auth import User
from .db import Database
from .defects import active
from .errors import denied, missing
from .rights import REPORTS, reports_of, scope
from .values import money

Row = dict[str, Any]
NAMES = REPORTS["executive"]


@dataclass(frozen=True)
class Narrowed:
    """What a report is restricted to; empty: everything in scope."""

    owner: str = ""
    customer: int | None = None
    campaign: int | None = None


def report(
    db: Database, me: User, name: str, owner: str = "", customer: int | None = None, campaign: int | None = None
) -> Row:
    """rows and total of the report `name`. Raises missing for an unknown one, denied when my role may not read it."""
    if name not in NAMES:
        raise missing(f"没有报表 {name},可用:{'、'.join(NAMES)}。")
    if name not in reports_of(me) and not (name == "campaign_roi" and active("report_open_to_all")):
        raise denied("您的角色不能查看这份报表。")
    drag.reporting(me, name)
    rows, total = _REPORTS[name](db.conn, me, Narrowed(owner, customer, campaign))
    return {"report": name, "rows": rows, "total": total}


def _where(me: User, object: str, narrowed: Narrowed) -> tuple[str, list[Any]]:
    # A report is a right of its own: whoever has it reads sums over records that are otherwise closed, as marketing
    # does with the orders of its campaigns.
    clause, args = scope(me, object, "report") if me.role in ("sales_lead", "sales_manager") else ("1", ())
    if active("report_of_department") and object == "opportunity" and me.role == "sales_lead":
        clause, args = scope(replace(me, role="sales_manager"), object, "report")
    if active("report_by_owner_open") and object == "order" and narrowed.owner:
        clause, args = "1", ()
    parts, values = [clause], list(args)
    for column, value in (("owner", narrowed.owner), ("customer", narrowed.customer), ("campaign", narrowed.campaign)):
        if value:
            parts.append(f"t.{column} = ?")
            values.append(value)
    return " AND ".join(parts), values


def _totals(rows: list[sqlite3.Row], counted: tuple[str, ...], summed: tuple[str, ...]) -> Row:
    counts = {name: sum(row[name] for row in rows) for name in counted}
    return counts | {name: money(sum(row[name] for row in rows)) for name in summed}


def _show(row: sqlite3.Row, summed: tuple[str, ...]) -> Row:
    return {name: money(row[name]) if name in summed else row[name] for name in row.keys()}  # noqa: SIM118


def _sales_summary(conn: sqlite3.Connection, me: User, narrowed: Narrowed) -> tuple[list[Row], Row]:
    where, args = _where(me, "order", narrowed)
    joined = 'LEFT JOIN payments p ON p."order" = t.id' if active("summary_joins_payments") else ""
    state = "1" if active("summary_counts_cancelled") else "t.state <> 'cancelled'"
    sums = ("amount", "paid", "due")
    found = conn.execute(
        f"""SELECT t.owner, u.name, COUNT(*) AS orders, SUM(t.amount) AS amount, SUM(t.paid) AS paid,
        SUM(t.amount - t.paid) AS due FROM orders t LEFT JOIN users u ON u.login = t.owner {joined}
        WHERE {where} AND {state} GROUP BY t.owner ORDER BY amount DESC""",
        args,
    ).fetchall()
    return [_show(row, sums) for row in found], _totals(found, ("orders",), sums)


def _receivables(conn: sqlite3.Connection, me: User, narrowed: Narrowed) -> tuple[list[Row], Row]:
    where, args = _where(me, "order", narrowed)
    due = "t.amount" if active("receivables_ignore_part_payments") else "t.amount - t.paid"
    also = ", 'cancelled'" if active("receivables_include_cancelled") else ""
    sums = ("amount", "paid", "due")
    found = conn.execute(
        f"""SELECT t.customer, c.name AS customer_name, COUNT(*) AS orders, SUM(t.amount) AS amount,
        SUM(t.paid) AS paid, SUM({due}) AS due FROM orders t JOIN customers c ON c.id = t.customer
        WHERE {where} AND t.state IN ('open', 'confirmed'{also}) AND t.amount > t.paid
        GROUP BY t.customer ORDER BY due DESC, t.customer""",
        args,
    ).fetchall()
    return [_show(row, sums) for row in found], _totals(found, ("orders",), sums)


def _pipeline(conn: sqlite3.Connection, me: User, narrowed: Narrowed) -> tuple[list[Row], Row]:
    where, args = _where(me, "opportunity", narrowed)
    stages = ["qualify", "proposal", "negotiation"] + (["lost"] if active("pipeline_counts_lost") else [])
    sums = ("amount", "weighted")
    found = conn.execute(
        f"""SELECT t.stage, COUNT(*) AS count, SUM(t.amount) AS amount, SUM(t.amount * t.probability / 100) AS weighted
        FROM opportunities t WHERE {where} AND t.stage IN ({", ".join("?" * len(stages))})
        GROUP BY t.stage ORDER BY MIN(t.probability)""",
        [*args, *stages],
    ).fetchall()
    return [_show(row, sums) for row in found], _totals(found, ("count",), sums)


def _campaign_roi(conn: sqlite3.Connection, me: User, narrowed: Narrowed) -> tuple[list[Row], Row]:
    counts = "o.campaign = t.id" + ("" if active("campaign_report_counts_cancelled") else " AND o.state <> 'cancelled'")
    sums = ("budget", "amount", "paid")
    found = conn.execute(
        f"""SELECT t.id AS campaign, t.name, t.budget,
        (SELECT COUNT(*) FROM leads l WHERE l.campaign = t.id) AS leads,
        (SELECT COUNT(*) FROM leads l WHERE l.campaign = t.id AND l.state = 'converted') AS converted,
        (SELECT COUNT(*) FROM orders o WHERE {counts}) AS orders,
        (SELECT COALESCE(SUM(amount), 0) FROM orders o WHERE {counts}) AS amount,
        (SELECT COALESCE(SUM(paid), 0) FROM orders o WHERE {counts}) AS paid
        FROM campaigns t WHERE (? IS NULL OR t.id = ?) AND (? = '' OR t.owner = ?) ORDER BY t.id""",
        (narrowed.campaign, narrowed.campaign, narrowed.owner, narrowed.owner),
    ).fetchall()
    rows = [_show(row, sums) | {"roi": _roi(row)} for row in found]
    return rows, _totals(found, ("leads", "converted", "orders"), sums)


def _roi(row: sqlite3.Row) -> float | None:
    budget, amount = row["budget"] or 0, row["amount"]
    gained = amount if active("roi_divides_income") else amount - budget
    return round(gained / budget, 4) if budget else None


_REPORTS: Mapping[str, Callable[[sqlite3.Connection, User, Narrowed], tuple[list[Row], Row]]] = {
    "sales_summary": _sales_summary,
    "receivables": _receivables,
    "pipeline": _pipeline,
    "campaign_roi": _campaign_roi,
}
