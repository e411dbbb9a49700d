"""Which buttons a record's page offers this person, and what each asks first. Pressing them is in acts.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .. import rights
from ..fields import ObjectType
from ..objects import OBJECTS
from .door import Visit
from .inputs import Control, Option, colleagues
from .render import label_of, texts
from .values import Looks, title_of

OPEN_STAGES = ("qualify", "proposal", "negotiation")


@dataclass(frozen=True)
class Deed:
    """One button. `ask`: a dialog comes first, with `question` and `fields`. `idle`: shown, but not now."""

    name: str
    label: str
    url: str
    style: str = ""
    question: str = ""
    fields: tuple[Control, ...] = ()
    idle: str = ""

    @property
    def ask(self) -> bool:
        """Whether a dialog comes before the deed."""
        return bool(self.question or self.fields)


@dataclass(frozen=True)
class Kind:
    """One kind of deed: on which objects, in which states it makes sense (none: all), its look, the right it needs."""

    name: str
    objects: tuple[str, ...]
    states: tuple[str, ...] = ()
    style: str = ""
    sure: bool = False
    right: str = ""


TRANSFERABLE = tuple(o.name for o in OBJECTS.values() if "transfer" in o.actions)
KINDS = (
    Kind("convert", ("lead",), ("new", "contacted"), "main"),
    Kind("assign", ("lead",), ("new", "contacted")),
    Kind("claim", ("customer",), ("pool",), "main"),
    Kind("advance", ("opportunity",), OPEN_STAGES, "main"),
    Kind("submit", ("quote",), ("draft", "rejected"), "main"),
    Kind("approve", ("quote",), ("pending",), "main"),
    Kind("reject", ("quote",), ("pending",), "risky", right="approve"),
    Kind("order", ("quote",), ("approved",), "main"),
    Kind("confirm", ("order",), ("open",), "main"),
    Kind("assign", ("ticket",), ("new", "assigned")),
    Kind("resolve", ("ticket",), ("new", "assigned"), "main"),
    Kind("close", ("ticket",), ("resolved",), "main"),
    Kind("transfer", TRANSFERABLE),
    Kind("release", ("customer",), ("active",), "", sure=True),
    Kind("cancel", ("order",), ("open", "confirmed"), "risky", sure=True),
    Kind("delete", tuple(OBJECTS), (), "risky", sure=True),
)


def deeds_of(looks: Looks, kind: ObjectType, record: Mapping[str, Any]) -> list[Deed]:
    """The buttons this person's role has a right to, in the order of the business; those of another state idle."""
    found = [k for k in KINDS if kind.name in k.objects and rights.may(looks.visit.me, k.right or k.name, kind.name)]
    return [_deed(looks, k, kind, record) for k in found if not _pooled(kind, record) or k.name == "claim"]


def may_edit(visit: Visit, kind: ObjectType, record: Mapping[str, Any]) -> bool:
    """Whether the edit button is shown: nobody edits a customer that nobody owns."""
    return rights.may(visit.me, "change", kind.name) and not _pooled(kind, record)


def _pooled(kind: ObjectType, record: Mapping[str, Any]) -> bool:
    return kind.name == "customer" and record.get("state") == "pool"


def _deed(looks: Looks, deed: Kind, kind: ObjectType, record: Mapping[str, Any]) -> Deed:
    t = texts(looks.visit)
    now = record.get("stage" if kind.name == "opportunity" else "state")
    idle = t.not_now if deed.states and now not in deed.states else ""
    label, url = getattr(t, deed.name), f"/{kind.plural}/{record['id']}/{deed.name}"
    if idle:
        return Deed(deed.name, label, url, idle=idle)
    question = t.sure.format(label, title_of(kind, record)) if deed.sure else ""
    return Deed(deed.name, label, url, deed.style, question, _asked(looks, deed.name, kind))


def _asked(looks: Looks, name: str, kind: ObjectType) -> tuple[Control, ...]:
    """What the dialog asks for; the names are those of the forms' fields."""
    t = texts(looks.visit)
    match name:
        case "transfer":
            return (colleagues(looks, "to", t.new_owner, ("sales",)),)
        case "assign" if kind.name == "ticket":
            return (colleagues(looks, "to", t.new_assignee, ("service",)),)
        case "assign":
            return (colleagues(looks, "to", t.new_owner, ("sales",)),)
        case "advance":
            options = tuple(Option(c.value, label_of(looks.visit, c)) for c in kind.field("stage").choices)
            return (Control("stage", t.stage, "select", "", True, options, t.choose),)
        case "reject":
            return (Control("reason", t.reason, "textarea", required=True),)
        case "resolve":
            return (Control("resolution", t.resolution, "textarea", required=True),)
        case "convert":
            return (Control("opportunity_name", t.opportunity_name), Control("amount", t.amount))
        case _:
            return ()
