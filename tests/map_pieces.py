"""Pieces of small OpenAPI documents, and what is drafted from them."""

from __future__ import annotations

import json
from typing import Any

from crm_acceptance.drafting import assembling, document
from crm_acceptance.drafting.drafts import Draft, ObjectDraft

TEXT, WHOLE = {"type": "string"}, {"type": "integer"}


def thing(**properties: Any) -> dict[str, Any]:
    """An object schema with an id and these properties."""
    return {"type": "object", "properties": {"id": WHOLE, "name": TEXT, "phone": TEXT, **properties}}


def answer(schema: Any) -> dict[str, Any]:
    """A 200 that answers this."""
    return {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}


def asks(schema: Any, media: str = "application/json") -> dict[str, Any]:
    """A body of this schema."""
    return {"content": {media: {"schema": schema}}}


def asked(name: str, schema: Any = TEXT, **told: Any) -> dict[str, Any]:
    """A parameter of the query."""
    return {"name": name, "in": "query", "schema": schema, **told}


def records(path: str, schema: Any, parameters: Any = (), listed: Any = None) -> dict[str, Any]:
    """The everyday calls of one thing."""
    listed = listed or {"type": "array", "items": schema}
    return {
        path: {
            "get": {"parameters": list(parameters), "responses": answer(listed)},
            "post": {"requestBody": asks(schema), "responses": answer(schema)},
        },
        f"{path}/{{id}}": {
            "get": {"responses": answer(schema)},
            "put": {"requestBody": asks(schema), "responses": answer(schema)},
            "delete": {"responses": {"204": {"description": ""}}},
        },
    }


def drafted(paths: dict[str, Any]) -> Draft:
    """The draft of a document with these paths."""
    raw = json.dumps({"openapi": "3.1.0", "info": {"title": "x"}, "paths": paths})
    return assembling.drafted(document.read(raw, "made.json"), "x")


def one(paths: dict[str, Any], name: str) -> ObjectDraft:
    """One object of that draft."""
    return next(each for each in drafted(paths).objects if each.name == name)


def table(draft: Draft, header: str) -> dict[str, Any]:
    """A table of the file."""
    section = next(each for each in draft.sections if each.header == header)
    return {entry.key: entry.value for entry in section.entries}
