"""Everybody signs in; why a login does not work; a wrong password, a logout and a renewal are tried once."""

from __future__ import annotations

import difflib
from dataclasses import replace

from crm_acceptance.doctoring import answers
from crm_acceptance.doctoring.findings import BROKEN, DENIED, WORKS, Finding
from crm_acceptance.doctoring.visit import Exchange, Guest, Visit
from crm_acceptance.doctoring.why_calls import exchange_of, is_of, said, unknown_address
from crm_acceptance.errors import AcceptanceError, Refused, SiteOutOfReach
from crm_acceptance.model import Action
from crm_acceptance.systems.flow import Answer, Call
from crm_acceptance.systems.rest.checks_calls import method_and_path
from crm_acceptance.systems.rest.shape import CallSpec
from crm_acceptance.systems.rest.templates import MISSING

SITE = "site"
"""The object under which logins stand in the table."""
_PREFIXES = ("", "/api", "/api/v1", "/api/v2", "/rest", "/v1")
_NOWHERE = "/zz-no-such-address"


def everybody(visit: Visit) -> None:
    """Signs everybody in; whoever cannot is left out of the rest, and why is written down."""
    failed: list[tuple[Guest, AcceptanceError]] = []
    for person in visit.people:
        guest = visit.guest(person)
        try:
            guest.door.session()
        except AcceptanceError as no:
            guest.able = False
            failed.append((guest, no))
        else:
            visit.chart.mark(SITE, "login", guest.key, WORKS)
    _check_saved(visit)
    nobody = not visit.guests()
    for guest, no in failed:
        if nobody:
            visit.chart.mark(
                SITE, "login", guest.key, BROKEN, _why(visit, guest, no) if guest is failed[0][0] else str(no)
            )
        else:
            visit.chart.mark(SITE, "login", guest.key, DENIED, f"{guest.person.name} 登录被拒：{no}")
            visit.chart.note(f"{guest.person.name}（{guest.key}）登录被拒，没有试其操作：{no}（cannot sign in）")


def _check_saved(visit: Visit) -> None:
    """Whether every value that a login saves was there, for people whose login went through."""
    for name in ("login", "me"):
        spec: CallSpec | None = getattr(visit.mapping.auth, name)
        if spec is None:
            continue
        for guest in list(visit.guests())[:1]:
            exchange = next((one for one in guest.log if is_of(visit, spec, one)), None)
            found = _saves(visit, spec, exchange.answer) if exchange and exchange.answer else None
            if found:
                visit.chart.find(found)


def _saves(visit: Visit, spec: CallSpec, answer: Answer) -> Finding | None:
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
        return visit.finding("auth.kind", str(no))
    exchange = exchange_of(visit, spec, guest.log)
    if exchange is None or exchange.answer is None:
        if isinstance(no, SiteOutOfReach):
            raise no
        return visit.finding(spec.where, str(no))
    if visit.mapping.auth.page and not is_of(visit, spec, exchange):
        return visit.finding("auth.page", f"登录页 {visit.mapping.auth.page}：{said(exchange.answer)}。{no}")
    if unknown_address(exchange.answer) or _is_nowhere(visit, guest, exchange):
        return _wrong_address(visit, guest, spec, exchange)
    if exchange.answer.status < 300:
        found = _saves(visit, spec, exchange.answer)
        if found:
            return found
    return _refused(visit, spec, exchange, no)


def _is_nowhere(visit: Visit, guest: Guest, exchange: Exchange) -> bool:
    """Whether an address that cannot exist gets the very same answer."""
    nowhere = visit.raw(guest, replace(exchange.call, path=visit.mapping.prefix + _NOWHERE))
    answer = exchange.answer
    return bool(
        nowhere and answer and answer.status >= 300 and (nowhere.status, nowhere.body) == (answer.status, answer.body)
    )


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
    """The prefix under which the first object's list is known to the site, the mapped one first; None when none is."""
    object = next((one for one in visit.mapping.objects.values() if one.path and "list" in one.calls), None)
    if object is None:
        return None
    method, path = method_and_path(object.calls["list"])
    path = path.replace("{path}", object.path)
    for prefix in dict.fromkeys((visit.mapping.prefix, *_PREFIXES)):
        found = visit.raw(guest, Call(method, prefix + path, follow=False))
        nowhere = visit.raw(guest, Call(method, prefix + _NOWHERE, follow=False))
        if (
            found
            and nowhere
            and not unknown_address(found)
            and (found.status, found.body) != (nowhere.status, nowhere.body)
        ):
            return prefix
        if found and not unknown_address(found) and found.status in (401, 403) and prefix == visit.mapping.prefix:
            return prefix if not _everything_is_closed(visit, guest) else None
    return None


