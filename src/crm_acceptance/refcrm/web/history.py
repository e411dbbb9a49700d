"""The audit log as a table: one record's history and the whole log look the same. Reads nothing itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from .. import rights
from ..fields import Field
from ..objects import OBJECTS
from .render import label_of, texts
from .tables import Column, Row
from .values import Looks, moment
from .words import AUDITED, pick


@dataclass(frozen=True)
class Ledger:
    """Rows of the audit log with their heads."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


def ledger(looks: Looks, entries: Iterable[Mapping[str, Any]]) -> Ledger:
    """The entries, in the order given."""
    t = texts(looks.visit)
    heads = tuple(Column(label) for label in (t.when, t.who, t.object, t.what, t.field, t.old, t.now))
    return Ledger(heads, tuple(_row(looks, entry) for entry in entries))


def _row(looks: Looks, entry: Mapping[str, Any]) -> Row:
    name, kind = str(entry.get("field") or ""), OBJECTS.get(str(entry.get("object") or ""))
    field = next((f for f in kind.fields if f.name == name), None) if kind else None
    return Row(
        int(entry["row"]),
        (
            moment(str(entry.get("at") or "")),
            escape(looks.person(str(entry.get("who") or ""))),
            _subject(
                looks, str(entry.get("object") or ""), entry.get("object_id", entry.get("record_id", entry.get("id")))
            ),
            escape(pick(AUDITED, str(entry.get("action") or ""), looks.visit.language)),
            escape(label_of(looks.visit, field) if field else name),
            _value(looks, field, entry.get("old")),
            _value(looks, field, entry.get("new")),
        ),
    )


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _subject(looks: Looks, object: str, id: str) -> Markup:
    kind = OBJECTS.get(object)
    if kind is None:
        return escape(f"{object} {id}".strip())
    if not id:
        return escape(label_of(looks.visit, kind))
    if not rights.may(looks.visit.me, "read", object):  # IT reads the log of records that it may not open
        return escape(f"{label_of(looks.visit, kind)} #{id}")
    return Markup('<a href="/{}/{}">{} #{}</a>').format(kind.plural, id, label_of(looks.visit, kind), id)


def _value(looks: Looks, field: Field | None, value: Any) -> Markup:
    """As on the record's page; but a reference that is no number (an old title) is only text."""
    if field is None or value is None or (field.type == "ref" and not str(value).isdigit()):
        return escape(_text(value))
    return looks.value(field, value)
