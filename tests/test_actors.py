"""People on stage: their doors, and one clear sentence for every way in which a site can fail to be a CRM."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast

import pytest

from crm_acceptance import evidence
from crm_acceptance.actors import Cast, Doors
from crm_acceptance.errors import Refused, SiteOutOfReach, Unsupported, WrongUse
from crm_acceptance.model import Action, Person, Record, Site
from crm_acceptance.systems import Records, Screens
from crm_acceptance.systems.refcrm.adapter import RefcrmRecords

LINA = Person("lina", "李娜", "sales", "sales_rep", "lina")
OPEN = Action("read", "customer", "7")


@dataclass(frozen=True)
class ApiOnly:
    """A system with an API and no screens."""

    name: str = "api-only"
    title: str = "只有接口的 CRM"

    def supports(self, action: str, object: str) -> bool:
        return True

    def records(self, site: Site) -> Records:
        return RefcrmRecords()


@dataclass
class Behaviour:
    """What the tiny server says to each request, and what it was asked."""

    answer: Callable[[BaseHTTPRequestHandler], None]
    asked: list[str] = field(default_factory=list)


@contextmanager
def serving(behaviour: Behaviour) -> Iterator[Site]:
    """A real HTTP server on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            behaviour.asked.append(f"{self.command} {self.path}")
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            behaviour.answer(self)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Site("api-only", f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()


def say(handler: BaseHTTPRequestHandler, status: int, kind: str, body: str, **headers: str) -> None:
    handler.send_response(status)
    for name, value in {"Content-Type": kind, "Content-Length": str(len(body.encode())), **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body.encode())


def say_json(handler: BaseHTTPRequestHandler, status: int, body: object) -> None:
    say(handler, status, "application/json", json.dumps(body))


def after_login(answer: Callable[[BaseHTTPRequestHandler], None]) -> Callable[[BaseHTTPRequestHandler], None]:
    def answering(handler: BaseHTTPRequestHandler) -> None:
        if handler.path.endswith("/login") and handler.command == "POST":
            say_json(handler, 200, {"token": "t", "user": {}})
        else:
            answer(handler)

    return answering


def cast_at(site: Site, timeout: float = 5.0) -> Cast:
    return Cast([LINA], Doors(ApiOnly(), site, lambda person: "pw", timeout))


def redirect_to_login(handler: BaseHTTPRequestHandler) -> None:
    if handler.path == "/sso/login":
        say(handler, 200, "text/html", "<form>密码</form>")
    else:
        say(handler, 302, "text/html", "", Location="/sso/login")


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (lambda h: say(h, 200, "text/html", "<html>维护中</html>"), "不是 JSON"),
        (lambda h: say(h, 500, "text/plain", "boom"), "系统内部出错"),
        (lambda h: say(h, 503, "text/html", "<h1>busy</h1>"), "HTTP 503"),
        (redirect_to_login, "登录页"),
        (lambda h: say(h, 200, "application/json", '{"id": 7, "na'), "不是 JSON"),
    ],
    ids=["html", "500", "503", "redirect-to-login", "cut-off"],
)
def test_a_site_that_is_no_crm_gets_one_clear_sentence(
    answer: Callable[[BaseHTTPRequestHandler], None], told: str
) -> None:
    with serving(Behaviour(after_login(answer))) as site, pytest.raises(SiteOutOfReach, match=told) as said:
        cast_at(site)["李娜"].act(OPEN)
    assert "\n" not in str(said.value)


