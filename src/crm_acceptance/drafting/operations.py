"""The operations of a document in one form, whichever version of OpenAPI it is written in. It guesses nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from crm_acceptance.drafting import document as documents
from crm_acceptance.drafting.document import Document, Table, literal, rows, table, text, usable
from crm_acceptance.drafting.schemas import Schemas, kind


@dataclass(frozen=True)
class Parameter:
    """A parameter: `place` is query, header, path, cookie.

    `deep`: an object spread over the query, a[b]=c. `said`: all that the document says of it, as a text.
    """

    name: str
    place: str
    schema: Table
    required: bool = False
    description: str = ""
    deep: bool = False
    said: str = ""

    @property
    def fixed(self) -> Any:
        """The value that the document itself gives: default, example, or the only one there is."""
        enum = rows(self.schema.get("enum"))
        for value in (self.schema.get("default"), self.schema.get("const"), enum[0] if len(enum) == 1 else None):
            if value is not None:
                return _plain(value)
        return _plain(self.schema.get("example"))


@dataclass(frozen=True)
class Operation:
    """One call that the document offers. `body` and `answer` are schemas, {} when it says nothing."""

    method: str
    path: str
    id: str = ""
    tags: tuple[str, ...] = ()
    summary: str = ""
    description: str = ""
    parameters: tuple[Parameter, ...] = ()
    body: Table = field(default_factory=dict)
    body_type: str = ""
    answer: Table = field(default_factory=dict)
    answer_type: str = ""
    answer_headers: tuple[str, ...] = ()
    errors: dict[int, Table] = field(default_factory=dict)
    statuses: tuple[int, ...] = ()
    secured: bool = False
    sample: Any = None

    @cached_property
    def query(self) -> dict[str, Parameter]:
        """Query parameters by name."""
        return {one.name: one for one in self.parameters if one.place == "query"}

    @property
    def label(self) -> str:
        """ "POST /x", for people."""
        return f"{self.method} {self.path}"


def operations(document: Document, schemas: Schemas) -> list[Operation]:
    """Every sound operation; duplicate operation ids are told, and do no harm."""
    found: list[Operation] = []
    ids: set[str] = set()
    for method, path, raw, item in documents.operations(document):
        one = _operation(document, schemas, method, path, raw, item)
        if one.id and one.id in ids:
            document.complain(f"operationId 重复 duplicate: {one.id}")
        ids.add(one.id)
        found.append(one)
    return found


def _operation(document: Document, schemas: Schemas, method: str, path: str, raw: Table, item: Table) -> Operation:
    parameters, old_body, form = _parameters(document, schemas, item, raw)
    body, body_type = _content(document, schemas, raw.get("requestBody"))
    if old_body or form:
        consumes = rows(raw.get("consumes")) or rows(document.root.get("consumes"))
        body, body_type = old_body or form, str(consumes[0]) if consumes else "" if old_body else "form"
    answer, answer_type, headers, sample = _answer(document, schemas, raw)
    split = urlsplit(path)
    extra = tuple(Parameter(key, "query", {"default": value}, True) for key, value in parse_qsl(split.query))
    return Operation(
        method=method,
        path=split.path,
        id=text(raw.get("operationId")),
        tags=tuple(one for one in rows(raw.get("tags")) if isinstance(one, str)),
        summary=text(raw.get("summary")),
        description=text(raw.get("description")),
        parameters=(*parameters, *extra),
        body=body,
        body_type=body_type,
        answer=answer,
        answer_type=answer_type,
        answer_headers=headers,
        errors=_errors(document, schemas, raw),
        statuses=_statuses(raw),
        secured=bool(raw.get("security", document.root.get("security"))),
        sample=sample,
    )


def _parameters(
    document: Document, schemas: Schemas, item: Table, raw: Table
) -> tuple[tuple[Parameter, ...], Table, Table]:
    """The parameters; the body parameter and the form of a Swagger 2.0 operation as schemas."""
    found: dict[tuple[str, str], Parameter] = {}
    body: Table = {}
    form: Table = {}
    for one in (*rows(item.get("parameters")), *rows(raw.get("parameters"))):
        told = document.resolved(one)
        name, place = text(told.get("name")), text(told.get("in"))
        if place != "body" and not usable(name):
            continue
        if place == "body":
            body = schemas.flat(told.get("schema"))
        elif place == "formData" and name:
            form[name] = told
        elif name and place:
            schema = schemas.flat(told["schema"]) if isinstance(told.get("schema"), dict) else _inline(told)
            found[name, place] = Parameter(
                name,
                place,
                {**schema, **_example(told)},
                bool(told.get("required")),
                text(told.get("description")),
                told.get("style") == "deepObject",
                _said(told) if place == "query" else "",
            )
    required = [name for name, told in form.items() if told.get("required") is True]
    posted: Table = {"type": "object", "properties": form, "required": required} if form else {}
    return tuple(found.values()), body, posted


def _plain(value: Any) -> Any:
    """A value that can be sent as a parameter; None for tables and lists."""
    return literal(value) if isinstance(value, str | int | float) else None


def _said(told: Table) -> str:
    return json.dumps(told, ensure_ascii=False, default=str)[:3000].lower()


def _inline(told: Table) -> Table:
    return {key: value for key, value in told.items() if key not in ("name", "in", "required", "description")}


def _example(told: Table) -> Table:
    return {"example": told["example"]} if "example" in told else {}


def _content(document: Document, schemas: Schemas, holder: Any) -> tuple[Table, str]:
    """The schema and media type of a request body or an answer of OpenAPI 3."""
    content = table(document.resolved(holder).get("content"))
    ordered = sorted(content, key=lambda name: (0 if "json" in name else 1 if "form-url" in name else 2, name))
    for name in ordered:
        return schemas.flat(table(content[name]).get("schema")), str(name)
    return {}, ""


def _answer(document: Document, schemas: Schemas, raw: Table) -> tuple[Table, str, tuple[str, ...], Any]:
    """Schema, media type, names of headers, example of the first 2xx answer that says something."""
    responses = table(raw.get("responses"))
    seen: tuple[Table, str, tuple[str, ...], Any] = ({}, "", (), None)
    for status in sorted(responses, key=str):
        if not str(status).startswith("2") and str(status) != "default":
            continue
        told = document.resolved(responses[status])
        schema, media = _content(document, schemas, told)
        if isinstance(told.get("schema"), dict):
            produces = rows(raw.get("produces")) or rows(document.root.get("produces"))
            schema, media = schemas.flat(told["schema"]), str(produces[0]) if produces else "application/json"
        sample = _sample(table(told.get("content"))) or next(iter(table(told.get("examples")).values()), None)
        seen = (schema, media, tuple(table(told.get("headers"))), sample)
        if schema or media or sample is not None:
            return seen
    return seen


def _sample(content: Table) -> Any:
    for media in content.values():
        told = table(media)
        if "example" in told:
            return told["example"]
        for one in table(told.get("examples")).values():
            return table(one).get("value")
    return None


def _errors(document: Document, schemas: Schemas, raw: Table) -> dict[int, Table]:
    found: dict[int, Table] = {}
    for status, told in table(raw.get("responses")).items():
        if str(status).isdigit() and int(status) >= 400:
            resolved = document.resolved(told)
            schema = _content(document, schemas, resolved)[0] or schemas.flat(resolved.get("schema"))
            found[int(status)] = schema if kind(schema) else {}
    return found


def _statuses(raw: Table) -> tuple[int, ...]:
    return tuple(sorted(int(one) for one in map(str, table(raw.get("responses"))) if one.isdigit()))
