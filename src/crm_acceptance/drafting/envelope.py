"""Where in an answer the rows, the total and the record are, and where in a body the fields go. Guesses, no writing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from crm_acceptance.drafting.document import Table, literal, rows, table, text
from crm_acceptance.drafting.naming import words
from crm_acceptance.drafting.operations import Operation
from crm_acceptance.drafting.schemas import ONE_OR_MANY, Schemas, kind
from crm_acceptance.drafting.words import NAMES

ROWS = NAMES["rows"]
RECORD = NAMES["record"]
TOTAL = NAMES["total"]
WRAPS = NAMES["wraps"]


@dataclass(frozen=True)
class Rows:
    """A list answer: `path` of its rows ("" for the whole body), `total`'s path or None, what one row is."""

    path: str
    total: str | None
    row: Table
    sure: bool


@dataclass(frozen=True)
class One:
    """An answer of one record: its path and schema; `sure` is False when the document does not show it."""

    path: str
    schema: Table
    sure: bool


@dataclass(frozen=True)
class Body:
    """A body: a template with "{fields}" in it, the schema of the fields, what it was read from."""

    template: Any
    schema: Table
    sure: bool


def list_of(schemas: Schemas, operation: Operation) -> Rows:
    """The rows of a list's answer."""
    answer = operation.answer
    header = next((f"header:{one}" for one in operation.answer_headers if _squeezed(one) in _HEADERS), None)
    if kind(answer) == "array":
        return Rows("", header, schemas.items(answer), True)
    found = min(_arrays(schemas, answer), key=_array_rank, default=None)
    if found is None:
        return Rows("data" if "data" in schemas.properties(answer) else "", header, {}, False)
    path, row = found
    return Rows(path, header or _total(schemas, answer, path), row, True)


_HEADERS = frozenset(("xtotalcount", "xtotal", "totalcount", "xcount", "xpaginationtotalcount", "contentrange"))


def _arrays(schemas: Schemas, schema: Table, prefix: str = "", depth: int = 0) -> Iterator[tuple[str, Table]]:
    for name, found in schemas.properties(schema).items():
        if kind(found) == "array":
            yield f"{prefix}{name}", schemas.items(found)
        elif kind(found) == "object" and depth < 2:
            yield from _arrays(schemas, found, f"{prefix}{name}.", depth + 1)


def _array_rank(found: tuple[str, Table]) -> tuple[int, int, int]:
    path, row = found
    last = path.rpartition(".")[2].lower()
    named = ROWS.index(last) if last in ROWS else len(ROWS) - (1 if "_embedded" in path else 0)
    errors = last in ("errors", "included", "links", "warnings", "messages")
    return (1 if errors else 0, 0 if kind(row) == "object" or not row else 1, named + 3 * path.count("."))


def _total(schemas: Schemas, answer: Table, rows_path: str) -> str | None:
    """The nearest number that is named like a total; else a text beside the rows, as OData 2 writes numbers."""
    numbers = [
        prop for prop in schemas.props(answer)
        if prop.type in ("integer", "number", "string") and "".join(words(prop.name)) in TOTAL
        and not prop.path.startswith(f"{rows_path}.")
    ]  # fmt: skip
    ranked = sorted(numbers, key=lambda one: (TOTAL.index("".join(words(one.name))), one.path.count(".")))
    sound = [one for one in ranked if one.type != "string" and one.name.lower() not in ("size", "records")] or [
        one for one in ranked if one.type == "integer" and one.name.lower() == "records"
    ]
    holder = rows_path.rpartition(".")[0]
    spoken = [
        one for one in ranked if one.type == "string" and one.path.rpartition(".")[0] == holder and one.name != "size"
    ]
    found = next((one.path for one in (*sound, *spoken)), None)
    return found or _only_number(schemas, answer, rows_path)


def _only_number(schemas: Schemas, answer: Table, rows_path: str) -> str | None:
    """The one whole number beside the rows, if it says nothing else of itself."""
    holder = rows_path.rpartition(".")[0]
    beside = [one for one in schemas.props(answer) if one.path.rpartition(".")[0] == holder and one.type == "integer"]
    plain = [one for one in beside if not {"".join(words(one.name)), *words(one.name)} & _NO_TOTAL]
    telling = [one for one in beside if {"total", "count"} & set(words(one.name)) and "page" not in words(one.name)]
    only = telling or plain
    return only[0].path if rows_path and len(only) == 1 else None


_NO_TOTAL = frozenset(
    one for key in ("page", "size", "offset", "cursor", "next", "code", "success") for one in NAMES[key]
) | {"id", "time", "timestamp", "pages", "took", "duration", "version", "ts", "elapsed"}


