"""Turns matched properties into fields of a mapping: paths, types, units, formats, choices, references."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from crm_acceptance.drafting.document import Table, rows, table, text
from crm_acceptance.drafting.drafts import FieldDraft
from crm_acceptance.drafting.naming import chinese, choices_of, rank, words
from crm_acceptance.drafting.naming_fields import Match, matches
from crm_acceptance.drafting.references import is_blank, path_of, wrap_of
from crm_acceptance.drafting.schemas import Prop, Schemas
from crm_acceptance.drafting.words import AROUND
from crm_acceptance.systems.rest.canonical import OBJECTS, Field

_CODES = re.compile(
    r"(?<![\w.])([A-Z][A-Z_]{0,30}|-?\d{1,4})\s*(?:[=:：\-—、. ]|(?=[\u4e00-\u9fff]))\s*"
    r"(?:代表|表示|为|是)?([\u4e00-\u9fff]+|[A-Za-zÄÖÜäöüß]+(?: [a-zäöüß]+)*)"
)
_CENTS = re.compile(
    r"(?i)\b(cents?|minor units?|fen|pence|centimes|centavos|c[eé]ntimos)\b|"
    r"单位[：:为是]?\s*分|（分）|\(分\)|以分为单位"
)
_DATES = (("yyyy-MM-dd HH:mm:ss", "%Y-%m-%d %H:%M:%S"), ("yyyy/MM/dd", "%Y/%m/%d"), ("dd.MM.yyyy", "%d.%m.%Y"),
          ("MM/dd/yyyy", "%m/%d/%Y"), ("dd/MM/yyyy", "%d/%m/%Y"), ("yyyyMMdd", "%Y%m%d"))  # fmt: skip


def fields_of(object: str, schemas: Schemas, read: Table, write: Table, fixed: Iterable[str]) -> dict[str, FieldDraft]:
    """The fields of an object from what a record looks like and what a body takes; `fixed` are paths of its id."""
    seen = _props(schemas, read, fixed)
    sent = _props(schemas, write, fixed)
    known = {one.field: one for one in matches(object, seen)}
    written = _written(object, known, sent)
    drafts = {}
    for name in OBJECTS[object].fields:
        found, target = known.get(name), written.get(name)
        if found or target:
            drafts[name] = _field(object, schemas, OBJECTS[object].fields[name], found, target, bool(sent))
    return drafts


def _props(schemas: Schemas, schema: Table, fixed: Iterable[str]) -> list[Prop]:
    return [prop for prop in schemas.props(schema) if prop.path not in fixed]


def _written(object: str, known: Mapping[str, Match], sent: list[Prop]) -> dict[str, Match]:
    """What a body takes for each field: the property of the same path first, then by its own name."""
    own = {prop.path: prop for prop in sent} | {prop.path.removeprefix("attributes."): prop for prop in sent}
    found: dict[str, Match] = {}
    for name, match in known.items():
        prop = own.get(match.prop.path.removeprefix("attributes.")) or own.get(match.prop.path.partition(".")[0])
        if prop is not None and not (
            prop.type == "object" and OBJECTS[object].fields[name].type not in ("ref", "person")
        ):
            found[name] = Match(name, prop, match.sure, match.why)
    rest = [prop for prop in sent if prop.path not in {one.prop.path for one in found.values()}]
    for match in matches(object, rest):
        found.setdefault(match.field, match)
    return found


def _field(
    object: str, schemas: Schemas, field: Field, seen: Match | None, sent: Match | None, bodies: bool
) -> FieldDraft:
    """One field; without any body in the document what is read is taken for what is written."""
    match = seen or sent
    assert match is not None
    prop = match.prop
    path = _path(schemas, field, prop)
    blank = is_blank(schemas, sent.prop if sent else prop)
    write = "" if blank else _write(field, prop, sent, bodies)
    choices, rest = _choices(object, field, prop, sent)
    extra: dict[str, Any] = {**_typed(schemas, field, prop, sent), **({"choices": choices} if choices else {})}
    titles = [one for one in (*prop.titles, *(sent.prop.titles if sent else ())) if _label(one, prop)]
    if titles:
        extra["label"] = list(dict.fromkeys(titles))[:2]
    if write != ("" if field.readonly else path):
        extra["write"] = write
    whole = {"path": path, **_sorted(extra)} if extra else path
    why = match.why + (f"；没有对应 no match for: {', '.join(map(str, rest[:8]))}" if rest else "")
    if blank:
        why += "；对象的内容文档没有写，先只读 an object of which the document shows nothing: read only until filled in"
    if field.type == "choice" and not choices:
        why += f"；取值未知 values unknown: {', '.join(field.choices)}"
    required = bool(sent and sent.prop.required and write)
    return FieldDraft(field.name, path, write, whole, why, match.sure, choices, required, _keyed(prop))


def _path(schemas: Schemas, field: Field, prop: Prop) -> str:
    """The path that is read."""
    if field.type in ("ref", "person", "choice"):
        return path_of(schemas, prop)
    return f"{prop.path}{inside_list(schemas, prop)}"


def inside_list(schemas: Schemas, prop: Prop) -> str:
    """Where the value is in a list of several, such as phones: ".0.value", ".0"; "" for what is no list."""
    if prop.type != "array":
        return ""
    own = schemas.properties(schemas.items(prop.schema))
    key = next((one for one in ("value", prop.name, "number", "address") if one in own), "")
    return f".0.{key}" if key else ".0"


def _write(field: Field, prop: Prop, sent: Match | None, bodies: bool) -> str:
    if field.readonly or (prop.schema.get("readOnly") is True and sent is None):
        return ""
    if sent is not None:
        return "" if sent.prop.schema.get("readOnly") is True else sent.prop.path
    if bodies:
        return ""
    return prop.path.removeprefix("attributes.")


def _typed(schemas: Schemas, field: Field, prop: Prop, sent: Match | None) -> Table:
    """type, unit, format, object, wrap: what differs from the canonical field's own."""
    extra: Table = {}
    if field.type == "money" and _cents(prop):
        extra["unit"] = "cent"
    if field.type in ("date", "moment") and (format := _format(prop)):
        extra["format"] = format
    target = sent.prop if sent else None
    if target is not None and (place := inside_list(schemas, target)):
        extra["wrap"] = [{place.rpartition(".")[2]: "{value}"}] if place != ".0" else ["{value}"]
    if field.type in ("ref", "person") and target is not None and (wrap := wrap_of(schemas, target)) is not None:
        extra["wrap"] = wrap
    return extra


