"""One exchange as a person meets it: cookies kept, redirects within the site walked. It judges nothing."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from crm_acceptance import evidence
from crm_acceptance.errors import SiteOutOfReach
from crm_acceptance.systems.flow import Answer, Call, Flow
from crm_acceptance.systems.rest import auth_csrf, cookies
from crm_acceptance.systems.rest.crm import Visit
from crm_acceptance.systems.rest.places import Reply
from crm_acceptance.systems.rest.refusals import is_login

REDIRECTS = 6
SECRET = 16
"""Characters from which on a cookie may prove a login; shorter ones ("zh-CN") are no secrets."""


def sent(visit: Visit, call: Call, follow: bool = True) -> Flow[Reply]:
    """The answer to a Call, after redirects within the site; one to the login page is an answer of its own."""
    for _ in range(REDIRECTS):
        reply = yield from heard(visit, call)
        where = reply.answer.headers.get("location", "")
        if not follow or reply.answer.status not in (301, 302, 303, 307, 308) or not where:
            return reply
        if is_login(visit.crm.mapping.auth, where):
            return reply
        call = redirected(visit, call, reply.answer, where)
    raise SiteOutOfReach(
        f"{visit.crm.site.url}{call.path} 一再被重定向（{REDIRECTS} 次）。Redirected again and again: check the path."
    )


def heard(visit: Visit, call: Call) -> Flow[Reply]:
    """One exchange; what the answer sets (cookies, the next CSRF token) is kept by the person."""
    answer = yield call
    held = visit.session.cookies
    if "set-cookie" in answer.headers and isinstance(held, dict) and cookies.take(held, answer.headers):
        evidence.keep_secret(*(value for value in held.values() if len(value) >= SECRET))
    reply = Reply(answer, dict(held))
    auth_csrf.learn(visit, reply)
    return reply


def redirected(visit: Visit, call: Call, answer: Answer, where: str) -> Call:
    """The Call that a redirect asks for. SiteOutOfReach when it leads away from the site."""
    here = visit.crm.site.url
    target = urljoin(f"{here}{call.path}", where)
    there = urlsplit(target)
    if there.scheme and (there.scheme, there.netloc) != urlsplit(here)[:2]:
        raise SiteOutOfReach(
            f"{here}{call.path} 被重定向到 {there.scheme}://{there.netloc}：请把站点地址写成它，或检查单点登录。"
            "Redirected to another address: write that one as the site's URL, or check single sign-on."
        )
    path = visit.crm.below(target)
    sends = {**call.headers, **cookies.header(visit.session.cookies)}
    if answer.status in (307, 308) or call.method in ("GET", "HEAD"):
        return replace(call, path=path, params={}, headers=sends)
    return Call("GET", path, headers=sends, verb=call.verb, follow=False)
