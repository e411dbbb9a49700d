"""Signing in and out as [auth] says. Each kind of login is the same few steps; what differs stands in the mapping."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from crm_acceptance import evidence
from crm_acceptance.errors import Refused, Unsupported, WrongUse
from crm_acceptance.model import Person
from crm_acceptance.systems import Session
from crm_acceptance.systems.flow import Call, Flow
from crm_acceptance.systems.rest import auth_csrf, auth_state
from crm_acceptance.systems.rest.asking import ask, fetch_csrf
from crm_acceptance.systems.rest.auth_renew import carry, keep
from crm_acceptance.systems.rest.calls import build, names_for, page_of, used_names
from crm_acceptance.systems.rest.crm import Crm, Standing, Visit, standing
from crm_acceptance.systems.rest.filters import FUNCTIONS
from crm_acceptance.systems.rest.places import Reply, keys_of
from crm_acceptance.systems.rest.refusals import is_login, judge_login, message
from crm_acceptance.systems.rest.shape import CallSpec, ObjectSpec
from crm_acceptance.systems.rest.templates import MISSING
from crm_acceptance.systems.rest.walking import sent

_CAPTCHA_BOX = re.compile(
    r"<(?:input|img|div|iframe|canvas)\b[^>]*(?:captcha|verify_?code|geetest|turnstile|验证码)", re.IGNORECASE
)
_CAPTCHA_WORD = re.compile(r"captcha|verification code|验证码|滑块|人机", re.IGNORECASE)
SECRET_KINDS = ("api_key", "token")
"""Kinds without a login: the person's own secret is the token."""


def sign_in(crm: Crm, person: Person, password: str) -> Flow[Session]:
    """A session of this person. Refused("denied") when the CRM does not take the password."""
    session = Session(person, {}, {}, {"standing": Standing()})
    visit = Visit(crm, session, "login")
    crm.staff.met(person)
    carry(visit)
    if not _from_state(visit):
        yield from _log_in(visit, password)
    carry(visit)
    _refuse_unproved(visit)
    yield from _introduce(visit)
    if "user" in visit.standing.saved:
        crm.staff.met(person, visit.standing.saved["user"])
    return session


def _from_state(visit: Visit) -> bool:
    """Whether a stored browser state took the place of the login."""
    stored = auth_state.read(visit.crm.mapping, visit.crm.site, visit.session.person)
    if stored is None:
        return False
    cookies, saved = stored
    visit.session.cookies.update(cookies)  # type: ignore[attr-defined]
    visit.standing.saved |= {"state": "stored", **saved}
    evidence.keep_secret(*cookies.values(), *(value for value in saved.values() if isinstance(value, str)))
    return True


def _log_in(visit: Visit, password: str) -> Flow[None]:
    auth, person = visit.crm.mapping.auth, visit.session.person
    if auth.kind in SECRET_KINDS:
        visit.standing.saved["token"] = password
    if auth.kind == "basic":
        basic = FUNCTIONS["basic"](person.login, password)
        evidence.keep_secret(basic)
        visit.session.headers["Authorization"] = f"Basic {basic}"  # type: ignore[index]
    if auth.login is None:
        if auth.state:
            how = auth_state.how_to_store(visit.crm.mapping, visit.crm.site, person)
            raise WrongUse(f"{person.name} 没有存好的登录状态 no stored state。{how}")
        return
    if auth.page:
        _refuse_captcha(visit, (yield from _open_page(visit)))
    for spec in auth.login.steps or (auth.login,):
        yield from _step(visit, spec, password)
    visit.standing.csrf_old = auth.csrf.get("from") in ("input", "meta", "json")


def _open_page(visit: Visit) -> Flow[Reply]:
    """The login page, for its cookies and its token."""
    if visit.crm.mapping.auth.csrf:
        return (yield from fetch_csrf(visit))
    page = page_of(visit)
    return (yield from sent(visit, Call("GET", page, headers=visit.session.headers, verb=visit.verb, follow=False)))


def _step(visit: Visit, spec: CallSpec, password: str) -> Flow[None]:
    """One call of the login. Every no is Refused("denied"), but for too many attempts."""
    names = names_for(visit, {"password": password, "csrf": visit.standing.saved.get("csrf", MISSING)})
    reply = yield from sent(visit, build(visit, spec, names, {}, {}), follow=False)
    _refuse_absent(visit, spec, reply)
    try:
        if 300 <= reply.answer.status < 400 and not spec.expect:
            _refuse_sent_back(visit, reply)
        else:
            judge_login(visit.crm.mapping, reply, spec)
        _refuse_words(visit, reply)
    except Refused as no:
        _refuse_captcha(visit, reply, in_words=True)
        raise Refused("throttled" if no.kind == "throttled" else "denied", no.message, no.status) from None
    keep(visit, spec, reply)
    _refuse_unsaved(visit, spec, reply)


