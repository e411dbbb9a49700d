"""Where the CRM is: told, in the profile, or launched; whose passwords; whether it may be touched. Sends nothing."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
import re
import secrets as random_secrets
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from urllib.parse import urlsplit

from crm_acceptance.errors import WrongUse
from crm_acceptance.model import Person, Site
from crm_acceptance.profile import CONSENTS, Profile
from crm_acceptance.systems import CanLaunch, find, names

SITE_ENV = "CRM_ACCEPTANCE_SITE"
_HARMLESS = re.compile(
    r"(?:^|[.\-_])(?:test|testing|uat|staging|stage|sandbox|demo|dev|qa|local|localhost|sit|pre)\d*(?:[.\-_]|$)"
)


def told() -> Site | None:
    """The site that a parent process left in the environment."""
    raw = os.environ.get(SITE_ENV)
    return Site(**json.loads(raw)) if raw else None


def tell(site: Site) -> None:
    """Leaves the site in the environment, for the processes that are started from here."""
    os.environ[SITE_ENV] = json.dumps(asdict(site))


def guard(profile: Profile) -> None:
    """Refuses a site that looks like production unless the profile agrees in words."""
    if profile.url and looks_like_production(profile) and profile.production not in CONSENTS:
        raise WrongUse(
            f"{profile.url} 看起来是生产环境，验收会写入数据，所以不运行。确实要运行，请在 [site] 里写 "
            f'production = "{CONSENTS[0]}"。This looks like production; to run anyway, say so in [site] production.'
        )


def looks_like_production(profile: Profile) -> bool:
    """Said to be production, or reachable under a public name that has nothing of a test system in it."""
    if profile.kind == "production":
        return True
    host = urlsplit(profile.url).hostname or ""
    if _HARMLESS.search(host) or host.endswith((".local", ".test", ".example", ".internal")):
        return False
    try:
        return not ipaddress.ip_address(host).is_private
    except ValueError:
        return profile.kind != "reference"


@contextlib.contextmanager
def opened(profile: Profile, options: Mapping[str, str] | None = None) -> Iterator[Site]:
    """The profile's site; launched, and ended on leaving, when the profile has no address."""
    if profile.url:
        guard(profile)
        yield described(Site(profile.system, profile.url, profile.kind), profile)
        return
    system = find(profile.system, None if profile.system in names() else profile.path("mapping"))
    if not isinstance(system, CanLaunch):
        raise WrongUse(
            f"{system.title} 不能由本工具启动，请在 acceptance.toml 的 [site] 写 url，或用 --site。"
            "It cannot be launched from here: give [site] url or --site."
        )
    password = os.environ.setdefault(profile.password, random_secrets.token_urlsafe(16))
    with system.launch(port=0, password=password, options={**profile.launch, **(options or {})}) as site:
        yield described(site, profile)


def described(site: Site, profile: Profile) -> Site:
    """The site with the mapping file that the profile names for its system, if it names one."""
    return replace(site, mapping=str(profile.path("mapping") or ""))


def password_of(profile: Profile, person: Person) -> str:
    """From <NAME>_<KEY> or <NAME>, NAME being what the profile's [secrets] says. WrongUse names both."""
    own = f"{profile.password}_{person.key.upper()}"
    found = os.environ.get(own) or os.environ.get(profile.password)
    if not found:
        raise WrongUse(
            f"没有 {person.name} 的密码：请设置环境变量 {own} 或 {profile.password}。"
            f"No password for {person.key}: set {own} or {profile.password}."
        )
    return found
