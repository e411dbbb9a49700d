"""Canonical values as the CRM takes them: cents, its own dates and choices, ids as numbers, wraps. Asks nobody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from crm_acceptance.errors import Unsupported
from crm_acceptance.systems.rest import templates
from crm_acceptance.systems.rest.codec import FALSE, TRUE, Unfit, exact
from crm_acceptance.systems.rest.crm import Crm, listed
from crm_acceptance.systems.rest.places import put
from crm_acceptance.systems.rest.shape import FieldSpec, ObjectSpec
from crm_acceptance.systems.rest.templates import MISSING


def written(crm: Crm, object: ObjectSpec, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields by the CRM's own names, nested where its names are dotted. Unsupported names a field it lacks."""
    table: dict[str, Any] = {}
    for name, given in fields.items():
        spec = writable(crm, object, name)
        put(table, spec.write, outgoing(crm, spec, given))
    return table


def writable(crm: Crm, object: ObjectSpec, name: str) -> FieldSpec:
    """The field's description; Unsupported when the mapping has none or says that it is read-only."""
    spec = object.fields.get(name)
    if spec is None:
        raise Unsupported(
            f'{crm.mapping.title} 的 {object.name} 没有字段 {name}：在 [{object.where}.fields] 里写 {name} = "..."。'
            f"The mapping has no field {name} of {object.name}; known: {listed(object.fields)}."
        )
    if not spec.write:
        raise Unsupported(
            f'{crm.at(spec.where)}：{object.name}.{name} 是只读的（write = ""）。It is read-only in the mapping.'
        )
    return spec


def outgoing(crm: Crm, spec: FieldSpec, given: Any) -> Any:
    """One value with its wrap. WrongUse names the line when the value does not fit the declared type."""
    plain = bare(crm, spec, given)
    if spec.wrap is None or plain is None:
        return plain
    return templates.fill(spec.wrap, lambda name: plain if name == "value" else MISSING)


def bare(crm: Crm, spec: FieldSpec, given: Any) -> Any:
    """One value without its wrap, as conditions of a list hold it."""
    if given is None:
        return None
    try:
        if spec.type == "ref":
            return _reference(crm, spec, given)
        if spec.type == "person":
            return _person(crm, spec, given)
        return WRITE[spec.type](spec, given)
    except Unfit as why:
        raise crm.wrong(spec.where, f"{why}（type = {spec.type!r}）") from None


def _reference(crm: Crm, spec: FieldSpec, given: Any) -> Any:
    if spec.lookup:
        return crm.looked_up.get((spec.object, spec.lookup, f"id {given}"), given)
    if spec.format == "text":
        return str(given)
    return crm.native_id(spec.object, str(given))


def _person(crm: Crm, spec: FieldSpec, given: Any) -> Any:
    native = crm.staff.native(given)
    if native is MISSING:
        raise Unfit(
            f'不知道 {given} 在系统里的编号：检查 [people] list、id、login 或写 ids = {{ {given} = "..." }}。'
            f"Nobody told the CRM's id of {given}: look at [people]."
        )
    return native


def _text(spec: FieldSpec, given: Any) -> str:
    return format(given, "f") if isinstance(given, Decimal) else str(given)


def _money(spec: FieldSpec, given: Any) -> Any:
    amount = exact(given)
    if spec.unit == "cent":
        amount = (amount * 100).quantize(Decimal(1)) if amount == round(amount, 2) else amount * 100
    return _figure(spec, amount)


def _figure(spec: FieldSpec, amount: Decimal) -> Any:
    """A JSON number; text with format = "text", or as a %-format such as "%.2f" writes it."""
    if spec.format == "text":
        return format(amount, "f")
    if "%" in spec.format:
        return spec.format % amount
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def _number(spec: FieldSpec, given: Any) -> Any:
    return _figure(spec, exact(given))


def _date(spec: FieldSpec, given: Any) -> Any:
    return _timed(spec, given, lambda moment: moment.date().isoformat())


def _moment(spec: FieldSpec, given: Any) -> Any:
    return _timed(spec, given, lambda moment: moment.isoformat())


def _timed(spec: FieldSpec, given: Any, plain: Callable[[dt.datetime], str]) -> Any:
    if given == "":
        return ""
    try:
        moment = dt.datetime.fromisoformat(str(given))
    except ValueError:
        return given  # a wrong date written on purpose: the CRM shall refuse it
    if "%" in spec.format:
        return moment.strftime(spec.format)
    if spec.format in ("s", "ms"):
        seconds = moment.replace(tzinfo=moment.tzinfo or dt.UTC).timestamp()
        return int(seconds * 1000 if spec.format == "ms" else seconds)
    return plain(moment)


def _bool(spec: FieldSpec, given: Any) -> Any:
    text = str(given).strip().lower()
    if text not in TRUE | FALSE:
        raise Unfit(f"{given!r} 不是是或否。It is neither yes nor no.")
    return _chosen(spec, str(text in TRUE).lower(), text in TRUE)


def _choice(spec: FieldSpec, given: Any) -> Any:
    if spec.choices and str(given) not in spec.choices and not _written_already(spec, given):
        raise Unfit(f"choices 没有 {given!r}；已知 known: {listed(spec.choices)}。The choice is not in the mapping.")
    return _chosen(spec, str(given), given)


def _written_already(spec: FieldSpec, given: Any) -> bool:
    return any(given == one for held in spec.choices.values() for one in (held if isinstance(held, list) else [held]))


def _chosen(spec: FieldSpec, name: str, otherwise: Any) -> Any:
    held = spec.choices.get(name, otherwise)
    return held[0] if isinstance(held, list) and held else held


WRITE: Mapping[str, Callable[[FieldSpec, Any], Any]] = {
    "text": _text, "money": _money, "number": _number, "integer": _number, "date": _date, "moment": _moment,
    "bool": _bool, "choice": _choice,
}  # fmt: skip