def _everything_is_closed(visit: Visit, guest: Guest) -> bool:
    """Whether even an address outside the prefix asks for a login, so that 401 tells nothing."""
    outside = visit.raw(guest, Call("GET", _NOWHERE, follow=False))
    return outside is not None and outside.status in (401, 403)


def _refused(visit: Visit, spec: CallSpec, exchange: Exchange, no: AcceptanceError) -> Finding:
    """The CRM knows the login and says no: a key that it does not know, or passwords that are wrong."""
    sent = exchange.call.json if isinstance(exchange.call.json, dict) else dict(exchange.call.form or {})
    part = "body" if exchange.call.json is not None else "form"
    mentioned = answers.words(exchange.answer.text if exchange.answer else "")
    for key in sent:
        near = difflib.get_close_matches(str(key), [one for one in mentioned if one != key], n=1, cutoff=0.7)
        if near and str(key) not in mentioned:
            return visit.finding(
                f"{spec.where}.{part}.{key}",
                f"登录被拒：{said(exchange.answer)}。登录发的是 {key}，系统说的是 {near[0]}（did you mean {near[0]}?）。",
            )
    keys = ", ".join(map(str, sent)) or "（没有 nothing）"
    return visit.finding(
        f"{spec.where}.{part}" if sent else spec.where,
        f"所有人登录都被拒：{said(exchange.answer)}。发了 {keys}；键名不对，或密码不对（CRM_ACCEPTANCE_PASSWORD）。"
        "Nobody can sign in: wrong keys, or wrong passwords.",
    )


def stranger(visit: Visit, guest: Guest) -> None:
    """A wrong password, once, for one person: it must be refused as such."""
    if visit.mapping.auth.login is None or visit.mapping.auth.kind == "oauth2_client":
        return
    liar = visit.guest(guest.person, password="wrong-" + "x" * 9)
    try:
        liar.door.session()
    except Refused as no:
        if no.kind == "denied":
            visit.chart.mark(SITE, "wrong password", guest.key, WORKS)
            return
        finding = refusal(visit, liar.log, "denied", no.kind, "密码错误 a wrong password")
    except AcceptanceError as no:
        finding = visit.finding("auth.refused", f"密码错误时：{no}")
    else:
        finding = visit.finding(
            "auth.refused", "密码错误时登录仍然成功：把系统的话写在 refused（a wrong password signs in）。"
        )
    visit.chart.mark(SITE, "wrong password", guest.key, BROKEN, finding)


def refusal(visit: Visit, log: list[Exchange] | tuple[Exchange, ...], wanted: str, got: str, when: str) -> Finding:
    """Which line of [errors] took an answer for another kind of refusal than it is."""
    answer = log[-1].answer if log else None
    where = deciding(visit, answer)
    return visit.finding(where, f"{when}：系统答 {said(answer)}，应当是 {wanted}，这里读成 {got}（read as {got}）。")


def deciding(visit: Visit, answer: Answer | None) -> str:
    """The place in [errors] that decides what kind of refusal an answer is."""
    errors = visit.mapping.errors
    if answer is None:
        return "errors"
    code = answers.at(answer, errors.code) if errors.code else MISSING
    if str(code) in errors.codes:
        return f"errors.codes.{code}"
    for word in errors.words:
        if word and word in answer.text:
            return f"errors.words.{word}"
    if answer.status in errors.status:
        return f"errors.status.{answer.status}"
    if errors.code and code is MISSING and answers.body_of(answer) is not MISSING:
        return "errors.code"
    return "errors.codes" if code is not MISSING else "errors.status"


