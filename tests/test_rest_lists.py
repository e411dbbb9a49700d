"""Lists of described CRMs: every kind of paging, lists that ignore it, searches, conditions; on real servers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from crm_acceptance.errors import Unsupported
from crm_acceptance.model import Page
from tests.odd_server import Asked, Doors, Says, serving

ROWS = [
    {"id": n, "name": f"客户{n:02d}", "phone": f"138{n:08d}", "kind": "org" if n % 2 else "person"} for n in range(57)
]
HEAD = """
[calls]
list = {{ call = "GET {{path}}", rows = "{rows}"{total} }}
{count}
[objects.customer]
path = "/customers"
search = ["name", "phone"]
[objects.customer.fields]
name = "name"
phone = "phone"
industry = {{ path = "kind" }}
"""


def head(rows: str = "data", total: str = "meta.total") -> str:
    """The mapping but for its paging."""
    return HEAD.format(rows=rows, total=f', total = "{total}"' if total else "", count=total and 'count = "list"')


def wrapped(rows: list[dict[str, object]], **more: object) -> Says:
    """The usual envelope."""
    return Says(200, {"data": rows, "meta": {"total": len(ROWS), **more}})


def by_page_from_zero(asked: Asked) -> Says:
    page, size = asked.number("p", 0), min(asked.number("n", 10), 25)
    return wrapped(ROWS[page * size : page * size + size])


def by_offset(asked: Asked) -> Says:
    offset, size = asked.number("skip", 0), asked.number("take", 10)
    return wrapped(ROWS[offset : offset + size])


def by_cursor(asked: Asked) -> Says:
    start, size = int(asked.one("after", "0")), asked.number("limit", 10)
    rest = start + size < len(ROWS)
    return wrapped(ROWS[start : start + size], next=str(start + size) if rest else None)


def by_cursor_url(asked: Asked) -> Says:
    start, size = int(asked.one("after", "0")), asked.number("limit", 10)
    there = f"http://{asked.headers['host']}/customers?after={start + size}&limit={size}"
    return wrapped(ROWS[start : start + size], next=there if start + size < len(ROWS) else "")


def by_link(asked: Asked) -> Says:
    page, size = asked.number("page", 1), asked.number("per_page", 10)
    rows = ROWS[(page - 1) * size : page * size]
    more = f'<http://{asked.headers["host"]}/customers?page={page + 1}&per_page={size}>; rel="next"'
    links = (("Link", f'</customers?page=1>; rel="first", {more}'),) if page * size < len(ROWS) else ()
    return Says(200, rows, links)


def by_range(asked: Asked) -> Says:
    first, last = map(int, asked.headers["range"].removeprefix("items=").split("-"))
    if first >= len(ROWS):
        return Says(416, None, (("Content-Range", f"items */{len(ROWS)}"),))
    return Says(206, ROWS[first : last + 1], (("Content-Range", f"items {first}-{last}/{len(ROWS)}"),))


def everything(asked: Asked) -> Says:
    return Says(200, {"data": ROWS})


CURSOR = '[paging]\nkind = "cursor"\ncursor = "after"\nsize = "limit"\nnext = "meta.next"\nlargest = 20'
PAGINGS: dict[str, tuple[Callable[[Asked], Says], str]] = {
    "page": (by_page_from_zero, head() + '[paging]\nkind = "page"\npage = "p"\nfirst = 0\nsize = "n"\nlargest = 25'),
    "page, smaller than told": (
        by_page_from_zero, head() + '[paging]\nkind = "page"\npage = "p"\nfirst = 0\nsize = "n"\nlargest = 40'
    ),
    "offset": (by_offset, head() + '[paging]\nkind = "offset"\noffset = "skip"\nsize = "take"\nlargest = 30'),
    "cursor": (by_cursor, head() + CURSOR),
    "cursor as a link": (
        by_cursor_url, head() + CURSOR
    ),
    "link": (by_link, head("", "") + '[paging]\nkind = "link"\nsize = "per_page"\nlargest = 20'),
    "range": (by_range, head("", "header:Content-Range") + '[paging]\nkind = "range"\nlargest = 20'),
    "none": (everything, head(total="")),
}  # fmt: skip


@pytest.mark.parametrize("kind", PAGINGS)
def test_every_kind_of_paging_gives_each_row_once_and_no_more_than_asked(kind: str, tmp_path: Path) -> None:
    dialect, toml = PAGINGS[kind]
    with serving(dialect) as running:
        doors = Doors(running, toml, tmp_path)
        seen: list[str] = []
        for number in range(1, 9):
            page = doors.do("list", page=number, size=9)
            assert isinstance(page, Page)
            assert len(page.rows) == min(9, max(0, 57 - 9 * (number - 1)))
            assert page.total == (None if kind == "link" else 57)
            seen += [row.id for row in page.rows]
        assert seen == [str(n) for n in range(57)]


@pytest.mark.parametrize("kind", PAGINGS)
def test_more_rows_than_one_page_may_hold_are_fetched_in_several(kind: str, tmp_path: Path) -> None:
    dialect, toml = PAGINGS[kind]
    with serving(dialect) as running:
        doors = Doors(running, toml, tmp_path)
        page = doors.do("list", size=50)
        assert isinstance(page, Page)
        assert [row.id for row in page.rows] == [str(n) for n in range(50)]
        later = doors.do("list", size=50, page=2)
        assert isinstance(later, Page)
        assert [row.id for row in later.rows] == [str(n) for n in range(50, 57)]


@pytest.mark.parametrize("kind", [kind for kind in PAGINGS if kind not in ("link", "none")])
def test_a_count_is_the_total_of_the_list(kind: str, tmp_path: Path) -> None:
    dialect, toml = PAGINGS[kind]
    with serving(dialect) as running:
        assert Doors(running, toml, tmp_path).do("count") == 57


def test_a_list_whose_total_is_not_there_cannot_count(tmp_path: Path) -> None:
    with serving(everything) as running:
        doors = Doors(running, head() + '[paging]\nkind = "page"', tmp_path)
        with pytest.raises(Unsupported, match="total"):
            doors.do("count")


NO_TOTAL = head(total="")


@pytest.mark.parametrize("paging", ['kind = "page"', 'kind = "offset"'])
def test_a_list_that_ignores_paging_is_cut_and_never_doubled(paging: str, tmp_path: Path) -> None:
    with serving(everything) as running:
        doors = Doors(running, f"{NO_TOTAL}[paging]\n{paging}", tmp_path)
        first = doors.do("list", size=20)
        assert isinstance(first, Page)
        assert ([row.id for row in first.rows], first.total) == ([str(n) for n in range(20)], None)
        third = doors.do("list", size=20, page=3)
        assert isinstance(third, Page)
        assert [row.id for row in third.rows] == [str(n) for n in range(40, 57)]
        beyond = doors.do("list", size=20, page=9)
        assert isinstance(beyond, Page)
        assert beyond.rows == ()
        assert len(running.asked) < 12


def test_a_list_that_honours_the_size_but_never_turns_the_page_ends(tmp_path: Path) -> None:
    def stuck(asked: Asked) -> Says:
        return Says(200, {"data": ROWS[: asked.number("size", 5)]})

    with serving(stuck) as running:
        doors = Doors(running, f'{NO_TOTAL}[paging]\nkind = "page"\nlargest = 10', tmp_path)
        whole = doors.do("list", size=40)
        assert isinstance(whole, Page)
        assert len(whole.rows) == 10
        second = doors.do("list", size=10, page=2)
        assert isinstance(second, Page)
        assert second.rows == ()


def test_a_cursor_that_never_moves_ends(tmp_path: Path) -> None:
    def stuck(asked: Asked) -> Says:
        return wrapped(ROWS[:5], next="again")

    with serving(stuck) as running:
        toml = head() + '[paging]\nkind = "cursor"\nnext = "meta.next"\nsize = "limit"'
        page = Doors(running, toml, tmp_path).do("list", size=30)
        assert isinstance(page, Page)
        assert len(page.rows) == 5
        assert len(running.asked) == 2


def test_a_row_that_the_crm_shows_on_two_pages_stays_to_be_seen(tmp_path: Path) -> None:
    def overlapping(asked: Asked) -> Says:
        first = max(0, (asked.number("page", 1) - 1) * 10 - 1)
        return wrapped(ROWS[first : first + 10])

    with serving(overlapping) as running:
        doors = Doors(running, head() + '[paging]\nkind = "page"', tmp_path)
        pages = [doors.do("list", size=10, page=number) for number in (1, 2)]
        seen = [row.id for page in pages if isinstance(page, Page) for row in page.rows]
        assert seen.count("9") == 2
