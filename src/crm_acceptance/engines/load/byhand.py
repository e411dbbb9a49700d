"""What a Locust process finds by itself when no harness wrote its order: peak, site, allowance; runs nothing."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from crm_acceptance import catalogue, profile, sites
from crm_acceptance.engines.load import peaks, safety
from crm_acceptance.engines.load.generator import order_for
from crm_acceptance.engines.load.orders import Order
from crm_acceptance.errors import WrongUse
from crm_acceptance.manners import pace
from crm_acceptance.model import Site

APART = "CRM_ACCEPTANCE_LOAD_APART"
"""Set where a worker counts its requests by itself, on another machine than the master."""


def order(workspace: Path, host: str) -> Order:
    """The first peak of the workspace, at `host` or the profile's site."""
    asked = profile.load(workspace)
    known = catalogue.load(asked)
    people = tuple(known.people.values())
    table, url = asked.path("peaks"), host or asked.url
    if table is None:
        raise WrongUse("这个系统没有高峰文件：在 [tables] 写 peaks。No peaks for this system: name them in [tables].")
    if not url:
        raise WrongUse("手工运行要说明站点：--host 或 [site] url。By hand, say which site: --host or [site] url.")
    peak = peaks.load(table, people, known.requirements)[0]
    asked = profile.at_site(asked, url)
    sites.guard(asked)
    safety.cleared(asked, peak)
    return order_for(peak, sites.described(Site(asked.system, asked.url), asked), people)


def own_site(workspace: Path, host: str) -> Site | None:
    """The site that this machine may put under load: what the harness told, else `host`, else the profile's. None when
    nobody said: then nothing is sent anywhere, whatever a master may say."""
    told = sites.told()
    if told is not None:
        return told
    asked = profile.load(workspace)
    url = host or asked.url
    if not url:
        return None
    asked = profile.at_site(asked, url)
    sites.guard(asked)
    return sites.described(Site(asked.system, asked.url, asked.kind), asked)


def secret_name(workspace: Path) -> str:
    """How the variable of the shared password is called here."""
    return profile.load(workspace).password


def divided_pace(workers: int) -> None:
    """A worker that counts by itself has its part of what the profile allows all of them together."""
    allowed = pace.told()
    if allowed is not None and os.environ.get(APART):
        pace.tell(replace(allowed, rate=allowed.rate / workers, budget=allowed.budget // workers))
