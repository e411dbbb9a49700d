"""Four people of four departments sign in a real browser, two of them at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import signing_page
import signing_room
from playwright.sync_api import Page, expect, sync_playwright
from signing_room import NEEDED, NOW, PASSPHRASE, Room

from crm_acceptance import logbook
from crm_acceptance.sealing import keys
from crm_acceptance.sealing.keys import registered
from crm_acceptance.signoff import offline
from crm_acceptance.tools.browser import find_browser, launch_args

PATIENCE = 180
"""Seconds that a browser may take to start on a busy machine."""
DUE = (NOW + timedelta(days=30)).date().isoformat()


@pytest.fixture(autouse=True)
def patient() -> Iterator[None]:
    """Keys take their time to open, and on a busy machine more than the five seconds that are usual."""
    expect.set_options(timeout=PATIENCE * 1000)
    yield
    expect.set_options(timeout=5000)


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Room:
    monkeypatch.setenv(keys.HOME_ENV, str(tmp_path / "keys"))
    made = signing_room.make(tmp_path / "ws")
    signing_room.closed_keys(made, tmp_path / "keys")
    return made


@contextmanager
def window() -> Iterator[Page]:
    """A browser of one's own, as everybody at an own desk has."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=find_browser(), args=launch_args())
        page = browser.new_page(locale="zh-CN")
        page.set_default_timeout(PATIENCE * 1000)
        yield page
        browser.close()


def fill(page: Page, url: str, department: str, person: str, answer: str) -> None:
    """Everything but the last click, by the words on the page."""
    page.goto(url)
    page.locator(f"a.tile[data-department={department}]").click()
    expect(page.locator(".banner .big")).to_contain_text("通过")
    page.get_by_label("签字人").select_option(person)
    page.locator("label.answer").get_by_text(answer, exact=True).click()
    page.locator("#sign").get_by_label("密钥口令").fill(PASSPHRASE)


def sign(page: Page) -> str:
    """The last click, and the short hash that the receipt shows."""
    page.get_by_role("button", name="签字", exact=True).click()
    expect(page.get_by_role("heading", name="签字回执")).to_be_visible()
    return page.locator("#short").inner_text()


def test_four_people_of_four_departments_sign_two_of_them_at_once(room: Room) -> None:
    receipts: dict[str, str] = {}
    together = threading.Barrier(2, timeout=PATIENCE)

    def one(department: str, person: str) -> None:
        with window() as page:
            fill(page, url, department, person, "同意")
            together.wait()
            receipts[person] = sign(page)

    with signing_page.served(room) as url:
        desks = [threading.Thread(target=one, args=who) for who in (("sales", "chenjing"), ("finance", "wufang"))]
        for desk in desks:
            desk.start()
        for desk in desks:
            desk.join(2 * PATIENCE)
        with window() as page:
            fill(page, url, "service", "zhaolei", "有条件同意")
            page.get_by_label("条件 1 内容").fill("补一份订单页的操作手册")
            page.get_by_label("条件 1 负责人").fill("赵磊")
            page.get_by_label("条件 1 期限").fill(DUE)
            receipts["zhaolei"] = sign(page)
            fill(page, url, "it", "sunhao", "不同意")
            page.locator("#sign").get_by_label("原因").fill("早高峰太慢")
            receipts["sunhao"] = sign(page)
            page.goto(url)
            said = {key: page.locator(f"a.tile[data-department={key}]").get_attribute("data-state") for key in NEEDED}
            expect(page.locator(".banner .big")).to_contain_text("有部门不同意")

    assert said == {"sales": "valid", "finance": "valid", "service": "valid", "it": "refused"} == room.states()
    checked = offline.check(offline.kept(room.path), registered(room.path))
    assert (checked.lines, checked.problems) == (4, ())
    assert {one.short for key in NEEDED for one in room.standing(key).signatures} == set(receipts.values())
    assert room.standing("service").signatures[0].signature.conditions[0].owner == "赵磊"
    assert PASSPHRASE not in room.journal.read_text("utf-8")


def test_a_mistake_is_told_and_what_was_typed_is_kept_and_a_withdrawal_opens_the_way(room: Room) -> None:
    with signing_page.served(room) as url, window() as page:
        fill(page, url, "sales", "lina", "不同意")
        page.locator("#sign").get_by_label("原因").fill("报价不对")
        page.locator("#sign").get_by_label("密钥口令").fill("这不是我的口令")
        page.get_by_role("button", name="签字", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("口令不对")
        expect(page.locator("#sign").get_by_label("原因")).to_have_value("报价不对")
        expect(page.locator("#sign").get_by_label("密钥口令")).to_have_value("")
        page.locator("#sign").get_by_label("密钥口令").fill(PASSPHRASE)
        sign(page)
        page.get_by_role("link", name="回到本部门").click()
        page.get_by_text("撤回或委托").click()
        form = page.locator("form[action$=withdraw]")
        form.get_by_label("哪一份").select_option(index=1)
        form.get_by_label("本人").select_option("lina")
        form.get_by_label("原因").fill("已经改好")
        form.get_by_label("密钥口令").fill(PASSPHRASE)
        form.get_by_role("button").click()
        expect(page.locator("#signed")).to_contain_text("已撤回：已经改好")
    assert [entry.kind for entry in logbook.read(room.journal).entries] == ["signature", "withdrawal"]
    assert room.standing("sales").state == "void"


def test_on_a_phone_nothing_is_wider_than_the_screen(room: Room) -> None:
    with signing_page.served(room) as url, window() as page:
        page.set_viewport_size({"width": 360, "height": 740})
        for path in ("/", "/sales", "/it"):
            page.goto(url + path)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
