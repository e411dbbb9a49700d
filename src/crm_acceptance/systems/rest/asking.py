"""One call as a person makes it: sent, judged, and sent once more when an expired login could be renewed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from crm_acceptance.errors import Refused
from crm_acceptance.systems.flow import Call, Flow
from crm_acceptance.systems.rest import auth_csrf, auth_renew, cookies
from crm_acceptance.systems.rest.calls import WRITING, build, page_of
from crm_acceptance.systems.rest.crm import Visit
from crm_acceptance.systems.rest.places import Reply
from crm_acceptance.systems.rest.refusals import judge
from crm_acceptance.systems.rest.shape import CallSpec
from crm_acceptance.systems.rest.templates import Names
from crm_acceptance.systems.rest.walking import sent

NOTHING: Mapping[str, Any] = {}
_CSRF_WORD = re.compile(r"csrf|xsrf|跨站", re.IGNORECASE)


def ask(
    visit: Visit,
    spec: CallSpec,
    names: Names,
    extra: Mapping[str, Any] = NOTHING,
    headers: Mapping[str, str] = NOTHING,
) -> Flow[Reply]:
    """The CRM's answer when it agreed. Refused when it said no, "expired" only after the login could not be renewed."""
    renewals = visit.standing.renewals
    if auth_csrf.wanting(visit, spec):
        yield from fetch_csrf(visit)
    try:
        return (yield from _once(visit, spec, names, extra, headers))
    except Refused as no:
        if not (yield from _mended(visit, spec, no, renewals)):
            raise
    return (yield from _once(visit, spec, names, extra, headers))


def _once(
    visit: Visit, spec: CallSpec, names: Names, extra: Mapping[str, Any], headers: Mapping[str, str]
) -> Flow[Reply]:
    reply = yield from sent(visit, build(visit, spec, names, extra, headers))
    judge(visit.crm.mapping, reply, spec.expect)
    return reply


def _mended(visit: Visit, spec: CallSpec, no: Refused, renewals: int) -> Flow[bool]:
    """Whether it is worth asking again: the login was renewed, or the CSRF token had grown old."""
    if no.kind == "expired":
        return (yield from auth_renew.renewed(visit, renewals))
    old = auth_csrf.can_fetch(visit) and spec.call.partition(" ")[0].upper() in WRITING
    if no.status in (400, 403) and old and _CSRF_WORD.search(no.message):
        yield from fetch_csrf(visit)
        return True
    return False


def fetch_csrf(visit: Visit) -> Flow[Reply]:
    """Opens the page that shows the CSRF token, and keeps the token."""
    auth = visit.crm.mapping.auth
    sends = {**visit.session.headers, **cookies.header(visit.session.cookies)}
    reply = yield from sent(visit, Call("GET", page_of(visit), headers=sends, verb=visit.verb, follow=False))
    auth_csrf.keep(visit, auth_csrf.found(reply, auth.csrf.get("from", ""), auth.csrf.get("name", "")))
    visit.standing.csrf_old = False
    return reply
