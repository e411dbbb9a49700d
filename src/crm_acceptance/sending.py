"""Performs Calls over HTTP with requests, with manners: paced, patient with a busy site, never led to another host.

Says in one sentence what is wrong when a site does not answer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from http.cookiejar import DefaultCookiePolicy
from time import sleep
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests

from crm_acceptance.errors import Refused, SiteOutOfReach, WrongUse
from crm_acceptance.manners import pace, production
from crm_acceptance.manners.pauses import TRIES, pause
from crm_acceptance.model import Site
from crm_acceptance.systems.flow import Answer, Call, Send

T = TypeVar("T")
PATIENCE = 15.0
NO_COOKIES = DefaultCookiePolicy(allowed_domains=[])
"""A connection keeps none: one person's cookies must not ride on another's call, nor a dead session be revived."""
HOPS = 10
"""Redirects followed for one Call."""


def line(site: Site) -> requests.Session:
    """A connection of its own to this site; a company proxy is not asked for what runs on this machine."""
    made = requests.Session()
    made.trust_env = not is_local(site)
    return made


def trust(site: Site) -> str | bool:
    """What requests takes as `verify`. Pass it with every request: a session's own loses against REQUESTS_CA_BUNDLE."""
    return site.ca or True


def http_send(session: requests.Session, site: Site, timeout: float = PATIENCE, patient: bool = True) -> Send:
    """A Send for this site. Network trouble, silence, and a redirect to a login page are SiteOutOfReach.

    A site that says 429, or 503 with Retry-After, is asked again after a pause, a few times; then its last answer
    counts. Not `patient`: its first answer counts, for who asks just that. Unproven when the run's budget is used up.
    """

    session.cookies.set_policy(NO_COOKIES)

    def once(call: Call) -> requests.Response:
        url = _address(site, call)
        try:
            return _landed(session, site, url, call, timeout)
        except requests.Timeout:
            raise _silent(url, timeout) from None
        except requests.exceptions.SSLError as error:
            raise untrusted(site.url, error) from None
        except requests.RequestException as error:
            raise _unreachable(url, error) from None

    def send(call: Call) -> Answer:
        said = lambda given: (given.status_code, given.headers)  # noqa: E731
        reply = patiently(lambda: once(call), said) if patient else once(call)
        return _read(reply, site.url + call.path)

    return send


def patiently(
    ask: Callable[[], T], said: Callable[[T], tuple[int, Mapping[str, str]]], sleep: Callable[[float], object] = sleep
) -> T:
    """Asks, and asks again after a pause as long as the site is too busy, a few times; the last answer.

    `said` reads status and headers of an answer. For every client that is not http_send's: Locust's, schemathesis'.
    """
    given, number = ask(), 0
    while (seconds := pause(*said(given), number)) is not None:
        allowance = pace.told()
        if allowance is not None:
            allowance.throttled(seconds)
        sleep(seconds)
        given, number = ask(), number + 1
    return given


def unhurried(do: Callable[[], T], sleep: Callable[[float], object] = sleep) -> T:
    """What `do` brings, tried again after a pause where a CRM says in words of its own, not by 429, that it is busy."""
    for number in range(TRIES):
        try:
            return do()
        except Refused as no:
            seconds = pause(429, {}, number)
            if no.kind != "throttled" or no.status in (429, 503) or seconds is None:
                raise
            sleep(seconds)
    return do()


def counted(sleep: Callable[[float], object] = sleep, saved: float = 0.0) -> float:
    """One request of this run's allowance, waited for; seconds waited. Unproven when the budget is used up."""
    allowance = pace.told()
    return allowance.take(sleep=sleep, saved=saved) if allowance is not None else 0.0


def _address(site: Site, call: Call) -> str:
    if not call.path.startswith("/"):
        raise WrongUse(f"路径应以 / 开头：{call.path!r}（{call.verb}）。A path starts with a slash.")
    return site.url + call.path


def _landed(session: requests.Session, site: Site, url: str, call: Call, timeout: float) -> requests.Response:
    """The answer after redirects, each of them counted, none followed to a place where nobody wanted to go."""
    counted()
    how: dict[str, Any] = {"timeout": timeout, "verify": trust(site), "allow_redirects": False}
    reply = session.request(call.method, url, **how, **_arguments(call))
    while call.follow and reply.next is not None:
        where = reply.next.url or ""
        if len(reply.history) >= HOPS:
            raise requests.TooManyRedirects(f"more than {HOPS} redirects")
        _stay(site, where)
        counted()
        if "Cookie" in call.headers and production.same_host(site.url, where):
            reply.next.headers["Cookie"] = call.headers["Cookie"]  # requests takes it off: it trusts in its own jar
        before, reply = [*reply.history, reply], session.send(reply.next, **how)
        reply.history = before
    return reply


def _stay(site: Site, where: str) -> None:
    """A test site that sends its visitors to production would have everything written there."""
    if production.same_host(site.url, where) or not production.looks_like_production(where):
        return
    if not production.looks_like_production(site.url):
        raise SiteOutOfReach(
            f"{site.url} 把请求转到了 {where}，那里看起来是生产环境，没有跟过去。"
            "The site redirects to another host that looks like production; not followed."
        )


def _arguments(call: Call) -> dict[str, Any]:
    return {
        "params": dict(call.params) or None,
        "json": call.json,
        "data": call.body if call.body is not None else call.form,
        "files": call.files,
        "headers": dict(call.headers),
    }


def _read(reply: requests.Response, asked: str) -> Answer:
    headers: Mapping[str, str] = {name.lower(): value for name, value in reply.headers.items()}
    if reply.history and _is_login_page(reply):
        raise SiteOutOfReach(
            f"{asked} 被重定向到登录页 {reply.url}：站点地址、单点登录或会话不对。"
            "Redirected to a login page: check the site's address, single sign-on and session."
        )
    return Answer(reply.status_code, headers, reply.content, reply.url)


def _is_login_page(reply: requests.Response) -> bool:
    where = urlsplit(reply.url).path.lower()
    kind = reply.headers.get("content-type", "")
    return "html" in kind and any(word in where for word in ("login", "signin", "sign-in", "sso", "cas", "oauth"))


def _silent(url: str, timeout: float) -> SiteOutOfReach:
    return SiteOutOfReach(f"{url} 在 {timeout:g} 秒内没有应答：站点太慢或没有响应。No answer within {timeout:g} s.")


def _unreachable(url: str, error: requests.RequestException) -> SiteOutOfReach:
    return SiteOutOfReach(
        f"连不上 {url}（{type(error).__name__}）：请检查站点是否已启动、地址和网络是否正确。"
        "The site cannot be reached: is it running, are the address and the network right?"
    )


def untrusted(url: str, error: Exception) -> SiteOutOfReach:
    """What to say of a certificate that is not trusted, and how to trust one's own. It is never switched off."""
    where = urlsplit(url)
    host, port = where.hostname or "", where.port or 443
    found = re.search(r"certificate verify failed: ([^(\"']+)", str(error))
    reason = found[1].strip() if found else "TLS"
    return SiteOutOfReach(
        f"{url} 的证书不被信任（{reason}），校验不会关闭。如果是贵公司自己的证书，保存下来、核对指纹后写在 [site] ca："
        f"openssl s_client -connect {host}:{port} -servername {host} -showcerts </dev/null "
        "| sed -n '/BEGIN CERT/,/END CERT/p' > site.pem"
        "。The certificate is not trusted: if it is your own, save it, compare its fingerprint, name it in [site] ca."
    )


def is_local(site: Site) -> bool:
    """Whether the site runs on this machine."""
    return production.on_this_machine(site.url)
