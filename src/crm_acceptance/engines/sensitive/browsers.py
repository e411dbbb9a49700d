"""What answers tell a browser to do for safety: types, frames, scripts, referrers, copies, other origins."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from crm_acceptance.engines.sensitive.entrances import Exchange
from crm_acceptance.engines.sensitive.ground import Ground
from crm_acceptance.engines.sensitive.sights import Sights
from crm_acceptance.engines.sensitive.verdict import Verdict
from crm_acceptance.systems.flow import Answer

_STATIC = re.compile(r"\.(?:css|js|mjs|map|png|jpe?g|gif|svg|ico|woff2?|ttf)$", re.IGNORECASE)
_SHOWN = 5


def is_page(answer: Answer) -> bool:
    """Whether a browser would show it as a page."""
    return "text/html" in answer.headers.get("content-type", "")


def judged(demand: str, sights: Sights) -> Verdict:
    """One demand of declared.DEMANDS, over everything that was seen."""
    wanted, lacks, why = _DEMANDS[demand]
    verdict, bad = Verdict(), []
    for exchange in wanted(sights):
        where = f"{exchange.call.method} {_shape(exchange.call.path)}"
        verdict.saw(f"{where} HTTP {exchange.answer.status}")
        if said := lacks(exchange.answer):
            bad.append(f"{where}（{said}）")
    if demand == "no-store" and sights.opened and not verdict.looked:
        verdict.saw("资料都用 POST 取，浏览器和代理不留副本 all is asked by POST, of which nothing keeps copies")
    if bad:
        told = "；".join(list(dict.fromkeys(bad))[:_SHOWN])
        verdict.wrong(f"{why}：{told}{f' … 共 {len(set(bad))} 处' if len(set(bad)) > _SHOWN else ''}")
    return verdict


def _pages(sights: Sights) -> list[Exchange]:
    return [one for one in sights.exchanges if is_page(one.answer) and one.answer.status == 200]


def _bodies(sights: Sights) -> list[Exchange]:
    """Every answer with a body that a signed-in person gets, and every page."""
    every = [*sights.opened, *_pages(sights)]
    return [one for one in every if one.answer.body and one.answer.status < 300]


def _personal(sights: Sights) -> list[Exchange]:
    """Answers to GET (others are kept nowhere) that somebody signed in got, files of the program apart."""
    return [
        one
        for one in sights.opened
        if one.call.method == "GET" and one.answer.status == 200 and not _STATIC.search(urlsplit(one.call.path).path)
    ]


def _sniffed(answer: Answer) -> str:
    return "" if answer.headers.get("x-content-type-options", "").lower() == "nosniff" else "没有 nosniff"


def _framed(answer: Answer) -> str:
    policy = answer.headers.get("content-security-policy", "")
    told = answer.headers.get("x-frame-options", "").lower()
    guarded = told in ("deny", "sameorigin") or re.search(r"frame-ancestors\s+(?!\*)\S", policy)
    return "" if guarded else "没有 X-Frame-Options 或 frame-ancestors"


def _scripted(answer: Answer) -> str:
    policy = answer.headers.get("content-security-policy", "")
    return "" if re.search(r"(?:default|script)-src", policy) else "没有 Content-Security-Policy"


def _referring(answer: Answer) -> str:
    """Unsaid, a browser of today tells other sites the host alone (strict-origin-when-cross-origin)."""
    said = answer.headers.get("referrer-policy", "").split(",")[-1].strip().lower()
    return said if said in ("unsafe-url", "no-referrer-when-downgrade") else ""


def _kept(answer: Answer) -> str:
    said = answer.headers.get("cache-control", "").lower()
    return "" if "no-store" in said else f"Cache-Control: {said or '没有 none'}"


_DEMANDS: Mapping[str, tuple[Callable[[Sights], Iterable[Exchange]], Callable[[Answer], str], str]] = {
    "nosniff": (_bodies, _sniffed, "浏览器会猜内容类型 browsers guess the type (X-Content-Type-Options: nosniff)"),
    "frame": (_pages, _framed, "页面可以被别的网站嵌入（点击劫持）pages can be framed by other sites"),
    "csp": (_pages, _scripted, "没有限制页面能运行哪些脚本 no Content-Security-Policy"),
    "referrer": (_pages, _referring, "完整网址会告诉别的网站 full addresses are told to other sites"),
    "no-store": (_personal, _kept, "个人信息会留在浏览器或代理的缓存里 personal data is kept in caches (no-store)"),
}
STRANGERS = ("https://evil.example", "null")


def cross_origin(ground: Ground) -> Verdict:
    """Whether a page of another site may read answers with the visitor's own login."""
    verdict = Verdict()
    host = urlsplit(ground.site.url).netloc
    for entrance in ground.entrances():
        probe = entrance.probe(ground.entered[entrance.name])
        for origin in (*STRANGERS, f"https://{host}.evil.example"):
            asked = replace(probe.bare, headers={**probe.bare.headers, **probe.headers, **_cookie(probe.cookies)})
            answer = ground.send(replace(asked, headers={**asked.headers, "Origin": origin}))
            allowed = answer.headers.get("access-control-allow-origin", "")
            trusted = answer.headers.get("access-control-allow-credentials", "").lower() == "true"
            verdict.saw(f"{entrance.name} Origin: {origin} -> {allowed or '没有许可 not allowed'}")
            if allowed == origin and trusted:
                verdict.wrong(
                    f"{entrance.name} 允许网站 {origin} 带着用户的登录读取资料（CORS）。"
                    f"The site lets pages of {origin} read with the visitor's login."
                )
    return verdict


def _cookie(cookies: Mapping[str, str]) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())} if cookies else {}


def _shape(path: str) -> str:
    return re.sub(r"\d+", "#", path.partition("?")[0])
