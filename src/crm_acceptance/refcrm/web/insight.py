"""Reports as tables and bars. Computes nothing: the figures are the service's, only drawn here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from markupsafe import Markup, escape
from starlette.responses import Response
from starlette.routing import BaseRoute

from .. import reports, rights
from ..errors import denied
from ..objects import OBJECTS
from .detail import Fact, Tab
from .door import Visit, go, page
from .render import label_of, show
from .tables import Column, Row
from .values import Looks, money
from .words import REPORT_WORDS, pick

WIDEST = 460
MONEY = ("amount", "paid", "due", "total", "budget", "weighted")
DRAWN = {"receivables": "due"}
NAMES = ("customer_name", "name", "stage", "owner")


@dataclass(frozen=True)
class Bar:
    """One bar of a chart, `width` in units of the drawing."""

    label: str
    width: int
    text: str


@dataclass(frozen=True)
class Part:
    """One table of a report with its chart."""

    label: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    bars: tuple[Bar, ...]


def routes() -> list[BaseRoute]:
    """The pages of this room."""
    return [page("/reports", first), page("/reports/{name}", one)]


def first(visit: Visit) -> Response:
    """The first report this person may read."""
    known = rights.reports_of(visit.me)
    if not known:
        raise denied()
    return go(f"/reports/{known[0]}")


def one(visit: Visit) -> Response:
    """One report."""
    name, looks = visit.step("name"), Looks(visit)
    found = reports.report(visit.db, visit.me, name, **_narrowed(visit))
    tabs = [Tab(_word(visit, n), f"/reports/{n}", n == name) for n in rights.reports_of(visit.me)]
    facts = [Fact(key, _word(visit, key), _cell(looks, key, value)) for key, value in found["total"].items()]
    parts = [_part(looks, name, found["rows"])]
    return show(visit, "report.html", title=_word(visit, name), tabs=tabs, facts=facts, parts=parts)


def _narrowed(visit: Visit) -> dict[str, Any]:
    """The address may restrict a report to one owner, customer or campaign."""
    numbers = {name: visit.number(name) for name in ("customer", "campaign")}
    return {"owner": visit.query.get("owner", ""), **numbers}


def _word(visit: Visit, key: str) -> str:
    return pick(REPORT_WORDS, key, visit.language)


def _part(looks: Looks, name: str, rows: Sequence[Mapping[str, Any]]) -> Part:
    keys = list(rows[0]) if rows else []
    numbers = [key for key in keys if all(_number(r.get(key)) is not None for r in rows)]
    columns = tuple(Column(_word(looks.visit, key), key in numbers) for key in keys)
    made = tuple(Row(None, tuple(_cell(looks, key, r.get(key)) for key in keys)) for r in rows)
    drawn = next((key for key in (DRAWN.get(name), *MONEY) if key in numbers), numbers[0] if numbers else "")
    return Part(_word(looks.visit, name), columns, made, _bars(looks, keys, rows, drawn) if drawn else ())


def _bars(looks: Looks, keys: Sequence[str], rows: Sequence[Mapping[str, Any]], drawn: str) -> tuple[Bar, ...]:
    named = next(key for key in (*NAMES, *keys) if key in keys)
    figures = [_number(r.get(drawn)) or Decimal(0) for r in rows]
    most = max([*figures, Decimal(1)])
    return tuple(
        Bar(
            _cell(looks, named, r.get(named)).striptags(),
            max(0, int(WIDEST * n / most)),
            _cell(looks, drawn, r.get(drawn)),
        )
        for r, n in zip(rows[:12], figures, strict=False)
    )


def _number(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value)) if value is not None and not isinstance(value, bool) else None
    except InvalidOperation:
        return None


def _cell(looks: Looks, key: str, value: Any) -> Markup:
    """Money, colleagues, states and records by what the column is called; anything else as it is."""
    if value is None:
        return Markup("")
    if key in MONEY:
        return escape(money(value))
    if key == "owner":
        return escape(looks.person(str(value)))
    if key in ("customer", "campaign"):
        return Markup('<a href="/{}s/{}">#{}</a>').format(key, value, value)
    if key == "stage":
        return escape(_stage(looks.visit, str(value)))
    return escape(str(value))


def _stage(visit: Visit, value: str) -> str:
    choices = OBJECTS["opportunity"].field("stage").choices
    return next((label_of(visit, c) for c in choices if c.value == value), value)
