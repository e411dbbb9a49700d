"""The page keeps strangers out: other sites, other names, old forms, guesses, files outside of the run."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import signing_page
import signing_room
from signing_room import PASSPHRASE, Room

from crm_acceptance import logbook
from crm_acceptance.errors import WrongUse
from crm_acceptance.sealing import keys
from crm_acceptance.signoff import journal
from crm_acceptance.signoff.revising import Hand, delegate, withdraw
from crm_acceptance.signoff.web.guard import LARGEST, TRIES, Patience


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Room]:
    """Keys take their time: once for all tests."""
    home = tmp_path_factory.mktemp("keys")
    room = signing_room.make(tmp_path_factory.mktemp("ws"))
    signing_room.closed_keys(room, home)
    return home, room


@pytest.fixture
def room(closed: tuple[Path, Room], monkeypatch: pytest.MonkeyPatch) -> Room:
    monkeypatch.setenv(keys.HOME_ENV, str(closed[0]))
    closed[1].forget()
    return closed[1]


@pytest.fixture
def url(room: Room) -> Iterator[str]:
    with signing_page.served(room) as address:
        yield address


def form(url: str, person: str = "chenjing", **more: str) -> dict[str, str]:
    """The form of sales, filled in."""
    page = requests.get(f"{url}/sales", timeout=30).text
    hidden = dict(re.findall(r'name="(token|seen)" value="([^"]+)"', page))
    return {**hidden, "who": person, "answer": "yes", "passphrase": PASSPHRASE, **more}


def written(room: Room) -> int:
    return len(logbook.read(room.journal).entries)


def test_a_whole_form_signs_once(url: str, room: Room) -> None:
    filled = form(url)
    done = requests.post(f"{url}/sales", filled, timeout=30)
    assert done.status_code == 200 and "签字回执" in done.text and written(room) == 1
    again = requests.post(f"{url}/sales", filled, timeout=30)
    assert again.status_code == 422 and "已经签过" in again.text and written(room) == 1
    assert PASSPHRASE not in again.text + done.text and PASSPHRASE not in done.url


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 421),
        ({"Host": "127.0.0.1.evil.example:80"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
    ],
)
def test_what_comes_from_elsewhere_is_refused(headers: dict[str, str], status: int, url: str, room: Room) -> None:
    assert requests.post(f"{url}/sales", form(url), headers=headers, timeout=30).status_code == status
    assert written(room) == 0


def test_a_form_without_end_is_refused(url: str, room: Room) -> None:
    endless = form(url, answer="no", reason="长" * LARGEST)
    assert requests.post(f"{url}/sales", endless, timeout=30).status_code == 413 and written(room) == 0


@pytest.mark.parametrize("token", ["", "0" * 43, None])
def test_a_form_without_the_pages_token_signs_nothing(token: str | None, url: str, room: Room) -> None:
    filled = {name: value for name, value in {**form(url), "token": token}.items() if value is not None}
    refused = requests.post(f"{url}/sales", filled, timeout=30)
    assert refused.status_code == 422 and "页面已过期" in refused.text and written(room) == 0


def test_a_form_opened_before_the_evidence_changed_signs_nothing(url: str, room: Room) -> None:
    filled = form(url)
    signed_before = {**filled, "seen": "0" * 64}
    refused = requests.post(f"{url}/sales", signed_before, timeout=30)
    assert refused.status_code == 422 and "证据变了" in refused.text and written(room) == 0


def test_nobody_guesses_passphrases_for_long(url: str, room: Room) -> None:
    filled = form(url, person="lina")
    said = [requests.post(f"{url}/sales", {**filled, "passphrase": f"guess{n}"}, timeout=30).text for n in range(TRIES)]
    assert all("口令不对" in one for one in said)
    assert "口令错了" in requests.post(f"{url}/sales", filled, timeout=30).text and written(room) == 0


def test_guesses_at_the_same_moment_are_counted_as_well() -> None:
    patience, refused = Patience(), []

    def guess() -> None:
        try:
            patience.check("lina")
        except WrongUse as wrong:
            refused.append(str(wrong))

    many = [threading.Thread(target=guess) for _ in range(TRIES * 4)]
    for one in many:
        one.start()
    for one in many:
        one.join()
    assert len(refused) == TRIES * 3


def test_a_profile_that_is_broken_while_the_page_is_open_is_told(url: str, room: Room) -> None:
    filled, toml = form(url), room.path / "acceptance.toml"
    kept = toml.read_text("utf-8")
    try:
        toml.write_text("system = ", "utf-8")
        for told in (requests.get(url, timeout=30), requests.post(f"{url}/sales", filled, timeout=30)):
            assert told.status_code == 503 and "不是正确的 TOML" in told.text
    finally:
        toml.write_text(kept, "utf-8")
    assert written(room) == 0


@pytest.mark.parametrize("odd", ["\x00", "\x1b[2J", "\u202e", "\uffff"])
def test_what_nobody_can_see_or_print_is_not_signed(odd: str, url: str, room: Room) -> None:
    told = requests.post(f"{url}/sales", form(url, answer="no", reason=f"不好{odd}"), timeout=30)
    assert told.status_code == 422 and "打不出来的字符" in told.text and written(room) == 0


def test_a_delegation_that_is_over_or_taken_back_is_offered_to_nobody(url: str, room: Room) -> None:
    hand = Hand(room.profile, "lina", room.keys["lina"], room.now)
    delegate(hand, "sales", "wufang", room.now.date(), "出差")
    assert 'value="wufang|lina"' in requests.get(f"{url}/sales", timeout=30).text
    withdraw(hand, journal.read(room.path, {}).lines[-1].digest, "回来了")
    assert 'value="wufang|lina"' not in requests.get(f"{url}/sales", timeout=30).text


def test_what_people_write_is_text_and_pages_run_no_script(url: str) -> None:
    filled = form(url, person="chenjing", answer="no", reason="<script>alert(1)</script>")
    done = requests.post(f"{url}/sales", filled, timeout=30)
    assert "<script" not in done.text and "&lt;script&gt;alert(1)" in done.text
    policy = requests.get(url, timeout=30).headers["content-security-policy"]
    assert "default-src 'none'" in policy and "script-src" not in policy and "frame-ancestors 'none'" in policy


def test_the_reports_are_on_a_port_of_their_own_and_nothing_else_is(url: str, room: Room) -> None:
    (room.run / "index.html").write_text("<p>结果</p>", "utf-8")
    shown = requests.get(f"{url}/index.html", timeout=30)
    assert shown.text == "<p>结果</p>" and not shown.url.startswith(url)
    there = shown.url.removesuffix("/index.html")
    for name in (
        "run.json",
        "../../acceptance.toml",
        "%2e%2e/%2e%2e/acceptance.toml",
        "allure-report/../run.json",
        "sales",
    ):
        assert requests.get(f"{there}/{name}", timeout=30).status_code == 404
    assert requests.post(f"{there}/sales", form(url), timeout=30).status_code == 405 and written(room) == 0


@pytest.mark.parametrize("path", ["/nothing", "/receipt/" + "0" * 64, "/docs", "/openapi.json"])
def test_an_unknown_address_is_said_so(path: str, url: str) -> None:
    told = requests.get(url + path, timeout=30)
    assert told.status_code == 404 and "没有" in told.text


def test_an_empty_or_half_filled_form_gets_a_sentence(url: str, room: Room) -> None:
    for more, words in (
        ({"who": ""}, "请选择签字人"),
        ({"answer": ""}, "请选择同意"),
        ({"answer": "no"}, "要写原因"),
        ({"answer": "conditional"}, "至少要写一个条件"),
        ({"answer": "conditional", "text-0": "补测", "owner-0": "李娜", "due-0": ""}, "期限"),
        ({"who": "wufang"}, "不是 sales 的签字人"),
        ({"who": "../../etc/passwd"}, "不是 sales 的签字人"),
    ):
        told = requests.post(f"{url}/sales", form(url, **more), timeout=30)
        assert told.status_code == 422 and words in told.text, words
    assert written(room) == 0
