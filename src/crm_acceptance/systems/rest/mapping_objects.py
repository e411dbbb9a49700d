"""[objects.*] of a mapping file -> ObjectSpec: short forms, `like`, calls given to all. Checks: checks_objects.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from crm_acceptance.systems.rest import canonical, mapping_calls
from crm_acceptance.systems.rest.checks import Reading, texts
from crm_acceptance.systems.rest.shape import CallSpec, FieldSpec, MoveSpec, ObjectSpec

_OBJECT: Mapping[str, str] = {
    "path": "text", "id": "texts", "title": "text", "required": "texts", "search": "texts", "always": "table",
    "only": "table", "like": "text", "without": "texts", "fields": "table", "calls": "table", "moves": "table",
}  # fmt: skip
_FIELD: Mapping[str, str] = {
    "path": "text", "write": "text", "query": "text", "type": "text", "unit": "text", "format": "text",
    "choices": "table", "wrap": "any", "object": "text", "lookup": "text", "label": "texts",
}  # fmt: skip
_MOVE: Mapping[str, str] = {"from": "texts", "to": "text", "field": "text", "takes": "texts"}
UNITS = ("", "cent")
_HANGING = ("attachment", "followup", "audit", "report", "user")
"""Objects that hang on others or stand alone: without a path of their own they take nothing from [calls]."""


def objects(reading: Reading, raw: Any, shared: Mapping[str, CallSpec]) -> dict[str, ObjectSpec]:
    """Every object of the file; one that is `like` another after that one. Loops are written down and left out."""
    if not isinstance(raw, dict):
        reading.wrong("objects", "这里应当是表 [objects.customer] 等（must be a table）。")
        return {}
    found: dict[str, ObjectSpec] = {}
    waiting = {name: table for name, table in raw.items() if _known(reading, name, table)}
    while ready := [name for name, table in waiting.items() if table.get("like", name) not in waiting.keys() - {name}]:
        for name in ready:
            found[name] = _object(reading, name, waiting.pop(name), found, shared)
    for name in waiting:
        reading.wrong(f"objects.{name}.like", f"like 转了一圈又回来了：{' → '.join([*waiting, name])}（a loop）。")
    return {name: found[name] for name in raw if name in found}


def _known(reading: Reading, name: str, table: Any) -> bool:
    where = f"objects.{name}"
    if name not in canonical.OBJECTS and not name.startswith(canonical.OWN):
        reading.unknown(
            where, "对象 object", name, canonical.OBJECTS, "自己的对象以 x_ 开头（own ones start with x_）。"
        )
    if not isinstance(table, dict):
        reading.wrong(where, f"应当是表 [objects.{name}]（must be a table）。")
    return isinstance(table, dict)


def _object(
    reading: Reading, name: str, raw: Any, found: Mapping[str, ObjectSpec], shared: Mapping[str, CallSpec]
) -> ObjectSpec:
    where = f"objects.{name}"
    table = reading.table(where, raw, _OBJECT)
    like = _like(reading, where, name, table, found)
    own = mapping_calls.calls(reading, f"{where}.calls", table.get("calls", {}))
    able = canonical.object_named(name).verbs
    given = {verb: call for verb, call in shared.items() if verb in able or verb not in canonical.VERBS}
    given = {} if name in _HANGING and "path" not in table else given
    calls = {**(like.calls if like else given), **own}
    for verb in texts(table.get("without", ())):
        if verb not in calls:
            reading.unknown(f"{where}.without", "操作 verb", verb, calls)
    kept = {verb: call for verb, call in calls.items() if verb not in texts(table.get("without", ())) or verb in own}
    start = like or ObjectSpec(name, where, "")
    return replace(
        start, name=name, where=where, path=table.get("path", start.path), calls=kept,
        title=table.get("title", canonical.object_named(name).zh),
        id=texts(table.get("id", start.id)) or ("id",),
        required=texts(table.get("required", start.required)), search=texts(table.get("search", start.search)),
        always=table.get("always", start.always), only=table.get("only", start.only),
        fields={**start.fields, **_fields(reading, name, table.get("fields", {}))},
        moves={**start.moves, **_moves(reading, where, table.get("moves", {}))},
    )  # fmt: skip


def _like(
    reading: Reading, where: str, name: str, table: Mapping[str, Any], found: Mapping[str, ObjectSpec]
) -> ObjectSpec | None:
    like = table.get("like")
    if like == name:
        reading.wrong(f"{where}.like", "like 指着自己（an object cannot be like itself）。")
    elif like is not None and like not in found:
        reading.unknown(f"{where}.like", "对象 object", like, found)
    return found.get(like or "")


def _fields(reading: Reading, object: str, raw: Mapping[str, Any]) -> dict[str, FieldSpec]:
    return {name: _field(reading, object, name, value) for name, value in raw.items()}


def _field(reading: Reading, object: str, name: str, raw: Any) -> FieldSpec:
    where = f"objects.{object}.fields.{name}"
    known = canonical.object_named(object)
    if name not in known.fields and not name.startswith(canonical.OWN) and object in canonical.OBJECTS:
        hint = "自己的字段以 x_ 开头（own ones start with x_）。"
        reading.unknown(where, "字段 canonical field", name, known.fields, hint)
    table = {"path": raw} if isinstance(raw, str) else reading.table(where, raw, _FIELD)
    return _completed(reading, where, canonical.field_named(object, name), table)


def _completed(reading: Reading, where: str, known: canonical.Field, table: Mapping[str, Any]) -> FieldSpec:
    """The field with what the vocabulary says of it where the file says nothing: type, object, read-only."""
    kind = table.get("type", "choice" if table.get("choices") and known.type == "text" else known.type)
    reading.one_of(f"{where}.type", "字段类型 type", kind, canonical.TYPES)
    reading.one_of(f"{where}.unit", "金额单位 unit", table.get("unit", ""), UNITS)
    path = table.get("path", table.get("write", known.name))
    return FieldSpec(
        name=known.name, where=where, path=path,
        write=table.get("write", "" if known.readonly else path), query=table.get("query", path), type=kind,
        unit=table.get("unit", ""), format=table.get("format", ""), choices=table.get("choices", {}),
        wrap=table.get("wrap"), object=table.get("object", known.object if kind == "ref" else ""),
        lookup=table.get("lookup", ""), label=texts(table.get("label", ())),
    )  # fmt: skip


def _moves(reading: Reading, where: str, raw: Mapping[str, Any]) -> dict[str, MoveSpec]:
    found: dict[str, MoveSpec] = {}
    for verb, value in raw.items():
        place = f"{where}.moves.{verb}"
        table = reading.table(place, value, _MOVE)
        if isinstance(value, dict) and "to" not in value:
            reading.wrong(place, '没有说移到哪个状态：to = "..."（a move needs to）。')
        froms, takes = texts(table.get("from", ())), texts(table.get("takes", ()))
        found[verb] = MoveSpec(verb, place, table.get("field", "state"), table.get("to", ""), froms, takes)
    return found
