"""From what a page says to canonical values, and from canonical values to what a control is given. Touches no page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from crm_acceptance.systems.rest.screens_desk import Desk, id_in
from crm_acceptance.systems.rest.screens_shape import FieldScreen, Names
from crm_acceptance.systems.rest.screens_words import NOTHING

LOGIN = re.compile(r"[(（\[]([^()（）\[\]\s]+)[)）\]]$")
TRUE = frozenset(("true", "yes", "是", "1", "on", "✓", "启用", "active"))
FALSE = frozenset(("false", "no", "否", "0", "off", "✗", "停用", "disabled"))
DATES = ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y.%m.%d", "%b. %d, %Y", "%b %d, %Y", "%B %d, %Y", "%d %b %Y")
Cell = Mapping[str, Any]


def canonical(desk: Desk, field: FieldScreen, cell: Cell) -> Any:
    """The value of a field as Records hold it: money Decimal, ids text, people by key, choices by value, dates ISO."""
    text = str(cell["text"]).strip()
    if text in NOTHING and not (field.kind == "bool" and text):
        return None
    match field.kind:
        case "money":
            return money(text, desk.spec.decimal)
        case "number" | "integer":
            return number(text, desk.spec.decimal)
        case "ref":
            return reference(desk, field, cell)
        case "person":
            return person(desk, text)
        case "bool":
            return True if text.lower() in TRUE else False if text.lower() in FALSE else text
        case "date":
            return day(text, field.format)
        case "moment":
            return cell.get("time") or text
        case _:
            return choice(field, text)


def choice(field: FieldScreen, text: str) -> str:
    """The canonical value whose name is on the page; the text itself for what is no choice."""
    known = (value for value, names in field.choices.items() if text.lower() in {name.lower() for name in names})
    return next(known, text)


def money(text: str, decimal: str) -> Decimal | str:
    """`¥1,234.50`, `1.234,50 €` or `383000 ¥` as a Decimal; a mask or a dash stays as it is."""
    plain = re.sub(r"[^\d.,\-]", "", text)
    if re.search(r"[*＊•]", text) or not re.search(r"\d", plain):
        return text
    thousands = "," if decimal == "." else "."
    try:
        return Decimal(plain.replace(thousands, "").replace(decimal, "."))
    except InvalidOperation:
        return text


def number(text: str, decimal: str) -> int | float | str:
    """`40%` as 40, `7.5` as 7.5."""
    found = money(text.rstrip("% "), decimal)
    if isinstance(found, str):
        return found
    return int(found) if found == found.to_integral_value() else float(found)


def reference(desk: Desk, field: FieldScreen, cell: Cell) -> str:
    """The id of the record a cell leads to; else the id of a record of that title met before; else the title."""
    shape = desk.spec.objects.get(field.object)
    ids = [id_in(shape, href) for href in cell["hrefs"]] if shape else []
    known = (id for (object, id), title in desk.titles.items() if object == field.object and title == cell["text"])
    return next((id for id in ids if id), None) or next(known, str(cell["text"]))


def person(desk: Desk, text: str) -> str:
    """`李娜 (lina)` or a name of [screens.people] as a person's key; else the text."""
    found = LOGIN.search(text)
    if found and (found.group(1) in desk.spec.people or not desk.spec.people):
        return found.group(1)
    return next((key for key, names in desk.spec.people.items() if text in names), text)


def day(text: str, format: str) -> str:
    """A date in the field's format, or in a usual one, as ISO; else the text."""
    for one in (format,) if format else DATES:
        try:
            return datetime.strptime(text, one).date().isoformat()
        except ValueError:
            continue
    return text


def given(desk: Desk, field: FieldScreen, value: Any) -> Names:
    """What to type or to choose for a canonical value: the texts that a page may have for it, the best first."""
    if value is None:
        return ("",)
    if str(value) in field.choices:
        return field.choices[str(value)]
    if field.kind == "person":
        return (*desk.spec.people.get(str(value), ()), str(value))
    if field.kind == "money" and isinstance(value, Decimal | int | float):
        return (str(value).replace(".", desk.spec.decimal),)
    if field.kind == "date" and field.format:
        return (date.fromisoformat(str(value)[:10]).strftime(field.format),)
    return (str(value),)
