"""[auth] and [people] of a mapping file, with what each kind of login brings along. It signs nobody in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from crm_acceptance.systems.rest import mapping_calls
from crm_acceptance.systems.rest.checks import Reading, texts
from crm_acceptance.systems.rest.shape import AuthSpec, CallSpec, PeopleSpec

_AUTH: Mapping[str, str] = {
    "kind": "text", "page": "text", "csrf": "text table", "login": "any", "me": "any", "refresh": "any",
    "logout": "any", "headers": "text table", "params": "text table", "refused": "texts", "expired": "texts",
    "state": "text",
}  # fmt: skip
_PEOPLE: Mapping[str, str] = {"by": "text", "list": "any", "id": "text", "login": "text", "ids": "table"}
_CSRF: Mapping[str, str] = {"from": "text", "name": "text", "as": "text"}
CSRF_FROM = ("input", "cookie", "meta", "json", "header")
_STEPS: tuple[str, ...] = ("login", "me", "refresh", "logout")
BY = ("id", "login", "name", "key")
_BEARER = {"Authorization": "Bearer {token}"}
HEADERS: Mapping[str, Mapping[str, str]] = {
    "none": {}, "basic": {}, "form": {}, "token": _BEARER, "bearer": _BEARER, "oauth2_password": _BEARER,
    "oauth2_client": _BEARER, "api_key": {"X-API-Key": "{token}"},
}  # fmt: skip
_TOKENS = {"token": "access_token", "refresh": "refresh_token"}
_PASSWORD = {"grant_type": "password", "username": "{login}", "password": "{password}"}
_CLIENT = {
    "grant_type": "client_credentials",
    "client_id": "{secret.CLIENT_ID}",
    "client_secret": "{secret.CLIENT_SECRET}",
}
_LOGINS: Mapping[str, CallSpec] = {
    "oauth2_password": CallSpec("auth.login", form=_PASSWORD, save=_TOKENS),
    "oauth2_client": CallSpec("auth.login", form=_CLIENT, save={"token": "access_token"}),
}
_NEEDS_LOGIN = ("form", "bearer", "oauth2_password", "oauth2_client")


def auth(reading: Reading, raw: Any) -> AuthSpec:
    """[auth], completed by what its kind means."""
    table = reading.table("auth", raw, _AUTH)
    kind = table.get("kind", "none")
    if not reading.one_of("auth.kind", "登录方式 auth.kind", kind, HEADERS):
        kind = "none"
    steps: dict[str, CallSpec] = {
        name: mapping_calls.call(reading, f"auth.{name}", table.pop(name)) for name in _STEPS if name in table
    }
    steps |= _with_defaults(kind, steps)
    _check_csrf(reading, table.get("csrf", {}))
    _check_login(reading, kind, table, steps)
    table |= {name: texts(table.pop(name)) for name in ("refused", "expired") if name in table}
    headers = {} if table.get("params") else HEADERS[kind]
    return AuthSpec(**{"headers": headers, **table, **steps, "kind": kind})


def _with_defaults(kind: str, steps: Mapping[str, CallSpec]) -> dict[str, CallSpec]:
    """What the file leaves out of an OAuth2 login and refresh: the form of RFC 6749, and where tokens are."""
    full: dict[str, CallSpec] = {}
    given = steps.get("login")
    if given and kind in _LOGINS:
        form = given.form if given.form is not None or given.body is not None else _LOGINS[kind].form
        full["login"] = replace(given, form=form, save=given.save or _LOGINS[kind].save)
    renewal = steps.get("refresh")
    if renewal and kind.startswith("oauth2") and renewal.form is None and renewal.body is None:
        own = {key: value for key, value in ((given.form if given else None) or {}).items() if key.startswith("client")}
        form = {"grant_type": "refresh_token", "refresh_token": "{refresh}", **own}
        full["refresh"] = replace(renewal, form=form, save=renewal.save or _TOKENS)
    elif renewal and not renewal.save and given:
        full["refresh"] = replace(renewal, save=given.save)
    return full


def _check_csrf(reading: Reading, csrf: Mapping[str, str]) -> None:
    reading.table("auth.csrf", dict(csrf), _CSRF)
    if not csrf:
        return
    reading.one_of("auth.csrf.from", "CSRF 的来处 csrf.from", csrf.get("from", ""), CSRF_FROM)
    if not csrf.get("name"):
        reading.wrong("auth.csrf", "没有写 CSRF 令牌的名字：name（csrf needs a name）。")
    kind, _, name = csrf.get("as", "").partition(":")
    if kind not in ("field", "header") or not name:
        reading.wrong(
            "auth.csrf.as", 'as 应当是 "field:名字" 或 "header:名字"（as must be field:NAME or header:NAME）。'
        )


def _check_login(reading: Reading, kind: str, table: Mapping[str, Any], steps: Mapping[str, CallSpec]) -> None:
    login = steps.get("login")
    if login is None:
        if kind in _NEEDS_LOGIN and not table.get("state"):
            reading.wrong(
                "auth.kind", f'{kind} 需要登录调用：login = {{ call = "POST /..." }}（auth.login is missing）。'
            )
        return
    carried = [*table.get("headers", HEADERS[kind]).values(), *table.get("params", {}).values()]
    if any("{token}" in one for one in carried) and "token" not in {**login.save, **_saved(steps, "me")}:
        reading.wrong("auth.login", '没有说令牌在应答的哪里：save = { token = "..." }（where is the token?）。')
    if login.body is None and login.form is None and not login.steps and not login.headers and not login.params:
        reading.wrong("auth.login", "登录没有带上用户名和密码：body 或 form（login sends no name and password）。")


def _saved(steps: Mapping[str, CallSpec], name: str) -> Mapping[str, str]:
    return steps[name].save if name in steps else {}


def people(reading: Reading, raw: Any) -> PeopleSpec:
    """[people]: how records name people."""
    table = reading.table("people", raw, _PEOPLE)
    reading.one_of("people.by", "人员的写法 people.by", table.get("by", "login"), BY)
    if "list" in table:
        table["list"] = mapping_calls.call(reading, "people.list", table["list"])
        if table["list"].rows is None:
            reading.wrong(
                "people.list", '没有说人员列表在应答的哪里：rows（整个应答就是列表时写 rows = ""）。rows is missing.'
            )
    table["ids"] = {str(key): str(value) for key, value in table.get("ids", {}).items()}
    if table.get("by") == "id" and "list" not in table and not table["ids"]:
        reading.wrong("people.by", 'by = "id" 需要 list 或 ids 来翻译（list or ids must tell the ids of people）。')
    return PeopleSpec(**table)
