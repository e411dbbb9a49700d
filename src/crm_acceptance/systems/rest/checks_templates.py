"""Whether every {name} in a mapping has a value where it stands, and every brace is closed. Fills nothing in."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from collections.abc import Mapping as Table
from typing import Any

from crm_acceptance.systems.rest import canonical, templates
from crm_acceptance.systems.rest.checks import Reading
from crm_acceptance.systems.rest.filters import FILTERS, FUNCTIONS
from crm_acceptance.systems.rest.shape import CallSpec, Mapping, ObjectSpec

EVERYWHERE = frozenset(
    {"login", "password", "token", "today", "now", "uuid", "timestamp", "timestamp_ms", "null", "secret"}
)
CALLS = frozenset({
    "id", "path", "title", "columns", "fields", "to", "stage", "reason", "q", "page", "offset", "size", "cursor",
    "from", "field", "value", "direction", "key", "filter", "order", "conditions", "limit", "csrf", "filename",
    "file", "attachment", "old", "parent_path", "parent_id", "parent_object",
}) | canonical.OPTIONS  # fmt: skip
_QUERIES = frozenset({"q", "field", "value", "direction", "conditions"})
_PARTS = ("call", "params", "headers", "body", "form", "files", "id", "fields", "options")


def check(reading: Reading, mapping: Mapping) -> None:
    """Every template of the mapping."""
    saved = _saved(mapping)
    people = EVERYWHERE | saved
    _check(reading, "api.headers", mapping.headers, people)
    for name in ("headers", "params"):
        _check(reading, f"auth.{name}", getattr(mapping.auth, name), people)
    for call in (mapping.auth.login, mapping.auth.me, mapping.auth.refresh, mapping.auth.logout, mapping.people.list):
        _check_call(reading, call, people | {"csrf", "page", "offset", "size"}) if call else None
    _check_query(reading, mapping)
    for object in mapping.objects.values():
        _check_object(reading, object, people | CALLS)


def _saved(mapping: Mapping) -> frozenset[str]:
    auth = mapping.auth
    calls = [call for call in (auth.login, auth.me, auth.refresh) if call]
    return frozenset(name for call in calls for one in (call, *call.steps) for name in one.save)


def _check_query(reading: Reading, mapping: Mapping) -> None:
    for name in ("search", "where", "sort", "condition", "match", "any", "all"):
        _check(reading, f"query.{name}", getattr(mapping.query, name), _QUERIES)
    _check(reading, "paging.range", mapping.paging.range, {"from", "to", "size"})


def _check_object(reading: Reading, object: ObjectSpec, known: frozenset[str]) -> None:
    for field in object.fields.values():
        _check(reading, f"{field.where}.wrap", field.wrap, {"value", "fields", "id"})
    for name in ("always", "only"):
        _check(reading, f"{object.where}.{name}", getattr(object, name), known)
    for call in object.calls.values():
        shared = call.where.startswith("calls.")
        _check_call(reading, call, known, None if shared else object)


def _check_call(reading: Reading, call: CallSpec, known: frozenset[str], object: ObjectSpec | None = None) -> None:
    for part in _PARTS:
        _check(reading, f"{call.where}.{part}", getattr(call, part), known, object)
    for step in call.steps:
        _check_call(reading, step, known, object)
        known = known | set(step.save)
    _check(reading, f"{call.where}.result", call.result, known | set(call.save), object)


def _check(
    reading: Reading, where: str, template: Any, known: Collection[str], object: ObjectSpec | None = None
) -> None:
    for place, text in _texts(where, template):
        if templates.open_braces(text):
            reading.wrong(
                place, f"大括号没有配对或里面不是名字：{text!r}；文字里的大括号写两个 {{{{ }}}}（a brace left open）。"
            )
        for name in templates.strange(text):
            reading.unknown(place, "模板过滤器 filter or function", name, [*FILTERS, *FUNCTIONS])
        for name in templates.names(text):
            _check_name(reading, place, name, known, object)


def _check_name(reading: Reading, place: str, name: str, known: Collection[str], object: ObjectSpec | None) -> None:
    head, _, rest = name.partition(".")
    if head not in known:
        fields = [f"fields.{one}" for one in object.fields] if object else []
        reading.unknown(place, "模板名字 template name", name, [*known, *fields])
    elif head == "fields" and rest and not _is_field(rest.partition(".")[0], object):
        fields = [f"fields.{one}" for one in (object.fields if object else ())]
        reading.unknown(place, "模板名字 template name", name, fields)
    elif head == "secret" and not rest:
        reading.wrong(place, "要写秘密的名字：{secret.NAME}（name the secret）。")
    elif head == "id" and object and rest.isdigit() and not 1 <= int(rest) <= len(object.id):
        reading.wrong(place, f"编号只有 {len(object.id)} 段，没有 {{{name}}}（the id has fewer parts）。")


def _is_field(name: str, object: ObjectSpec | None) -> bool:
    if object is None:
        return True
    taken = {field for verb in canonical.object_named(object.name).verbs.values() for field in verb.fields}
    return name in {*object.fields, *canonical.object_named(object.name).fields, *taken}


def _texts(where: str, template: Any) -> Iterator[tuple[str, str]]:
    """Every text in a template with its place."""
    if isinstance(template, str):
        yield where, template
    elif isinstance(template, Table):
        for key, value in template.items():
            yield f"{where}.{key}", str(key)
            yield from _texts(f"{where}.{key}", value)
    elif isinstance(template, list | tuple):
        for number, value in enumerate(template):
            yield from _texts(f"{where}.{number}", value)
