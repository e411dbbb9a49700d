"""Lists on the screen: the way there, searching, sorting by heads, leafing, totals. One record's row: screens_rows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from crm_acceptance.errors import SiteOutOfReach, Unsupported
from crm_acceptance.model import Action, Outcome, Page, Record
from crm_acceptance.systems.rest.screens_controls import labelled
from crm_acceptance.systems.rest.screens_desk import Desk, filled, id_in, main_field
from crm_acceptance.systems.rest.screens_shape import FieldScreen, Names, ObjectScreen
from crm_acceptance.systems.rest.screens_values import canonical
from crm_acceptance.systems.rest.screens_words import EMPTY, TOTALS

Row = Mapping[str, Any]
MOST_PAGES = 60
"""Further than this nobody leafs: a list that goes on has to be narrowed by `where` or a search box."""
TEXTS = ("text",)


def listing(desk: Desk, action: Action) -> Outcome:
    """One page of the list as the screen has it, or of `size` rows out of its pages; and the total it states."""
    shape = desk.object(action.object)
    rest = arranged(desk, shape, action)
    total = None if rest else stated(desk, shape)
    page, size = int(action.options.get("page", 1)), int(action.options.get("size") or 0)
    if not rest and not size:
        return Page(_page(desk, shape, page), total)
    found = fitting(desk, shape, rest)
    if not size:
        every = tuple(found)
        return Page(every if page == 1 else (), len(every))
    return Page(_slice(found, (page - 1) * size, size), total)


def count(desk: Desk, action: Action) -> Outcome:
    """How many records the list says there are; counted by leafing when it does not say."""
    shape = desk.object(action.object)
    rest = arranged(desk, shape, action)
    total = None if rest else stated(desk, shape)
    return sum(1 for _ in fitting(desk, shape, rest)) if total is None else total


def open_list(desk: Desk, shape: ObjectScreen, q: str = "", where: Mapping[str, Any] | None = None) -> None:
    """The list of an object, by its path or through the menu. `q` and `where` go into a path that has room for them."""
    if shape.path:
        path = filled(shape.path, {"q": q})
        mark = "&" if "?" in path else "?"
        asked = "&".join(filled(shape.list.where_query, {"field": n, "value": v}) for n, v in (where or {}).items())
        desk.open(path + (mark + asked if asked else ""))
    elif shape.menu:
        desk.open("/")
        desk.chain(shape.menu, f"{shape.where}.menu")
    else:
        raise Unsupported(
            f"{desk.spec.lines.at(shape.where)}: 没有列表的 path 或 menu。No way to its list is described."
        )
    _there(desk, shape)


def _there(desk: Desk, shape: ObjectScreen) -> None:
    """Waits for the list's table at rest; a page that says no instead refuses."""
    desk.glass.until("list(a[0]) || null", heads(shape))
    if desk.glass.rest() and not desk.glass.look("!!list(a[0])", heads(shape)):
        empty = desk.glass.look("says(a[0])", shape.list.empty or EMPTY)
        refusal = desk.refusal()
        if refusal or not empty:
            raise refusal or desk.absent("表头 column head", heads(shape), f"{shape.where}.fields", ("heads", "texts"))
    _has_main(desk, shape)


def _has_main(desk: Desk, shape: ObjectScreen) -> None:
    """A list whose main column is called otherwise now would show records without their name: it says so."""
    main, now = shape.fields.get(main_field(shape)), seen(desk, shape)["heads"]
    if main and now and not any(is_head(head, column(main)) for head in now):
        raise desk.absent("表头 column head", column(main), main.where, ("heads",))


def heads(shape: ObjectScreen) -> Names:
    """Every name that a head of the list may have."""
    return tuple(name for field in shape.fields.values() for name in column(field))


def column(field: FieldScreen) -> Names:
    """The names of a field's head in lists."""
    return field.column or field.label