def leaving(visit: Visit, guest: Guest, probe: str) -> None:
    """Signing out, and whether the session is dead then. `probe` is an object whose list this person may see."""
    spec = visit.mapping.auth.logout
    if spec is None:
        return
    session = guest.door.session()
    start = len(guest.log)
    try:
        guest.door.sign_out()
    except AcceptanceError as no:
        exchange = exchange_of(visit, spec, guest.log[start:])
        where = f"{spec.where}.call"
        what = f"{exchange.call.method} {exchange.call.path}：{said(exchange.answer)}" if exchange else ""
        visit.chart.mark(SITE, "logout", guest.key, BROKEN, visit.finding(where, f"退出 {what}。{no}"))
        return
    exchange = exchange_of(visit, spec, guest.log[start:])
    if exchange and exchange.answer and (exchange.answer.status >= 400 or unknown_address(exchange.answer)):
        asked = f"{exchange.call.method} {exchange.call.path}"
        finding = visit.finding(
            f"{spec.where}.call", f"退出 {asked}：{said(exchange.answer)}（the logout does not work）。"
        )
        visit.chart.mark(SITE, "logout", guest.key, BROKEN, finding)
        return
    visit.chart.mark(SITE, "logout", guest.key, WORKS)
    if not probe:
        return
    start = len(guest.log)
    try:
        guest.door.do_with(session, Action("list", probe))
    except Refused as no:
        if no.kind not in ("expired", "denied"):
            visit.chart.find(refusal(visit, guest.log[start:], "expired", no.kind, "退出以后 after signing out"))
    except AcceptanceError as no:
        visit.chart.note(f"退出以后再看 {probe}：{no}")
    else:
        visit.chart.note("退出以后，原来的令牌还能用：系统没有作废它（the token still works after signing out）。")


def renewal(visit: Visit, guest: Guest, probe: str) -> None:
    """A token that the CRM does not know (any more): said to be expired, and renewed by [auth] refresh."""
    spec = visit.mapping.auth.refresh
    proof = set(visit.mapping.auth.headers)
    if not probe or not proof:
        return
    session = guest.door.session()
    if not isinstance(session.headers, dict):
        return
    kept = dict(session.headers)
    session.headers.update({name: f"{value[:-4]}zzzz" for name, value in kept.items() if name in proof})
    start = len(guest.log)
    try:
        guest.door.do_with(session, Action("list", probe))
    except Refused as no:
        _not_renewed(visit, guest, spec, no, start)
    except AcceptanceError as odd:
        visit.chart.note(f"令牌失效后：{odd}")
    else:
        if spec is not None:
            visit.chart.mark(SITE, "refresh", guest.key, WORKS)
        return
    session.headers.update(kept)


def _not_renewed(visit: Visit, guest: Guest, spec: CallSpec | None, no: Refused, start: int) -> None:
    made = guest.log[start:]
    if no.kind != "expired":
        if made and made[-1].answer:
            visit.chart.find(refusal(visit, made, "expired", no.kind, "令牌失效后 with a token that is dead"))
        return
    exchange = next((one for one in made if spec is not None and is_of(visit, spec, one)), None)
    if spec is None or exchange is None or exchange.answer is None:
        return
    found = _saves(visit, spec, exchange.answer) if exchange.answer.status < 300 else None
    asked = f"{exchange.call.method} {exchange.call.path}"
    lost = unknown_address(exchange.answer) or _is_nowhere(visit, guest, exchange)
    part = "call" if lost else "body"
    finding = found or visit.finding(f"{spec.where}.{part}", f"续期 {asked}：{said(exchange.answer)}（not renewed）。")
    visit.chart.mark(SITE, "refresh", guest.key, BROKEN, finding)


def codes(visit: Visit) -> None:
    """Whether the code and message of refusals stand where [errors] says, by all refusals that were seen."""
    refusals = [
        one.answer
        for guest in visit.guests()
        for one in guest.log
        if one.answer is not None and one.answer.status >= 400 and answers.body_of(one.answer) is not MISSING
    ]
    for key in ("code", "message"):
        place: str = getattr(visit.mapping.errors, key)
        if place and len(refusals) > 1 and all(answers.at(one, place) is MISSING for one in refusals):
            body = answers.body_of(refusals[0])
            near = answers.keys_near(place, body)
            hint = f"是不是 {near}？did you mean {near}? " if near else ""
            visit.chart.find(
                visit.finding(
                    f"errors.{key}", f"拒绝的应答里没有 {place}（in no refusal）。{hint}{refusals[0].text[:100]}"
                )
            )