def test_a_silent_site_is_given_up_after_the_time_limit() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        site = Site("api-only", f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(SiteOutOfReach, match=r"0\.2 秒内没有应答"):
            cast_at(site, timeout=0.2)["lina"].act(OPEN)


def test_a_site_that_is_down_is_told_with_what_to_check() -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(SiteOutOfReach, match=r"连不上.*是否已启动"):
        cast_at(Site("api-only", f"http://127.0.0.1:{port}"))["lina"].act(OPEN)


def test_a_wrong_password_is_a_refusal_and_not_an_expired_session() -> None:
    no = {"error": {"code": "unauthenticated", "message": "用户名或密码错误"}}
    behaviour = Behaviour(lambda h: say_json(h, 401, no))
    with serving(behaviour) as site, pytest.raises(Refused, match="用户名或密码错误") as said:
        cast_at(site)["lina"].act(OPEN)
    assert said.value.kind == "denied"
    assert len(behaviour.asked) == 1, "a wrong password must not be tried again and lock the account"


def test_an_expired_session_is_renewed_once() -> None:
    refusals = iter([401])

    def answer(handler: BaseHTTPRequestHandler) -> None:
        if next(refusals, None):
            say_json(handler, 401, {"error": {"code": "expired", "message": "会话已过期"}})
        else:
            say_json(handler, 200, {"id": 7, "name": "上海客户"})

    behaviour = Behaviour(after_login(answer))
    with serving(behaviour) as site:
        shown = cast_at(site)["lina"].act(OPEN)
    assert shown == Record("customer", "7", {"name": "上海客户"})
    assert [asked for asked in behaviour.asked if "login" in asked] == ["POST /api/v1/login"] * 2


def test_a_session_that_stays_dead_is_reported_as_expired() -> None:
    dead = {"error": {"code": "expired", "message": "会话已过期"}}
    with serving(Behaviour(after_login(lambda h: say_json(h, 401, dead)))) as site, pytest.raises(Refused) as said:
        cast_at(site)["lina"].act(OPEN)
    assert said.value.kind == "expired"


def test_one_login_serves_all_scenarios_of_a_process() -> None:
    behaviour = Behaviour(after_login(lambda h: say_json(h, 200, {"id": 7})))
    with serving(behaviour) as site:
        doors = Doors(ApiOnly(), site, lambda person: "pw")
        for _scenario in range(3):
            Cast([LINA], doors)["李娜"].act(OPEN)
        doors.close()
    assert behaviour.asked.count("POST /api/v1/login") == 1


def test_an_unknown_person_is_told_who_is_known_and_where_to_add_them() -> None:
    with pytest.raises(WrongUse, match=r"李莉.*李娜.*fixtures/people\.csv"):
        cast_at(Site("api-only", "http://127.0.0.1:9"))["李莉"]


def test_a_screen_scenario_on_a_system_without_screens_is_unsupported() -> None:
    doors = Doors(ApiOnly(), Site("api-only", "http://127.0.0.1:9"), lambda person: "pw")
    with pytest.raises(Unsupported, match="没有可用的界面"):
        Cast([LINA], doors, window=lambda: None)["李娜"]  # type: ignore[arg-type,return-value]


class ScreensOnly:
    name = "screens-only"
    title = "只有页面的 CRM"

    def supports(self, action: str, object: str) -> bool:
        return True

    def screens(self, site: Site) -> Screens:
        return cast(Screens, FakeScreens())


class FakeScreens:
    def do(self, page: object, action: Action) -> Record:
        return Record(action.object, str(page), {})


class OnePage:
    def page(self, site: str, person: str, login: Callable[[object], None]) -> object:
        return f"{person}@{site}"


def test_on_a_system_without_an_api_people_act_and_look_by_hand() -> None:
    doors = Doors(ScreensOnly(), Site("screens-only", "http://127.0.0.1:9"), lambda person: "pw")
    actor = Cast([LINA], doors, window=OnePage, setting_up=lambda: True)["李娜"]  # type: ignore[arg-type]
    assert doors.screens_only
    assert actor.act(OPEN) == actor.look(OPEN) == Record("customer", "lina@http://127.0.0.1:9", {})


def test_without_api_and_without_browser_nothing_can_be_done() -> None:
    doors = Doors(ScreensOnly(), Site("screens-only", "http://127.0.0.1:9"), lambda person: "pw")
    with pytest.raises(Unsupported, match="没有浏览器"):
        Cast([LINA], doors)["李娜"]


def test_the_stage_is_set_through_the_api_even_in_a_screen_scenario() -> None:
    with serving(Behaviour(after_login(lambda h: say_json(h, 200, {"id": 7})))) as site:
        doors = Doors(ApiOnly(), site, lambda person: "pw")
        cast = Cast([LINA], doors, window=lambda: None, setting_up=lambda: True)  # type: ignore[arg-type,return-value]
        assert cast["李娜"].act(OPEN) == Record("customer", "7", {})


def test_a_token_that_the_crm_handed_out_is_a_secret_from_then_on() -> None:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        signing_in = handler.path.endswith("/login")
        say_json(handler, 200, {"token": "tok-en/with+slashes-0123456789", "user": {}} if signing_in else {"id": 7})

    with serving(Behaviour(answer)) as site:
        cast_at(site)["lina"].act(OPEN)
    assert "slashes" not in evidence.mask("the CRM said tok-en/with+slashes-0123456789 twice")
