"""The CRM's values as canonical ones: money Decimal, ids text, dates ISO, people by key. Writing: codec_write."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from crm_acceptance.model import Record
from crm_acceptance.systems.rest.crm import Crm
from crm_acceptance.systems.rest.places import keys_of, look
from crm_acceptance.systems.rest.shape import FieldSpec, ObjectSpec
from crm_acceptance.systems.rest.templates import MISSING

OTHER = "x_other"
"""The field that holds what the mapping does not name, so that a leak is seen wherever it stands."""
TRUE = frozenset({"true", "1", "y", "yes", "是", "t", "on", "active", "enabled", "启用", "正常", "在职"})
FALSE = frozenset(
    {
        "false",
        "0",
        "n",
        "no",
        "否",
        "f",
        "off",
        "inactive",
        "disabled",
        "suspended",
        "blocked",
        "停用",
        "禁用",
        "离职",
        "",
    }
)
_BLANKS = re.compile(r"[\s¥￥$€,，']|RMB|CNY|元")
_MASKED = re.compile(r"[*•＊]")


class Unfit(Exception):
    """A value that is not of the declared type; said with the line of the mapping by whoever knows it."""


def record(crm: Crm, object: ObjectSpec, row: Any) -> Record:
    """One row of the CRM in canonical fields. WrongUse names the line of a field whose type does not fit."""
    if isinstance(row, list) and object.fields:
        row = {str(number): one for number, one in enumerate(row)}  # rows by position: path = "0"
    if not isinstance(row, Mapping):
        raise crm.wrong(object.where, f"应答里不是一条记录，而是 {keys_of(row)}。The answer holds no record there.")
    used = crm.named.get(object.name)
    if used is None:
        used = crm.named[object.name] = frozenset(_first_keys(object))
    fields = {}
    for name, spec in object.fields.items():
        raw = row[spec.path] if spec.path in row else look(row, spec.path) if spec.path else MISSING
        if raw is not MISSING:
            fields[name] = raw if type(raw) is str and spec.type == "text" else _read(crm, spec, raw)
    other = {key: value for key, value in row.items() if key not in used}
    if not object.fields:
        fields = {key: value for key, value in other.items() if not isinstance(value, list | Mapping)}
    return Record(object.name, crm.id_in(object, row), {**fields, **({OTHER: other} if other else {})})


def _first_keys(object: ObjectSpec) -> Iterator[str]:
    for place in (*object.id, *(spec.path for spec in object.fields.values())):
        yield from (place, place.partition(".")[0])


def _read(crm: Crm, spec: FieldSpec, raw: Any) -> Any:
    try:
        return value(crm, spec, raw)
    except Unfit as why:
        raise crm.wrong(spec.where, f"{why}（path = {spec.path!r}, type = {spec.type!r}）") from None


def value(crm: Crm, spec: FieldSpec, raw: Any) -> Any:
    """One value. Masked ones ("138****8000") and empty ones stay what they are; Unfit when the type does not fit."""
    if raw is None or (raw is False and spec.type not in ("bool", "choice")):
        return None
    if isinstance(raw, str) and spec.type not in ("text", "choice") and (not raw or _MASKED.search(raw)):
        return raw or None
    if spec.name == "version" and spec.type == "text" and not isinstance(raw, Mapping | list):
        return raw  # given back as it came
    if spec.type == "ref":
        return reference(crm, spec, raw)
    if spec.type == "person":
        return crm.staff.key_of(raw)
    return READ[spec.type](spec, raw)


def reference(crm: Crm, spec: FieldSpec, raw: Any) -> str | None:
    """The id that a reference holds: plain, expanded to a record, or the first of a list. Looked-up ones are known."""
    if isinstance(raw, list):
        return reference(crm, spec, raw[0]) if raw else None
    known = crm.mapping.objects.get(spec.object)
    if isinstance(raw, Mapping):
        found = crm.id_in(known, raw) if known else ""
        inside = found or look(raw, "id")
        if inside is MISSING:
            raise Unfit(f"引用里没有编号，只有 {keys_of(raw)}。The reference holds no id.")
        return str(inside)
    if spec.lookup:
        return str(crm.looked_up.get((spec.object, spec.lookup, str(raw)), raw))
    return str(raw)


def _text(spec: FieldSpec, raw: Any) -> Any:
    if isinstance(raw, Mapping):
        raise Unfit(f"这里是一组值 {keys_of(raw)}，不是文字；path 应指到其中一个。It is an object, not a text.")
    if isinstance(raw, list):
        return ", ".join(str(_text(spec, one)) for one in raw)
    if isinstance(raw, bool):
        return str(raw).lower()
    return raw if isinstance(raw, str) else str(raw)


def _money(spec: FieldSpec, raw: Any) -> Decimal:
    amount = exact(_unwrapped(raw, ("decimal", "amount", "value")))
    return amount / 100 if spec.unit == "cent" else amount


def exact(raw: Any) -> Decimal:
    """A number however it is written: 1234.5, "1,234.50", "¥1 234,50". Unfit when it is none."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | Decimal | str):
        raise Unfit(f"{keys_of(raw)} 不是数字。It is no number.")
    try:
        return Decimal(str(raw)) if not isinstance(raw, str) else Decimal(_plain(raw))
    except InvalidOperation:
        raise Unfit(f"{raw!r} 不是数字。It is no number.") from None


