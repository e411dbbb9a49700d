"""The matrix by hand: what a page's HTML offers, and a real sweep of a real reference CRM, sound and with mistakes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace

import pytest
from permission_rows import MATRIX, PASSWORD, Bench, bench

from crm_acceptance.actors import Doors
from crm_acceptance.engines.browser import Browser
from crm_acceptance.engines.permissions import sweep
from crm_acceptance.engines.permissions.eyes import Eyes
from crm_acceptance.engines.permissions.pages import SAID, SLOT, offered, slotted, slotted_forms
from crm_acceptance.engines.permissions.replay import Replay
from crm_acceptance.engines.permissions.windows import Windows
from crm_acceptance.systems import find

pytestmark = pytest.mark.xdist_group("browser")
PAGE = """
<a href="/customers/7/edit">改</a> <a href="/customers/17">别的</a> <a href="/logout">退出</a>
<a href="https://elsewhere.example/customers/7">外面</a> <a href="#x">这里</a>
<a href="/language/en?next=/customers/7">En</a>
<form method="post" action="/customers/7/transfer"><input type="hidden" name="csrf" value="abc">
<select name="to"><option value=""></option><option value="hejun">何军</option></select>
<textarea name="reason" required></textarea><input type="file" name="file"></form>
<form method="post" action="/logout"><input type="hidden" name="id" value="7"></form>
<form method="post"><input type="hidden" name="record" value="7"><input name="name" value="甲"></form>
<form action="/search"><input name="q"></form>
"""


def test_a_page_offers_what_only_looks_and_what_is_about_its_record() -> None:
    page = offered(PAGE, "http://crm.example/customers/7")
    assert page.links == ("/customers/7/edit", "/customers/17")
    assert [slotted(link, "7") for link in page.links] == [f"/customers/{SLOT}/edit", "/customers/17"]
    given, record = slotted_forms(page.forms, "7", "/customers/9")
    assert (given.deed, given.files, given.hidden) == ("transfer", ("file",), frozenset({"csrf"}))
    assert given.of("8").fields == {"csrf": "abc", "to": "hejun", "reason": SAID}
    assert given.of("8").action == "/customers/8/transfer"
    assert record.of("8").fields == {"record": "8", "name": "甲"}


def test_every_role_and_object_of_the_table_is_looked_at_and_first_pages_but_for_the_log() -> None:
    rooms = sweep.rooms(MATRIX)
    assert ("sales_rep", "customer") in rooms and ("sales_rep", "start") in rooms
    assert ("it_admin", "start") not in rooms and not any(kind == "session" for _, kind in rooms)
    assert len(set(rooms)) == len(rooms)


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[Bench, sweep.Sweep]]:
    with bench() as made:
        doors = Doors(find("refcrm"), made.site, lambda person: PASSWORD)
        browser = Browser(tracing=False)
        with browser.scene() as scene:
            eyes = Eyes(lambda person: doors.screens(person, scene))
            yield made, sweep.Sweep(made.replay.garden, Windows(made.site.url, eyes))
        browser.close()
        doors.close()


@pytest.mark.parametrize("room", [("sales_rep", "customer"), ("service_agent", "customer"), ("marketer", "customer")])
def test_sound_screens_have_no_finding(site: tuple[Bench, sweep.Sweep], room: tuple[str, str]) -> None:
    assert site[1].findings(*room) == []


@pytest.mark.parametrize(
    ("defect", "room", "told"),
    [
        ("list_ignores_scope", ("sales_rep", "contact"), "翻看"),
        ("read_ignores_scope", ("sales_rep", "contact"), "查看"),
        ("update_ignores_scope", ("sales_rep", "contact"), "越权 trespass"),
        ("mask_missing_in_export", ("service_agent", "contact"), "导出"),
    ],
)
def test_what_screens_show_or_let_be_done_is_found(
    site: tuple[Bench, sweep.Sweep], defect: str, room: tuple[str, str], told: str
) -> None:
    with site[0].crm.defect(defect):
        found = site[1].findings(*room)
    assert found and all(told in one for one in found[:1]), found


@pytest.mark.parametrize("defect", ["", "logout_keeps_token"])
def test_without_an_api_the_window_itself_tells_what_is_left_after_signing_out(
    site: tuple[Bench, sweep.Sweep], defect: str
) -> None:
    made, swept = site
    rule = MATRIX.find("sales_rep", "after_logout", "session")
    assert rule is not None
    by_hand = Replay(replace(made.replay.garden, voices=swept.windows.eyes))
    with made.crm.defect(defect) if defect else nullcontext():
        found = by_hand.findings(rule)
    assert ["仍然看得到" in one for one in found] == ([True] if defect else [])
