"""Which line of a mapping file a place stands on, whatever the file looks like."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_acceptance.systems.rest import lines

ODD = '''\
# [not.a.table] = "no"
title = "一"   # [title]
"quoted key"."客户 名" = 1
[api]
headers = { "X-T" = "}#{", y = 'c' } # {
[calls]
list = { call = "GET {path}", rows = "data", total = "x" }
# }
read = """
[still.no.table]
k = "v" \\""" "
"""
steps = [ { do = "a" }, # ] }
   # a comment ]
   { do = "b", fields = { n = [1, 2,
      3] } } ]
plain = \'\'\'it''s\'\'\'
[objects."x_合同".fields]
name.path = "mc"
name.write = "mc2"
  [objects.order]
when = 2026-01-01T00:00:00Z
[[many]]
k = 1
[many.sub]
z = 2
[[many]]
k = 2
'''


def test_the_odd_file_is_toml_itself() -> None:
    assert tomllib.loads(ODD)["calls"]["steps"][1]["fields"]["n"] == [1, 2, 3]


@pytest.mark.parametrize(
    ("where", "line"),
    [
        ("title", 2), ("quoted key.客户 名", 3), ("api", 4), ("api.headers.X-T", 5), ("api.headers.y", 5),
        ("calls.list", 7), ("calls.list.rows", 7), ("calls.list.total", 7), ("calls.read", 9), ("calls.steps.0.do", 13),
        ("calls.steps.1.do", 15), ("calls.steps.1.fields.n.2", 16), ("calls.plain", 17), ("objects.x_合同.fields", 18),
        ("objects.x_合同.fields.name.path", 19), ("objects.x_合同.fields.name.write", 20), ("objects.order", 21),
        ("objects.order.when", 22), ("many.0.k", 24), ("many.0.sub.z", 26), ("many.1.k", 28),
    ],
)  # fmt: skip
def test_every_place_of_an_odd_file_has_its_line(where: str, line: int) -> None:
    assert lines.read("mapping.toml", ODD).of(where) == line


def test_a_place_that_the_file_does_not_spell_out_has_the_line_above_it() -> None:
    read = lines.read("mapping.toml", ODD)
    assert read.of("calls.list.record") == 7
    assert read.of("nowhere.at.all") is None


def test_people_read_file_line_table_and_key() -> None:
    read = lines.read("mapping.toml", ODD)
    assert read.at("calls.list.total") == "mapping.toml:7 [calls] list.total"
    assert read.at("objects.x_合同.fields.name.label") == "mapping.toml:19 [objects.x_合同.fields] name.label"
    assert read.at("title") == "mapping.toml:2 title"
    assert read.at("paging.first") == "mapping.toml [paging.first]"


def test_windows_line_ends_count_once() -> None:
    assert lines.read("m", ODD.replace("\n", "\r\n")).of("many.1.k") == 28


@given(st.text(alphabet="[]{}=\"'#.,\nab \\", max_size=60))
def test_a_text_that_is_no_toml_never_hangs_the_reading(text: str) -> None:
    read = lines.read("m", text)
    assert all(1 <= spot.line <= text.count("\n") + 1 for spot in read.spots.values())
