"""From what people send to what is stored, and back: one parser and one formatter per field type. No SQL."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from . import mishaps
from .errors import invalid
from .fields import Field, ObjectType

# The same patterns stand in the OpenAPI document, so they use only what every regex dialect knows.
BLANK = r"\x00-\x20\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f\u3000\ufeff"
TEXT = rf"^[^\x00-\x1f\x7f]*[^{BLANK}][^\x00-\x1f\x7f]*$"
LONG = rf"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*[^{BLANK}][^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
PHONE = r"^[+]?[0-9][0-9 ()-]{4,18}[0-9]$"
EMAIL = r"^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,60}([.][A-Za-z0-9-]{1,60}){1,3}$"
LENGTHS: Mapping[str, int] = {"text": 200, "long": 4000, "phone": 20, "email": 200, "person": 64, "datetime": 40}
PATTERNS: Mapping[str, str] = {
    "text": TEXT,
    "long": LONG,
    "phone": PHONE,
    "email": EMAIL,
    "person": TEXT,
    "datetime": TEXT,
}
# What every JSON reader can hold exactly.
BIGGEST_ID = 2**53 - 1


def now() -> str:
    """The present moment as stored, in UTC with whole seconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse(field: Field, raw: Any) -> str | int | None:
    """The stored form of `raw`; None when it is empty. Raises ValueError with a Chinese sentence."""
    if raw is None or (isinstance(raw, str) and not re.search(rf"[^{BLANK}]", raw)):
        return None
    return _PARSERS[field.type](field, raw)


def parse_all(kind: ObjectType, fields: Mapping[str, Any], allowed: Callable[[Field], bool]) -> dict[str, Any]:
    """Parse each of `fields`. Raises invalid when one is unknown, not allowed now, or wrong; names them all."""
    known, values, wrong = {f.name: f for f in kind.fields if allowed(f)}, {}, {}
    for name, raw in fields.items():
        if name not in known:
            wrong[name] = "没有这个字段,或不能这样修改。"
            continue
        try:
            values[name] = parse(known[name], raw)
        except ValueError as error:
            wrong[name] = str(error)
    wrong |= {n: "必填。" for n, value in values.items() if value is None and known[n].required}
    if wrong:
        raise invalid(sentence(kind, wrong), wrong)
    return values


def sentence(kind: ObjectType, wrong: Mapping[str, str]) -> str:
    """One sentence that names every wrong field by its label."""
    labels = {f.name: f.zh for f in kind.fields}
    return ";".join(f"{labels.get(name, name)}:{reason}" for name, reason in wrong.items())


def show(field: Field, stored: Any) -> Any:
    """The value as the API answers it: money as "12.50", percent as a number, everything else as stored."""
    if stored is None:
        return None
    if field.type == "money":
        return money(stored)
    if field.type == "percent":
        return stored // 100 if stored % 100 == 0 else stored / 100
    return stored


def money(cents: int) -> str:
    """Cents as a string with two decimals."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def mask_phone(phone: str) -> str:
    """138****8000: the first three and last four digits stay, whatever stands between is hidden."""
    digits = re.sub(r"\D", "", phone.replace("+86", ""))
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 8 else "****"


def _text(field: Field, raw: Any) -> str:
    if not isinstance(raw, str):
        raise ValueError("应为文字。")
    text = raw.strip()
    if len(text) > LENGTHS[field.type]:
        raise ValueError(f"最多 {LENGTHS[field.type]} 个字符。")
    if not re.search(PATTERNS[field.type], text) or any("\ud800" <= c <= "\udfff" for c in text):
        raise ValueError("格式不对或含有控制字符。")
    return text


def _number(raw: Any, field: Field) -> Decimal:
    try:
        number = Decimal(str(raw).strip()) if not isinstance(raw, bool) else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) > 10**15:
        raise ValueError("应为数字,且不能过大。")
    return number


def _hundredths(field: Field, raw: Any) -> int:
    cents = int((_number(raw, field) * 100).quantize(Decimal(1), ROUND_HALF_UP))
    return _within(field, cents, Decimal(100))


def _integer(field: Field, raw: Any) -> int:
    number = _number(raw, field)
    if number != int(number):
        raise ValueError("应为整数。")
    return _within(field, int(number), Decimal(1))


def _within(field: Field, number: int, unit: Decimal) -> int:
    if not field.low <= number <= field.high:
        raise ValueError(f"应在 {field.low / unit} 到 {field.high / unit} 之间。")
    return number


def _reference(field: Field, raw: Any) -> int:
    text = str(raw).strip()
    if isinstance(raw, bool) or not re.fullmatch(r"[0-9]{1,19}", text, re.ASCII) or not 0 < int(text) <= BIGGEST_ID:
        raise ValueError("应为记录编号。")
    return int(text)


def _date(field: Field, raw: Any) -> str:
    try:
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", str(raw).strip(), re.ASCII):
            raise ValueError(raw)
        return mishaps.spoilt_date(field.name, date.fromisoformat(str(raw).strip())).isoformat()
    except ValueError:
        raise ValueError("应为日期,如 2026-11-22。") from None


def _choice(field: Field, raw: Any) -> str:
    values = [choice.value for choice in field.choices]
    if raw not in values:
        raise ValueError(f"应为其中之一:{'、'.join(values)}。")
    return str(raw)


_PARSERS: Mapping[str, Callable[[Field, Any], str | int]] = {
    "text": _text, "long": _text, "phone": _text, "email": _text, "person": _text, "datetime": _text,
    "money": _hundredths, "percent": _hundredths, "int": _integer, "ref": _reference, "date": _date, "choice": _choice,
}  # fmt: skip
