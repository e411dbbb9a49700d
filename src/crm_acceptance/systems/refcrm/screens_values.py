"""From what a page says to canonical values, and from canonical values to what a control takes. Reads cells only."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from playwright.sync_api import Locator

from crm_acceptance.errors import Refused
from crm_acceptance.systems.refcrm.screens_labels import Labels, key_of
from crm_acceptance.systems.refcrm.screens_sight import Cell

LOGIN = re.compile(r"\(([^()\s]+)\)$")
NUMBER_AT_END = re.compile(r"/(\d+)/?$")
OPTIONS = "e => [...(e.options || [])].map(o => [o.value, o.text.trim()])"


def canonical(labels: Labels, object: str, name: str, cell: Cell) -> Any:
    """The value of a field as Records hold it: money Decimal, ids text, people by login, choices by value."""
    if not cell.text:
        return None
    match labels.kind(name):
        case "money":
            return money(cell.text)
        case "ref":
            return reference(cell)
        case "person":
            return person(cell.text)
        case "number":
            return number(cell.text)
        case "moment":
            return cell.time or cell.text
        case _:
            return key_of(labels.choices(object, name), cell.text) or cell.text


def money(text: str) -> Decimal | str:
    """`¥1,234.50` as 1234.50; a mask or a dash stays as it is."""
    try:
        return Decimal(re.sub(r"[¥￥,\s]", "", text))
    except InvalidOperation:
        return text


def reference(cell: Cell) -> str:
    """The number of the record a cell leads to; without a link, the number it shows."""
    found = NUMBER_AT_END.search(cell.href or "")
    return found.group(1) if found else cell.text.lstrip("#")


def person(text: str) -> str:
    """`李娜 (lina)` as lina."""
    found = LOGIN.search(text)
    return found.group(1) if found else text


def number(text: str) -> int | float | str:
    """`40%` as 40, `7.5` as 7.5."""
    plain = text.rstrip("%").replace(",", "")
    try:
        return int(plain) if re.fullmatch(r"-?\d+", plain) else float(plain)
    except ValueError:
        return text


def fill(labels: Labels, object: str, name: str, control: Locator, value: Any) -> None:
    """Puts a canonical value into a control. Refused("invalid") when a select does not offer it."""
    kind = labels.kind(name)
    if kind in ("ref", "person") or labels.choices(object, name):
        control.select_option(_option(labels, object, name, control, value))
    else:
        control.fill("" if value is None else str(value))


def _option(labels: Labels, object: str, name: str, control: Locator, value: Any) -> str:
    offered: list[list[str]] = control.evaluate(OPTIONS)
    wanted = "" if value is None else str(value)
    choice = labels.choices(object, name).get(wanted, ())
    for held, shown in offered:
        if shown in choice or person(shown) == wanted or held == wanted:
            return held
    words = "、".join(shown for _, shown in offered[:12])
    raise Refused("invalid", f"下拉框里没有“{wanted}”，只有：{words}。{name} does not offer {wanted}.")
