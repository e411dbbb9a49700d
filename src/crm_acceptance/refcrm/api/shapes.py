"""The pydantic type of each field type, in requests, filters and answers. Models per object are in models.py."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StrictStr, WithJsonSchema

from ..fields import Field as CrmField
from ..values import BIGGEST_ID, EMAIL, LENGTHS, LONG, PATTERNS, PHONE

NO_CONTROLS = r"^[^\x00-\x1f\x7f]*$"
_OPTIONAL = {
    "text": NO_CONTROLS,
    "person": NO_CONTROLS,
    "long": r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$",
    "phone": f"^({PHONE[1:-1]})?$",
    "email": f"^({EMAIL[1:-1]})?$",
}
DATE_PATTERN = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


def _whole(value: Any) -> Any:
    # JSON knows no difference between 1 and 1.0, but "1", true and 1_0 are something else.
    if isinstance(value, str) and not (value.isascii() and value.isdigit() and len(value) < 20):
        raise ValueError("not a whole number")
    if isinstance(value, bool):
        raise ValueError("not a number")
    return value


def _no_text(value: Any) -> Any:
    if isinstance(value, str | bool):
        raise ValueError("not a number")
    return value


def _real_date(value: str) -> str:
    return date.fromisoformat(value).isoformat()


# Bounds come first in these: behind a validator of ours they would not reach the OpenAPI document.
def integer(low: int, high: int) -> Any:
    """A JSON integer within bounds."""
    return Annotated[int, Field(ge=low, le=high), BeforeValidator(_no_text)]


def in_url(low: int, high: int) -> Any:
    """An integer in a path or a query string."""
    return Annotated[int, Field(ge=low, le=high), BeforeValidator(_whole)]


Id = in_url(1, BIGGEST_ID)
Date = Annotated[
    StrictStr,
    Field(pattern=DATE_PATTERN, max_length=10),
    AfterValidator(_real_date),
    WithJsonSchema({"type": "string", "format": "date"}),
]
Text = Annotated[StrictStr, Field(max_length=LENGTHS["text"], pattern=PATTERNS["text"])]
LongText = Annotated[StrictStr, Field(max_length=LENGTHS["long"], pattern=LONG)]
Login = Annotated[StrictStr, Field(max_length=LENGTHS["person"], pattern=PATTERNS["person"])]
Flag = Literal["true", "false"]


def _digits(text: str) -> Any:
    return Annotated[StrictStr, Field(pattern=text)]


def _number(low: float, high: float) -> Any:
    return Annotated[float, Field(ge=low, le=high, allow_inf_nan=False), BeforeValidator(_no_text)]


def _money(field: CrmField) -> Any:
    digits = len(str(field.high)) - 2
    fraction = "([.][0-9]{1,2})?"
    some = f"^([1-9][0-9]{{0,{digits - 1}}}{fraction}|0[.](0[1-9]|[1-9][0-9]?))$"
    text = some if field.low else f"^[0-9]{{1,{digits}}}{fraction}$"
    return _digits(text) | _number(field.low / 100, field.high / 100)


def request_type(field: CrmField) -> Any:
    """What a JSON request may hold in that field; an optional field may be null, an optional text also empty."""
    shape = _request_type(field)
    return shape if field.required else shape | None


def _request_type(field: CrmField) -> Any:
    if field.type == "choice":
        return Literal[tuple(c.value for c in field.choices)]
    if field.type == "money":
        return _money(field)
    if field.type == "percent":
        return _digits("^(100|[0-9]{1,2})([.]0{1,2})?$|^[0-9]{1,2}[.][0-9]{1,2}$") | _number(0, 100)
    if field.type == "int":
        return integer(field.low, field.high) | _digits(f"^[1-9][0-9]{{0,{len(str(field.high)) - 2}}}$")
    if field.type == "ref":
        return integer(1, BIGGEST_ID) | _digits("^[1-9][0-9]{0,14}$")
    if field.type == "date":
        return Date
    pattern = PATTERNS[field.type] if field.required else _OPTIONAL[field.type]
    return Annotated[StrictStr, Field(max_length=LENGTHS[field.type], pattern=pattern)]


def filter_type(field: CrmField) -> Any:
    """What a query parameter that filters by that field may hold."""
    if field.type == "choice":
        return Literal[tuple(c.value for c in field.choices)]
    if field.type == "money":
        return _digits("^[0-9]{1,10}([.][0-9]{1,2})?$")
    if field.type == "percent":
        return _digits("^[0-9]{1,2}([.][0-9]{1,2})?$")
    if field.type in ("int", "ref"):
        return in_url(max(1, field.low) if field.type == "ref" else field.low, _highest(field))
    if field.type == "date":
        return Date
    return Annotated[str, Field(max_length=LENGTHS[field.type], pattern=PATTERNS[field.type])]


def _highest(field: CrmField) -> int:
    return BIGGEST_ID if field.type == "ref" else field.high


def answer_type(field: CrmField) -> Any:
    """What a record in an answer holds in that field."""
    if field.type == "money":
        return Annotated[str, Field(pattern=r"^-?[0-9]+[.][0-9]{2}$", examples=["1234.50"])] | None
    if field.type == "percent":
        return float | None
    if field.type in ("int", "ref"):
        return int | None
    if field.type == "choice":
        return Literal[tuple(c.value for c in field.choices)] | None
    return str | None
