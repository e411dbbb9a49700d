"""How Tryton writes money, dates and bytes in JSON, both ways; knows nothing of objects or HTTP."""

from __future__ import annotations

import base64
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

__all__ = ["decode", "encode"]


def encode(value: Any) -> Any:
    """Python value -> what goes into a Tryton request; containers are walked."""
    if isinstance(value, dict):
        return {key: encode(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [encode(item) for item in value]
    if isinstance(value, Decimal):
        return {"__class__": "Decimal", "decimal": str(value)}
    if isinstance(value, bytes):
        return {"__class__": "bytes", "base64": base64.b64encode(value).decode("ascii")}
    if isinstance(value, timedelta):
        return {"__class__": "timedelta", "seconds": value.total_seconds()}
    if isinstance(value, date) and not isinstance(value, datetime):
        return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}
    return value


def decode(value: Any) -> Any:
    """What a Tryton answer holds -> Decimal, bytes, ISO strings for dates and times; containers are walked."""
    if isinstance(value, list):
        return [decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("__class__")
    return _SCALARS[kind](value) if kind in _SCALARS else {key: decode(item) for key, item in value.items()}


def _date(value: dict[str, Any]) -> str:
    return date(value["year"], value["month"], value["day"]).isoformat()


def _datetime(value: dict[str, Any]) -> str:
    parts = ("year", "month", "day", "hour", "minute", "second", "microsecond")
    return datetime(*(value[part] for part in parts)).isoformat()


_SCALARS: dict[str | None, Any] = {
    "Decimal": lambda value: Decimal(value["decimal"]),
    "bytes": lambda value: base64.b64decode(value["base64"]),
    "date": _date,
    "datetime": _datetime,
    "timedelta": lambda value: value["seconds"],
}