def _cents(prop: Prop) -> bool:
    """By the last words of the name ("betrag_cent", "priceInCents"), or by what is said of it."""
    said = f"{text(prop.schema.get('description'))} {text(prop.schema.get('title'))}"
    parts = words(prop.name)
    glued = any(parts[-1].endswith(one) for one in AROUND["cents"] if len(one) > 3) if parts else False
    counted = glued and not parts[-1].endswith("percent")
    return counted or bool(parts and parts[-1] in AROUND["cents"]) or bool(_CENTS.search(said))


def _format(prop: Prop) -> str:
    said = f"{text(prop.schema.get('description'))} {text(prop.schema.get('pattern'))} {prop.schema.get('example', '')}"
    for shape, format in _DATES:
        if shape in said:
            return format
    if re.search(r"\b\d{2}\.\d{2}\.\d{4}\b", said):
        return "%d.%m.%Y"
    return "%Y-%m-%d %H:%M:%S" if re.search(r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\b", said) else ""


def choices_of_prop(field: Field, prop: Prop) -> dict[str, str]:
    """Canonical choice -> what a page calls it, for a control that offers its choices."""
    found, _ = _choices("", field, prop, None)
    offered = _offered(prop)
    return {choice: offered.get(value, str(value)) for choice, value in found.items()}


def _choices(object: str, field: Field, prop: Prop, sent: Match | None) -> tuple[dict[str, Any], list[Any]]:
    """Canonical choice -> the CRM's value, and the CRM's values that nothing fits."""
    if field.type != "choice":
        return {}, []
    offered = _offered(prop) or (_offered(sent.prop) if sent else {})
    found: dict[str, Any] = {}
    ranked = sorted(
        (rank(label, choice), place, choice, value)
        for place, (value, label) in enumerate(offered.items())
        for choice in field.choices
        if choice in choices_of(label) | choices_of(str(value))
    )
    for _, _, choice, value in ranked:
        if choice not in found and value not in found.values():
            found[choice] = value
    kept = {choice: found[choice] for choice in field.choices if choice in found}
    return kept, [value for value in offered if value not in kept.values()]


def _offered(prop: Prop) -> dict[Any, str]:
    """The CRM's values and what they are called: from enum and its extensions, oneOf/const, or the description."""
    schema = prop.schema if prop.type != "array" else table(prop.schema.get("items"))
    values = [one for one in rows(schema.get("enum")) if isinstance(one, str | int | float) and one != ""]
    labels = next(
        (
            rows(schema[key])
            for key in ("x-enumNames", "x-enum-varnames", "x-enum-descriptions")
            if rows(schema.get(key))
        ),
        [],
    )
    told = {code: label.strip() for code, label in _CODES.findall(text(schema.get("description")).replace("`", ""))}
    for key in ("x-enum-descriptions", "x-enumNames", "x-enum-labels"):
        told.update({str(code): str(label) for code, label in table(schema.get(key)).items()})
    for one in (*rows(schema.get("oneOf")), *rows(schema.get("anyOf"))):
        if isinstance(one, dict) and "const" in one:
            values.append(one["const"])
            told[str(one["const"])] = text(one.get("title")) or text(one.get("description")) or str(one["const"])
    if values:
        spelt = {str(value): str(label) for value, label in zip(values, labels, strict=False)}
        return {value: spelt.get(str(value)) or told.get(str(value), str(value)) for value in values}
    numbers = prop.type in ("integer", "number")
    return {int(code) if numbers and code.lstrip("-").isdigit() else code: label for code, label in told.items()}


def _keyed(prop: Prop) -> bool:
    """Whether a person stands there by a number, an id or an object."""
    return prop.type in ("integer", "object", "array") or prop.schema.get("format") == "uuid"


def _label(title: str, prop: Prop) -> bool:
    """A title that only repeats the property's name, or names its type ("A string field", "Ref"), is no label."""
    if re.fullmatch(r"(?i)an? [\w ]*field", title) or _names_type(title, prop):
        return False
    told = chinese(title) or title in (prop.schema.get("title"), prop.schema.get("x-label"))
    return told and "".join(words(title)) != "".join(words(prop.name)) and len(title) <= 20


def _names_type(title: str, prop: Prop) -> bool:
    """The title of a schema that others refer to: "Ref" of an object, "LeadStatus" of an enum."""
    one_word = title.isascii() and " " not in title.strip()
    return one_word and (prop.type in ("object", "array") or bool(re.search(r"[a-z][A-Z]", title)))


def _sorted(extra: Table) -> Table:
    order = ("write", "type", "object", "unit", "format", "choices", "wrap", "label")
    return {key: extra[key] for key in order if key in extra}
