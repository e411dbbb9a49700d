"""[screens.objects.*]: fields, buttons and what their dialogs ask, with every mistake's line. Touches no page."""

from __future__ import annotations

from collections.abc import Mapping as Table
from typing import Any

from crm_acceptance.systems.rest import canonical, templates
from crm_acceptance.systems.rest.checks import Reading, texts
from crm_acceptance.systems.rest.screens_shape import FieldScreen, Names, VerbScreen
from crm_acceptance.systems.rest.shape import FieldSpec, ObjectSpec

_FIELD: Table[str, str] = {
    "label": "texts", "kind": "text", "choices": "table", "tab": "any", "column": "texts", "object": "text",
    "format": "text", "write": "flag", "read": "flag", "via": "text",
}  # fmt: skip
_VERB: Table[str, str] = {
    "button": "texts", "menu": "any", "asks": "table", "ok": "texts", "set": "text table", "at": "text",
    "path": "text", "yields": "text", "links": "texts", "section": "texts", "file": "texts",
}  # fmt: skip
KINDS = (*canonical.TYPES, "file")
PLACES = ("record", "list", "parent")


def names(reading: Reading, where: str, value: Any) -> Names:
    """A text or a list of texts; an empty one is a mistake."""
    if not reading.fits(where, value, "texts"):
        return ()
    found = texts(value)
    if not found or not all(one.strip() for one in found):
        reading.wrong(where, "名称是空的（an empty name）。")
    return found


def chain(reading: Reading, where: str, value: Any) -> tuple[Names, ...]:
    """What is pressed one after the other: each a name or a list of names. One text is a chain of one."""
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list):
        reading.wrong(where, "应当是依次点击的名称列表（a list of names, pressed one after the other）。")
        return ()
    return tuple(names(reading, where, one) for one in value)


def fields(
    reading: Reading, object: str, shared: Table[str, Any], own: Table[str, Any], api: ObjectSpec | None
) -> dict[str, FieldScreen]:
    """The object's fields: those of the API part that have a label, those of all objects, its own."""
    labelled = {name: field for name, field in (api.fields if api else {}).items() if field.label}
    found = {name: _from_api(field) for name, field in labelled.items()}
    found |= {name: _field(reading, object, f"screens.fields.{name}", name, raw) for name, raw in shared.items()}
    place = f"screens.objects.{object}.fields"
    for name, raw in own.items():
        known = canonical.object_named(object).fields
        if known and name not in known and not name.startswith(canonical.OWN):
            reading.unknown(f"{place}.{name}", "字段 canonical field", name, known, "自己的字段以 x_ 开头（own: x_）。")
        found[name] = _field(reading, object, f"{place}.{name}", name, raw)
    return found


def _from_api(field: FieldSpec) -> FieldScreen:
    choices = {value: (str(shown),) for value, shown in field.choices.items()}
    return FieldScreen(
        field.name, field.where, field.label, field.type, choices, object=field.object, write=bool(field.write)
    )


def _field(reading: Reading, object: str, where: str, name: str, raw: Any) -> FieldScreen:
    known = canonical.field_named(object, name)
    table = reading.table(where, raw, _FIELD) if isinstance(raw, dict) else {"label": raw}
    if "label" not in table:
        reading.wrong(where, f'没有 label：页面上的名称，如 {name} = "名称"（no label）。')
    kind = table.get("kind", known.type)
    reading.one_of(f"{where}.kind", "字段种类 kind", kind, KINDS)
    given = table.get("choices", {})
    choices = {value: names(reading, f"{where}.choices.{value}", shown) for value, shown in given.items()}
    _known_choices(reading, where, known, choices)
    return FieldScreen(
        name=name, where=where, label=names(reading, where, table.get("label", name)), kind=kind, choices=choices,
        tab=chain(reading, f"{where}.tab", table.get("tab", [])), column=texts(table.get("column", ())),
        object=table.get("object", known.object), format=table.get("format", ""),
        write=table.get("write", not known.readonly), read=table.get("read", True), via=table.get("via", ""),
    )  # fmt: skip


