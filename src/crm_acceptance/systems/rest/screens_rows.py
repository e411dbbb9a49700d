"""The row of one record in a list on the screen: finding it and opening it. Lists as such are in screens_lists."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from crm_acceptance.errors import Refused, SiteOutOfReach
from crm_acceptance.model import Record
from crm_acceptance.systems.rest.screens_desk import Desk, id_in, main_field
from crm_acceptance.systems.rest.screens_lists import (
    Row,
    column,
    heads,
    is_head,
    narrow,
    open_list,
    pages,
    record,
)
from crm_acceptance.systems.rest.screens_shape import FieldScreen, Names, ObjectScreen


def newest(desk: Desk, shape: ObjectScreen, name: str, value: str) -> Record | None:
    """The record whose field is that value, by a search or by leafing; None when the list has none.

    A row that shows no id is opened, for its page's address to say it. SiteOutOfReach when one page shows several:
    nobody could tell which is the new one.
    """
    open_list(desk, shape, value)
    if not shape.list.leaf:
        narrow(desk, shape, value)
    for shown in pages(desk, shape):
        named = [(row, one) for row in shown if _is(value, (one := record(desk, shape, row)).get(name))]
        if len(named) > 1:
            raise SiteOutOfReach(f"列表里有 {len(named)} 条“{value}”，认不出是哪一条。Several records are called so.")
        for row, one in named:
            return one if one.id else _opened(desk, shape, row, one)
    return None


def _is(value: str, shown: Any) -> bool:
    """Money by its worth: what was typed as 20000 is shown as 20,000.00."""
    if isinstance(shown, Decimal):
        with suppress(InvalidOperation):
            return Decimal(value) == shown
    return str(shown) == value


def _opened(desk: Desk, shape: ObjectScreen, row: Row, one: Record) -> Record | None:
    open_row(desk, shape, row)
    id = id_in(shape, desk.glass.page.url)
    return replace(one, id=id) if id else None


def row_of(desk: Desk, shape: ObjectScreen, id: str) -> Row:
    """The row of a record in the list; Refused("missing") when the list does not have it."""
    by_name = shape.id.startswith("field:") or not (shape.id or shape.record)
    title = id if by_name else desk.titles.get((shape.name, id), "")
    open_list(desk, shape, title)
    if title and not shape.list.leaf:
        narrow(desk, shape, title)
    for rows in pages(desk, shape):
        for row in rows:
            if record(desk, shape, row).id == id:
                return row
    raise Refused("missing", f"列表里没有 {shape.name} {id}。The list does not show it.")


def open_row(desk: Desk, shape: ObjectScreen, row: Row, button: Names = ()) -> None:
    """Opens a record from its row: by the button that the mapping names, its link, or a click on its main field."""
    at, names = row["index"], button or shape.list.open
    if names:
        control = desk.glass.thing("inRow(a[0], a[1], a[2])", heads(shape), at, names)
    else:
        href = next((href for href in row["hrefs"] if id_in(shape, href)), "")
        control = desk.glass.thing("linkIn(a[0], a[1], a[2])", heads(shape), at, href)
        main = next((c["text"] for c in row["cells"] if is_head({"text": c["head"]}, column(_main(shape)))), "")
        control = control or desk.glass.thing("cellIn(a[0], a[1], a[2])", heads(shape), at, main)
    if control is None:
        raise desk.absent("行内按钮 button in the row", names or ("…",), shape.list.where, ("buttons", "links"))
    before = desk.glass.page.url
    control.click()
    desk.glass.until("front() || location.href !== a[0] || null", before)


def _main(shape: ObjectScreen) -> FieldScreen:
    return shape.fields[main_field(shape)]
