"""What a template may do to a value: `{total|str}`, `{basic login token}`. Small, pure, and nothing else than these."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote

from crm_acceptance.errors import WrongUse

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def text(value: Any) -> str:
    """The value as text; Decimals without exponent, true and false as JSON writes them."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping | list | tuple):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def number(value: Any) -> Any:
    """The value as a whole number, or as the number that it is. WrongUse when it is none."""
    try:
        exact = Decimal(text(value))
    except InvalidOperation:
        raise WrongUse(f"{value!r} 不是数字，映射里却写了 |int 或 |float。It is no number.") from None
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def base64_of(value: Any) -> str:
    """RFC 4648 base64 of the UTF-8 text."""
    return base64.b64encode(_raw(value)).decode()


def base64url_of(value: Any) -> str:
    """The alphabet that needs no quoting in URLs."""
    return base64.urlsafe_b64encode(_raw(value)).decode()


def _raw(value: Any) -> bytes:
    """Bytes as they are; of a file (name, bytes, type) its bytes; of everything else the UTF-8 text."""
    if isinstance(value, tuple) and len(value) == 3 and isinstance(value[1], bytes):
        return value[1]
    return value if isinstance(value, bytes) else text(value).encode()


def _digest(name: str) -> Callable[[Any], str]:
    return lambda value: hashlib.new(name, text(value).encode()).hexdigest()


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def literal(value: Any) -> str:
    """A value as OData and SQL dialects write it: 'O''Brien', 12.5, true, null; ids of the UUID kind stay bare."""
    if value is None:
        return "null"
    if isinstance(value, bool | int | float | Decimal) or _UUID.fullmatch(str(value)):
        return text(value)
    return "'" + str(value).replace("'", "''") + "'"


def _joined(word: str) -> Callable[[Any], str]:
    return lambda value: word.join(text(one) for one in _list(value))


FILTERS: Mapping[str, Callable[[Any], Any]] = {
    "str": text,
    "int": number,
    "float": lambda value: float(number(value)),
    "json": lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=text),
    "b64": base64_of,
    "b64url": base64url_of,
    "url": lambda value: quote(text(value), safe=""),
    "upper": lambda value: text(value).upper(),
    "lower": lambda value: text(value).lower(),
    "md5": _digest("md5"),
    "sha256": _digest("sha256"),
    "list": _list,
    "null": lambda value: value,
    "literal": literal,
    "and": _joined(" and "),
    "or": _joined(" or "),
    "AND": _joined(" AND "),
    "OR": _joined(" OR "),
    "comma": _joined(","),
    "semicolon": _joined(";"),
}
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "basic": lambda *values: base64_of(":".join(text(value) for value in values)),
    "join": lambda *values: "".join(text(value) for value in values),
}
