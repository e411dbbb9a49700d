"""What the bodies of listings and of steps in a record's life ask for, filled with the names of templates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from crm_acceptance.drafting.document import Table, rows
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


def parameters(route: Route, is_id: Callable[[str], bool] = lambda name: False) -> dict[str, Any]:
    """Query parameters that the verb's options fill."""
    known = {name: value for name in route.operation.query if (value := _value(route.verb, name)) is not None}
    asked = [one.name for one in route.operation.query.values() if one.required and one.fixed is None]
    return known or _only(route.verb, [name for name in asked if not is_id(name)])


def filled(schemas: Schemas, route: Route, is_id: Callable[[str], bool]) -> dict[str, Any]:
    """The body of a step, as far as its properties are understood; the id where the path does not tell it."""
    found: dict[str, Any] = {}
    own = schemas.properties(route.operation.body)
    for name, schema in own.items():
        value = _value(route.verb, name)
        if is_id(name):
            found[name] = ["{id}"] if kind(schema) == "array" else "{id}"
        elif value is not None and value not in found.values():
            found[name] = value
    rest = [name for name, schema in own.items() if name not in found and kind(schema) not in ("object", "boolean")]
    if not any(value for value in found.values() if value not in ("{id}", ["{id}"])):
        found |= _only(route.verb, rest)
    return found or (_only(route.verb, ["to"]) if blank(route) else {})


def _only(verb: str, names: list[str]) -> dict[str, Any]:
    """The one thing that a step asks for is what such a step needs, whatever it is called."""
    asks = _ASKED.get(verb, ())
    if len(asks) != 1 or len(names) != 1 or (asks[0][0] != "reason" and plain(names[0]) in NAMES["reason"]):
        return {}
    return {names[0]: asks[0][1]}


def blank(route: Route) -> bool:
    """A step that needs something, whose body the document calls an object without saying what is in it."""
    body = route.operation.body
    return len(_ASKED.get(route.verb, ())) == 1 and kind(body) == "object" and not body.get("properties")


def doubt(route: Route) -> str:
    """What is to be said of the names in a step's body."""
    return (
        "；请求体里的名字文档没有写，to 请换掉 the body's names are not in the document: replace to"
        if blank(route)
        else ""
    )


def handing(schemas: Schemas, routes: Iterable[Route], object: str) -> Route | None:
    """A step of unknown name on one record that asks for one thing, a person: it hands the record over."""
    verb = "assign" if object in ("ticket", "lead") else "transfer"
    for one in routes:
        own = list(schemas.properties(one.operation.body))
        if one.item and one.spelt and one.operation.method != "GET" and len(own) == 1 and _personal(own[0]):
            return replace(one, verb=verb)
    return None


def _personal(name: str) -> bool:
    alike = max(likeness(object, field, name) for object, field in _LIKE["person"])
    return plain(name) in NAMES["person"] or alike >= 0.8


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


def counted(operation: Operation, total: str) -> dict[str, str]:
    """The parameters by which a list is told to count its rows: $count, $inlinecount, withTotal, meta."""
    if not total:
        return {}
    if total.startswith("meta.") and "meta" in operation.query:
        return {"meta": total.rpartition(".")[2]}
    found: dict[str, str] = {}
    for name, one in operation.query.items():
        offered = [str(value) for value in rows(one.schema.get("enum"))]
        value = "true" if kind(one.schema) == "boolean" else next((each for each in offered if each in _WHOLE), "")
        if value and plain(name) in NAMES["counting"]:
            found[name] = value
    return found


_WHOLE = ("allpages", "true", "exact", "all", "yes", "1")


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
    """An answer that shows the record itself is no list of what was made: an order names its customer, too."""
    own, known = set(schemas.properties(answer)), set(schemas.properties(row))
    return (len(own) > 8 and "id" in own and bool(row)) or len(own & known) * 2 > max(len(own), 4)


def file_name(schemas: Schemas, operation: Operation) -> str:
    """The part of a form that takes the file."""
    own = schemas.properties(operation.body)
    binary = [name for name, one in own.items() if one.get("format") == "binary" or one.get("type") == "file"
              or "contentMediaType" in one]  # fmt: skip
    return (binary or [name for name in own if plain(name) in NAMES["upload"]] or ["file"])[0]
