"""Turns the routes of one thing into calls of a mapping: paths, parameters, bodies, where the answer is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from crm_acceptance.drafting import calls_steps
from crm_acceptance.drafting.document import Table
from crm_acceptance.drafting.drafts import CallDraft
from crm_acceptance.drafting.envelope import One, body_of, list_of, record_of
from crm_acceptance.drafting.naming import singular, words
from crm_acceptance.drafting.naming_fields import own_words
from crm_acceptance.drafting.naming_paging import paging_names
from crm_acceptance.drafting.operations import Operation
from crm_acceptance.drafting.resources import Thing
from crm_acceptance.drafting.routes import Route
from crm_acceptance.drafting.schemas import Schemas, kind
from crm_acceptance.drafting.whole import given_back
from crm_acceptance.drafting.words import NAMES

ID_NAMES = frozenset(NAMES["id"])


ID_TAILS = ("id", "ids", "uuid", "uid", "no", "nummer", "nr")


@dataclass(frozen=True)
class Prefix:
    """What stands before the paths of calls: the server's path, then what the operations' own paths share."""

    server: str = ""
    shared: str = ""

    def off(self, path: str) -> str:
        """An operation's path as a call has it; one outside the prefix begins at the site's root: "//oauth/token"."""
        if not self.shared or path == self.shared or path.startswith(f"{self.shared}/"):
            return path.removeprefix(self.shared)
        return f"/{self.server}{path}"


@dataclass(frozen=True)
class Talk:
    """What the calls of one thing have in common: its schemas, path, names, what one of its records looks like."""

    schemas: Schemas
    thing: Thing
    object: str
    path: str
    prefix: Prefix
    row: Table

    @property
    def nouns(self) -> tuple[str, ...]:
        """Names under which an answer may hold the record."""
        spelt = "".join(words(self.thing.noun))
        return tuple(dict.fromkeys((spelt, singular(spelt), self.thing.noun.lower(), self.object)))


def calls_of(talk: Talk) -> dict[str, CallDraft]:
    """Every verb that the thing's routes give."""
    found: dict[str, CallDraft] = {}
    for verb, made in _MAKERS.items():
        route = talk.thing.route(verb)
        if route is not None:
            table = made(talk, route)
            if table is not None:
                why = f"{route.operation.label}{calls_steps.doubt(route)}"
                found[verb] = CallDraft(verb, table, why, _told(route.operation))
    if not found.keys() & {"transfer", "assign"}:
        found |= _handed(talk)
    if "count" not in found and found.get("list") and found["list"].table.get("total"):
        found["count"] = CallDraft("count", {"call": "list"}, "列表的总数 the total of list")
    return found


def _handed(talk: Talk) -> dict[str, CallDraft]:
    """transfer or assign by a step of which only the body says what it is."""
    route = calls_steps.handing(talk.schemas, talk.thing.routes.get("", ()), talk.object)
    table = _step(talk, route) if route else None
    if route is None or table is None:
        return {}
    why = f"{route.operation.label}；只要一个人 asks for a person and nothing else"
    return {route.verb: CallDraft(route.verb, table, why, _told(route.operation))}


def _told(operation: Operation) -> bool:
    """Whether the document shows the answer; a deletion needs none."""
    return bool(kind(operation.answer)) or operation.method == "DELETE"


def target(talk: Talk, route: Route, more: Mapping[str, str] | None = None) -> str:
    """ "POST {path}/{id}/approve"."""
    path = talk.prefix.off(route.operation.path)
    names = {name: "id" if len(route.ids) == 1 else f"id.{place + 1}" for place, name in enumerate(route.ids)}
    names.update(more or {})
    shown = "/".join(_part(part, names) for part in path.split("/"))
    rest = shown[len(talk.path) :] if talk.path and shown.startswith(talk.path) else None
    spelt = "{path}" + rest if rest is not None and rest[:1] in ("", "/", ":", ".", "(") else shown
    return f"{route.operation.method} {spelt}"


def _part(part: str, names: Mapping[str, str]) -> str:
    for name, value in names.items():
        part = part.replace("{" + name + "}", "{" + value + "}")
        part = "{" + value + "}" if part == f":{name}" else part
    if part.startswith("{") and part.endswith("}") and part[1:-1] not in names.values():
        return "{secret." + "_".join(words(part)).upper() + "}"
    return part


