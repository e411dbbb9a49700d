"""How one value looks to a reader: money, dates, states, people, links to other records. Reads only what is shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Any

from markupsafe import Markup, escape

from .. import people, records, rights
from ..defects import active
from ..errors import CrmError
from ..fields import Field, ObjectType
from ..objects import OBJECTS
from .door import Visit
from .render import label_of

TONES = {
    "good": ("converted", "won", "approved", "paid", "resolved", "done", "active", "confirmed"),
    "bad": ("lost", "rejected", "cancelled", "urgent"),
    "warn": ("pending", "pool", "high", "planned"),
    "busy": ("new", "contacted", "assigned", "running", "proposal", "negotiation", "qualify", "open", "ordered"),
}
OFFICE = timezone(timedelta(hours=8))
NUMBERS = ("money", "int", "percent")
Record = Mapping[str, Any]


class Looks:
    """The values of one page; names of people and titles of linked records are fetched once per page."""

    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self._titles: dict[tuple[str, int], str | None] = {}
        self._people: dict[str, str] | None = None

    def value(self, field: Field, value: Any) -> Markup:
        """One field of a record as HTML. An empty value is an em dash to the eye and an empty text to a reader."""
        if value is None or value == "":
            return Markup("")
        match field.type:
            case "choice":
                return self._choice(field, str(value))
            case "ref":
                return self._ref(field.ref, int(value))
            case "person":
                return escape(self.person(str(value)))
            case "date" | "datetime":
                return moment(str(value))
            case _:
                return escape(plain(field, value))

    def person(self, login: str) -> str:
        """A colleague as `李娜 (lina)`: names repeat, logins do not. Who has left is known by the login alone."""
        if self._people is None:
            self._people = {user.login: user.name for user in people.directory(self.visit.db)}
        name = self._people.get(login)
        return f"{name} ({login})" if name else login

    def title(self, object: str, id: int) -> str | None:
        """What another record is called, or None when this person may not see it."""
        key = (object, id)
        if key not in self._titles:
            self._titles[key] = self._fetched(object, id)
        return self._titles[key]

    def link(self, kind: ObjectType, record: Record) -> Markup:
        """The record's own title, leading to its page."""
        return Markup('<a href="/{}/{}">{}</a>').format(kind.plural, record["id"], title_of(kind, record))

    def _fetched(self, object: str, id: int) -> str | None:
        if not rights.may(self.visit.me, "read", object):
            return None
        try:
            return title_of(OBJECTS[object], records.read(self.visit.db, self.visit.me, object, id))
        except CrmError:
            return None

    def _ref(self, object: str, id: int) -> Markup:
        title = self.title(object, id)
        if title is None:
            return Markup("#{}").format(id)
        return Markup('<a href="/{}/{}">{}</a>').format(OBJECTS[object].plural, id, title)

    def _choice(self, field: Field, value: str) -> Markup:
        value = "closed" if value == "resolved" and active("state_label_wrong") else value
        label = next((label_of(self.visit, c) for c in field.choices if c.value == value), value)
        tone = next((tone for tone, values in TONES.items() if value in values), "")
        return Markup('<span class="badge {}">{}</span>').format(tone, label)


def plain(field: Field, value: Any) -> str:
    """A number as people write it; anything else as it is."""
    if field.type == "money":
        return money(value).partition(".")[0] if active("screen_drops_cents") else money(value)
    return f"{value}%" if field.name == "probability" else str(value)


def money(value: Any) -> str:
    """`1234.5` as `¥1,234.50`; what is no number stays as it is."""
    try:
        return f"¥{Decimal(str(value)):,.2f}"
    except InvalidOperation:
        return str(value)


def moment(value: str) -> Markup:
    """A date as it is; a moment, which is stored in UTC, in the time that offices here keep."""
    try:
        shown = (
            datetime.fromisoformat(value).astimezone(OFFICE).strftime("%Y-%m-%d %H:%M:%S") if "T" in value else value
        )
    except ValueError:
        shown = value
    return Markup('<time datetime="{}">{}</time>').format(value, shown)


def title_of(kind: ObjectType, record: Record) -> str:
    """What the record is called: its title field, or its number."""
    title = record.get(kind.title) if kind.title != "id" else None
    return str(title) if title else f"#{record['id']}"