def _refuse_absent(visit: Visit, spec: CallSpec, reply: Reply) -> None:
    said = reply.answer.text
    if reply.answer.status in (404, 405) and not any(word in said for word in visit.crm.mapping.auth.refused):
        raise visit.crm.wrong(
            spec.where,
            f"登录地址 {spec.call} 应答 HTTP {reply.answer.status}：地址或方法不对（检查 [api] prefix）。"
            "The login call is not there: check its path, its method and [api] prefix.",
        )


def _refuse_sent_back(visit: Visit, reply: Reply) -> None:
    auth, where = visit.crm.mapping.auth, reply.answer.headers.get("location", "")
    if urlsplit(where).path.endswith(page_of(visit)) if auth.page else is_login(auth, where):
        raise Refused("denied", "又回到了登录页 sent back to the login page", reply.answer.status)


def _refuse_words(visit: Visit, reply: Reply) -> None:
    said = reply.answer.text
    if any(word and word in said for word in visit.crm.mapping.auth.refused):
        raise Refused("denied", message(visit.crm.mapping.errors, reply), reply.answer.status)


def _refuse_captcha(visit: Visit, reply: Reply, in_words: bool = False) -> None:
    """A login that asks for a captcha cannot be done by a program; says what to do instead."""
    said = reply.answer.text
    if not (_CAPTCHA_BOX.search(said) if reply.is_page else in_words and _CAPTCHA_WORD.search(said)):
        return
    how = auth_state.how_to_store(visit.crm.mapping, visit.crm.site, visit.session.person)
    raise WrongUse(f"{visit.crm.mapping.title} 的登录要求验证码（login asks for a captcha）。{how}")


def _refuse_unsaved(visit: Visit, spec: CallSpec, reply: Reply) -> None:
    for name, place in spec.save.items():
        if name == "token" and name not in visit.standing.saved:
            raise visit.crm.wrong(
                f"{spec.where}.save",
                f"登录成功，但应答里没有 {place!r}；那里有 {keys_of(reply.body)}。"
                "Signed in, but the answer has no token at that place.",
            )


def _refuse_unproved(visit: Visit) -> None:
    """Nothing proves the login: a state without cookies and token, a form that set no cookie."""
    kind = visit.crm.mapping.auth.kind
    if kind in ("none", "basic") or visit.session.cookies or visit.standing.saved:
        return
    raise visit.crm.wrong(
        "auth",
        f"登录后既没有 Cookie 也没有令牌（kind = {kind!r}）。After signing in there is neither cookie nor token.",
    )


def _introduce(visit: Visit) -> Flow[None]:
    """Asks who one is; without such a call, a login that nothing has checked yet is tried with a list of one row."""
    auth = visit.crm.mapping.auth
    if auth.me is not None:
        reply = yield from _proved(visit, auth.me)
        keep(visit, auth.me, reply)
        carry(visit)
    elif auth.login is None and auth.kind != "none":
        found = next(filter(_is_open, visit.crm.mapping.objects.values()), None)
        if found is not None:
            yield from _tried(visit, found)


def _is_open(object: ObjectSpec) -> bool:
    """Whether the object has a list that can be asked for without naming a record first."""
    spec = object.calls.get("list")
    if spec is None or " " not in spec.call:
        return False
    return not any(name.startswith(("id", "parent_", "where.")) for name in used_names(spec))


def _proved(visit: Visit, spec: CallSpec) -> Flow[Reply]:
    try:
        return (yield from ask(visit, spec, names_for(visit)))
    except Refused as no:
        if "state" in visit.standing.saved:
            how = auth_state.how_to_store(visit.crm.mapping, visit.crm.site, visit.session.person)
            raise Refused("expired", f"存好的登录状态失效了 the stored state is no longer valid. {how}") from None
        raise Refused("denied" if no.kind == "expired" else no.kind, no.message, no.status) from None


def _tried(visit: Visit, object: ObjectSpec) -> Flow[None]:
    """Only a no to the person counts; a no to the list is none of the login's business."""
    names: dict[str, Any] = {"path": object.path, "page": visit.crm.mapping.paging.first, "size": 1, "offset": 0}
    try:
        yield from ask(visit, object.calls["list"], names_for(visit, names))
    except Refused as no:
        if no.status == 401 or no.kind == "expired":
            raise Refused("denied", no.message, no.status) from None


def sign_out(crm: Crm, session: Session) -> Flow[None]:
    """Ends the session at the CRM. Unsupported without [auth] logout: then nothing ends it."""
    spec = crm.mapping.auth.logout
    if spec is None:
        raise Unsupported(f"{crm.mapping.title} 的映射没有退出登录：[auth] logout。The mapping has no [auth] logout.")
    visit = Visit(crm, session, "logout")
    standing(session).ended = True
    if auth_csrf.wanting(visit, spec):
        yield from fetch_csrf(visit)
    reply = yield from sent(visit, build(visit, spec, names_for(visit), {}, {}), follow=False)
    if not 300 <= reply.answer.status < 400:
        judge_login(crm.mapping, reply, spec)
