"""The oracle at a site without an API: what the browser window showed is what it judges."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import quote

import pytest

from crm_acceptance.actors import Doors
from crm_acceptance.engines.browser import Browser
from crm_acceptance.engines.permissions.eyes import Eyes
from crm_acceptance.engines.permissions.oracle import shown
from crm_acceptance.errors import Refused, Unproven, Unsupported
from crm_acceptance.model import Action, Outcome, Person, Record, Site

pytestmark = pytest.mark.xdist_group("browser")
LINA = Person("lina", "李娜", "sales", "sales_rep", "lina")
STRANGER = Person("stranger", "路人", "sales", "sales_rep", "stranger")
PAGES = {
    "/customer/1": (200, "<h1>金丝雀客户</h1><script>fetch('/telling')</script>"),
    "/telling": (200, "13912345678"),
    "/customer/2": (403, "<h1>Forbidden: 别人的客户</h1>"),
    "/search": (200, "<input value='金丝雀客户'>没有结果"),
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, text = PAGES.get(self.path.partition("?")[0], (404, "?"))
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


class ByHand:
    """Screens of a site that has nothing else."""

    def __init__(self, site: Site) -> None:
        self.url = site.url

    def login(self, page: Any, person: Person, password: str) -> None:
        if person.key == "stranger":
            raise Refused("denied", "密码错误")

    def logout(self, page: Any) -> None: ...

    def do(self, page: Any, action: Action) -> Outcome:
        if action.name == "list":
            page.goto(f"{self.url}/search?q={quote(action.options['q'])}")
            return None
        status = page.goto(f"{self.url}/customer/{action.id}", wait_until="networkidle").status
        if status == 403:
            raise Refused("denied", "403", status)
        return Record("customer", str(action.id))


class ScreensOnly:
    name = title = "screens-only"

    def supports(self, action: str, object: str) -> bool:
        return True

    def screens(self, site: Site) -> ByHand:
        return ByHand(site)


@pytest.fixture(scope="module")
def eyes() -> Iterator[Eyes]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    doors = Doors(ScreensOnly(), Site("screens-only", f"http://127.0.0.1:{server.server_port}"), lambda person: "pw")
    browser = Browser(tracing=False)
    with browser.scene() as scene:
        yield Eyes(lambda person: doors.screens(person, scene))
    browser.close()
    server.shutdown()
    server.server_close()


def test_what_pages_and_their_scripts_fetch_is_heard(eyes: Eyes) -> None:
    heard = eyes.hear(LINA, Action("read", "customer", "1"))
    assert heard.outcome == Record("customer", "1")
    assert shown(["金丝雀客户", "13912345678"], heard.exchanges) == {"金丝雀客户", "13912345678"}


def test_a_page_that_says_no_may_still_show_what_it_refuses(eyes: Eyes) -> None:
    heard = eyes.hear(LINA, Action("read", "customer", "2"))
    assert heard.refusal is not None
    assert shown(["别人的客户"], heard.exchanges) == {"别人的客户"}


def test_the_word_that_was_searched_for_is_an_echo_and_no_leak(eyes: Eyes) -> None:
    heard = eyes.hear(LINA, Action("list", "customer", options={"q": "金丝雀客户"}))
    assert shown(["金丝雀客户"], heard.exchanges) == set()


def test_who_cannot_log_in_proves_nothing(eyes: Eyes) -> None:
    for _again in range(2):
        with pytest.raises(Unproven, match="登录失败"):
            eyes.hear(STRANGER, Action("read", "customer", "1"))


def test_a_window_sends_no_requests_for_fuzzing(eyes: Eyes) -> None:
    with pytest.raises(Unsupported, match="没有接口"):
        eyes.session(LINA)
