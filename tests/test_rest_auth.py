"""Signing in to described CRMs of every kind, expiring, renewing, signing out; each against a real little server."""

from __future__ import annotations

import base64
import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from crm_acceptance.errors import Refused, WrongUse
from crm_acceptance.model import Action, Page
from crm_acceptance.systems.rest.refusals import is_login
from crm_acceptance.systems.rest.shape import AuthSpec
from tests.odd_server import CHENJING, LINA, PASSWORD, Asked, Doors, Says, serving

LIST = Action("list", "customer")
CALLS = """
[calls]
list = { call = "GET {path}", rows = "" }
create = { call = "POST {path}", body = "{fields}" }
[objects.customer]
path = "/customers"
fields = { name = "name" }
"""
PEOPLE = {"lina@example.com": PASSWORD, "chenjing@example.com": PASSWORD}


def whose(name: str | None) -> Says:
    """A list that says whose it is; 401 for nobody."""
    return Says(200, [{"id": 1, "name": name}]) if name else Says(401, {"message": "who are you"})


def names(outcome: object) -> list[str]:
    assert isinstance(outcome, Page)
    return [row["name"] for row in outcome.rows]


def basic(asked: Asked) -> Says:
    kind, _, word = asked.headers.get("authorization", " ").partition(" ")
    login, _, password = base64.b64decode(word).decode().partition(":")
    return whose(login if kind == "Basic" and PEOPLE.get(login) == password else None)


def api_key(asked: Asked) -> Says:
    return whose("lina@example.com" if asked.headers.get("x-api-key") == PASSWORD else None)


def in_the_address(asked: Asked) -> Says:
    return whose("lina@example.com" if asked.one("access_token") == PASSWORD else None)


def bearer(asked: Asked) -> Says:
    if asked.path == "/api/login":
        told = asked.json
        right = PEOPLE.get(told["user"]) == told["word"]
        return (
            Says(200, {"data": {"token": f"t-{told['user']}-0123456789"}})
            if right
            else Says(400, {"message": "密码错误"})
        )
    token = asked.headers.get("authorization", "").removeprefix("Bearer ")
    return whose(token[2:-11] if token.startswith("t-") else None)


def envelope_login(asked: Asked) -> Says:
    """Everything is HTTP 200; a code tells."""
    if asked.path == "/login":
        right = PEOPLE.get(asked.json["u"]) == asked.json["p"]
        return Says(200, {"code": 0, "token": "a-long-token-01234"} if right else {"code": 5001, "msg": "口令不对"})
    good = asked.headers.get("token") == "a-long-token-01234"
    return Says(200, {"code": 0, "rows": [{"id": 1, "name": "lina@example.com"}]} if good else {"code": 4001})


def bare_token(asked: Asked) -> Says:
    """An envelope around everything but the token endpoint."""
    if asked.path == "/oauth/token":
        return oauth_password(asked)
    good = asked.headers.get("authorization", "").startswith("Bearer t-lina")
    return Says(200, {"ok": True, "rows": [{"id": 1, "name": "lina@example.com"}]} if good else {"ok": False})


def oauth_password(asked: Asked) -> Says:
    if asked.path == "/oauth/token":
        form = asked.form
        right = form["grant_type"] == "password" and PEOPLE.get(form["username"]) == form["password"]
        return (
            Says(200, {"access_token": f"t-{form['username']}-0123456789"})
            if right
            else Says(400, {"error": "invalid_grant"})
        )
    return bearer(asked)


KINDS: dict[str, tuple[Callable[[Asked], Says], str]] = {
    "basic": (basic, '[auth]\nkind = "basic"\n'),
    "api_key": (api_key, '[auth]\nkind = "api_key"\n'),
    "token in the address": (in_the_address, '[auth]\nkind = "token"\nparams = { access_token = "{token}" }\n'),
    "bearer": (
        bearer,
        '[api]\nprefix = "/api"\n[auth]\nkind = "bearer"\nlogin = { call = "POST /login", '
        'body = { user = "{login}", word = "{password}" }, save = { token = "data.token" } }\n',
    ),
    "envelope": (
        envelope_login,
        '[auth]\nkind = "token"\nlogin = { call = "POST /login", body = { u = "{login}", p = "{password}" }, '
        'save = { token = "token" } }\nheaders = { token = "{token}" }\n'
        '[errors]\ncode = "code"\nmessage = "msg"\nsuccess = { path = "code", values = [0] }\n'
        'codes = { 4001 = "expired" }\n',
    ),
    "bare token": (
        bare_token, '[auth]\nkind = "oauth2_password"\nlogin = { call = "POST /oauth/token" }\n'
        '[errors]\nsuccess = { path = "ok", values = [true] }\n'
    ),
    "oauth2_password": (
        oauth_password, '[auth]\nkind = "oauth2_password"\nlogin = { call = "POST /oauth/token" }\n'
    ),
}  # fmt: skip


