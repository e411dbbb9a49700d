"""What lists of described CRMs are asked for: searches, conditions, order, as parameters, JSON or text."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from crm_acceptance.errors import Unsupported, WrongUse
from crm_acceptance.model import Page
from tests.odd_server import Asked, Doors, Says, serving
from tests.test_rest_lists import ROWS, head


def filtering(asked: Asked) -> Says:
    """Filters by filter[x][eq]=, searches by search=, sorts by order=x desc."""
    rows = list(ROWS)
    for name, values in asked.query.items():
        if name.startswith("filter["):
            rows = [row for row in rows if str(row[name[7:].split("]")[0]]) == values[0]]
    if asked.one("search"):
        rows = [row for row in rows if asked.one("search") in str(row["name"])]
    if asked.one("order"):
        name, _, direction = asked.one("order").partition(" ")
        rows.sort(key=lambda row: str(row[name]), reverse=direction == "desc")
    return Says(200, {"data": rows[: asked.number("size", 100)], "meta": {"total": len(rows)}})


PARAMS = (
    head()
    + """
[paging]
kind = "page"
[query]
search = { search = "{q}" }
where = { "filter[{field}][eq]" = "{value}" }
sort = { order = "{field} {direction}" }
ascending = "asc"
descending = "desc"
"""
)


def test_search_conditions_and_order_travel_as_parameters(tmp_path: Path) -> None:
    with serving(filtering) as running:
        doors = Doors(running, PARAMS, tmp_path)
        found = doors.do("list", where={"industry": "org"}, sort="-name", size=3, q="客户1")
        assert isinstance(found, Page)
        assert [row["name"] for row in found.rows] == ["客户19", "客户17", "客户15"]
        assert doors.do("count", where={"industry": "org"}) == 28


def test_the_objects_own_condition_goes_with_every_list(tmp_path: Path) -> None:
    toml = PARAMS.replace('path = "/customers"', 'path = "/customers"\nonly = { kind = "person" }')
    with serving(filtering) as running:
        assert Doors(running, toml, tmp_path).do("count") == 29


@pytest.mark.parametrize(
    ("options", "key"),
    [({"q": "x"}, "search"), ({"where": {"name": "x"}}, "where"), ({"sort": "name"}, "sort"), ({"pool": True}, "pool")],
)
def test_what_the_mapping_cannot_say_is_unsupported_and_names_the_key(
    options: dict[str, object], key: str, tmp_path: Path
) -> None:
    with serving(filtering) as running:
        doors = Doors(running, head() + '[paging]\nkind = "page"', tmp_path)
        with pytest.raises(Unsupported, match=key):
            doors.do("list", **options)
        assert running.asked == []


DOCUMENT = """
[paging]
kind = "offset"
[query]
json = "filter"
condition = { "{field}" = { "$eq" = "{value}" } }
match = { "{field}" = { "$includes" = "{q}" } }
any = { "$or" = "{conditions}" }
all = { "$and" = "{conditions}" }
encode = "ENCODE"
"""


@pytest.mark.parametrize("encode", ["json", "base64url"])
def test_search_and_conditions_travel_as_one_document(encode: str, tmp_path: Path) -> None:
    def dialect(asked: Asked) -> Says:
        sent = asked.one("filter")
        if encode == "base64url":
            sent = base64.urlsafe_b64decode(sent + "=" * (-len(sent) % 4)).decode()
        return Says(200, {"data": [{"id": 1, "name": sent}], "meta": {"total": 1}})

    with serving(dialect) as running:
        found = Doors(running, head() + DOCUMENT.replace("ENCODE", encode), tmp_path).do(
            "list", q="李", where={"industry": "org"}
        )
        assert isinstance(found, Page)
        assert json.loads(found.rows[0]["name"]) == {
            "$and": [{"kind": {"$eq": "org"}}, {"$or": [{"name": {"$includes": "李"}}, {"phone": {"$includes": "李"}}]}]
        }


def test_conditions_may_be_one_text_and_rows_lists_by_position(tmp_path: Path) -> None:
    toml = """
[calls]
list = { call = "GET {path}", rows = "value" }
[query]
json = "$filter"
condition = "{field} eq {value|literal}"
match = "contains({field},{q|literal})"
any = "({conditions|or})"
all = "{conditions|and}"
[objects.customer]
path = "/firms"
id = "0"
search = ["name", "phone"]
fields = { name = { path = "1", query = "title" }, phone = { path = "2", query = "mobile" } }
"""
    with serving(lambda asked: Says(200, {"value": [[7, asked.one("$filter"), "138"]]})) as running:
        page = Doors(running, toml, tmp_path).do("list", q="O'Brien", where={"phone": "138"})
        assert isinstance(page, Page)
        said = "mobile eq '138' and (contains(title,'O''Brien') or contains(mobile,'O''Brien'))"
        assert (page.rows[0].id, page.rows[0]["name"]) == ("7", said)


def test_a_list_in_another_place_is_told_with_its_line(tmp_path: Path) -> None:
    with serving(lambda asked: Says(200, {"items": []})) as running:
        doors = Doors(running, head(), tmp_path)
        with pytest.raises(WrongUse, match=r"mapping\.toml:3 .*items"):
            doors.do("list")
