"""Everybody signs in; why a login does not work: its address, its keys, what it saves. The ends: sessions.py."""

from __future__ import annotations

import difflib
import re

from crm_acceptance.doctoring import answers, proving
from crm_acceptance.doctoring.answers import is_page
from crm_acceptance.doctoring.findings import BROKEN, DENIED, WORKS, Finding
from crm_acceptance.doctoring.visit import Exchange, Guest, Visit
from crm_acceptance.doctoring.why_calls import (
    NOWHERE,
    exchange_of,
    fingerprint,
    is_nowhere,
    is_of,
    said,
    unknown_address,
)
from crm_acceptance.errors import AcceptanceError, SiteOutOfReach
from crm_acceptance.systems.flow import Answer, Call
from crm_acceptance.systems.rest.checks_calls import method_and_path
from crm_acceptance.systems.rest.shape import CallSpec
from crm_acceptance.systems.rest.templates import MISSING

SITE = "site"
"""The object under which logins stand in the table."""
_PREFIXES = ("", "/api", "/api/v1", "/api/v2", "/rest", "/v1")


def everybody(visit: Visit) -> None:
    """Signs everybody in; whoever cannot is left out of the rest, and why is written down."""
    failed = [(guest, no) for guest in map(visit.guest, visit.people) if (no := _no(visit, guest))]
    _check_saved(visit)
    for number, (guest, no) in enumerate(failed):
        if not visit.guests():
            visit.chart.mark(SITE, "login", guest.key, BROKEN, str(no) if number else _why(visit, guest, no))
        else:
            visit.chart.mark(SITE, "login", guest.key, DENIED, f"{guest.person.name} 登录被拒：{no}")
            visit.chart.note(f"{guest.person.name}（{guest.key}）登录被拒，没有试其操作：{no}（cannot sign in）")


def _no(visit: Visit, guest: Guest) -> AcceptanceError | None:
    """Why this person cannot sign in; None when the login works."""
    try:
        guest.door.session()
    except AcceptanceError as refused:
        guest.able = False
        return refused
    visit.chart.mark(SITE, "login", guest.key, WORKS)
    return None


def _check_saved(visit: Visit) -> None:
    """Whether every value that a login saves was there, for people whose login went through."""
    for name in ("login", "me"):
        spec: CallSpec | None = getattr(visit.mapping.auth, name)
        if spec is None:
            continue
        for guest in list(visit.guests())[:1]:
            exchange = next((one for one in guest.log if is_of(visit, spec, one)), None)
            found = saves(visit, spec, exchange.answer) if exchange and exchange.answer else None
            if found:
                visit.chart.find(found)


def saves(visit: Visit, spec: CallSpec, answer: Answer) -> Finding | None:
    """The first value that the call saves and that is not in its answer."""
    body = answers.body_of(answer)
    for one in (spec, *spec.steps):
        for name, place in one.save.items():
            if place.startswith(("cookie:", "localStorage:")) or answers.at(answer, place) is not MISSING:
                continue
            likely = answers.find_tokens(body) if name in ("token", "refresh") else []
            near = answers.keys_near(place, body) or (likely[0] if likely else "")
            best = near if name not in ("token", "refresh") else (likely[0] if likely and name == "token" else near)
            hint = f"是不是 {best}？did you mean {best}? " if best else ""
            return visit.finding(
                f"{one.where}.save.{name}",
                f"登录的应答里没有 {place}（not in the answer）。{hint}应答里有 keys: {_leaves(body)}。",
            )
    return None


def _leaves(body: object) -> str:
    return ", ".join(place for place, value in answers.places(body) if not isinstance(value, dict | list))[:200]


def _why(visit: Visit, guest: Guest, no: AcceptanceError) -> Finding:
    """Why nobody can sign in."""
    spec = visit.mapping.auth.login
    if spec is None:
        last = guest.log[-1] if guest.log else None
        if last is None or last.answer is None:
            return visit.finding("auth.kind", str(no))
        return proving.headers(visit, guest, last)
    exchange = exchange_of(visit, spec, guest.log)
    if exchange is None or exchange.answer is None:
        if isinstance(no, SiteOutOfReach):
            raise no
        return visit.finding(spec.where, str(no))
    if visit.mapping.auth.page and not is_of(visit, spec, exchange):
        return visit.finding("auth.page", f"登录页 {visit.mapping.auth.page}：{said(exchange.answer)}。{no}")
    if unknown_address(exchange.answer) or is_nowhere(visit, guest, exchange):
        return _wrong_address(visit, guest, spec, exchange)
    if exchange.answer.status < 300:
        found = saves(visit, spec, exchange.answer)
        if found:
            return found
        if visit.mapping.errors.success_path and spec.save:
            place = visit.mapping.errors.success_path
            sent = f"登录的应答里有要保存的值，却被当成拒绝：{said(exchange.answer)}"
            return visit.finding("errors.success", f"{sent}；这里没有 {place} 或值不同（taken for a refusal）。")
    return _refused(visit, spec, exchange, no)


