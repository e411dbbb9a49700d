"""What a mapping file says, as frozen dataclasses: a CRM described by tables. It reads and sends nothing."""

from __future__ import annotations

from collections.abc import Mapping as Table
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol


class Lines(Protocol):
    """Where in the file something stands, so that every complaint can name its line."""

    def of(self, where: str) -> int | None:
        """The line (from 1) of a dotted place such as "objects.customer.fields.phone"; the nearest one above it."""
        ...

    def at(self, where: str) -> str:
        """ "mapping.toml:42 [objects.customer.fields] phone", for people."""
        ...


@dataclass(frozen=True)
class CallSpec:
    """One call, or several steps. `where` is its dotted place in the file.

    `call` is "METHOD /path" (templates allowed); `do` is a canonical verb such as "customer.create" (in steps only).
    Paths such as `record`, `rows`, `total`, `value` point into the answer: "data.items", "header:X-Total-Count", ""
    (the whole body). `empty` is the kind of refusal that a 2xx answer without record means ("" : none).
    """

    where: str
    call: str = ""
    params: Table[str, Any] = field(default_factory=dict)
    headers: Table[str, str] = field(default_factory=dict)
    body: Any = None
    form: Table[str, Any] | None = None
    files: Table[str, str] | None = None
    record: str | None = None
    rows: str | None = None
    total: str | None = None
    value: str | None = None
    file: bool = False
    then: str = ""
    yields: str = ""
    expect: tuple[int, ...] = ()
    empty: str = ""
    save: Table[str, str] = field(default_factory=dict)
    do: str = ""
    id: str = ""
    fields: Table[str, Any] = field(default_factory=dict)
    options: Table[str, Any] = field(default_factory=dict)
    steps: tuple[CallSpec, ...] = ()
    result: Table[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class FieldSpec:
    """One canonical field in the CRM's own words; `path` reads, `write` writes ("": read-only), `query` filters.

    `type`: text | money | number | integer | date | moment | bool | choice | ref | person. Money: `unit` "" or "cent".
    `choices` is canonical value -> the CRM's value. `wrap` is a template around a written value, for example
    {"id": "{value}"}. `object` is what a ref refers to; `lookup` the field of it that is written instead of its id.
    """

    name: str
    where: str
    path: str
    write: str
    query: str
    type: str = "text"
    unit: str = ""
    format: str = ""
    choices: Table[str, Any] = field(default_factory=dict)
    wrap: Any = None
    object: str = ""
    lookup: str = ""
    label: tuple[str, ...] = ()


@dataclass(frozen=True)
class MoveSpec:
    """A step in a record's life without a call of its own: `verb` sets `field` to `to` (canonical), by `change`."""

    verb: str
    where: str
    field: str
    to: str
    froms: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()


@dataclass(frozen=True)
class ObjectSpec:
    """One canonical object. `calls` holds what [calls] gives to all, too; `id`: one path, or several (composite)."""

    name: str
    where: str
    path: str
    id: tuple[str, ...] = ("id",)
    title: str = ""
    fields: Table[str, FieldSpec] = field(default_factory=dict)
    calls: Table[str, CallSpec] = field(default_factory=dict)
    moves: Table[str, MoveSpec] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    search: tuple[str, ...] = ()
    always: Table[str, Any] = field(default_factory=dict)
    only: Table[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AuthSpec:
    """How a person proves who it is. `steps` run at login; `headers`, `cookies`, `params` then go with every call.

    `kind`: none | basic | api_key | token | form | bearer | oauth2_password | oauth2_client. It only sets defaults.
    """

    kind: str = "none"
    page: str = ""
    csrf: Table[str, str] = field(default_factory=dict)
    login: CallSpec | None = None
    me: CallSpec | None = None
    refresh: CallSpec | None = None
    logout: CallSpec | None = None
    headers: Table[str, str] = field(default_factory=dict)
    params: Table[str, str] = field(default_factory=dict)
    refused: tuple[str, ...] = ()
    expired: tuple[str, ...] = ()
    state: str = ""


@dataclass(frozen=True)
class PeopleSpec:
    """How the CRM writes people in records: by `by` (id | login | name | key), found by the call `list` or in `ids`."""

    by: str = "login"
    list: CallSpec | None = None
    id: str = "id"
    login: str = "login"
    ids: Table[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PagingSpec:
    """`kind`: none | page | offset | cursor | link | range. Names of parameters; `largest`: most rows a page."""

    kind: str = "none"
    page: str = "page"
    first: int = 1
    offset: str = "offset"
    size: str = "size"
    largest: int = 100
    cursor: str = "cursor"
    next: str = ""
    range: str = "items={from}-{to}"


@dataclass(frozen=True)
class QuerySpec:
    """How a list is searched, filtered and sorted; {q}, {field}, {value}, {direction} are filled in.

    `search`, `where`, `sort` are parameters, `where` once per condition. With `json`, search and conditions become
    one JSON document in that parameter: each from `condition`, a search from `match` per field of the object's
    `search` joined by `any`, all of them joined by `all` ({conditions}).
    """

    search: Table[str, Any] = field(default_factory=dict)
    where: Table[str, Any] = field(default_factory=dict)
    sort: Table[str, Any] = field(default_factory=dict)
    ascending: str = ""
    descending: str = "-"
    json: str = ""
    condition: Any = None
    match: Any = None
    any: Any = None
    all: Any = None
    encode: str = "json"


@dataclass(frozen=True)
class ErrorSpec:
    """What makes an answer a refusal, and of which kind (errors.REFUSALS): by code in the body, by words, by status.

    `success` (path and values): an answer whose value there is another is a refusal, whatever its status.
    """

    code: str = ""
    message: str = ""
    success_path: str = ""
    success_values: tuple[Any, ...] = ()
    status: Table[int, str] = field(default_factory=dict)
    codes: Table[str, str] = field(default_factory=dict)
    words: Table[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Mapping:
    """A whole mapping file. `screens` stays a raw table here: its shape belongs to the screens."""

    file: Path
    title: str
    lines: Lines
    prefix: str = ""
    headers: Table[str, str] = field(default_factory=dict)
    auth: AuthSpec = field(default_factory=AuthSpec)
    people: PeopleSpec = field(default_factory=PeopleSpec)
    objects: Table[str, ObjectSpec] = field(default_factory=dict)
    paging: PagingSpec = field(default_factory=PagingSpec)
    query: QuerySpec = field(default_factory=QuerySpec)
    errors: ErrorSpec = field(default_factory=ErrorSpec)
    screens: Table[str, Any] | None = None
