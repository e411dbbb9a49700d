"""One record on the screen: read it, create it, change it, and read what hangs on it. Lists are in screens_lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from crm_acceptance.errors import SiteOutOfReach, WrongUse
from crm_acceptance.model import Action, Outcome, Page, Record
from crm_acceptance.systems.refcrm.screens_desk import Desk
from crm_acceptance.systems.refcrm.screens_labels import shown_as
from crm_acceptance.systems.refcrm.screens_sight import Cell, Entry, Sight, Table
from crm_acceptance.systems.refcrm.screens_values import NUMBER_AT_END, canonical, fill


def id_of(action: Action) -> str:
    """The record the action is about; WrongUse when it names none."""
    if not action.id:
        raise WrongUse(f"操作 {action.verb} 没有说明是哪一条记录（id）。{action.verb} needs the id of a record.")
    return action.id


def home_of(desk: Desk, action: Action, *tail: str) -> str:
    """The path of the record's page, or of a page below it."""
    return "/".join((desk.labels.path(action.object), id_of(action), *tail))


def read(desk: Desk, action: Action) -> Outcome:
    """The record as its page shows it."""
    return shown(desk, action.object, desk.open(home_of(desk, action)))


def shown(desk: Desk, object: str, sight: Sight) -> Record:
    """The record whose page this is: every term of its description list that is a known field."""
    found = NUMBER_AT_END.search(sight.path)
    if found is None:
        raise SiteOutOfReach(f"{sight.path} 不是一条记录的页面。This is not the page of a record.")
    named = ((desk.labels.field_of(object, fact.label), fact.cell) for fact in sight.facts)
    fields = {name: canonical(desk.labels, object, name, cell) for name, cell in named if name}
    return Record(object, found.group(1), fields)


def create(desk: Desk, action: Action) -> Outcome:
    """Fills in the form for a new record and saves it; what the page then shows is the record."""
    carried = {n: str(v) for n, v in action.fields.items() if v and desk.labels.kind(n) == "ref"}
    query = f"?{urlencode(carried)}" if carried else ""
    sight = desk.open(f"{desk.labels.path(action.object)}/{desk.labels.place('new')}{query}")
    return shown(desk, action.object, _saved(desk, action, sight))


def change(desk: Desk, action: Action) -> Outcome:
    """Changes fields in the record's form and saves it."""
    sight = desk.open(home_of(desk, action, desk.labels.place("edit")))
    return shown(desk, action.object, _saved(desk, action, sight))


def _saved(desk: Desk, action: Action, sight: Sight) -> Sight:
    put(desk, action.object, sight, action.fields)
    return desk.press(desk.button(sight, desk.labels.word("save")))


def put(desk: Desk, object: str, sight: Sight, fields: Mapping[str, Any]) -> None:
    """Puts each value into the control of its label."""
    for name, value in fields.items():
        control = desk.labelled(sight, desk.labels.field(object, name))
        fill(desk.labels, object, name, control, value)


def related(sight: Sight, desk: Desk, object: str) -> tuple[str, ...]:
    """The ids in the table of related records of that kind."""
    for table in sight.tables:
        if desk.labels.object_of(table.title) == object:
            return tuple(row.id for row in table.rows if row.id)
    return ()


def history(desk: Desk, action: Action) -> Outcome:
    """The record's own audit tab."""
    sight = desk.open(home_of(desk, action, desk.labels.place("audit")))
    return Page(tuple(r for table in sight.tables for r in audited(desk, table)))


def audited(desk: Desk, table: Table) -> list[Record]:
    """Rows of the audit log; old and new values as canonical text, as the log keeps them."""
    heads = [desk.labels.field_of("audit", head.text) or "" for head in table.heads]
    return [_audited(desk, dict(zip(heads, row.cells, strict=True))) for row in table.rows]


def _audited(desk: Desk, cells: Mapping[str, Cell]) -> Record:
    title = cells["object"].text.split(" #")[0]
    object = desk.labels.object_of(title) or title.split(" ")[0]
    number = NUMBER_AT_END.search(cells["object"].href or "")
    known = object in desk.labels.table["objects"]
    field = (desk.labels.field_of(object, cells["field"].text) if known else None) or cells["field"].text
    values = {n: _logged(desk, object if known and field else "", field, cells[n]) for n in ("old", "new")}
    plain = {n: canonical(desk.labels, "audit", n, cells[n]) for n in ("at", "who", "action")}
    id = number.group(1) if number else title.partition(" ")[2]
    return Record("audit", id, {**plain, "object": object, "field": field, **values})


def _logged(desk: Desk, object: str, field: str, cell: Cell) -> str | None:
    value = canonical(desk.labels, object, field, cell) if object else cell.text or None
    return None if value is None else str(value)


def entries(desk: Desk, object: str, sight: Sight, section: str, parent: Mapping[str, Any]) -> Page:
    """Follow-ups or attachments of a record, as the section of that name lists them."""
    found = [e for e in sight.entries if shown_as(desk.labels.word(section), (e.title,))]
    return Page(tuple(_entry(desk, object, e, parent) for e in found), len(found))


def _entry(desk: Desk, object: str, entry: Entry, parent: Mapping[str, Any]) -> Record:
    # Only labels of this very list: a file's "name" is no field of any object.
    fields = {name: canonical(desk.labels, "audit", name, cell) for name, cell in entry.parts.items()}
    return Record(object, entry.id, {**parent, **fields})