def calls(kind: str) -> str:
    """The calls as the dialect wants them."""
    return CALLS.replace('rows = ""', 'rows = "rows"') if kind in ("envelope", "bare token") else CALLS


@pytest.mark.parametrize("kind", KINDS)
def test_a_person_signs_in_and_sees_what_is_hers(kind: str, tmp_path: Path) -> None:
    dialect, toml = KINDS[kind]
    with serving(dialect) as running:
        assert names(Doors(running, toml + calls(kind), tmp_path).do("list")) == ["lina@example.com"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_password_is_denied(kind: str, tmp_path: Path) -> None:
    dialect, toml = KINDS[kind]
    with serving(dialect) as running:
        door = Doors(running, toml + calls(kind), tmp_path).of(LINA, "wrong-password-1")
        with pytest.raises(Refused) as no:
            door.session()
        assert no.value.kind == "denied"


def test_a_login_that_nothing_checks_is_tried_with_a_list_that_needs_no_record(tmp_path: Path) -> None:
    followups = '[objects.followup]\npath = "/f"\nfields = { text = "t" }\n[objects.followup.calls]\n' + (
        'list = { call = "GET {parent_path}/{parent_id}/f", rows = "" }\n'
    )
    toml = CALLS.replace("[objects.customer]", followups + "[objects.customer]")
    with serving(api_key) as running:
        Doors(running, KINDS["api_key"][1] + toml, tmp_path).of().session()
        assert running.paths() == ["/customers"]


def test_client_credentials_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def dialect(asked: Asked) -> Says:
        if asked.path == "/oauth/token":
            right = asked.form == {
                "grant_type": "client_credentials",
                "client_id": "us",
                "client_secret": "hush-hush-1",
            }
            return (
                Says(200, {"access_token": "machine-token-0123"}) if right else Says(401, {"error": "invalid_client"})
            )
        return whose("machine" if asked.headers.get("authorization") == "Bearer machine-token-0123" else None)

    toml = '[auth]\nkind = "oauth2_client"\nlogin = "POST /oauth/token"\n' + CALLS
    with serving(dialect) as running:
        doors = Doors(running, toml, tmp_path)
        with pytest.raises(WrongUse, match="CRM_ACCEPTANCE_CLIENT_ID"):
            doors.do("list")
        monkeypatch.setenv("CRM_ACCEPTANCE_CLIENT_ID", "us")
        monkeypatch.setenv("CRM_ACCEPTANCE_CLIENT_SECRET", "hush-hush-1")
        assert names(doors.do("list")) == ["machine"]


class FormCrm:
    """A web application with a login form, a session cookie and a CSRF token that changes at login (like Django)."""

    def __init__(self, shows: str, takes: str) -> None:
        self.shows, self.takes = shows, takes
        self.sessions: dict[str, str] = {}
        self.tokens: dict[str, str] = {}
        self.made: list[tuple[str, str]] = []
        self._numbers = itertools.count(1)

    def __call__(self, asked: Asked) -> Says:
        sid = asked.cookies.get("sid", "")
        if asked.path == "/crm/login/" and asked.method == "GET":
            return self.page(sid)
        if asked.path == "/crm/login/":
            return self.login(asked, sid)
        who = self.sessions.get(sid)
        if who is None:
            return Says(302, None, (("Location", "/crm/login/?next=/crm/customers"),))
        if asked.method == "POST":
            if self.sent(asked) != self.tokens[sid]:
                return Says(403, "<h1>CSRF verification failed</h1>")
            self.made.append((who, asked.json["name"]))
            return Says(201, {"id": len(self.made), "name": asked.json["name"]})
        return Says(200, [{"id": 1, "name": who}])

    def page(self, sid: str) -> Says:
        sid = sid or f"s{next(self._numbers)}"
        token = self.tokens.setdefault(sid, f"csrf-{sid}-0123456789")
        shown = {
            "input": f'<form><input type=hidden name="tok" value="{token}"><input type="password" name="pw"></form>',
            "meta": f'<meta name="tok" content="{token}"><input type="password">',
            "json": {"tok": token},
        }.get(self.shows, "<input type=password>")
        extra = {"header": (("X-Tok", token),), "cookie": (("Set-Cookie", f"tok={token}; Path=/"),)}.get(self.shows, ())
        expires = "Expires=Wed, 21 Oct 2037 07:28:00 GMT"
        return Says(200, shown, (("Set-Cookie", f"sid={sid}; {expires}; HttpOnly; Path=/"), *extra))

    def login(self, asked: Asked, sid: str) -> Says:
        if self.sent(asked) != self.tokens.get(sid):
            return Says(403, "<h1>CSRF verification failed</h1>")
        if PEOPLE.get(asked.form["name"]) != asked.form["pw"]:
            return Says(200, '<p>用户名或密码错误</p><form><input type="password"></form>')
        fresh = f"s{next(self._numbers)}"
        self.sessions[fresh] = asked.form["name"]
        self.tokens[fresh] = f"csrf-{fresh}-0123456789"
        extra = (("Set-Cookie", f"tok={self.tokens[fresh]}; Path=/"),) if self.shows == "cookie" else ()
        return Says(302, None, (("Location", "/crm/home/"), ("Set-Cookie", f"sid={fresh}; Path=/"), *extra))

    def sent(self, asked: Asked) -> str | None:
        if self.takes.startswith("header:"):
            return asked.headers.get(self.takes[7:].lower())
        kind = asked.headers.get("content-type", "")
        return asked.json.get("tok") if "json" in kind else asked.form.get("tok")


FORMS = [("input", "field:tok"), ("meta", "header:X-Tok"), ("cookie", "header:X-Tok"), ("header", "header:X-Tok"),
         ("json", "field:tok")]  # fmt: skip


def form(shows: str, takes: str) -> str:
    name = "X-Tok" if shows == "header" else "tok"
    return f"""
[auth]
kind = "form"
page = "/login/"
csrf = {{ from = "{shows}", name = "{name}", as = "{takes}" }}
login = {{ call = "POST /login/", form = {{ name = "{{login}}", pw = "{{password}}" }} }}
""" + CALLS  # fmt: skip


@pytest.mark.parametrize(("shows", "takes"), FORMS)
def test_a_login_form_with_cookie_and_csrf_under_a_path_prefix(shows: str, takes: str, tmp_path: Path) -> None:
    crm = FormCrm(shows, takes)
    with serving(crm) as running:
        doors = Doors(running, form(shows, takes), tmp_path, "/crm")
        assert names(doors.do("list")) == ["lina@example.com"]
        doors.do("create", fields={"name": "一"})
        doors.do("create", fields={"name": "二"})
        assert crm.made == [("lina@example.com", "一"), ("lina@example.com", "二")]
        with pytest.raises(Refused) as no:
            doors.of(LINA, "wrong").session()
        assert no.value.kind == "denied"


def test_a_login_form_outside_the_prefix_of_the_calls(tmp_path: Path) -> None:
    crm = FormCrm("input", "field:tok")
    toml = '[api]\nprefix = "/api"\n' + form("input", "field:tok").replace('"/login/"', '"//login/"')
    toml = toml.replace("POST /login/", "POST //login/")
    with serving(crm) as running:
        doors = Doors(running, toml, tmp_path, "/crm")
        assert names(doors.do("list")) == ["lina@example.com"]
        assert running.paths() == ["/crm/login/", "/crm/login/", "/crm/api/customers"]


def test_two_people_on_one_connection_never_share_cookies(tmp_path: Path) -> None:
    with serving(FormCrm("cookie", "header:X-Tok")) as running:
        doors = Doors(running, form("cookie", "header:X-Tok"), tmp_path, "/crm")
        send = doors.send()
        lina, chenjing = doors.of(LINA, send=send), doors.of(CHENJING, send=send)
        for _ in range(2):
            assert names(lina.do(LIST)) == ["lina@example.com"]
            assert names(chenjing.do(LIST)) == ["chenjing@example.com"]
        assert not doors.lines[0].cookies


def test_a_login_page_instead_of_data_is_an_expired_session_and_renewed_once(tmp_path: Path) -> None:
    crm = FormCrm("input", "field:tok")
    with serving(crm) as running:
        doors = Doors(running, form("input", "field:tok"), tmp_path, "/crm")
        door = doors.of()
        door.do(LIST)
        old = door.session()
        crm.sessions.clear()
        with pytest.raises(Refused) as no:
            door.do_with(old, LIST)
        assert no.value.kind == "expired"
        assert names(door.do(LIST)) == ["lina@example.com"]


@pytest.mark.parametrize(
    ("address", "is_one"),
    [("/login", True), ("/crm/user/login.do?x=1", True), ("https://sso.example.com/cas/login", True), ("/signIn", True),
     ("/auth/LoginPage", True), ("/lessons/5", False), ("/cases/7", False), ("/loginlogs", False), ("/firms/5", False)],
)  # fmt: skip
def test_a_login_page_is_known_by_its_address(address: str, is_one: bool) -> None:
    assert is_login(AuthSpec(), address) is is_one
