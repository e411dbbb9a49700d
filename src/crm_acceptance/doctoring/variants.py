"""Other ways to write one value: dates, amounts, references, choices, as CRMs are known to want them. Sends nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from crm_acceptance.systems.rest.shape import FieldSpec, Mapping

_DATES = (
    "%Y-%m-%d",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%Y/%m/%d",
    "%Y%m%d",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
)


def ways(mapping: Mapping, field: FieldSpec, value: Any) -> Iterator[tuple[Any, str, str]]:
    """Other ways to write the value: (value, the key of the mapping that would say so, a word about it)."""
    if field.type == "ref":
        yield from _refs(mapping, field, str(value))
    elif field.type in ("date", "moment"):
        day = datetime.fromisoformat(str(value))
        yield from ((day.strftime(form), "format", f'，format = "{form}"') for form in _DATES)
        yield int(day.timestamp()), "format", '，format = "s"'
        yield int(day.timestamp() * 1000), "format", '，format = "ms"'
    elif field.type == "money":
        amount, part = Decimal(str(value)), "format" if field.format else "unit"
        yield int(amount * 100), part, '，unit = "cent"，一个数 a number'
        yield from ((one, part, "，去掉 unit without unit") for one in (float(amount), str(amount)))
    elif field.type == "choice":
        yield from ((one, "choices", "") for one in field.choices.values())
        yield from ((one, "choices", "") for one in (str(value), str(value).upper(), str(value).capitalize()))
    elif field.type == "bool":
        yield from ((one, "choices", "") for one in (True, 1, "1", "true", "Y"))
    elif field.type in ("integer", "number"):
        yield from ((one, "type", "") for one in (int(Decimal(str(value))), str(value)))


def _refs(mapping: Mapping, field: FieldSpec, id: str) -> Iterator[tuple[Any, str, str]]:
    yield id, "wrap", "，去掉 wrap without wrap"
    if id.isdigit():
        yield int(id), "wrap", "，编号是数 a number"
    keys = [*mapping.objects[field.object].id[:1], "id"] if field.object in mapping.objects else ["id"]
    for key in dict.fromkeys(keys):
        yield {key: id}, "wrap", f'，wrap = {{ {key} = "{{value}}" }}'
        if id.isdigit():
            yield {key: int(id)}, "wrap", f'，wrap = {{ {key} = "{{value}}" }}'
    yield [id], "wrap", '，wrap = ["{value}"]'
