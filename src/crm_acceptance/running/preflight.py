"""What must hold before the first check: a browser if one is needed, a CRM that answers, passwords that are right."""

from __future__ import annotations

from collections.abc import Iterable

import requests

from crm_acceptance.actors import Doors
from crm_acceptance.catalogue import Catalogue
from crm_acceptance.errors import Refused, SiteOutOfReach, WrongUse
from crm_acceptance.model import Person, Site
from crm_acceptance.profile import Profile
from crm_acceptance.running.planning import PhasePlan
from crm_acceptance.sending import counted, line, patiently, trust, untrusted
from crm_acceptance.sites import password_of
from crm_acceptance.systems import find
from crm_acceptance.tools.browser import find_browser
from crm_acceptance.tools.missing import ToolMissing


def browser(plans: Iterable[PhasePlan]) -> None:
    """WrongUse when checks on screen are selected and there is no browser."""
    needed = sum(plan.on_screen for plan in plans)
    if not needed:
        return
    try:
        find_browser()
    except ToolMissing as missing:
        raise WrongUse(
            f"{needed} 个界面检查需要浏览器：{missing} 或者用 --without-browser 跳过它们（它们的需求就未被证明）。"
            f"{needed} checks need a browser; --without-browser leaves them out, unproven."
        ) from None


def passwords(profile: Profile, catalogue: Catalogue) -> None:
    """WrongUse lists everybody without a password, in one sentence."""
    missing = [person.name for person in catalogue.people.values() if not _has_password(profile, person)]
    if missing:
        raise WrongUse(
            f"没有这些人的密码：{'、'.join(missing)}。请设置环境变量 {profile.password}（所有人共用），"
            f"或 {profile.password}_<KEY>（每人一个）。No password: set {profile.password} or {profile.password}_<KEY>."
        )


def answering(site: Site, timeout: float) -> None:
    """SiteOutOfReach in one sentence when the site is down, silent or broken."""
    try:
        reply = _front_page(site, timeout)
    except requests.Timeout:
        raise SiteOutOfReach(f"站点 {site.url} 在 {timeout:g} 秒内没有应答。The site did not answer in time.") from None
    except requests.exceptions.SSLError as error:
        raise untrusted(site.url, error) from None
    except requests.RequestException as error:
        raise SiteOutOfReach(f"站点 {site.url} 连不上：{_cause(error)}。The site is out of reach.") from None
    if reply.status_code >= 500:
        raise SiteOutOfReach(
            f"站点 {site.url} 应答 HTTP {reply.status_code}，它自己出错了。The site answers with an error of its own."
        )


def _front_page(site: Site, timeout: float) -> requests.Response:
    """Where it redirects to is looked at when somebody signs in; nothing is followed here."""
    asked = {"timeout": timeout, "stream": True, "verify": trust(site), "allow_redirects": False}

    def ask() -> requests.Response:
        counted()
        return line(site).get(site.url, **asked)  # type: ignore[arg-type]

    return patiently(ask, lambda given: (given.status_code, given.headers))


def logins(profile: Profile, catalogue: Catalogue, site: Site) -> dict[str, str]:
    """Everybody signs in once: key -> the site's words for whom it does not let in; their checks prove nothing.

    A wrong password must not look like a CRM that refuses: WrongUse names everybody when nobody is let in.
    """
    doors = Doors(
        find(profile.system, profile.path("mapping")),
        site,
        lambda person: password_of(profile, person),
        profile.timeout,
    )
    try:
        refused = {key: told for key, person in catalogue.people.items() if (told := _refused(doors, person))}
    finally:
        doors.close()
    if refused and len(refused) == len(catalogue.people):
        raise WrongUse(
            f"登录被拒绝：{'；'.join(refused.values())}。"
            f"请检查 people.csv 的 login 和环境变量 {profile.password}[_<KEY>]。"
            "Sign-in refused: check the logins and passwords."
        )
    return refused


def _refused(doors: Doors, person: Person) -> str:
    door = doors.records(person)
    if door is None:
        return ""
    try:
        door.session()
    except Refused as no:
        return f"{person.name}（{person.login}）{no.message}"
    except (LookupError, TypeError, AttributeError, ValueError) as strange:
        raise SiteOutOfReach(
            f"登录接口的应答看不懂（{type(strange).__name__}: {strange}）：站点地址后面恐怕不是所说的那个系统。"
            "The answer to the sign-in has another shape: is this the system that the profile names?"
        ) from None
    return ""


def _has_password(profile: Profile, person: Person) -> bool:
    try:
        return bool(password_of(profile, person))
    except WrongUse:
        return False


def _cause(error: BaseException) -> str:
    """The innermost words: "Connection refused" instead of a nest of class names."""
    while error.__context__ is not None or error.__cause__ is not None:
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    return str(error).split("] ")[-1][:200] or type(error).__name__
