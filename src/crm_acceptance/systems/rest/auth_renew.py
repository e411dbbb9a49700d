"""Renewing a login that expired in mid-run, once for all who share it. Passwords are not kept: no new login here."""

from __future__ import annotations

from dataclasses import replace

from crm_acceptance import evidence
from crm_acceptance.errors import Refused
from crm_acceptance.systems.flow import Call, Flow
from crm_acceptance.systems.rest import templates
from crm_acceptance.systems.rest.calls import build, names_for
from crm_acceptance.systems.rest.crm import Visit
from crm_acceptance.systems.rest.places import Reply
from crm_acceptance.systems.rest.refusals import judge_login
from crm_acceptance.systems.rest.scope import names_of, of_person
from crm_acceptance.systems.rest.shape import CallSpec
from crm_acceptance.systems.rest.templates import MISSING, fill
from crm_acceptance.systems.rest.walking import sent

PATIENCE = 30.0
"""Seconds to wait for somebody else who is renewing the same login."""


def renewed(visit: Visit, renewals: int) -> Flow[bool]:
    """Whether the session is good again. Of many that find it expired one renews it, the others use what it got."""
    auth, standing = visit.crm.mapping.auth, visit.standing
    if auth.refresh is None or standing.ended or "refresh" not in standing.saved | _cookie_refresh(visit):
        return False
    if not standing.door.acquire(timeout=PATIENCE):
        return False
    try:
        if standing.renewals != renewals:
            return True
        return (yield from _refresh(visit, auth.refresh))
    finally:
        standing.door.release()


def _cookie_refresh(visit: Visit) -> dict[str, str]:
    """A refresh call that names no {refresh} lives from a cookie."""
    return {"refresh": "cookie"} if visit.session.cookies else {}


def _refresh(visit: Visit, spec: CallSpec) -> Flow[bool]:
    try:
        reply = yield from sent(visit, _plain(visit, spec, build(visit, spec, names_for(visit), {}, {})))
        judge_login(visit.crm.mapping, reply, spec)
    except Refused:
        return False
    keep(visit, spec, reply)
    carry(visit)
    visit.standing.renewals += 1
    return True


def _plain(visit: Visit, spec: CallSpec, call: Call) -> Call:
    """Without the proof that is dead, where the call proves itself by {refresh}: some CRMs judge that proof first."""
    if "refresh" not in templates.names([spec.call, spec.params, spec.headers, spec.body, spec.form]):
        return call
    dead = set(visit.crm.mapping.auth.headers) - set(spec.headers)
    return replace(call, headers={name: value for name, value in call.headers.items() if name not in dead})


def keep(visit: Visit, spec: CallSpec, reply: Reply) -> None:
    """What the call saves; a value that this answer lacks stays as it was. Long ones are secrets."""
    for name, place in spec.save.items():
        value = reply.at(place)
        if value is not MISSING and value is not None:
            visit.standing.saved[name] = value
            if isinstance(value, str) and len(value) >= 16:
                evidence.keep_secret(value)


def carry(visit: Visit) -> None:
    """The headers and parameters that prove the login, from what is saved now."""
    mapping = visit.crm.mapping
    names = names_of(of_person(visit))
    held = visit.session.headers
    if isinstance(held, dict):
        held |= {name: str(value) for name, value in fill({**mapping.headers, **mapping.auth.headers}, names).items()}
    visit.standing.params |= {name: str(value) for name, value in fill(mapping.auth.params, names).items()}