def id_parameter(talk: Talk, route: Route) -> str:
    """The query parameter that names the record, "" when the path does or nothing does."""
    if route.item:
        return ""
    known = next((name for name in route.operation.query if names_id(talk, name)), "")
    asked = [one.name for one in route.operation.query.values() if one.required and one.fixed is None]
    return known or (asked[0] if len(asked) == 1 and route.verb in ("read", "change", "delete") else "")


def names_id(talk: Talk, name: str) -> bool:
    """ "id", "customerId", "idCliente", "khid", "filterByTk"."""
    spelt = "".join(words(name))
    nouns = {*talk.nouns, *own_words(talk.object)}
    named = {f"{noun}{tail}" for noun in nouns for tail in ID_TAILS} | {f"id{noun}" for noun in nouns}
    return spelt in ID_NAMES or spelt in named


def plain(talk: Talk, route: Route, params: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The call with what the document itself fixes: required parameters and headers that have a value."""
    table: dict[str, Any] = {"call": target(talk, route)}
    query = route.operation.query.values()
    fixed = {one.name: one.fixed for one in query if (one.required and one.fixed is not None) or one.fixed == "*"}
    own = id_parameter(talk, route) if route.verb not in ("list", "create", "count", "export", "sum") else ""
    asked = {**fixed, **({own: "{id}"} if own else {}), **(params or {})}
    asked = {name: value for name, value in asked.items() if name not in paging_names(route.operation)}
    headers = {
        one.name: "{key}" if "idempoten" in one.name.lower() else str(one.fixed)
        for one in route.operation.parameters
        if one.place == "header" and ("idempoten" in one.name.lower() or (one.required and one.fixed is not None))
    }
    return {**table, **({"params": asked} if asked else {}), **({"headers": headers} if headers else {})}


def with_record(talk: Talk, route: Route, table: dict[str, Any]) -> dict[str, Any]:
    """The call, and where its answer's record is; without a word about that it is read again."""
    one = record_of(talk.schemas, route.operation, talk.nouns, talk.row)
    if one.sure and _receipt(talk, one.schema):
        place = _id_inside(talk, one)
        return {**table, "then": "read", **({"record": place} if route.verb == "create" and place is not None else {})}
    if one.sure or one.path:
        return {**table, "record": one.path}
    return {**table, "record": ""} if route.verb in ("read", "create") else {**table, "then": "read"}


def _receipt(talk: Talk, schema: Table) -> bool:
    """Whether an answer is only a receipt: it shows nothing of what a row shows."""
    own, row = set(talk.schemas.properties(schema)), set(talk.schemas.properties(talk.row))
    return len(row) > 2 and not (own & row) - {"id", "status", "code", "message"}


def _id_inside(talk: Talk, one: One) -> str | None:
    """Where in a receipt the new record's id is."""
    places = [prop.path for prop in talk.schemas.props(one.schema) if names_id(talk, prop.name)]
    inner = min(places, key=lambda path: path.count("."), default=None)
    return None if inner is None else ".".join(filter(None, (one.path, inner.rpartition(".")[0])))


def _list(talk: Talk, route: Route) -> dict[str, Any]:
    rows = list_of(talk.schemas, route.operation)
    table = plain(talk, route)
    if route.operation.method == "POST" and talk.schemas.properties(route.operation.body):
        table["body"] = calls_steps.asked(talk.schemas, route.operation)
    if counted := calls_steps.counted(route.operation, rows.total or ""):
        table["params"] = {**table.get("params", {}), **counted}
    return {**table, "rows": rows.path, **({"total": rows.total} if rows.total else {})}


def _read(talk: Talk, route: Route) -> dict[str, Any]:
    table = plain(talk, route)
    if route.operation.method == "POST" and not route.item and not id_parameter(talk, route):
        table["body"] = {_body_id(talk, route) or "id": "{id}"}
    return {**table, **with_record(talk, route, {})}


def _create(talk: Talk, route: Route) -> dict[str, Any]:
    body = body_of(talk.schemas, route.operation, talk.nouns)
    key = "form" if "form" in route.operation.body_type and body.template == "{fields}" else "body"
    return with_record(
        talk, route, {**plain(talk, route), key: {"...": "{fields}"} if key == "form" else body.template}
    )


def _change(talk: Talk, route: Route) -> dict[str, Any]:
    body = body_of(talk.schemas, route.operation, talk.nouns)
    own = "" if route.item or id_parameter(talk, route) else _body_id(talk, route) or "id"
    if not own and "json:api" in route.operation.body_type.replace("vnd.api+json", "json:api"):
        own = "id"  # wanted in the body, too
    template = _with_id(body.template, own) if own else body.template
    if "form" in route.operation.body_type and body.template == "{fields}":
        return with_record(
            talk, route, {**plain(talk, route), "form": {"...": "{fields}", **({own: "{id}"} if own else {})}}
        )
    template = given_back(talk.schemas, route.operation.method, template, body.schema, talk.row, own)
    return with_record(talk, route, {**plain(talk, route), "body": template})


def _with_id(template: Any, name: str) -> Any:
    """The id goes beside the fields."""
    if template == "{fields}":
        return {"...": "{fields}", name: "{id}"}
    if isinstance(template, dict) and template.get("...") == "{fields}":
        return {**template, name: "{id}"}
    if isinstance(template, dict):
        return {key: _with_id(value, name) for key, value in template.items()}
    return [_with_id(value, name) for value in template] if isinstance(template, list) else template


def _body_id(talk: Talk, route: Route) -> str:
    own = talk.schemas.properties(body_of(talk.schemas, route.operation, talk.nouns).schema)
    return next((name for name in own if names_id(talk, name)), "")


def _delete(talk: Talk, route: Route) -> dict[str, Any] | None:
    table = plain(talk, route)
    if route.item or id_parameter(talk, route):
        return table
    own = talk.schemas.properties(route.operation.body)
    name = next((one for one in own if names_id(talk, one)), "")
    if name:
        return {**table, "body": {name: ["{id}"] if kind(own[name]) == "array" else "{id}"}}
    if kind(route.operation.body) == "array":
        return {**table, "body": ["{id}"]}
    return None  # a server that overlooks the body of a DELETE would delete everything


def _step(talk: Talk, route: Route) -> dict[str, Any] | None:
    """approve, assign, claim ...: what the body asks for is filled from the options of the verb."""
    if route.operation.method == "GET" and route.verb not in ("check_duplicate",):
        return None
    table = plain(talk, route, calls_steps.parameters(route, lambda name: names_id(talk, name)))
    own = calls_steps.filled(talk.schemas, route, lambda name: not route.item and names_id(talk, name))
    if own:
        table["form" if "form" in route.operation.body_type else "body"] = own
    return with_record(talk, route, table)


def _yielding(object: str) -> Callable[[Talk, Route], dict[str, Any] | None]:
    def made(talk: Talk, route: Route) -> dict[str, Any] | None:
        table = _step(talk, route)
        if table is None:
            return None
        table.pop("then", None)
        table.pop("record", None)
        told = calls_steps.result(talk.schemas, route.operation, object, talk.row)
        if "result" not in told:
            return {**table, "yields": object, **told}
        return {"yields": object, "steps": [{**table, "save": told["save"]}], "result": told["result"]}

    return made


def _rows(talk: Talk, route: Route) -> dict[str, Any]:
    found = list_of(talk.schemas, route.operation)
    table = plain(talk, route, calls_steps.parameters(route))
    return {**table, "rows": found.path, **({"total": found.total} if found.total else {})}


def _value(talk: Talk, route: Route) -> dict[str, Any]:
    params = {name: "{field}" for name in route.operation.query if name in ("field", "column", "property")}
    numbers = [p.path for p in talk.schemas.props(route.operation.answer) if p.type in ("integer", "number", "string")]
    telling = [one for one in numbers if one.rpartition(".")[2].lower() in ("count", "total", "sum", "value", "data")]
    return {**plain(talk, route, params), "value": (telling or numbers or [""])[0]}


def _export(talk: Talk, route: Route) -> dict[str, Any]:
    return {**plain(talk, route), "file": True}


def _import(talk: Talk, route: Route) -> dict[str, Any]:
    return {**plain(talk, route), "files": {calls_steps.file_name(talk.schemas, route.operation): "{file}"}}


def _attach(talk: Talk, route: Route) -> dict[str, Any]:
    one = record_of(talk.schemas, route.operation, ("attachment", "file"), {})
    return {**_import(talk, route), "record": one.path}


_MAKERS: Mapping[str, Callable[[Talk, Route], dict[str, Any] | None]] = {
    "list": _list, "read": _read, "create": _create, "change": _change, "delete": _delete, "count": _value,
    "sum": _value, "export": _export, "import": _import, "attach": _attach, "attachments": _rows, "audit": _rows,
    "check_duplicate": _rows, "convert": _yielding("customer"), "order": _yielding("order"),
    **dict.fromkeys(("assign", "transfer", "claim", "release", "advance", "submit", "approve", "reject", "confirm",
                     "cancel", "resolve", "close", "disable", "enable", "handover"), _step),
}  # fmt: skip