def arranged(desk: Desk, shape: ObjectScreen, action: Action) -> dict[str, Any]:
    """Opens the list, searched and sorted as asked; the conditions that the page itself could not take."""
    where, q = dict(action.options.get("where") or {}), str(action.options.get("q") or "")
    if action.options.get("pool"):
        if not shape.pool:
            raise Unsupported(f"{desk.spec.lines.at(shape.where)}: 没有 pool 路径（公海）。There is no pool path.")
        desk.open(shape.pool)
        _there(desk, shape)
    else:
        open_list(desk, shape, q, where)
        where = {} if shape.list.where_query and shape.path else where
    texts = [str(v) for n, v in where.items() if n in shape.fields and shape.fields[n].kind in TEXTS]
    if q or (texts and not shape.list.leaf):
        narrow(desk, shape, q or texts[0])
    sort(desk, shape, str(action.options.get("sort") or ""))
    for name in where:
        desk.field(shape.name, name)
    return where


def narrow(desk: Desk, shape: ObjectScreen, q: str) -> None:
    """Searches, where the path has not done it already. Unsupported in a list without a search box."""
    if "{q}" in shape.path:
        return
    if shape.list.leaf:
        raise Unsupported(
            f"{desk.spec.lines.at(shape.list.where)}: {shape.name} 的列表没有搜索框。No search box there."
        )
    search(desk, shape, q)


def search(desk: Desk, shape: ObjectScreen, q: str) -> None:
    """Types into the search box, and presses its button or Enter."""
    names = shape.list.search or desk.word(shape.name, "search")[0]
    place = f"{shape.list.where}.search" if shape.list.search else "screens.words.search"
    if not desk.glass.look("!!control(a[0], false)", names) and (fold := desk.glass.thing("folded(a[0])", names)):
        fold.click()
    box = labelled(desk, names, place)
    box.fill(q)
    go = shape.list.go or desk.word(shape.name, "go")[0]
    button = desk.glass.thing("pressable(a[0], false)", go)
    if button is not None:
        button.click()
    else:
        box.press("Enter")
    desk.glass.rest()


def sort(desk: Desk, shape: ObjectScreen, sort: str) -> None:
    """Presses the column's head until it points the right way; two presses reach both."""
    if not sort:
        return
    name, way = sort.removeprefix("-"), "descending" if sort.startswith("-") else "ascending"
    names = column(desk.field(shape.name, name))
    for _ in range(3):
        head = next((h for h in seen(desk, shape)["heads"] if is_head(h, names) and h["sort"]), None)
        if head and head["sort"] == way:
            return
        control = desk.glass.thing("headAt(a[0], a[1])", heads(shape), names)
        if control is None:
            raise desk.absent("表头 column head", names, f"{shape.where}.fields.{name}", ("heads",))
        control.click()
        desk.glass.rest()
        if not any(h["sort"] for h in seen(desk, shape)["heads"]) and _ordered(desk, shape, name, way):
            return
    raise Unsupported(f"列表不能按“{names[0]}”排序。The list cannot be sorted by {names[-1]}.")


def is_head(head: Mapping[str, Any], names: Names) -> bool:
    return str(head["text"]).strip("*: ：").lower() in {name.lower() for name in names}


def _ordered(desk: Desk, shape: ObjectScreen, name: str, way: str) -> bool:
    """Whether the rows are in that order: what proves it where no head says so."""
    values = [record(desk, shape, row).get(name) for row in _rows(desk, shape)]
    known = [value for value in values if value is not None]
    return known == sorted(known, reverse=way == "descending") and len(set(map(str, known))) > 1


def seen(desk: Desk, shape: ObjectScreen) -> Mapping[str, Any]:
    """The list's heads and rows as they are now; empty when the page says that there are none."""
    found: Mapping[str, Any] | None = desk.glass.look("list(a[0])", heads(shape))
    return found or {"heads": [], "rows": []}


def stated(desk: Desk, shape: ObjectScreen) -> int | None:
    """The total that the page states; None when it states none."""
    said = str(desk.glass.look("document.body.innerText"))
    for pattern in shape.list.total or TOTALS:
        if found := re.search(pattern, said, re.MULTILINE | re.IGNORECASE):
            return int(re.sub(r"\D", "", found.group(1)) or 0)
    return None


