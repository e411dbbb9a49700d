"""How a reference to a record or a person stands in a record, and how it is written: bare, in an object, in a list."""

from __future__ import annotations

from typing import Any

from crm_acceptance.drafting.document import Table, literal
from crm_acceptance.drafting.naming import words
from crm_acceptance.drafting.schemas import Prop, Schemas, kind
from crm_acceptance.drafting.words import AROUND, NAMES

REF_KEYS = ("documentId", "id", "_id", "uuid", "guid", "uid", "value", "key", "code")
_PLAIN = ("string", "integer", "number", "")


def key_of(schemas: Schemas, schema: Table) -> str:
    """Which property of a reference is the id: by its name, or because it has no other; "" when nothing says so."""
    own = {name: one for name, one in schemas.properties(schema).items() if kind(one) in _PLAIN}
    known = next((one for one in REF_KEYS if one in own), "")
    named = next((one for one in own if "".join(words(one)) in NAMES["id"]), "")
    ending = next((one for one in own if set(words(one)) & AROUND["ids"]), "")
    only = next(iter(own), "") if len(schemas.properties(schema)) == 1 else ""
    return known or named or ending or only


def is_blank(schemas: Schemas, prop: Prop) -> bool:
    """An object of which the document shows nothing: where its id is nobody can tell."""
    return prop.type == "object" and not schemas.properties(prop.schema)


def path_of(schemas: Schemas, prop: Prop) -> str:
    """The path that is read; an object or a list in the place of a reference is read at its id."""
    if prop.type == "object":
        inner = schemas.properties(prop.schema)
        if "data" in inner and schemas.properties(inner["data"]):
            return f"{prop.path}.data.id"
        key = key_of(schemas, prop.schema)
        return f"{prop.path}.{key}" if key else prop.path
    if prop.type == "array":
        item = schemas.items(prop.schema)
        return f"{prop.path}.0.{key_of(schemas, item) or 'id'}" if kind(item) == "object" else f"{prop.path}.0"
    return prop.path


def wrap_of(schemas: Schemas, target: Prop) -> Any:
    """What is written around an id where a body takes an object; None for nothing."""
    if target.type != "object" or is_blank(schemas, target):
        return None
    inner = schemas.properties(target.schema)
    if "data" in inner:
        return {"data": _linked(schemas, inner["data"])}
    key = key_of(schemas, target.schema)
    return {key: "{value}"} if key else None


def _linked(schemas: Schemas, data: Table) -> Table:
    """A reference of JSON:API: type and id."""
    told = schemas.properties(data).get("type", {}).get("const")
    return {**({"type": literal(told)} if isinstance(told, str) else {}), "id": "{value}"}