def _plain(text: str) -> str:
    """Without currency and separators. A last comma is the decimal mark unless three digits follow it."""
    tail = re.search(r",(\d{1,2}|\d{4})\s*[^\d]*$", text)
    if tail and "." not in text[tail.start() :]:
        whole, _, cents = text.rpartition(",")
        text = whole.replace(".", "") + "." + cents
    return _BLANKS.sub("", text)


def _number(spec: FieldSpec, raw: Any) -> int | Decimal:
    amount = exact(_without_percent(_unwrapped(raw, ("decimal", "value"))))
    return int(amount) if amount == amount.to_integral_value() else amount


def _integer(spec: FieldSpec, raw: Any) -> int:
    amount = exact(_without_percent(_unwrapped(raw, ("decimal", "value"))))
    if amount != amount.to_integral_value():
        raise Unfit(f"{raw!r} 不是整数。It is no whole number.")
    return int(amount)


def _without_percent(raw: Any) -> Any:
    return raw.rstrip("% ") if isinstance(raw, str) else raw


def _unwrapped(raw: Any, keys: tuple[str, ...]) -> Any:
    """The value in a typed wrapper such as {"__class__": "Decimal", "decimal": "1.50"}."""
    if isinstance(raw, Mapping):
        return next((raw[key] for key in keys if key in raw), raw)
    return raw


def _date(spec: FieldSpec, raw: Any) -> str:
    if isinstance(raw, str) and not spec.format and re.fullmatch(r"\d{4}-\d{2}-\d{2}(T00:00:00(\.0+)?Z?)?", raw):
        return raw[:10]
    moment = _instant(spec, raw)
    return (moment.astimezone() if moment.tzinfo else moment).date().isoformat()


def _moment(spec: FieldSpec, raw: Any) -> str:
    return _instant(spec, raw).isoformat()


def _instant(spec: FieldSpec, raw: Any) -> dt.datetime:
    """A moment from ISO text, the declared format, seconds or milliseconds since 1970, or a table of its parts."""
    try:
        if isinstance(raw, Mapping):
            parts = [int(raw.get(key, 0)) for key in ("year", "month", "day", "hour", "minute", "second")]
            return dt.datetime(*parts)  # type: ignore[arg-type]
        if isinstance(raw, str) and "%" in spec.format:
            return dt.datetime.strptime(raw, spec.format)
        if isinstance(raw, str) and not re.fullmatch(r"-?\d{9,}(\.\d+)?", raw):
            return dt.datetime.fromisoformat(raw.replace("/", "-"))
        return _since_1970(float(exact(raw)), spec.format)
    except (ValueError, OverflowError, OSError):
        shown = f"按格式 {spec.format!r} " if spec.format else ""
        raise Unfit(f"{raw!r} {shown}不是日期或时间。It is no date or time.") from None


def _since_1970(number: float, format: str) -> dt.datetime:
    milliseconds = format == "ms" or (format != "s" and abs(number) > 1e11)
    return dt.datetime.fromtimestamp(number / 1000 if milliseconds else number, dt.UTC)


def _bool(spec: FieldSpec, raw: Any) -> bool:
    for name, written in spec.choices.items():
        if same_choice(raw, written):
            return name.lower() in TRUE
    text = str(raw).strip().lower()
    if text not in TRUE | FALSE:
        raise Unfit(f"{raw!r} 不是是或否；用 choices 说明写法。It is neither yes nor no: say so in choices.")
    return text in TRUE


def _choice(spec: FieldSpec, raw: Any) -> Any:
    """The canonical name of the CRM's value; a value that the mapping does not name stays as it is."""
    named = next((name for name, written in spec.choices.items() if same_choice(raw, written)), None)
    return named if named is not None else None if raw is False or raw == "" else _text(spec, raw)


def same_choice(raw: Any, written: Any) -> bool:
    """Whether the CRM's value is the one written in the mapping, or one of several."""
    return any(str(raw).lower() == str(one).lower() for one in (written if isinstance(written, list) else [written]))


READ: Mapping[str, Callable[[FieldSpec, Any], Any]] = {
    "text": _text, "money": _money, "number": _number, "integer": _integer, "date": _date, "moment": _moment,
    "bool": _bool, "choice": _choice,
}  # fmt: skip