def _known_choices(reading: Reading, where: str, known: canonical.Field, choices: Table[str, Names]) -> None:
    for value in choices:
        if known.choices and value not in known.choices and not value.startswith(canonical.OWN):
            reading.unknown(f"{where}.choices.{value}", "取值 canonical value", value, known.choices)


def verbs(reading: Reading, object: str, top: Table[str, Any], own: Table[str, Any]) -> dict[str, VerbScreen]:
    """The object's verbs that a button carries out: those of all objects that it may have, then its own."""
    may = canonical.object_named(object).verbs
    for name in top.get("buttons", {}):
        if name not in canonical.VERBS and not name.startswith(canonical.OWN):
            reading.unknown(f"screens.buttons.{name}", "操作 verb", name, canonical.VERBS)
    found = {
        name: _verb(reading, object, name, f"screens.buttons.{name}", raw, top)
        for name, raw in top.get("buttons", {}).items()
        if name in may or name.startswith(canonical.OWN)
    }
    for name, raw in own.items():
        where = f"screens.objects.{object}.buttons.{name}"
        if name not in may and not name.startswith(canonical.OWN):
            reading.unknown(where, "操作 verb", name, may)
        found[name] = _verb(reading, object, name, where, raw, top)
    return found


def _verb(reading: Reading, object: str, verb: str, where: str, raw: Any, top: Table[str, Any]) -> VerbScreen:
    table = reading.table(where, raw, _VERB) if isinstance(raw, dict) else {"button": raw}
    reading.one_of(f"{where}.at", "位置 at", table.get("at", "record"), PLACES)
    if "yields" in table and table["yields"] not in canonical.OBJECTS:
        reading.unknown(f"{where}.yields", "对象 object", table["yields"], canonical.OBJECTS)
    _templates(reading, where, verb, table.get("set", {}))
    if not set(table) & {"button", "set", "path", "section", "menu", "file"}:
        reading.wrong(where, "没有说怎么做：button、set、path 或 section（says not how）。")
    return VerbScreen(
        verb=verb, where=where, button=names(reading, where, table["button"]) if "button" in table else (),
        menu=chain(reading, f"{where}.menu", table.get("menu", [])),
        asks=_asks(reading, object, verb, where, table, top), ok=texts(table.get("ok", ())),
        set=table.get("set", {}), at=table.get("at", "list" if verb == "export" else "record"),
        path=table.get("path", ""), yields=table.get("yields", canonical.verb_named(object, verb).yields),
        links=texts(table.get("links", ())), section=texts(table.get("section", ())),
        file=texts(table.get("file", ())),
    )  # fmt: skip


def _asks(
    reading: Reading, object: str, verb: str, where: str, table: Table[str, Any], top: Table[str, Any]
) -> dict[str, Names] | None:
    asks, place = table.get("asks"), f"{where}.asks"
    for key in (verb, f"{object}.{verb}"):
        if asks is None and key in top.get("asks", {}):
            asks, place = top["asks"][key], f"screens.asks.{key}"
    if f"{object}.{verb}" in top.get("asks", {}) and "asks" not in table:
        asks, place = top["asks"][f"{object}.{verb}"], f"screens.asks.{object}.{verb}"
    if asks is None or not reading.fits(place, asks, "table"):
        return None
    return {name: names(reading, f"{place}.{name}", shown) for name, shown in asks.items()}


def _templates(reading: Reading, where: str, verb: str, given: Table[str, str]) -> None:
    known = canonical.VERBS.get(verb)
    may = {*(known.options if known else ()), *(known.fields if known else ()), "id", "me"}
    for name, template in given.items():
        for asked in templates.names(template):
            if known and asked not in may:
                reading.unknown(f"{where}.set.{name}", f"{verb} 的选项 option", asked, may)