def record(desk: Desk, shape: ObjectScreen, row: Row) -> Record:
    """A row in canonical fields."""
    fields = {}
    for cell in row["cells"]:
        field = next((f for f in shape.fields.values() if f.read and is_head({"text": cell["head"]}, column(f))), None)
        if field is not None:
            fields[field.name] = canonical(desk, field, cell)
    return Record(shape.name, _id(desk, shape, row, fields), fields)


def _id(desk: Desk, shape: ObjectScreen, row: Row, fields: Mapping[str, Any]) -> str:
    """From the row's attribute, from a field, or from a link of the row; by its main field when nothing else is."""
    if shape.id.startswith("row:"):
        return str(row["attributes"].get(shape.id[4:], ""))
    if not shape.id.startswith("field:"):
        found = next((id for href in row["hrefs"] if (id := id_in(shape, href))), None)
        if found or shape.id or shape.record:
            return found or str(row["attributes"].get("data-id") or row["attributes"].get("data-row-key") or "")
    return str(fields.get(shape.id.removeprefix("field:") or main_field(shape)) or "")


def _headed(row: Row, heads_at: Mapping[int, str]) -> Row:
    return {**row, "cells": [{**cell, "head": heads_at.get(cell["at"], "")} for cell in row["cells"]]}


def _rows(desk: Desk, shape: ObjectScreen) -> list[Row]:
    now = seen(desk, shape)
    heads_at = {head["at"]: head["text"] for head in reversed(now["heads"]) if head["text"]}
    rows: list[Row] = [_headed(row, heads_at) for row in now["rows"]]
    if not shape.id or shape.id.startswith(("row:", "field:")):
        return rows
    # Rows of sums, and the one that says "none here", lead to no record.
    return [row for row in rows if any(id_in(shape, href) for href in row["hrefs"])]


def pages(desk: Desk, shape: ObjectScreen) -> Iterator[list[Row]]:
    """The pages of the list one by one. SiteOutOfReach when leafing shows the same page again."""
    before: list[Row] = []
    for _ in range(MOST_PAGES):
        now = _rows(desk, shape)
        if before and [r["cells"] for r in now] == [r["cells"] for r in before]:
            raise SiteOutOfReach(f"{desk.glass.page.url} 翻页后还是同一页。The next page is the same page again.")
        yield now
        before = now
        if not _turned(desk, shape):
            return


def _turned(desk: Desk, shape: ObjectScreen) -> bool:
    """Turns to the next page; False at the end."""
    forward = desk.glass.thing("pressable(a[0], false, true)", shape.list.next or desk.word(shape.name, "next")[0])
    if forward is None or desk.glass.look("idle(a[0])", forward):
        return False
    forward.click()
    desk.glass.rest()
    return True


def _page(desk: Desk, shape: ObjectScreen, wanted: int) -> tuple[Record, ...]:
    for number, rows in enumerate(pages(desk, shape), 1):
        if number == wanted:
            return tuple(record(desk, shape, row) for row in rows)
    return ()


def fitting(desk: Desk, shape: ObjectScreen, where: Mapping[str, Any]) -> Iterator[Record]:
    """Every record of all pages that meets the conditions, as the list shows it."""
    for rows in pages(desk, shape):
        for row in rows:
            one = record(desk, shape, row)
            for name in where.keys() - one.fields.keys():
                raise desk.absent("表头 column head", column(shape.fields[name]), shape.fields[name].where, ("heads",))
            if all(str(one[name]) == str(value) for name, value in where.items()):
                yield one


def _slice(found: Iterator[Record], start: int, size: int) -> tuple[Record, ...]:
    taken: list[Record] = []
    for number, one in enumerate(found):
        if number >= start:
            taken.append(one)
        if len(taken) == size:
            break
    return tuple(taken)
