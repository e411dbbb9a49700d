"""Lists on the screen: keyword, filters, sorting by column heads, leafing, totals and sums."""

from __future__ import annotations

import re
from decimal import Decimal
from urllib.parse import urlencode

from crm_acceptance.errors import Unsupported
from crm_acceptance.model import Action, Outcome, Page, Record
from crm_acceptance.systems.refcrm.screens_desk import Desk
from crm_acceptance.systems.refcrm.screens_records import audited
from crm_acceptance.systems.refcrm.screens_sight import Row, Sight, Table
from crm_acceptance.systems.refcrm.screens_values import canonical, fill, money

AMOUNT = re.compile(r"[¥￥]?-?[\d,]+\.\d{2}")


def listing(desk: Desk, action: Action) -> Outcome:
    """One page of the list, and the total the page states."""
    sight = arranged(desk, action)
    turned = leafed(desk, sight, int(action.options.get("page", 1)))
    return Page(rows(desk, action.object, turned) if turned else (), sight.total)


def count(desk: Desk, action: Action) -> Outcome:
    """How many records the list says there are."""
    total = searched(desk, action).total
    if total is None:
        raise Unsupported(f"{action.object} 的列表没有写明总数。The list of {action.object} states no total.")
    return total


def total(desk: Desk, action: Action) -> Outcome:
    """The sum below the list; Unsupported when the list does not sum that field."""
    name = str(action.options.get("field", "amount"))
    sums = searched(desk, action).sums
    found = AMOUNT.search(sums.get(name, ""))
    if found is None:
        raise Unsupported(f"{action.object} 的列表没有 {name} 的合计。The list of {action.object} does not sum {name}.")
    amount = money(found.group())
    return amount if isinstance(amount, Decimal) else None


def arranged(desk: Desk, action: Action) -> Sight:
    """The list as asked for: searched, then sorted."""
    return ordered(desk, action.object, searched(desk, action), str(action.options.get("sort", "")))


def searched(desk: Desk, action: Action) -> Sight:
    """The list after filling in what the search form has a control for. A condition without a control, such as the
    customer of an order, comes with the address, as it does when following a link from the customer's page."""
    wanted = dict(action.options.get("where", {}))
    chosen = {name: wanted.pop(name) for name in tuple(wanted) if desk.labels.choices(action.object, name)}
    path = desk.labels.place("pool") if action.options.get("pool") else desk.labels.path(action.object)
    query = urlencode({name: str(value) for name, value in wanted.items()})
    sight = desk.open(f"{path}?{query}" if query else path)
    keyword, size = action.options.get("q"), action.options.get("size")
    if not (chosen or keyword or size):
        return sight
    for name, value in chosen.items():
        fill(desk.labels, action.object, name, desk.labelled(sight, desk.labels.field(action.object, name)), value)
    if keyword:
        desk.labelled(sight, desk.labels.word("keyword")).fill(str(keyword))
    if size:
        _sized(desk, sight, int(size))
    return desk.press(desk.button(sight, desk.labels.word("search")))


def _sized(desk: Desk, sight: Sight, size: int) -> None:
    """Chooses the rows per page; a size that the page does not offer cannot be had on the screen."""
    control = desk.labelled(sight, desk.labels.word("size"))
    offered: list[str] = control.evaluate("e => [...e.options].map(o => o.text.trim())")
    if str(size) not in offered:
        raise Unsupported(f"页面不提供每页 {size} 条，只有 {'、'.join(offered)}。{size} rows per page are not offered.")
    control.select_option(str(size))


def ordered(desk: Desk, object: str, sight: Sight, sort: str) -> Sight:
    """Presses the column's head until the arrow points the right way; two presses reach both."""
    name, way = sort.removeprefix("-"), "descending" if sort.startswith("-") else "ascending"
    if not name or not sight.tables:
        return sight
    for _ in range(2):
        head = next((h for h in sight.tables[0].heads if desk.labels.field_of(object, h.text) == name), None)
        if head is None or not head.link:
            raise Unsupported(f"列表不能按 {name} 排序。The list cannot be sorted by {name}.")
        if head.order == way:
            break
        sight = desk.press(desk.page.get_by_role("columnheader").get_by_role("link", name=head.text, exact=True))
    return sight


def leafed(desk: Desk, sight: Sight, wanted: int) -> Sight | None:
    """Turns the pages one by one; None when the list ends before the page wanted."""
    while int(sight.here) < wanted:
        forward = next((n for n in desk.labels.word("next") if n in sight.links), None)
        if forward is None:
            return None
        sight = desk.press(desk.page.get_by_role("link", name=forward, exact=True))
    return sight


def rows(desk: Desk, object: str, sight: Sight) -> tuple[Record, ...]:
    """The rows of the page's table in canonical fields."""
    table = next(iter(sight.tables), None)
    return tuple(_record(desk, object, table, row) for row in table.rows) if table else ()


def _record(desk: Desk, object: str, table: Table, row: Row) -> Record:
    named = ((desk.labels.field_of(object, head.text), cell) for head, cell in zip(table.heads, row.cells, strict=True))
    fields = {name: canonical(desk.labels, object, name, cell) for name, cell in named if name}
    return Record(object, row.id or "", fields)


def whole_audit(desk: Desk, action: Action) -> Outcome:
    """A page of the whole audit log."""
    sight = desk.open(desk.labels.place("whole_audit"))
    turned = leafed(desk, sight, int(action.options.get("page", 1)))
    found = [r for table in (turned.tables if turned else ()) for r in audited(desk, table)]
    return Page(tuple(found), sight.total)