def record_of(schemas: Schemas, operation: Operation | None, nouns: tuple[str, ...], like: Table) -> One:
    """The record in an answer. `like` is what a row of the list looks like: whichever object is most like it is it."""
    answer = operation.answer if operation else {}
    if kind(answer) == "array":
        return One("0", schemas.items(answer), True)
    if not schemas.properties(answer):
        return One("", {}, False)
    found = max(_records(schemas, answer, nouns, like), key=lambda one: one[0])[1]
    if operation and operation.body.get(ONE_OR_MANY) and found.path.endswith(".0"):
        return One(found.path[:-2], found.schema, found.sure)  # only a list is answered by a list
    return found


def _records(schemas: Schemas, answer: Table, nouns: tuple[str, ...], like: Table) -> Iterator[tuple[float, One]]:
    known = set(schemas.properties(like))
    yield _alikeness(schemas, answer, known) + 0.01, One("", answer, True)
    for name, found in schemas.properties(answer).items():
        named = 0.5 if name.lower() in RECORD else 0.4 if name.lower() in nouns else 0.0
        if named and not schemas.properties(found) and kind(found) != "array":
            yield 0.3 if kind(found) in ("", "object") else 0.0, One(name, {}, False)
        if not named and not (known and kind(found) == "object"):
            continue
        inner = schemas.items(found) if kind(found) == "array" else found
        path = f"{name}.0" if kind(found) == "array" else name
        if schemas.properties(inner) and kind(inner) in ("object", ""):
            yield named + _alikeness(schemas, inner, known), One(path, inner, True)
            for deep, schema in schemas.properties(inner).items():
                if deep.lower() in {*RECORD, *nouns} and schemas.properties(schema):
                    yield named + _alikeness(schemas, schema, known), One(f"{path}.{deep}", schema, True)


def _alikeness(schemas: Schemas, schema: Table, known: set[str]) -> float:
    own = set(schemas.properties(schema))
    has_id = 0.3 if own & {"id", "_id", "uuid", "documentId", "guid"} else 0.0
    return has_id + (2 * len(own & known) / len(own | known) if known and own else 0.0)


def body_of(schemas: Schemas, operation: Operation | None, nouns: tuple[str, ...]) -> Body:
    """Where the fields go in a body: bare, in a wrapper, in a list of one, or as JSON:API wants it."""
    schema = operation.body if operation else {}
    if kind(schema) == "array":
        return Body(["{fields}"], schemas.items(schema), True)
    own = schemas.properties(schema)
    wrapper = _wrapper(schemas, own, nouns)
    if wrapper is None:
        return Body("{fields}", schema, bool(own))
    inner = own[wrapper]
    if kind(inner) == "array":
        return Body({wrapper: ["{fields}"]}, schemas.items(inner), True)
    if "attributes" in schemas.properties(inner):
        return Body({wrapper: {**_fixed(schemas, inner), "...": "{fields}"}}, inner, True)
    return Body({wrapper: "{fields}"}, inner, True)


def _wrapper(schemas: Schemas, own: dict[str, Table], nouns: tuple[str, ...]) -> str | None:
    """A name that wraps: the only property, or one with a telling name that holds more than its siblings do."""
    for name in own:
        inner = schemas.items(own[name]) if kind(own[name]) == "array" else own[name]
        telling = name.lower() in WRAPS or name.lower() in nouns
        holds = len(schemas.properties(inner))
        if (telling and holds >= max(1, len(own) - 1)) or (len(own) == 1 and holds > 1):
            return name
    only = next(iter(own), "")
    return only if len(own) == 1 and only in WRAPS and kind(own[only]) == "object" else None


def _fixed(schemas: Schemas, schema: Table) -> Table:
    """What JSON:API wants beside the attributes: the type."""
    told = schemas.properties(schema).get("type", {})
    value = told.get("const") or next(iter(rows(told.get("enum"))), None) or told.get("example") or told.get("default")
    return {"type": literal(value)} if isinstance(value, str) and value else {}


def _squeezed(name: str) -> str:
    return "".join(words(name))


def inferred(value: Any) -> Table:
    """A schema that a JSON value fits: for answers that are shown by example only, and for recorded calls."""
    if isinstance(value, dict):
        return {"type": "object", "properties": {str(key): inferred(one) for key, one in value.items()}}
    if isinstance(value, list):
        return {"type": "array", "items": _merged([inferred(one) for one in value[:20]])}
    names = {bool: "boolean", int: "integer", float: "number", str: "string"}
    found: Table = {"type": names[type(value)]} if type(value) in names else {}
    return {**found, "example": value} if value is not None else {}


def _merged(schemas: list[Table]) -> Table:
    objects = [table(one.get("properties")) for one in schemas if text(one.get("type")) == "object"]
    if not objects:
        return schemas[0] if schemas else {}
    properties: Table = {}
    for one in objects:
        for name, found in one.items():
            properties[name] = found if found or name not in properties else properties[name]
    return {"type": "object", "properties": properties}
