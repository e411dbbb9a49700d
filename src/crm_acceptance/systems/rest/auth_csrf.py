"""The CSRF token: where it is found (page, meta, cookie, header, JSON) and when it has to be fetched anew."""

from __future__ import annotations

import html
import re
from typing import Any

from crm_acceptance.systems.rest.calls import WRITING, csrf_token
from crm_acceptance.systems.rest.crm import Visit
from crm_acceptance.systems.rest.places import Reply
from crm_acceptance.systems.rest.shape import CallSpec
from crm_acceptance.systems.rest.templates import MISSING

_TAG = {"input": re.compile(r"<input\b[^>]*>", re.IGNORECASE), "meta": re.compile(r"<meta\b[^>]*>", re.IGNORECASE)}
_HOLDS = {"input": "value", "meta": "content"}
_ATTRIBUTE = re.compile(r"([\w:-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))")


def found(reply: Reply, kind: str, name: str) -> Any:
    """The token that this answer holds; MISSING when it holds none."""
    if kind == "header":
        return reply.at(f"header:{name}")
    if kind == "json":
        return MISSING if reply.is_page else reply.at(name)
    if kind not in _TAG or not reply.is_page:
        return MISSING
    for tag in _TAG[kind].findall(reply.answer.text):
        held = {key.lower(): a or b or c for key, a, b, c in _ATTRIBUTE.findall(tag)}
        if name in (held.get("name"), held.get("id")):
            return html.unescape(held.get(_HOLDS[kind], ""))
    return MISSING


def learn(visit: Visit, reply: Reply) -> None:
    """Every answer may bring the next token: a header, or the page with the hidden field."""
    wanted = visit.crm.mapping.auth.csrf
    if wanted and wanted.get("from") in ("header", "input", "meta"):
        keep(visit, found(reply, wanted["from"], wanted.get("name", "")))


def can_fetch(visit: Visit) -> bool:
    """Whether there is a page that shows the token."""
    auth = visit.crm.mapping.auth
    return bool(auth.csrf and auth.page)


def wanting(visit: Visit, spec: CallSpec) -> bool:
    """Whether a writing call must not go out before the page was seen: no token yet, or one from before the login."""
    if not can_fetch(visit) or spec.call.partition(" ")[0].upper() not in WRITING:
        return False
    return visit.standing.csrf_old or csrf_token(visit) is None


def keep(visit: Visit, token: Any) -> None:
    """The token for the next writing call, if there is one."""
    if token is not MISSING and token not in (None, ""):
        visit.standing.saved["csrf"] = str(token)
