"""The web UI of the reference CRM over plain HTTP: sessions, forms, what every role finds, what attackers try."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from html import unescape
from urllib.parse import urljoin, urlsplit

import pytest
import requests

from crm_acceptance.model import Site
from crm_acceptance.systems.refcrm import SYSTEM

PASSWORD = secrets.token_urlsafe(12)
PEOPLE = ("lina", "chenjing", "zhaomin", "sunli", "wufang", "zhengwei", "fenglei")
CSRF = re.compile(r'name="csrf" value="([^"]+)"')
LINK = re.compile(r'(?:href|action)="(/[^"]*)"')


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with SYSTEM.launch(password=PASSWORD, options={"size": "60"}) as running:
        yield running


class Visitor:
    """Somebody with cookies: get and post as a browser without scripts does."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.line = requests.Session()
        self.line.trust_env = False

    def get(self, path: str, **more: object) -> requests.Response:
        return self.line.get(urljoin(self.site.url, path), timeout=15, **more)  # type: ignore[arg-type]

    def post(self, path: str, csrf: str | None = None, **fields: str) -> requests.Response:
        if csrf is None:
            csrf = CSRF.search(self.get("/leads" if path != "/login" else "/login").text).group(1)  # type: ignore[union-attr]
        data = {**fields, "csrf": csrf}
        return self.line.post(urljoin(self.site.url, path), data=data, timeout=15, allow_redirects=False)

    def login(self, who: str, password: str = PASSWORD, **fields: str) -> requests.Response:
        return self.post("/login", username=who, password=password, **fields)


@pytest.fixture
def visitor(site: Site) -> Visitor:
    return Visitor(site)


def test_the_session_cookie_is_out_of_reach_for_scripts_and_other_sites(visitor: Visitor) -> None:
    cookie = visitor.login("lina").headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    page = visitor.get("/")
    assert page.headers["cache-control"] == "no-store"
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "script" not in page.headers["content-security-policy"]


def test_a_stranger_sees_the_login_page_only(visitor: Visitor) -> None:
    for path in (
        "/",
        "/customers",
        "/customers/1",
        "/customers/export",
        "/attachments/1",
        "/audit",
        "/users",
        "/reports",
    ):
        answer = visitor.get(path, allow_redirects=False)
        assert (answer.status_code, urlsplit(answer.headers["location"]).path) == (303, "/login"), path


@pytest.mark.parametrize("where", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_the_login_leads_to_no_other_site(visitor: Visitor, where: str) -> None:
    assert visitor.login("lina", next=where).headers["location"] == "/"
    assert visitor.get("/language/en", params={"next": where}, allow_redirects=False).headers["location"] == "/"


def test_a_wrong_password_says_no_more_than_an_unknown_name(visitor: Visitor) -> None:
    answers = [visitor.login(who, "wrong") for who in ("lina", "nobody")]
    alerts = [re.search(r'role="alert"[^>]*>([^<]+)<', a.text).group(1) for a in answers]  # type: ignore[union-attr]
    assert [a.status_code for a in answers] == [401, 401]
    assert alerts[0] == alerts[1]
    assert PASSWORD not in answers[0].text
    assert 'value="wrong"' not in answers[0].text


def test_a_form_without_its_token_is_refused(visitor: Visitor) -> None:
    assert visitor.post("/login", csrf="x", username="lina", password=PASSWORD).status_code == 403
    visitor.login("lina")
    before = visitor.get("/leads").text.count("data-id")
    assert visitor.post("/leads/new", csrf="", name="越权").status_code == 403
    assert visitor.post("/logout", csrf="另一个").status_code == 403
    assert visitor.get("/leads").text.count("data-id") == before


def test_logging_out_ends_the_session_at_the_server(visitor: Visitor, site: Site) -> None:
    visitor.login("lina")
    thief = Visitor(site)
    thief.line.cookies.update(visitor.line.cookies)
    assert thief.get("/leads", allow_redirects=False).status_code == 200
    visitor.post("/logout")
    assert thief.get("/leads", allow_redirects=False).status_code == 303


def test_what_people_type_is_text_and_never_a_page(visitor: Visitor) -> None:
    visitor.login("lina")
    evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
    made = visitor.post("/leads/new", name=evil, company=evil, note=evil)
    for path in (made.headers["location"], f"{made.headers['location']}/edit", "/leads", f"/leads?q={evil}", "/"):
        page = visitor.get(path).text
        assert "<script>" not in page, path
        assert "<img src=x" not in page, path


def test_a_rejected_form_keeps_what_was_typed_and_says_what_is_wrong(visitor: Visitor) -> None:
    visitor.login("lina")
    answer = visitor.post("/leads/new", name="", company="恒通 & 伙伴", email="不是邮箱")
    assert answer.status_code == 422
    assert 'value="恒通 & 伙伴"' in unescape(answer.text)
    assert 'data-code="invalid"' in answer.text
    assert {"f-name-wrong", "f-email-wrong"} <= set(re.findall(r'id="([\w-]+-wrong)"', answer.text))


@pytest.mark.parametrize(
    "path",
    ["/leads/99999999999999999999999", "/leads/0", "/leads?page=0", "/leads?page=99999999999", "/leads?size=100000",
     "/leads?sort=nothing", "/leads?state=nothing", "/leads?campaign=x", "/leads?campaign=99999999999999999999",
     "/leads?q=%00%ff%25_", "/users/nobody", "/reports/nothing", "/reports/sales_summary?customer=99999999999999999999",
     "/audit?page=99999999999999", "/attachments/99999999999999999999", "/leads/export?sort=nothing"],
)  # fmt: skip
@pytest.mark.parametrize("who", ["chenjing", "fenglei"])
def test_nonsense_in_the_address_is_answered_with_a_page(visitor: Visitor, who: str, path: str) -> None:
    visitor.login(who)
    answer = visitor.get(path)
    assert answer.status_code < 500
    assert "</html>" in answer.text


@pytest.mark.parametrize("who", PEOPLE)
def test_every_link_that_a_role_is_shown_works(visitor: Visitor, who: str) -> None:
    visitor.login(who)
    seen, waiting, kinds = set[str](), ["/"], dict[str, int]()
    while waiting:
        path = waiting.pop(0)
        answer = visitor.get(path)
        assert answer.status_code == 200, path
        for link in map(unescape, LINK.findall(answer.text)) if "html" in answer.headers["content-type"] else ():
            kind = re.sub(r"\d+|[?].*", "#", link)
            if link not in seen and kinds.get(kind, 0) < 2 and not link.startswith(("/logout", "/language", "/static")):
                kinds[kind] = kinds.get(kind, 0) + 1
                seen.add(link)
                if f'action="{link}"' not in answer.text:
                    waiting.append(link)
    assert len(seen) > 3


def test_the_audit_log_links_only_to_records_that_its_reader_may_open(visitor: Visitor) -> None:
    visitor.login("lina")
    visitor.post("/leads/new", name="日志里的线索", company="不给 IT 看")
    visitor.login("fenglei")
    log = visitor.get("/audit").text
    assert "线索 #" in log
    assert 'href="/leads/' not in log
