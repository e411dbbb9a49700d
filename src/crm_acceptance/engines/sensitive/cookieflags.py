"""Whether the cookies that prove a login are kept from scripts, from other sites and from plain lines."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from crm_acceptance.engines.sensitive import crumbs
from crm_acceptance.engines.sensitive.crumbs import Crumb
from crm_acceptance.engines.sensitive.entrances import Entered, Entrance
from crm_acceptance.engines.sensitive.ground import Ground
from crm_acceptance.engines.sensitive.probe import Probe
from crm_acceptance.engines.sensitive.verdict import Verdict
from crm_acceptance.systems.flow import Send


def judged(ground: Ground) -> Verdict:
    """Every cookie that a login sets; those that prove it, found by leaving them out, must be guarded."""
    verdict = Verdict()
    secure = urlsplit(ground.site.url).scheme == "https"
    for entrance in ground.entrances():
        entered = ground.entered[entrance.name]
        proving = needed(entrance.probe(entered), ground.send) if entered.cookies else ()
        for crumb in _set(entered):
            _judge(verdict, entrance, crumb, crumb.name in proving, secure)
        if not entered.cookies:
            verdict.saw(f"{entrance.name}：不用 Cookie，会话凭证在请求头里 no cookies, the proof travels in a header")
    return verdict


def needed(probe: Probe, send: Send) -> tuple[str, ...]:
    """The cookies without which nobody is let in: those that prove the login."""
    return tuple(
        name
        for name in probe.cookies
        if not probe.ask(send, cookies={other: value for other, value in probe.cookies.items() if other != name})
    )


def _set(entered: Entered) -> Iterable[Crumb]:
    """The cookies as they were last set on the way in."""
    last = {crumb.name: crumb for exchange in entered.exchanges for crumb in crumbs.set_by(exchange.answer)}
    return [crumb for crumb in last.values() if crumb.name in entered.cookies]


def _judge(verdict: Verdict, entrance: Entrance, crumb: Crumb, proves: bool, secure: bool) -> None:
    what = f"{entrance.name} 的 Cookie {crumb.name}"
    same = crumb.attributes.get("samesite", "").lower()
    if secure and "secure" not in crumb.attributes:
        verdict.wrong(f"{what} 没有 Secure：会随明文 http 请求发出。Sent over plain http, too.")
    if proves and "httponly" not in crumb.attributes:
        verdict.wrong(f"{what} 没有 HttpOnly：页面上的脚本可以偷走登录。Scripts can read the login cookie.")
    if proves and same not in ("lax", "strict"):
        verdict.wrong(
            f"{what} 的 SameSite 是“{same or '没有 none'}”：别的网站能借用登录。Other sites can use the login cookie."
        )
    kind = "会话 session" if proves else "其他 other"
    verdict.saw(f"{what}（{kind}）：{', '.join(sorted(crumb.attributes)) or '无属性 none'}")
