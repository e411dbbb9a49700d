"""What the bodies of listings and of steps in a record's life ask for, filled with the names of templates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from crm_acceptance.drafting.document import Table
from crm_acceptance.drafting.naming import object_of, words
from crm_acceptance.drafting.naming_fields import likeness
from crm_acceptance.drafting.naming_paging import DIRECTION, OFFSET, PAGE, SEARCH, SIZE, SORT, first, plain
from crm_acceptance.drafting.operations import Operation
from crm_acceptance.drafting.routes import Route
from crm_acceptance.drafting.schemas import Schemas, kind
from crm_acceptance.drafting.words import NAMES

_ASKED: Mapping[str, tuple[tuple[str, str], ...]] = {
    **dict.fromkeys(("transfer", "assign", "handover"), (("person", "{to}"),)),
    "reject": (("reason", "{reason}"),),
    "resolve": (("resolution", "{fields.resolution}"),),
    "advance": (("stage", "{stage}"),),
    "convert": (("amount", "{fields.amount}"), ("opportunity_name", "{fields.opportunity_name}")),
    "check_duplicate": (("customer_name", "{fields.name}"), ("customer_phone", "{fields.phone}")),
}


def parameters(route: Route) -> dict[str, Any]:
    """Query parameters that the verb's options fill."""
    return {name: value for name in route.operation.query if (value := _value(route.verb, name)) is not None}


def filled(schemas: Schemas, route: Route, is_id: Callable[[str], bool]) -> dict[str, Any]:
    """The body of a step, as far as its properties are understood; the id where the path does not tell it."""
    found: dict[str, Any] = {}
    for name, schema in schemas.properties(route.operation.body).items():
        value = _value(route.verb, name)
        if is_id(name):
            found[name] = ["{id}"] if kind(schema) == "array" else "{id}"
        elif value is not None and value not in found.values():
            found[name] = value
    return found


def _value(verb: str, name: str) -> str | None:
    """By the tables first, then by what the field of that meaning may be called."""
    asks = _ASKED.get(verb, ())
    known = next((value for names, value in asks if plain(name) in NAMES[names]), None)
    return known or next((value for names, value in asks if names in _LIKE and _alike(*_LIKE[names], name)), None)


_LIKE = {
    "person": (("lead", "owner"), ("ticket", "assignee")),
    "stage": (("opportunity", "stage"),),
    "amount": (("opportunity", "amount"),),
    "opportunity_name": (("opportunity", "name"),),
    "customer_name": (("customer", "name"),),
    "customer_phone": (("customer", "phone"),),
    "resolution": (("ticket", "resolution"),),
}


def _alike(*fields_and_name: Any) -> bool:
    *fields, name = fields_and_name
    return any(likeness(object, field, str(name)) >= 0.6 for object, field in fields)


def asked(schemas: Schemas, operation: Operation) -> Table:
    """The body of a listing by POST: page, size, search and sorting where their names are known."""
    names = list(schemas.properties(operation.body))
    found = {
        first(names, listed): value
        for listed, value in (
            (PAGE, "{page}"), (OFFSET, "{offset}"), (SIZE, "{size}"), (SEARCH, "{q}"),
            (() if first(names, DIRECTION[1:]) else SORT, "{order}"),
        )
    }  # fmt: skip
    return {name: value for name, value in found.items() if name}


def result(schemas: Schemas, operation: Operation, object: str, row: Table) -> Table:
    """Where the answer tells the new record: whole, or by ids of what was made."""
    ids: dict[str, str] = {}
    for prop in schemas.props(operation.answer):
        parts = words(prop.name)
        meant = object_of("_".join(part for part in parts if part not in ("id", "new", "created"))).name
        if (
            meant in ("customer", "contact", "opportunity", "order")
            and meant not in ids
            and kind(prop.schema) != "array"
        ):
            ids[meant] = f"{prop.path}.id" if prop.type == "object" else prop.path
    if object in ids and not _same(schemas, operation.answer, row):
        others = {name: f"{{{name}}}" for name in ids if object == "customer"}
        return {"save": ids if others else {object: ids[object]}, "result": {"id": f"{{{object}}}", **others}}
    path = next((f"{prop.path}" for prop in schemas.props(operation.answer) if prop.name in ("data", "result")), "")
    return {"record": path}


def _same(schemas: Schemas, answer: Table, row: Table) -> bool:
    """An order that names its customer is no list of what was made."""
    own = set(schemas.properties(answer))
    return len(own) > 8 and "id" in own and bool(row)


def file_name(schemas: Schemas, operation: Operation) -> str:
    """The part of a form that takes the file."""
    own = schemas.properties(operation.body)
    binary = [name for name, one in own.items() if one.get("format") == "binary" or one.get("type") == "file"
              or "contentMediaType" in one]  # fmt: skip
    return (binary or [name for name in own if plain(name) in NAMES["upload"]] or ["file"])[0]
