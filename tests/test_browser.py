"""The browser engine against a small real site: lifetime, logins kept per person, shots without secrets."""

from __future__ import annotations

import io
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Page

from crm_acceptance.engines.browser import Browser
from crm_acceptance.engines.traces import HIDDEN, masked_trace
from crm_acceptance.errors import AcceptanceError

SECRET = '口令 p&ss"word-7431'
FORM = '<form method="post"><label>密码<input name="password" type="password"></label><button>登录</button></form>'


class Door(BaseHTTPRequestHandler):
    """Lets in whoever posts the secret; says who is there by the cookie."""

    logins = 0

    def do_GET(self) -> None:
        inside = "seat=" in self.headers.get("cookie", "")
        self._say(f"<h1>{'里面' if inside else '门外'}</h1><p>{SECRET if inside else ''}</p>{FORM}")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        type(self).logins += 1
        right = parse_qs(body).get("password") == [SECRET]
        self._say("<h1>欢迎</h1>", {"set-cookie": "seat=cookie-value-91827364; Path=/"} if right else {})

    def log_message(self, *args: object) -> None:
        """Quiet."""

    def _say(self, page: str, headers: dict[str, str] | None = None) -> None:
        body = f"<!doctype html><meta charset=utf-8><link rel=icon href='data:,'>{page}".encode()
        self.send_response(200)
        for name, value in {"content-type": "text/html", "content-length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.fixture
def browser() -> Iterator[Browser]:
    """One per test: Playwright allows one driver at a time in a process, and some tests here need a broken one."""
    made = Browser(snapshots=True)
    yield made
    made.close()


@pytest.fixture
def login(site: str) -> object:
    def enter(page: Page) -> None:
        page.goto(site)
        page.get_by_label("密码").fill(SECRET)
        page.get_by_role("button", name="登录").click()
        page.get_by_role("heading", name="欢迎").wait_for()

    return enter


@pytest.mark.browser
def test_a_person_logs_in_once_and_every_person_has_a_window_of_their_own(
    browser: Browser, site: str, login: object
) -> None:
    before = Door.logins
    for _ in range(2):
        with browser.scene() as scene:
            lina = scene.page(site, "lina", login)
            lina.goto(site)
            assert lina.get_by_role("heading").text_content() == "里面"
            assert scene.page(site, "lina", login) is lina
            stranger = scene.page(site, "stranger", lambda page: None)
            stranger.goto(site)
            assert stranger.get_by_role("heading").text_content() == "门外"
    assert Door.logins == before + 1
    with browser.scene() as scene:
        scene.page(site, "lina", login)
        scene.leave("lina")
        scene.page(site, "lina", login)
    assert Door.logins == before + 2


@pytest.mark.browser
def test_no_secret_and_no_cookie_is_in_the_shots(browser: Browser, site: str, login: object) -> None:
    with browser.scene() as scene:
        page = scene.page(site, "wufang", login)
        page.goto(site)
        page.get_by_label("密码").fill(SECRET)  # typed again, inside the trace
        page.get_by_role("button", name="登录").click()
        page.get_by_role("heading", name="欢迎").wait_for()
        shots = {shot.kind: shot for shot in scene.shots([SECRET])}
    assert shots["png"].person == "wufang"
    assert shots["png"].body.startswith(b"\x89PNG")
    with zipfile.ZipFile(io.BytesIO(shots["zip"].body)) as trace:
        text = b"\n".join(trace.read(name) for name in trace.namelist()).decode("utf-8", "replace")
    assert "getByLabel" in text or "internal:label" in text
    assert HIDDEN in text
    for hidden in ("word-7431", "cookie-value-91827364"):
        assert hidden not in text


@pytest.mark.browser
def test_a_failed_login_leaves_no_window_and_is_tried_again(browser: Browser, site: str, login: object) -> None:
    def broken(page: Page) -> None:
        raise AcceptanceError("no")

    with browser.scene() as scene:
        with pytest.raises(AcceptanceError):
            scene.page(site, "hejun", broken)
        assert scene.shots() == ()
        assert scene.page(site, "hejun", login).get_by_role("heading").text_content() == "欢迎"


@pytest.mark.browser
def test_a_browser_that_died_is_started_again(site: str) -> None:
    made = Browser(tracing=False)
    with made.scene() as scene:
        scene.page(site, "lina", lambda page: None).context.browser.close()
        assert [shot.kind for shot in scene.shots()] == []
    with made.scene() as scene:
        scene.page(site, "lina", lambda page: None).goto(site)
        assert [shot.kind for shot in scene.shots()] == ["png"]
    made.close()
    made.close()


def test_no_browser_is_one_sentence_that_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CRM_ACCEPTANCE_BROWSER", str(tmp_path / "none"))
    with pytest.raises(AcceptanceError) as sentence, Browser().scene() as scene:
        scene.page("http://127.0.0.1:9", "lina", lambda page: None)
    assert sentence.value.exit_code == 2
    assert "doctor --install" in str(sentence.value)


@pytest.mark.slow
def test_a_program_that_is_no_browser_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake = tmp_path / "chromium"
    fake.write_text("#!/bin/sh\nexit 3\n")
    fake.chmod(0o755)
    monkeypatch.setenv("CRM_ACCEPTANCE_BROWSER", str(fake))
    with pytest.raises(AcceptanceError) as sentence, Browser().scene() as scene:
        scene.page("http://127.0.0.1:9", "lina", lambda page: None)
    assert str(fake) in str(sentence.value)


def test_a_trace_is_masked_in_every_spelling_and_keeps_its_entries() -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as trace:
        trace.writestr("trace.trace", '{"value":"口令 p&ss\\"word-7431"}')
        trace.writestr("resources/a", "password=%E5%8F%A3%E4%BB%A4+p%26ss%22word-7431&x=1")
        trace.writestr("resources/b.png", b"\x89PNG\x00\xff")
    with zipfile.ZipFile(io.BytesIO(masked_trace(made.getvalue(), [SECRET, "", "x"]))) as trace:
        assert trace.read("trace.trace").decode() == '{"value":"***"}'
        assert trace.read("resources/a") == b"password=***&x=1"
        assert trace.read("resources/b.png") == b"\x89PNG\x00\xff"


def test_what_is_no_trace_is_not_handed_back_unmasked() -> None:
    with pytest.raises(zipfile.BadZipFile):
        masked_trace(f"no zip, but {SECRET}".encode(), [SECRET])
