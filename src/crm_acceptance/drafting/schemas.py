"""Reads JSON schemas of a document: what an object's properties are, through $refs, allOf and nullable unions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from crm_acceptance.drafting.document import Document, Table, rows, table, text, usable

ONE_OR_MANY = "x-one-or-many"
"""What `flat` writes into a schema that takes one object or a list of them."""
GROUPS = frozenset(("data", "attributes", "fields", "properties", "values", "record", "result", "item", "payload"))
IDS = frozenset(("id", "_id", "uid", "uuid", "documentId", "guid", "Id", "ID"))
_NOTHING = re.compile(r"(?i)^(a|an|the)\b.*\b(field|of the|id)\b|^(string|text|number|value)$")
NESTED = 4
"""How many objects inside one another are looked into."""


@dataclass(frozen=True)
class Prop:
    """One property: `path` as it stands in a record ("customer.name"), `schema` resolved, `required` of its object.

    `related`: it is a property of another record that this one refers to.
    """

    path: str
    schema: Table
    required: bool = False
    related: bool = False

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self.path.rpartition(".")[2]

    @property
    def titles(self) -> tuple[str, ...]:
        """What people call it: title, x-label and the like, the beginning of the description."""
        said = [text(self.schema.get(key)) for key in ("title", "x-label", "x-title", "x-display-name", "x-comment")]
        said.append(opening(text(self.schema.get("description"))))
        said = [one for one in said if not _NOTHING.search(one)]
        return tuple(dict.fromkeys(one.strip() for one in said if one.strip()))

    @property
    def type(self) -> str:
        """The JSON type without null, "" when the document does not say."""
        return kind(self.schema)


@dataclass
class Schemas:
    """The schemas of one document; each is worked out once."""

    document: Document
    _flat: dict[int, tuple[Any, Table]] = field(default_factory=dict)

    def flat(self, schema: Any, depth: int = 0) -> Table:
        """One table: $refs followed, allOf merged, of anyOf/oneOf the first that is an object, array or value."""
        if not isinstance(schema, dict) or depth > NESTED + 4:
            return {}
        known = self._flat.get(id(schema))
        if known is not None:
            return known[1]
        self._flat[id(schema)] = (schema, {})  # a schema inside itself is empty there
        found = self._unioned(self.document.resolved(schema), depth)
        self._flat[id(schema)] = (schema, found)
        return found

    def _unioned(self, schema: Table, depth: int) -> Table:
        parts = [self.flat(one, depth + 1) for one in rows(schema.get("allOf"))]
        either = [self.flat(one, depth + 1) for key in ("anyOf", "oneOf") for one in rows(schema.get(key))]
        chosen = [one for one in either if kind(one) not in ("", "null")] or either
        if {kind(one) for one in chosen} >= {"array", "object"}:
            schema = {**schema, ONE_OR_MANY: True}
        if chosen:
            parts.append(_richest(chosen) if all(kind(one) in ("object", "array") for one in chosen) else chosen[0])
        if not parts:
            return schema
        merged: Table = {"properties": {}, "required": []}
        for part in (*parts, {key: one for key, one in schema.items() if key not in ("allOf", "anyOf", "oneOf")}):
            properties = {**merged["properties"], **table(part.get("properties"))}
            required = [*merged["required"], *rows(part.get("required"))]
            merged = {**merged, **part, "properties": properties, "required": required}
        if not merged["properties"] and kind(merged) != "object":
            merged = {key: one for key, one in merged.items() if key not in ("properties", "required")}
        return merged

    def properties(self, schema: Any) -> dict[str, Table]:
        """Name -> schema of an object's own properties; {} for anything else."""
        found = self.flat(schema)
        return {name: self.flat(one) for name, one in table(found.get("properties")).items() if usable(name)}

    def props(self, schema: Any, prefix: str = "", depth: int = 0, related: bool = False) -> Iterator[Prop]:
        """The properties of an object and of the objects in it, outer ones first."""
        required = {one for one in rows(self.flat(schema).get("required")) if isinstance(one, str)}
        inner: list[tuple[str, Table]] = []
        for name, found in self.properties(schema).items():
            if name.startswith(("$", "@")) or name in ("_links", "links"):
                continue
            yield Prop(prefix + name, found, name in required, related)
            if kind(found) == "object" and depth < NESTED - 1:
                inner.append((f"{prefix}{name}.", found))
        for path, found in inner:
            yield from self.props(found, path, depth + 1, related or self._refers(path, found))

    def _refers(self, path: str, schema: Table) -> bool:
        """Whether an object inside a record is another record: it has an id, and its name says no mere grouping."""
        name = path.rstrip(".").rpartition(".")[2].lower()
        return name not in GROUPS and bool(IDS & set(table(schema.get("properties"))))

    def items(self, schema: Any) -> Table:
        """What an array holds."""
        return self.flat(self.flat(schema).get("items"))


def kind(schema: Table) -> str:
    """object, array, string, integer, number, boolean, null or "": 3.1 writes several, of which null does not count."""
    said = schema.get("type")
    if isinstance(said, list):
        said = next((one for one in said if one != "null"), "null")
    if isinstance(said, str):
        return said
    if isinstance(schema.get("properties"), dict):
        return "object"
    if "items" in schema:
        return "array"
    return "string" if isinstance(schema.get("enum"), list) and schema["enum"] else ""


def opening(description: str) -> str:
    """The first words of a description, up to the first stop or bracket: usually the name of the thing."""
    spoken = re.match(r"[\u4e00-\u9fff/、]+(?:ID|id|Id)?", description)
    if spoken:
        return spoken.group()[:20]
    for stop in "，。；：:;,.(（\n、-—/=|":
        description = description.split(stop, 1)[0]
    return description if len(description) <= 40 else ""


def _richest(chosen: list[Table]) -> Table:
    """A body that may be one record or a list of them is the one record."""
    objects = [one for one in chosen if kind(one) == "object"]
    return max(objects or chosen, key=lambda one: len(table(one.get("properties"))))
