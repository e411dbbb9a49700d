"""The sao web client of a real Tryton, by hand, looked at through the API."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import sync_playwright

from crm_acceptance.actors import Doors
from crm_acceptance.errors import Refused, Unsupported
from crm_acceptance.model import Action, Person, Site
from crm_acceptance.systems.tryton import SYSTEM
from crm_acceptance.tools.browser import find_browser, launch_args

pytestmark = [pytest.mark.tryton, pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("tryton")]

PASSWORD = secrets.token_urlsafe(16)
LINA = Person("lina", "李娜", "sales", "sales_rep", "lina")
WANGQIANG = Person("wangqiang", "王强", "sales", "sales_rep", "wangqiang")
PATIENCE_MS = 60_000
Screen = Callable[[Person], Any]


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """Tryton over a fresh copy of the snapshot."""
    with SYSTEM.launch(password=PASSWORD) as running:
        yield running


@pytest.fixture(scope="module")
def screen(site: Site) -> Iterator[Screen]:
    """A signed-in page per person."""
    pages: dict[str, Any] = {}
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find_browser(), args=launch_args())

        def signed_in(person: Person) -> Any:
            if person.key not in pages:
                pages[person.key] = browser.new_context(locale="zh-CN").new_page()
                pages[person.key].set_default_timeout(PATIENCE_MS)
                SYSTEM.screens(site).login(pages[person.key], person, PASSWORD)
            return pages[person.key]

        yield signed_in
        browser.close()


@pytest.fixture(scope="module")
def api(site: Site) -> Iterator[Callable[..., Any]]:
    """Looking as somebody through the API."""
    doors = Doors(SYSTEM, site, lambda person: PASSWORD, timeout=60.0)

    def do(person: Person, verb: str, object: str, id: str | None = None, /, **fields: Any) -> Any:
        door = doors.records(person)
        assert door is not None
        return door.do(Action(verb, object, id, fields))

    yield do
    doors.close()


@pytest.fixture
def mark() -> str:
    return "页" + secrets.token_hex(4)


def test_a_lead_registered_and_converted_by_hand_is_whole_in_the_api(
    site: Site, screen: Screen, api: Callable[..., Any], mark: str
) -> None:
    hands, page = SYSTEM.screens(site), screen(LINA)
    said = {"name": f"{mark}赵总", "company": f"{mark}机械", "phone": "13612340000", "email": f"{mark[1:]}@example.com"}
    said |= {"source": "展会", "note": "想了解企业版"}
    lead = hands.do(page, Action("create", "lead", fields=said))
    assert said.items() <= api(LINA, "read", "lead", lead.id).fields.items()
    parts = hands.do(page, Action("convert", "lead", lead.id))
    assert api(LINA, "read", "opportunity", lead.id)["stage"] == "qualify"
    assert api(LINA, "read", "contact", parts["contact"])["name"] == said["name"]
    with pytest.raises(Refused) as no:
        hands.do(page, Action("convert", "lead", lead.id))
    assert no.value.kind == "conflict"


def test_the_form_of_a_colleagues_customer_is_refused_and_the_search_does_not_find_it(
    site: Site, screen: Screen, api: Callable[..., Any], mark: str
) -> None:
    hands, customer = SYSTEM.screens(site), api(LINA, "create", "customer", name=mark)
    with pytest.raises(Refused) as no:
        hands.do(screen(WANGQIANG), Action("read", "customer", customer.id))
    assert no.value.kind == "denied"
    searching = Action("list", "customer", options={"q": mark})
    assert hands.do(screen(WANGQIANG), searching).rows == ()
    found = hands.do(screen(LINA), searching).rows
    assert [row.id for row in found] == [customer.id]
    assert mark in found[0]["shown"]


def test_what_nobody_wrote_down_for_the_screens_is_unsupported(site: Site, screen: Screen) -> None:
    with pytest.raises(Unsupported, match=r"contact\.create"):
        SYSTEM.screens(site).do(screen(LINA), Action("create", "contact"))


def test_a_wrong_password_is_refused_and_leaving_brings_back_the_login(site: Site, screen: Screen) -> None:
    hands, page = SYSTEM.screens(site), screen(WANGQIANG)
    hands.logout(page)
    page.locator("#login").wait_for()
    with pytest.raises(Refused) as no:
        hands.login(page, WANGQIANG, "not the password")
    assert no.value.kind == "denied"
