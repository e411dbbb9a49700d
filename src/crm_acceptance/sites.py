"""Where the CRM is: told, in the profile, or launched; whose passwords; whether it may be touched. Sends nothing."""

from __future__ import annotations

import contextlib
import json
import os
import secrets as random_secrets
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from urllib.parse import urlsplit

from crm_acceptance import vault
from crm_acceptance.errors import WrongUse
from crm_acceptance.manners import production
from crm_acceptance.model import Person, Site
from crm_acceptance.profile import CONSENTS, Profile, at_site, load
from crm_acceptance.systems import CanLaunch, find, names

SITE_ENV = "CRM_ACCEPTANCE_SITE"


def told() -> Site | None:
    """The site that a parent process left in the environment."""
    raw = os.environ.get(SITE_ENV)
    return Site(**json.loads(raw)) if raw else None


def tell(site: Site) -> None:
    """Leaves the site in the environment, for the processes that are started from here."""
    os.environ[SITE_ENV] = json.dumps(asdict(site))


def guard(profile: Profile) -> None:
    """Refuses a site that looks like production unless the profile agrees in words. Every command that writes asks."""
    if not profile.url:
        return
    production.checked(profile.url)
    if looks_like_production(profile) and profile.production not in CONSENTS:
        raise WrongUse(
            f"{profile.url} 看起来是生产环境，验收会写入数据，所以不运行。确实要运行，请在 [site] 里写 "
            f'production = "{CONSENTS[0]}"。This looks like production; to run anyway, say so in [site] production.'
        )


def guard_visit(url: str, workspace: Path | None) -> None:
    """The same for an address that no profile need know; the profile of the workspace may agree, if there is one."""
    parts = urlsplit(url)
    at = f"{parts.scheme}://{parts.netloc}"
    guard(at_site(load(workspace), at) if workspace is not None else Profile(Path(), url=at))


def looks_like_production(profile: Profile) -> bool:
    """Said to be production, or reachable under a public name that has nothing of a test system in it.

    What the profile calls it otherwise proves nothing: `--site` may lead elsewhere than the profile thinks.
    """
    return profile.kind == "production" or production.looks_like_production(profile.url)


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
        yield replace(described(site, profile), launched=True)


def described(site: Site, profile: Profile) -> Site:
    """The site with what the profile names for it: a mapping file, a certificate of its own."""
    return replace(site, mapping=str(profile.path("mapping") or ""), ca=certificate(profile))


def certificate(profile: Profile) -> str:
    """The path of the PEM file that [site] ca names, "" when there is none. WrongUse when the file is no such thing."""
    if not profile.ca or not profile.url:
        return ""
    file = profile.workspace / profile.ca
    try:
        ssl.create_default_context(cafile=file)
    except OSError as wrong:
        said = wrong.strerror or type(wrong).__name__
        raise WrongUse(
            f"[site] ca 不能用：{file}（{said}）。它应当是 PEM 格式的证书。It must be a PEM certificate."
        ) from None
    return str(file.resolve())


def password_of(profile: Profile, person: Person) -> str:
    """From <NAME>_<KEY> or <NAME>, environment or keyring; NAME is what [secrets] says. WrongUse names both."""
    own = f"{profile.password}_{person.key.upper()}"
    found = vault.find(own) or vault.find(profile.password)
    if not found:
        raise WrongUse(
            f"没有 {person.name} 的密码：请设置环境变量 {own} 或 {profile.password}{vault.where(own)}。"
            f"No password for {person.key}: set {own} or {profile.password}."
        )
    return found
