"""How much load a site may be put under, by whose leave, and when a run must stop by itself. Sends nothing.

What each product bears stands in safety.toml. Whoever wants more, or a site that looks like production, needs a
written approval: `[site] approval`, a reference that can be looked up.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crm_acceptance import sites
from crm_acceptance.engines.load import quotas
from crm_acceptance.engines.load.peaks import Peak
from crm_acceptance.errors import WrongUse
from crm_acceptance.manners import pace, production
from crm_acceptance.profile import Profile

ALWAYS = (429,)
"""Too Many Requests (RFC 6585): whoever is told so has found the site's allowance, not its strength."""
_REFERENCE = re.compile(r"(?=.*\d).{4,}", re.DOTALL)


@dataclass(frozen=True)
class Limits:
    """What a product bears by itself; 0: nothing is known. `remaining`: the share of a quota that must be left;
    `headers`: those that are sent only when it is time to stop."""

    title: str = ""
    names: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    sandboxes: tuple[str, ...] = ()
    only_sandboxes: bool = False
    per_second: float = 0.0
    at_once: int = 0
    remaining: float = 0.5
    statuses: tuple[int, ...] = ()
    headers: tuple[str, ...] = ()
    basis: str = ""


UNKNOWN = Limits()


@cache
def products() -> tuple[Limits, ...]:
    """Every product of safety.toml."""
    table = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return tuple(Limits(**{key: _frozen(value) for key, value in row.items()}) for row in table.values())


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def limits_of(system: str, url: str) -> Limits:
    """Those of the product behind the address, else of the product of that name, else UNKNOWN. On this machine runs a
    stand-in: it bears what it bears, and still may say stop."""
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    by_host = next((one for one in products() if _below(host, one.hosts)), None)
    if by_host is not None:
        return by_host
    if production.on_this_machine(url):
        return UNKNOWN
    asked = system.lower()
    return next((one for one in products() if any(name in asked for name in one.names)), UNKNOWN)


def cleared(profile: Profile, peak: Peak) -> str:
    """The approval under which the peak may be run, "" where none is needed. WrongUse says why it needs one."""
    if profile.url:
        _within(pace.of(profile, profile.url, Path()).rate, peak)
    if not profile.url or production.on_this_machine(profile.url):
        return ""
    why = _why(profile, peak, limits_of(profile.system, profile.url))
    if not why:
        return ""
    if not profile.approval.strip():
        raise WrongUse(
            f"{peak.title}：{why}，没有书面批准不压测。批准以后在 acceptance.toml 的 [site] 写 "
            'approval = "工单号或合同号"，它会写进报告。No load without a written approval: [site] approval.'
        )
    if not _REFERENCE.fullmatch(profile.approval.strip()):
        raise WrongUse(
            f"[site] approval = {profile.approval!r} 不像一个查得到的编号：要有工单号、合同号或日期。"
            "An approval is a reference that can be looked up: a ticket, a contract, a date."
        )
    return profile.approval.strip()


def _within(allowed: float, peak: Peak) -> None:
    """WrongUse for a peak that our own allowance would only hold back."""
    if allowed and peak.rate > allowed:
        raise WrongUse(
            f"{peak.title}：每秒 {peak.rate:g} 件，而对这个站点每秒只许 {allowed:g} 次请求，会被自己拦住。"
            f"请在 acceptance.toml 的 [site] 写明 rate（每秒几次，要和站点的负责人说好）。Only {allowed:g} requests a "
            "second are allowed there: agree on more with who runs the site, and say so in [site] rate."
        )


def _why(profile: Profile, peak: Peak, limits: Limits) -> str:
    host = (urlsplit(profile.url).hostname or "").lower()
    if limits.only_sandboxes and _below(host, limits.hosts) and not _below(host, limits.sandboxes):
        return f"{host} 是 {limits.title} 的正式环境，厂商只许在沙箱里、经书面同意压测（not a sandbox）"
    if sites.looks_like_production(profile) and not _below(host, limits.sandboxes):
        return f"{profile.url} 看起来是生产环境（it looks like production）"
    if limits.per_second and peak.rate > limits.per_second:
        return f"每秒 {peak.rate:g} 件超过 {limits.title} 的安全值 {limits.per_second:g}（over its safe rate）"
    if limits.at_once and peak.users > limits.at_once:
        return f"{peak.users} 人同时用超过 {limits.title} 的安全值 {limits.at_once} 人（more people than is safe）"
    return ""


def _below(host: str, domains: tuple[str, ...]) -> bool:
    return any(host == domain or host.endswith((f".{domain}", f"--{domain}")) for domain in domains)


def stop_reason(status: int, headers: Mapping[str, str], limits: Limits = UNKNOWN) -> str:
    """Why the run must stop after this answer, "" when it may go on: throttled, or too little of a quota left."""
    told = {name.lower(): value for name, value in headers.items()}
    if status in ALWAYS or (status == 503 and "retry-after" in told):
        later = f"，要我们 {told['retry-after']} 后再来（Retry-After）" if "retry-after" in told else ""
        return f"站点限流（HTTP {status}）{later}，测到的不是 CRM。The site throttles us: this run says nothing."
    if status in limits.statuses:
        return f"{limits.title} 答了 HTTP {status}，按安全规则停下。A safety rule for this product stops the run."
    return _spent(told, limits)


def refusal_reason(kind: str, message: str) -> str:
    """The same for a refusal that the system's mapping classifies: an envelope's own code for "too many"."""
    return (
        f"站点限流（{message}），测到的不是 CRM。The site throttles us: this run says nothing."
        if kind == "throttled"
        else ""
    )


def _spent(told: Mapping[str, str], limits: Limits) -> str:
    for header in limits.headers:
        if header in told:
            said = f"{header}: {told[header]}"
            return f"{limits.title} 的额度已用掉一半（{said}），按安全规则停下。Half of its quota is used up."
    for quota in quotas.read(told):
        lasting = not quota.seconds or quota.seconds > quotas.PACE
        if quota.share < (limits.remaining if lasting and quota.whole else 1e-9):
            of = f"/{quota.whole}" if quota.whole else ""
            return (
                f"接口额度只剩 {quota.left}{of}（{quota.header}），留给别人，停下。"
                "Too little of the quota is left for others: the run stops."
            )
    return ""
