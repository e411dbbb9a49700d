"""A CallSpec and names -> a Call: address, parameters, headers, body. Sends nothing, judges nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from crm_acceptance.errors import WrongUse
from crm_acceptance.systems.flow import Call
from crm_acceptance.systems.rest import cookies, templates
from crm_acceptance.systems.rest.crm import Visit
from crm_acceptance.systems.rest.filters import text
from crm_acceptance.systems.rest.places import rooted
from crm_acceptance.systems.rest.scope import in_path, names_of, of_person
from crm_acceptance.systems.rest.shape import CallSpec
from crm_acceptance.systems.rest.templates import MISSING, Names, fill

WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_USED: dict[int, tuple[CallSpec, frozenset[str]]] = {}
_ACCEPT = "application/json, text/plain;q=0.8, */*;q=0.5"


def build(visit: Visit, spec: CallSpec, names: Names, extra: Mapping[str, Any], headers: Mapping[str, str]) -> Call:
    """The call of a spec with everything that goes along: the person's headers, cookies and parameters, CSRF."""
    method, _, target = spec.call.partition(" ")
    call = Call(
        method.upper(),
        address(visit, spec, target.strip(), names),
        params=parameters({**visit.standing.params, **dict(fill(spec.params, names)), **extra}),
        headers={"Accept": _ACCEPT, **carried(visit, names), **_texts(fill(spec.headers, names)), **headers},
        verb=visit.verb,
        follow=False,
    )
    call = with_body(call, spec, names)
    if call.method in WRITING:
        call = with_csrf(visit, call)
    return replace(call, headers={**call.headers, **cookies.header(visit.session.cookies)})


def carried(visit: Visit, names: Names) -> dict[str, str]:
    """The headers that go with every call of this person."""
    again = visit.crm.momentary
    return {**visit.session.headers, **(_texts(fill(again, names)) if again else {})}


def used_names(spec: CallSpec) -> frozenset[str]:
    """Every template name that the call places by itself; found out once per call of the mapping."""
    known = _USED.get(id(spec))
    if known is None or known[0] is not spec:
        found = frozenset(templates.names([spec.call, spec.params, spec.headers, spec.body, spec.form]))
        known = _USED[id(spec)] = (spec, found)
    return known[1]


def address(visit: Visit, spec: CallSpec, target: str, names: Names) -> str:
    """The path below the site: after the prefix, unless it begins with "//" (from the site's own root)."""
    _refuse_gaps(visit, spec, target, names)
    path = fill(target, in_path(names))
    return rooted(visit.crm.mapping.prefix, "" if path is MISSING else str(path))


def page_of(visit: Visit) -> str:
    """The path of the login page; its prefix is that of the calls."""
    return rooted(visit.crm.mapping.prefix, visit.crm.mapping.auth.page)


def _refuse_gaps(visit: Visit, spec: CallSpec, target: str, names: Names) -> None:
    """DELETE /customers/{id} without an id would be meant for all of them: such a call is never sent."""
    needed = {name for name in used_names(spec) if name == "id" or name.startswith("id.")}
    for name in needed.union(templates.names(target.partition("?")[0])) - {"path", "parent_path"}:
        if templates.value_of(name, names) in (MISSING, None, ""):
            raise WrongUse(
                f"{visit.verb}: {spec.call} 要用的 {{{name}}} 没有值，没有发送（为空会指向整个集合）。"
                f"{{{name}}} has no value, so nothing was sent: an empty one would mean all records."
            )


def parameters(table: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as text; None is left out, a list becomes the parameter several times."""
    return {
        name: [text(one) for one in value] if isinstance(value, list) else text(value)
        for name, value in table.items()
        if value is not None and value is not MISSING
    }


def with_body(call: Call, spec: CallSpec, names: Names) -> Call:
    """The body as the spec says: files, a form, JSON, a text as it is, or one file and nothing around it."""
    if spec.files is not None:
        files = {name: _file(name, value) for name, value in fill(spec.files, names).items()}
        form = {**_texts(fill(spec.form or {}, names)), **_texts(_table(fill(spec.body, names)))}
        return replace(call, files=files, form=form or None)
    if spec.form is not None:
        return replace(call, form=_texts(fill(spec.form, names)))
    if spec.body is None:
        return call
    body = fill(spec.body, names)
    if isinstance(body, str):
        kind = {"Content-Type": "text/plain; charset=utf-8", **call.headers}
        return replace(call, body=body.encode(), headers=kind)
    if spec.body == "{file}" and isinstance(body, tuple):
        _, content, kind = body
        return replace(call, body=content, headers={"Content-Type": kind, **call.headers})
    return replace(call, json=plain({} if body is MISSING else body))


def with_csrf(visit: Visit, call: Call) -> Call:
    """The CSRF token where [auth] csrf wants it: a header, or a field of the form or body."""
    wanted = visit.crm.mapping.auth.csrf
    token = csrf_token(visit)
    kind, _, name = wanted.get("as", "").partition(":")
    if token is None or not name:
        return call
    if kind == "header":
        return replace(call, headers={**call.headers, name: token})
    if call.form is not None or call.files is not None:
        return replace(call, form={**(call.form or {}), name: token})
    if isinstance(call.json, Mapping):
        return replace(call, json={**call.json, name: token})
    return replace(call, form={name: token}) if call.json is None and call.body is None else call


def csrf_token(visit: Visit) -> str | None:
    """The token that is known now: the cookie's present value, or what the last page told."""
    wanted = visit.crm.mapping.auth.csrf
    if wanted.get("from") == "cookie":
        return visit.session.cookies.get(wanted["name"])
    found = visit.standing.saved.get("csrf")
    return None if found is None else str(found)


def plain(value: Any) -> Any:
    """JSON without Decimals: a number of the same value."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return value


def _texts(table: Mapping[str, Any]) -> dict[str, str]:
    return {name: text(value) for name, value in table.items() if value is not None}


def _table(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _file(name: str, value: Any) -> tuple[str, bytes, str]:
    if isinstance(value, tuple) and len(value) == 3:
        return value
    return (name, value if isinstance(value, bytes) else text(value).encode(), "application/octet-stream")


def names_for(visit: Visit, *layers: Mapping[str, Any]) -> Names:
    """The names of a call: these layers first, then the person's and what the login saved."""
    return names_of(*layers, of_person(visit))
