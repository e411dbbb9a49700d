"""The page of one record: its fields, what belongs to it, its timeline, files and history."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlencode

from markupsafe import Markup
from starlette.responses import Response
from starlette.routing import BaseRoute

from .. import lists, records, rights, store, timeline
from ..defects import active
from ..errors import CrmError
from ..fields import ObjectType
from ..lists import Asked
from ..objects import OBJECTS
from .deeds import deeds_of, may_edit
from .door import Visit, page
from .history import Ledger, ledger
from .render import label_of, show, texts
from .tables import Board, board
from .values import Looks, moment, title_of

RELATED = 5
Record = Mapping[str, Any]


@dataclass(frozen=True)
class Fact:
    """One field of the record, ready to be shown."""

    name: str
    label: str
    shown: Markup
    wide: bool = False


@dataclass(frozen=True)
class Stage:
    """One step of the way of an opportunity."""

    label: str
    style: str
    here: bool


@dataclass(frozen=True)
class Tab:
    """One of the views of a record."""

    label: str
    url: str
    here: bool


def routes() -> list[BaseRoute]:
    """The pages of this room."""
    made: list[BaseRoute] = []
    for kind in OBJECTS.values():
        made.append(page(f"/{kind.plural}/{{id:int}}", partial(of_kind, kind)))
        made.append(page(f"/{kind.plural}/{{id:int}}/audit", partial(history, kind)))
    return made


def of_kind(kind: ObjectType, visit: Visit) -> Response:
    """The record; 404 when it does not exist or is not for this person."""
    return record_page(kind, visit)


def record_page(kind: ObjectType, visit: Visit, problem: CrmError | None = None) -> Response:
    """The record's page, with the refusal of an action above it."""
    looks, record = Looks(visit), records.read(visit.db, visit.me, kind.name, visit.id)
    url = f"/{kind.plural}/{visit.id}"
    return show(
        visit, "detail.html", problem.status if problem else 200, problem, facts=_facts(looks, kind, record),
        steps=_stages(looks, kind, record), related=_related(looks, kind, record), history=None,
        slipped=_slipped(visit, kind), followups=_followups(looks, kind), attachments=_attachments(looks, kind),
        followup_url=f"{url}/followups" if rights.may(visit.me, "follow", kind.name) else "",
        attach_url=f"{url}/attachments" if rights.may(visit.me, "attach", kind.name) else "",
        **_head(looks, kind, record, here="details"),
    )  # fmt: skip


def _slipped(visit: Visit, kind: ObjectType) -> Markup:
    """Nothing; with a defect on, what a page carries for its own scripts and nobody is meant to read."""
    row = store.raw(visit.db.conn, kind.name, visit.id)
    if active("hidden_input_in_plain") and kind.name == "customer":
        return Markup('<input type="hidden" name="phone" value="{}">').format(row["phone"] or "")
    if active("page_source_tells_all") and kind.name == "order":
        whole = {name: row[name] for name in row.keys()}  # noqa: SIM118
        return Markup('<div hidden data-record="{}"></div>').format(json.dumps(whole, ensure_ascii=False))
    return Markup("")


def history(kind: ObjectType, visit: Visit) -> Response:
    """Who changed what in this record."""
    looks, record = Looks(visit), records.read(visit.db, visit.me, kind.name, visit.id)
    rows: Ledger = ledger(looks, timeline.record_audit(visit.db, visit.me, kind.name, visit.id))
    return show(visit, "detail.html", steps=(), history=rows, **_head(looks, kind, record, here="history"))


def _head(looks: Looks, kind: ObjectType, record: Record, here: str) -> dict[str, Any]:
    visit, t, url = looks.visit, texts(looks.visit), f"/{kind.plural}/{record['id']}"
    return {
        "title": title_of(kind, record),
        "crumb": label_of(visit, kind),
        "list_url": f"/{kind.plural}",
        "deeds": deeds_of(looks, kind, record),
        "edit_url": f"{url}/edit" if may_edit(visit, kind, record) else "",
        "tabs": (Tab(t.details, url, here == "details"), Tab(t.history, f"{url}/audit", here == "history")),
    }


def _facts(looks: Looks, kind: ObjectType, record: Record) -> list[Fact]:
    """A field that this person may not see is not there at all, rather than empty."""
    known = [f for f in kind.fields if f.name in record]
    facts = [Fact(f.name, label_of(looks.visit, f), looks.value(f, record[f.name]), f.type == "long") for f in known]
    return [*facts, *_stamps(looks, record)]


def _stamps(looks: Looks, record: Record) -> list[Fact]:
    t = texts(looks.visit)
    named = (("created_at", t.created_at), ("updated_at", t.updated_at))
    return [Fact(name, label, moment(str(record[name]))) for name, label in named if record.get(name)]


def _stages(looks: Looks, kind: ObjectType, record: Record) -> list[Stage]:
    """The way of an opportunity as a row of arrows; the lost end is shown only where it was taken."""
    if kind.state != "stage":
        return []
    choices, now = kind.field("stage").choices, record.get("stage")
    shown = [c for c in choices if c.value != ("won" if now == "lost" else "lost")]
    values = [c.value for c in shown]
    at = values.index(now) if now in values else -1
    return [Stage(label_of(looks.visit, c), "lost" if c.value == "lost" else "past" if i < at else "", i == at)
            for i, c in enumerate(shown)]  # fmt: skip


def _related(looks: Looks, kind: ObjectType, record: Record) -> list[Board]:
    others = ((other, f.name) for other in OBJECTS.values() for f in other.fields if f.ref == kind.name)
    return [
        _board(looks, other, name, record) for other, name in others if rights.may(looks.visit.me, "read", other.name)
    ]


def _board(looks: Looks, other: ObjectType, name: str, record: Record) -> Board:
    visit, where = looks.visit, {name: str(record["id"])}
    found = lists.listing(visit.db, visit.me, other.name, Asked(where=where, size=RELATED, sort="-id"))
    add = f"/{other.plural}/new?{urlencode(_carried(other, name, record))}"
    allowed = rights.may(visit.me, "create", other.name) and other.field(name).creatable
    url = f"/{other.plural}?{urlencode(where)}"
    shared = (*_carried(other, name, record), "owner")
    return board(looks, other, found["items"], found["total"], url, add if allowed else "", without=shared)


def _carried(other: ObjectType, name: str, record: Record) -> dict[str, str]:
    """What the new record takes from this one: the link to it, and the links that both have."""
    shared = {
        f.name: str(record[f.name]) for f in other.fields if f.type == "ref" and f.creatable and record.get(f.name)
    }
    return {**shared, name: str(record["id"])}


def _followups(looks: Looks, kind: ObjectType) -> list[dict[str, Any]]:
    """The newest first, as a timeline is read."""
    rows: Iterable[Record] = timeline.followups(looks.visit.db, looks.visit.me, kind.name, looks.visit.id)
    made = [{**r, "at": moment(str(r["at"])), "author": looks.person(str(r["author"]))} for r in rows]
    return made[::-1]


def _attachments(looks: Looks, kind: ObjectType) -> list[dict[str, Any]]:
    rows: Iterable[Record] = timeline.attachments(looks.visit.db, looks.visit.me, kind.name, looks.visit.id)
    return [{**r, "author": looks.person(str(r["author"]))} for r in rows]
