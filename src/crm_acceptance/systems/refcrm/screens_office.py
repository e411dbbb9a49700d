"""Reports, accounts and hand-over on the screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from crm_acceptance.errors import Unsupported
from crm_acceptance.model import Action, Outcome, Page, Record
from crm_acceptance.systems.refcrm.screens_acts import pressed
from crm_acceptance.systems.refcrm.screens_desk import Desk
from crm_acceptance.systems.refcrm.screens_lists import rows
from crm_acceptance.systems.refcrm.screens_records import home_of, id_of, put
from crm_acceptance.systems.refcrm.screens_sight import Row, Sight, Table
from crm_acceptance.systems.refcrm.screens_values import canonical

REFERENCES = ("customer", "campaign")


def report(desk: Desk, action: Action) -> Outcome:
    """A report as rows and totals: {"report", "rows", "total"}; options owner, customer, campaign narrow it."""
    narrowed = {name: str(action.options[name]) for name in ("owner", *REFERENCES) if action.options.get(name)}
    sight = desk.open(f"{home_of(desk, action)}?{urlencode(narrowed)}" if narrowed else home_of(desk, action))
    named = ((desk.labels.field_of("report", fact.label), fact.cell) for fact in sight.facts)
    total = {name: canonical(desk.labels, "report", name, cell) for name, cell in named if name}
    lines = [_line(desk, table, row) for table in sight.tables for row in table.rows]
    return {"report": id_of(action), "rows": lines, "total": total}


def _line(desk: Desk, table: Table, row: Row) -> dict[str, Any]:
    heads = [desk.labels.field_of("report", head.text) for head in table.heads]
    named = zip(heads, row.cells, strict=True)
    line = {name: canonical(desk.labels, "report", name, cell) for name, cell in named if name}
    return {name: int(value) if name in REFERENCES and value else value for name, value in line.items()}


def users(desk: Desk, action: Action) -> Outcome:
    """All accounts."""
    sight = desk.open(desk.labels.path("user"))
    found = tuple(_account(r) for r in rows(desk, "user", sight))
    return Page(found, sight.total)


def _account(record: Record) -> Record:
    return Record("user", record.id, {**record.fields, "active": record.get("active") == "yes"})


def add(desk: Desk, action: Action) -> Outcome:
    """Opens an account. The department follows from the role, so the form does not ask for it."""
    sight = desk.open(f"{desk.labels.path('user')}/{desk.labels.place('new')}")
    put(desk, "user", sight, {n: v for n, v in action.fields.items() if n != "department"})
    return _user(desk, desk.press(desk.button(sight, desk.labels.word("save"))))


def _user(desk: Desk, sight: Sight) -> Record:
    named = ((desk.labels.field_of("user", fact.label), fact.cell) for fact in sight.facts)
    fields = {name: canonical(desk.labels, "user", name, cell) for name, cell in named if name}
    return _account(Record("user", str(fields.get("login", "")), fields))


def switch(desk: Desk, action: Action) -> Outcome:
    """Disables or enables an account."""
    return _user(desk, pressed(desk, action, desk.open(home_of(desk, action))))


CHANGES = {"role": "change_role", "password": "new_password"}


def change(desk: Desk, action: Action) -> Outcome:
    """Gives somebody another role or password; the page has no other change of an account."""
    sight = desk.open(home_of(desk, action))
    for name, value in action.fields.items():
        if name not in CHANGES:
            raise Unsupported(f"页面上不能改账号的 {name}。The page does not change {name} of an account.")
        sight = pressed(desk, replace(action, name=CHANGES[name], fields={name: value}), sight)
    return _user(desk, sight)


def handover(desk: Desk, action: Action) -> Outcome:
    """Hands over all that somebody owns; how many records of which kind, by the plural of its address."""
    sight = pressed(desk, action, desk.open(home_of(desk, action)))
    objects: Mapping[str, Any] = desk.labels.table["objects"]
    titles = {tuple(o["title"]): str(o["path"]).strip("/") for o in objects.values()}
    counts = {key: fact.cell.text for fact in sight.facts for names, key in titles.items() if fact.label in names}
    return {key: int(text) for key, text in counts.items() if text.isdigit()}


def notifications(desk: Desk, action: Action) -> Outcome:
    """What the person was told, newest first; each line leads to its record."""
    sight = desk.open(desk.labels.path("notification"))
    found = tuple(_notice(desk, row) for table in sight.tables for row in table.rows)
    return Page(found, sight.total)


def _notice(desk: Desk, row: Row) -> Record:
    when, told = row.cells
    plural, _, id = (told.href or "").strip("/").partition("/")
    objects: Mapping[str, Any] = desk.labels.table["objects"]
    kind = next((name for name, one in objects.items() if str(one["path"]).strip("/") == plural), plural)
    return Record("notification", id, {"at": when.time, "text": told.text, "object": kind})
