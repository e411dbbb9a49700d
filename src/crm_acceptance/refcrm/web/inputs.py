"""The controls of a form, made from the fields of an object. What was typed and what was wrong stay with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .. import lists, people, rights, store
from ..defects import active
from ..errors import CrmError
from ..fields import Field
from ..lists import Asked
from ..objects import OBJECTS
from .render import label_of, texts
from .values import Looks, title_of

RECENT = 200
KINDS = {"long": "textarea", "choice": "select", "ref": "select", "date": "date", "phone": "tel"}


@dataclass(frozen=True)
class Option:
    """One entry of a select."""

    value: str
    label: str


@dataclass(frozen=True)
class Control:
    """One input with its label; `kind` is select, textarea, file or an input type."""

    name: str
    label: str
    kind: str = "text"
    value: str = ""
    required: bool = False
    options: tuple[Option, ...] = ()
    blank: str = ""
    wrong: str = ""
    hint: str = ""
    wide: bool = False
    prefix: str = "f"
    accept: str = ""

    @property
    def id(self) -> str:
        """The element's id, which the label points to."""
        return f"{self.prefix}-{self.name}"


def control(looks: Looks, field: Field, value: Any, wrong: str = "") -> Control:
    """The input for one field, holding `value` as the record or the visitor had it."""
    visit = looks.visit
    held = "" if value is None else str(value)
    options = _options(looks, field, held)
    return Control(
        field.name, label_of(visit, field), KINDS.get(field.type, "text"), held or _preset(field), field.required,
        options, _blank(looks, field), wrong, _hint(looks, field, options), field.type == "long",
    )  # fmt: skip


def _preset(field: Field) -> str:
    return field.default if field.type == "choice" else ""


def _blank(looks: Looks, field: Field) -> str:
    preset = field.type == "choice" and field.default
    return "" if preset else texts(looks.visit).choose


def _hint(looks: Looks, field: Field, options: tuple[Option, ...]) -> str:
    full = field.type == "ref" and len(options) >= RECENT
    return texts(looks.visit).recent_only.format(RECENT) if full else ""


def _options(looks: Looks, field: Field, held: str) -> tuple[Option, ...]:
    if field.type == "choice":
        return tuple(Option(c.value, label_of(looks.visit, c)) for c in field.choices)
    return _references(looks, field.ref, held) if field.type == "ref" else ()


def _references(looks: Looks, object: str, held: str) -> tuple[Option, ...]:
    """The latest records this person may see, and always the one that is held already."""
    kind, visit = OBJECTS[object], looks.visit
    if not rights.may(visit.me, "read", object):
        return ()
    here = visit.request.url.path.startswith("/contacts/")
    if active("select_offers_everybodys") and here and object == "customer":
        everybodys = visit.db.conn.execute(f"{store.select(object)} ORDER BY t.id DESC").fetchall()
        return tuple(Option(str(row["id"]), str(row["name"])) for row in everybodys)
    found = lists.listing(visit.db, visit.me, object, Asked(sort="-id", size=RECENT))["items"]
    options = [Option(str(item["id"]), title_of(kind, item)) for item in found]
    if held.isdigit() and held not in {o.value for o in options} and (title := looks.title(object, int(held))):
        options.insert(0, Option(held, title))
    return tuple(options)


def colleagues(looks: Looks, name: str, label: str, departments: tuple[str, ...], without: str = "") -> Control:
    """A select of the active people of some departments."""
    found = [u for u in people.directory(looks.visit.db) if u.department in departments and u.login != without]
    options = tuple(Option(u.login, f"{u.name} ({u.login})") for u in found)
    return Control(name, label, "select", "", True, options, texts(looks.visit).choose)


def wrongs(error: CrmError | None) -> Mapping[str, str]:
    """What the service found wrong, per field."""
    return {name: str(reason) for name, reason in (error.fields if error else {}).items()}
