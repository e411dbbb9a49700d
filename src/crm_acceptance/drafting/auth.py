"""Drafts [auth] and [people]: how one signs in, what is sent then, how records name people. Guesses only."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from crm_acceptance.drafting import carrying
from crm_acceptance.drafting.calls import Prefix
from crm_acceptance.drafting.document import Document, Table, rows, table, text
from crm_acceptance.drafting.drafts import Entry, Section
from crm_acceptance.drafting.naming import words
from crm_acceptance.drafting.operations import Operation, Parameter
from crm_acceptance.drafting.routes import Route
from crm_acceptance.drafting.schemas import Prop, Schemas, kind
from crm_acceptance.drafting.words import NAMES

LOGIN = NAMES["login"]
PASSWORD = NAMES["password"]
TOKEN = NAMES["token"]
REFRESH = NAMES["refresh"]
_CSRF = re.compile(r"(?i)csrf|xsrf|^_token$|authenticity|requestverification")


def section(document: Document, schemas: Schemas, routes: Iterable[Route], prefix: Prefix) -> Section:
    """[auth], from the security schemes and the operation that looks like signing in."""
    listed = list(routes)
    schemes = _schemes(document)
    found = _login(schemas, listed)
    carried = list(carrying.by_parameter(schemas, listed, found.operation)) if found else []
    entries = list(_entries(schemas, schemes, found, prefix, bool(carried)))
    entries += _others(schemas, listed, prefix, bool(found))
    if not any(entry.key == "headers" for entry in entries):
        entries += carried
    return Section("auth", tuple(entries))


def _schemes(document: Document) -> dict[str, Table]:
    raw = table(table(document.root.get("components")).get("securitySchemes"))
    raw = raw or table(document.root.get("securityDefinitions"))
    return {name: document.resolved(one) for name, one in raw.items()}


def _entries(
    schemas: Schemas, schemes: dict[str, Table], found: Route | None, prefix: Prefix, carried: bool
) -> Iterator[Entry]:
    """The kind first, then the login. `carried`: most calls have a header for a token."""
    kinds = {name: _kind(one) for name, one in schemes.items()}
    flow = next((one for name, one in schemes.items() if kinds[name].startswith("oauth2")), None)
    if found is not None:
        yield from _by_login(schemas, schemes, kinds, found, prefix, carried)
    elif flow is not None:
        yield from _by_flow(flow, next(kind for kind in kinds.values() if kind.startswith("oauth2")), prefix)
    elif schemes:
        yield from _by_scheme(schemes, kinds)
    else:
        why = "文档没有说明如何登录 the document does not say how to sign in"
        yield Entry("kind", "none", f"{why}: none basic api_key token form bearer oauth2_password oauth2_client")


def _kind(scheme: Table) -> str:
    kind = text(scheme.get("type")).lower()
    if kind == "oauth2":
        flows = {**table(scheme.get("flows")), **({text(scheme.get("flow")): scheme} if scheme.get("flow") else {})}
        return "oauth2_password" if "password" in flows else "oauth2_client" if _client(flows) else "bearer"
    if kind == "http":
        return "basic" if text(scheme.get("scheme")).lower() == "basic" else "bearer"
    return {"basic": "basic", "apikey": "api_key", "openidconnect": "bearer"}.get(kind, "bearer")


def _client(flows: Table) -> bool:
    return "clientCredentials" in flows or "application" in flows


def _by_login(
    schemas: Schemas, schemes: dict[str, Table], kinds: dict[str, str], found: Route, prefix: Prefix, carried: bool
) -> Iterator[Entry]:
    operation = found.operation
    save, token = _saved(schemas, operation)
    granted = any(_plain(name) == "granttype" for name in schemas.properties(operation.body))
    oauth = "form" in operation.body_type and ("oauth2_password" in kinds.values() or granted)
    kind = "oauth2_password" if oauth else "bearer"
    shown = bool(operation.answer) or operation.body_type.endswith("urlencoded")
    cookie = shown and not (token or schemes or carried)
    kind = "form" if cookie else kind
    yield Entry("kind", kind, f"{operation.label} 像登录接口 looks like signing in")
    call: dict[str, Any] = {"call": f"{operation.method} {prefix.off(operation.path)}"}
    headers = {one.name: str(one.fixed) for one in operation.parameters if _fixed_header(one)}
    if headers:
        call["headers"] = headers
    call.update(_credentials(schemas, operation))
    if not cookie:
        call["save"] = save or {"token": "data.token"}
    why = (
        f"令牌在应答里 token in the answer: {token}" if token else "文档没有说令牌在哪里 where the token is, is a guess"
    )
    yield Entry("login", call, "登录后靠 Cookie the session is a cookie" if cookie else why)
    yield from _csrf(schemas, operation, prefix) if cookie else ()
    yield from carrying.by_scheme(schemes, kinds, kind)


def _csrf(schemas: Schemas, operation: Operation, prefix: Prefix) -> Iterator[Entry]:
    """A login form that carries a token of its own page."""
    name = next((one for one in schemas.properties(operation.body) if _CSRF.search(one)), "")
    if name:
        why = f"登录表单里有 the login form has {name}"
        yield Entry("page", prefix.off(operation.path), why)
        yield Entry("csrf", {"from": "input", "name": name, "as": f"field:{name}"}, why)


def _by_flow(scheme: Table, kind: str, prefix: Prefix) -> Iterator[Entry]:
    flows = table(scheme.get("flows"))
    names = ("password",) if kind == "oauth2_password" else ("clientCredentials", "application")
    flow = next((table(flows[name]) for name in names if name in flows), scheme)
    address = urlsplit(text(flow.get("tokenUrl"))).path or "/oauth/token"
    yield Entry("kind", kind, "securitySchemes")
    path = address if address.startswith("/") else f"/{address}"
    path = prefix.off(path.removeprefix(prefix.server)) if path.startswith(f"{prefix.server}/") else f"/{path}"
    yield Entry("login", {"call": f"POST {path}"}, "tokenUrl；表单按 RFC 6749 the form is that of RFC 6749")


def _by_scheme(schemes: dict[str, Table], kinds: dict[str, str]) -> Iterator[Entry]:
    order = ("basic", "api_key", "bearer", "oauth2_client")
    name = min(schemes, key=lambda one: order.index(kinds[one]) if kinds[one] in order else 9)
    kind, scheme = kinds[name], schemes[name]
    why = f"securitySchemes {name}；没有找到登录接口 no sign-in operation found"
    if kind == "api_key":
        place, spelt = text(scheme.get("in")), text(scheme.get("name")) or "X-API-Key"
        yield Entry("kind", "api_key", f"{why}；每人一个密钥 one key a person: CRM_ACCEPTANCE_TOKEN_<KEY>")
        yield Entry("params" if place == "query" else "headers", {spelt: "{token}"}, why)
    else:
        yield Entry("kind", "token" if kind == "bearer" else kind, why)


def _login(schemas: Schemas, routes: list[Route]) -> Route | None:
    """The POST whose body has a password, and whose path or name says signing in."""
    ranked = [(rank, route) for route in routes if (rank := _login_rank(schemas, route)) > 0]
    ranked = ranked or [(1, route) for route in routes if _is_exchange(schemas, route)]
    return max(ranked, key=lambda one: (one[0], -len(one[1].operation.path)), default=(0, None))[1]


def _login_rank(schemas: Schemas, route: Route) -> int:
    operation = route.operation
    if operation.method not in ("POST", "PUT", "GET"):
        return 0
    names = _names(schemas, operation)
    said = " ".join((*words(operation.path), *words(operation.id), operation.summary.lower()))
    spoken = route.verb == "login" or any(
        word in said for word in ("login", "signin", "sign in", "auth", "token", "登录", "登陆", "session", "anmeld")
    )
    if any(
        word in said
        for word in ("reset", "forgot", "change", "register", "signup", "sign up", "refresh", "重置", "注册")
    ):
        return 0
    has_password = any(_plain(name) in PASSWORD for name in names)
    first = any(_plain(name) in LOGIN for name in names)
    both = has_password and first
    rank = 4 if both and spoken else 0
    rank += 2 if route.verb == "login" and has_password else 0
    return rank + (1 if both and "login" in said else 0)


def _is_exchange(schemas: Schemas, route: Route) -> bool:
    """Two texts for a token, in words that no table knows."""
    own = schemas.properties(route.operation.body)
    texts = len(own) == 2 and all(kind(one) == "string" for one in own.values())
    token = _nearest(list(schemas.props(route.operation.answer)), [one for one in TOKEN if one not in _VAGUE])
    return route.operation.method == "POST" and not route.item and texts and bool(token)


_VAGUE = frozenset(("key", "ticket", "access", "bearer"))


def _names(schemas: Schemas, operation: Operation) -> list[str]:
    own = schemas.properties(operation.body)
    inner = [name for one in own.values() for name in schemas.properties(one)] if len(own) == 1 else []
    return [*own, *inner, *operation.query]


def _credentials(schemas: Schemas, operation: Operation) -> Table:
    own = schemas.properties(operation.body)
    place = "form" if "form" in operation.body_type else "body"
    if not own and operation.query:
        return {"params": _filled(operation.query)}
    if len(own) == 1 and schemas.properties(next(iter(own.values()))):
        wrapper, inner = next(iter(own.items()))
        return {place: {wrapper: _filled(schemas.properties(inner))}}
    required = {one for one in rows(operation.body.get("required")) if isinstance(one, str)}
    return {place: _filled(own, required)}


def _filled(names: Iterable[str], required: Iterable[str] = ()) -> Table:
    """Login, password and, where OAuth2 wants it, the grant type."""
    listed = list(names)
    login = min(
        (one for one in listed if _plain(one) in LOGIN), key=lambda one: _login_order(one, required), default="username"
    )
    password = next((one for one in listed if _plain(one) in PASSWORD), "password")
    if len(listed) == 2 and not {login, password} & set(listed):
        login, password = listed
    elif len(listed) == 2 and len({login, password} & set(listed)) == 1:
        known = login if login in listed else password
        other = next(one for one in listed if one != known)
        login, password = (known, other) if known == login else (other, known)
    grant = {one: "password" for one in listed if _plain(one) == "granttype"}
    return {**grant, login: "{login}", password: "{password}"}


def _login_order(name: str, required: Iterable[str]) -> tuple[int, int]:
    return (0 if name in required else 1, LOGIN.index(_plain(name)))


def _saved(schemas: Schemas, operation: Operation) -> tuple[Table, str]:
    props = list(schemas.props(operation.answer))
    token, refresh = _nearest(props, TOKEN), _nearest(props, REFRESH)
    header = next(
        (f"header:{one}" for one in operation.answer_headers if _plain(one) in (*TOKEN, "authorization", "xtoken")), ""
    )
    if not token:
        inner = next((one for one in props if one.path in ("data", "result") and one.type == "string"), None)
        token = header or (inner.path if inner else "")
    return ({"token": token, **({"refresh": refresh} if refresh else {})} if token else {}), token


def _nearest(props: list[Prop], listed: Sequence[str]) -> str:
    known = [one for one in props if _plain(one.name) in listed and one.type in ("string", "")]
    ranked = sorted(known, key=lambda one: (listed.index(_plain(one.name)), one.path.count(".")))
    return ranked[0].path if ranked else ""


def _others(schemas: Schemas, routes: list[Route], prefix: Prefix, signed: bool) -> Iterator[Entry]:
    """me, refresh and logout."""
    for verb in ("logout", "refresh", "me"):
        route = _session(routes, verb)
        if route is None or (verb == "refresh" and not signed):
            continue
        operation = route.operation
        call: dict[str, Any] = {"call": f"{operation.method} {prefix.off(operation.path)}"}
        if verb == "me":
            ids = [
                one.path for one in schemas.props(operation.answer) if one.name in ("id", "userId", "user_id", "uid")
            ]
            call["save"] = {"user": (sorted(ids, key=lambda one: one.count(".")) or ["id"])[0]}
        if verb == "refresh":
            own = [name for name in _names(schemas, operation) if "refresh" in _plain(name)]
            if not own:
                continue
            call["body"] = {own[0]: "{refresh}"}
            call["save"] = _saved(schemas, operation)[0] or {"token": "access_token"}
        yield Entry(verb, call, operation.label, off=verb == "me")


def _session(routes: list[Route], verb: str) -> Route | None:
    methods = ("GET",) if verb == "me" else ("POST", "DELETE", "GET")
    known = [one for one in routes if one.verb == verb and one.operation.method in methods and not one.ids]
    known += [
        one for one in routes if verb == "me" and one.operation.method == "GET" and one.operation.path.endswith("/me")
    ]
    return min(known, key=lambda one: (methods.index(one.operation.method), len(one.operation.path)), default=None)


def _fixed_header(one: Parameter) -> bool:
    return one.place == "header" and one.fixed is not None and _plain(one.name) not in carrying.HEADERS


def _plain(name: str) -> str:
    return "".join(words(name))