def _wrong_address(visit: Visit, guest: Guest, spec: CallSpec, exchange: Exchange) -> Finding:
    """The login's own path, or the prefix before every path: whichever leads nowhere."""
    asked = f"{exchange.call.method} {exchange.call.path}"
    lead = f"登录 {asked} 系统不认识：{said(exchange.answer)}（no such address）。"
    living = living_prefix(visit, guest)
    if living is None or living == visit.mapping.prefix:
        sure = "" if living is None else f"前缀 {visit.mapping.prefix!r} 是对的（the prefix is right）。"
        where = "api.prefix" if living is None and visit.mapping.prefix else f"{spec.where}.call"
        return visit.finding(where, lead + sure)
    return visit.finding("api.prefix", f"{lead}用前缀 {living!r} 系统就认识（with this prefix the site answers）。")


def living_prefix(visit: Visit, guest: Guest) -> str | None:
    """The prefix under which the CRM knows one of the mapped addresses, the mapped one first; None when none is."""
    paths = _known_paths(visit)
    for prefix in dict.fromkeys((visit.mapping.prefix, *_PREFIXES)) if paths else ():
        nowhere = visit.raw(guest, _get(visit, guest, prefix + NOWHERE))
        for path in paths[:3]:
            found = visit.raw(guest, _get(visit, guest, prefix + path))
            if found and nowhere and _is_known(found, prefix + path, nowhere, prefix + NOWHERE):
                return prefix
            if prefix == visit.mapping.prefix and found and found.status in (401, 403) and _is_open(visit, guest):
                return prefix
    return None


def _known_paths(visit: Visit) -> list[str]:
    """What may be read of the first object: list, count, one record."""
    object = next((one for one in visit.mapping.objects.values() if one.path and one.calls), None)
    if object is None:
        return []
    told = [method_and_path(object.calls[verb]) for verb in ("list", "count", "read", "export") if verb in object.calls]
    return [
        re.sub(r"\{id[^}]*\}", "1", path.replace("{path}", object.path)) for method, path in told if method == "GET"
    ]


def _get(visit: Visit, guest: Guest, path: str) -> Call:
    """A plain look, with the proof of the login that the guest may have."""
    last = next((one.call.headers for one in reversed(guest.log) if one.call.headers), {})
    return Call("GET", path, headers=last, follow=False)


def _is_known(found: Answer, path: str, nowhere: Answer, other: str) -> bool:
    """Whether this is not the answer to an address that does not exist."""
    return not is_page(found) and found.status != 405 and fingerprint(found, path) != fingerprint(nowhere, other)


def _is_open(visit: Visit, guest: Guest) -> bool:
    """Whether an address outside the prefix is simply not there, so that 401 below it means something."""
    outside = visit.raw(guest, Call("GET", NOWHERE, follow=False))
    return outside is not None and outside.status not in (401, 403)


def _refused(visit: Visit, spec: CallSpec, exchange: Exchange, no: AcceptanceError) -> Finding:
    """The CRM knows the login and says no: a key that it does not know, or passwords that are wrong."""
    sent = exchange.call.json if isinstance(exchange.call.json, dict) else dict(exchange.call.form or {})
    part = "body" if exchange.call.json is not None else "form"
    mentioned = [one.lower() for one in answers.words(exchange.answer.text if exchange.answer else "")]
    for key in sent:
        near = difflib.get_close_matches(str(key), [one for one in mentioned if one != key], n=1, cutoff=0.7)
        if near and str(key).lower() not in mentioned:
            return visit.finding(
                f"{spec.where}.{part}.{key}",
                f"登录被拒：{said(exchange.answer)}。发了 {key}，系统说 {near[0]}（did you mean {near[0]}?）。",
            )
    keys = ", ".join(map(str, sent)) or "（没有 nothing）"
    return visit.finding(
        f"{spec.where}.{part}" if sent else spec.where,
        f"所有人登录都被拒：{said(exchange.answer)}。发了 {keys}；键名不对，或密码不对（CRM_ACCEPTANCE_PASSWORD）。"
        "Nobody can sign in: wrong keys, or wrong passwords.",
    )
