"""What an operation takes, read from the OpenAPI document with its references followed; decides and sends nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from crm_acceptance.engines.fuzz.naming import Operation

DEEPEST = 20
"""References followed in a row; a document that refers to itself ends there."""
Document = Mapping[str, Any]


@dataclass(frozen=True)
class Shape:
    """Names of parameters by place with their schemas, and the properties of a JSON body."""

    path: Mapping[str, Document] = field(default_factory=dict)
    query: Mapping[str, Document] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    body: Mapping[str, Document] = field(default_factory=dict)


def shape_of(document: Document, operation: Operation) -> Shape:
    """The shape of one operation; empty parts where the document says nothing."""
    item = document["paths"].get(operation.path, {})
    said = item.get(operation.method.lower(), {})
    found = list(_parameters(document, (*item.get("parameters", ()), *said.get("parameters", ()))))
    return Shape(
        {name: schema for name, place, schema, _ in found if place == "path"},
        {name: schema for name, place, schema, _ in found if place == "query"},
        frozenset(name for name, place, _, needed in found if place == "query" and needed),
        _properties(document, said),
    )


def _parameters(document: Document, said: Any) -> Iterator[tuple[str, str, Document, bool]]:
    for one in said:
        told = resolved(document, one)
        schema = resolved(document, told.get("schema", {}))
        yield str(told.get("name", "")), str(told.get("in", "")), schema, bool(told.get("required"))


def _properties(document: Document, said: Document) -> Mapping[str, Document]:
    content = resolved(document, said.get("requestBody", {})).get("content", {})
    schema = resolved(document, content.get("application/json", {}).get("schema", {}))
    return {name: resolved(document, one) for name, one in schema.get("properties", {}).items()}


def resolved(document: Document, node: Any) -> Document:
    """The node itself, or what it refers to inside the document; of `anyOf` with null, the other one."""
    for _ in range(DEEPEST):
        if not isinstance(node, Mapping):
            return {}
        if "$ref" in node:
            node = _pointed(document, str(node["$ref"]))
            continue
        choices = [one for one in node.get("anyOf", ()) if isinstance(one, Mapping) and one.get("type") != "null"]
        if not choices:
            return node
        node = choices[0]
    return {}


def _pointed(document: Document, reference: str) -> Any:
    node: Any = document
    for part in reference.removeprefix("#/").split("/"):
        node = node.get(part.replace("~1", "/").replace("~0", "~"), {}) if isinstance(node, Mapping) else {}
    return node
