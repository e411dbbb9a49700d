"""Drafts how the token goes with every call: by security schemes, or by the headers that operations have."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from crm_acceptance.drafting.document import Table, text
from crm_acceptance.drafting.drafts import Entry
from crm_acceptance.drafting.naming import words
from crm_acceptance.drafting.naming_paging import plain
from crm_acceptance.drafting.operations import Operation
from crm_acceptance.drafting.routes import Route
from crm_acceptance.drafting.schemas import Schemas
from crm_acceptance.drafting.words import NAMES

HEADERS = NAMES["token_header"]


def by_scheme(schemes: Mapping[str, Table], kinds: Mapping[str, str], kind: str) -> Iterator[Entry]:
    """How the token goes with every call, where that differs from Authorization: Bearer."""
    keys = [one for name, one in schemes.items() if kinds[name] == "api_key"]
    if "bearer" in kinds.values() or "oauth2_password" in kinds.values() or not keys or kind == "form":
        return
    ranked = sorted(keys, key=lambda one: ("header", "query", "cookie").index(text(one.get("in")) or "cookie"))
    name, place = text(ranked[0].get("name")), text(ranked[0].get("in"))
    if place == "header":
        said = text(ranked[0].get("description"))
        prefix = re.search(r"""(?i)prefix(?:ed)?\W+(?:with\W+|is\W+)?["'`](\w+)["'`]""", said)
        bearer = name.lower() == "authorization" and ("bearer" in said.lower() or not said)
        yield Entry(
            "headers",
            {name: f"{prefix[1]} {{token}}" if prefix else "Bearer {token}" if bearer else "{token}"},
            "securitySchemes",
        )
    elif place == "query":
        yield Entry("params", {name: "{token}"}, "securitySchemes")


def by_parameter(schemas: Schemas, routes: Sequence[Route], login: Operation) -> Iterator[Entry]:
    """The header parameter that most calls have; in Authorization a token stands behind its scheme."""
    header = _token_header(routes)
    if not header:
        return
    why = f"多数接口有请求头 most calls have the header {header}"
    if plain(header) != "authorization":
        yield Entry("headers", {header: "{token}"}, why)
    elif _is_bearer(schemas, login):
        yield Entry("headers", {"Authorization": "Bearer {token}"}, f"{why}；登录是 OAuth 2 the login is OAuth 2")
    else:
        doubt = "前面的 Bearer 文档没有写，请核对 Bearer in front of it is a guess"
        yield Entry("headers", {"Authorization": "Bearer {token}"}, f"{why}；{doubt}")


def _is_bearer(schemas: Schemas, login: Operation) -> bool:
    """By the answer (token_type, bearer), the form (grant_type) or the path (oauth/token)."""
    answered = [prop for prop in schemas.props(login.answer) if plain(prop.name) == "tokentype"]
    granted = any(plain(name) == "granttype" for name in schemas.properties(login.body))
    return bool(answered) or granted or "oauth" in words(login.path)


def _token_header(routes: Sequence[Route]) -> str:
    """A header parameter that looks like the token and that at least a third of the calls have."""
    counted: dict[str, int] = {}
    for route in routes:
        for one in route.operation.parameters:
            if one.place == "header" and plain(one.name) in HEADERS:
                counted[one.name] = counted.get(one.name, 0) + 1
    best = max(counted, key=lambda name: counted[name], default="")
    return best if best and counted[best] * 3 >= len(routes) else ""
