"""Performs Calls over HTTP with requests, and says in one sentence what is wrong when a site does not answer."""

from __future__ import annotations

from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlsplit

import requests

from crm_acceptance.errors import SiteOutOfReach
from crm_acceptance.model import Site
from crm_acceptance.systems.flow import Answer, Call, Send

PATIENCE = 15.0
NO_COOKIES = DefaultCookiePolicy(allowed_domains=[])
"""A connection keeps none: one person's cookies must not ride on another's call, nor a dead session be revived."""


def http_send(session: requests.Session, site: Site, timeout: float = PATIENCE) -> Send:
    """A Send for this site. Network trouble, silence, and a redirect to a login page are SiteOutOfReach."""
    session.cookies.set_policy(NO_COOKIES)

    def send(call: Call) -> Answer:
        url = site.url + call.path
        try:
            reply = session.request(call.method, url, timeout=timeout, **_arguments(call))
        except requests.Timeout:
            raise _silent(url, timeout) from None
        except requests.RequestException as error:
            raise _unreachable(url, error) from None
        return _read(reply, url)

    return send


def _arguments(call: Call) -> dict[str, Any]:
    return {
        "params": dict(call.params) or None,
        "json": call.json,
        "data": call.body if call.body is not None else call.form,
        "files": call.files,
        "headers": dict(call.headers),
        "allow_redirects": call.follow,
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


def is_local(site: Site) -> bool:
    """Whether the site runs on this machine."""
    return urlsplit(site.url).hostname in ("127.0.0.1", "localhost", "::1")
