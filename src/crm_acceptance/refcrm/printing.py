"""An order as a page for the printer: the record as its reader may see it, and the customer's address. No styles."""

from __future__ import annotations

from markupsafe import Markup, escape

from . import finding, records, store
from .auth import User
from .db import Database
from .defects import active
from .objects import OBJECTS
from .rights import may
from .store import Record

_SHEET = Markup(
    '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title></head>'
    "<body><h1>{title}</h1><table>{rows}</table></body></html>"
)
_LINE = Markup("<tr><th>{}</th><td>{}</td></tr>")
_OF_CUSTOMER = ("phone", "address")


def order(db: Database, me: User, id: int) -> str:
    """The sheet as HTML. Raises denied or missing as reading the order does."""
    if active("print_ignores_scope") and may(me, "read", "order") and store.there(db.conn, "order", id) is not None:
        found = store.seen(db.conn, me, "order", id)
    else:
        found = records.read(db, me, "order", id)
    record = finding.expanded(db, me, found)
    title = f"订单 {record['number']}"
    return _SHEET.format(title=title, rows=Markup("").join(_lines(record)))


def _lines(record: Record) -> list[Markup]:
    own = [(f.zh, record[f.name]) for f in OBJECTS["order"].fields if record.get(f.name) is not None]
    customer = record["expanded"]["customer"] or {}
    labels = {f.name: f.zh for f in OBJECTS["customer"].fields}
    theirs = [(f"客户{labels[name]}", customer[name]) for name in _OF_CUSTOMER if customer.get(name)]
    return [_LINE.format(label, escape(value)) for label, value in (*own, *theirs)]
