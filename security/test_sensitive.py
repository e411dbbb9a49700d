"""敏感数据 sensitive data: at the login, on the wire, in errors, in addresses, at rest.

One check per question; how each is asked is crm_acceptance.engines.sensitive, what is demanded security/sensitive.toml.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest

from crm_acceptance import catalogue as catalogues
from crm_acceptance.catalogue import Catalogue
from crm_acceptance.engines.permissions import table
from crm_acceptance.engines.sensitive import (
    addresses,
    atrest,
    breaking,
    browsers,
    cookieflags,
    declared,
    exports,
    lockout,
    sessions,
    sights,
    transport,
)
from crm_acceptance.engines.sensitive.ground import Ground
from crm_acceptance.engines.sensitive.sights import Sights
from crm_acceptance.engines.sensitive.verdict import Verdict
from crm_acceptance.errors import Unsupported
from crm_acceptance.model import Person, Site
from crm_acceptance.profile import Profile
from crm_acceptance.systems import System

pytestmark = [pytest.mark.engine("sensitive"), pytest.mark.xdist_group("sensitive")]
Judge = Callable[[Verdict], None]


def says(*names: str) -> pytest.MarkDecorator:
    """What of sensitive.toml a check asks for, for its content digest. A mark that got a function alone would take it
    for the check, hence with_args."""
    return pytest.mark.content.with_args(declared.saying(*names))


def _exports(profile: Profile) -> str:
    """What the permission table says of exports."""
    matrix = table.declared(profile, catalogues.load(profile))
    rows = [(rule.cell, rule.meaning) for rule in matrix.rules if rule.action == "export"] if matrix else []
    return str(rows)


@pytest.fixture(scope="session")
def ground(
    profile: Profile, catalogue: Catalogue, system: System, site: Site, secrets: Callable[[Person], str]
) -> Ground:
    """The site, its people and what is declared about it."""
    said = declared.load(profile.path("sensitive"), profile.workspace)
    return Ground(system, site, tuple(catalogue.people.values()), secrets, said, profile.timeout)


@pytest.fixture(scope="session")
def seen(ground: Ground) -> Sights:
    """What a few people see, once for all checks."""
    return sights.seen(ground)


@pytest.fixture
def judge(evidence: ModuleType) -> Judge:
    """Shows what was looked at, and fails with what was found."""

    def judged(verdict: Verdict) -> None:
        verdict.judged("没有可看的内容。There was nothing to look at.")
        evidence.attach("text", "看了什么 what was looked at", "\n".join(verdict.looked) or "-")
        assert not verdict.findings, "\n".join(verdict.findings)

    return judged


@pytest.mark.requirement("SEC-026", built_in=True)
@says("hsts_days")
def test_what_is_said_travels_encrypted(ground: Ground, judge: Judge) -> None:
    """传输加密：证书、协议版本、HSTS traffic is encrypted."""
    judge(transport.judged(ground.site, ground.send, ground.declared.hsts_days, ground.timeout))


@pytest.mark.requirement("SEC-026", built_in=True)
@pytest.mark.parametrize("demand", [pytest.param(one, marks=says(one)) for one in declared.DEMANDS])
def test_browsers_are_told_to_be_careful(demand: str, ground: Ground, seen: Sights, judge: Judge) -> None:
    """浏览器安全设置 the browser's safety settings."""
    if demand not in ground.declared.demanded:
        raise Unsupported(f"sensitive.toml 的 [browser] demanded 没有要求 {demand}。Not demanded, so not shown.")
    if demand == "cookies":
        judge(cookieflags.judged(ground))
    elif demand == "cors":
        judge(browsers.cross_origin(ground))
    else:
        judge(browsers.judged(demand, seen))


@pytest.mark.requirement("SEC-024", built_in=True)
@says("fields")
def test_no_address_holds_a_secret_or_personal_data(seen: Sights, judge: Judge) -> None:
    """网址里没有密码、令牌和个人信息 nothing secret in addresses."""
    judge(addresses.judged(seen))


@pytest.mark.requirement("SEC-023", built_in=True)
@says("words", "fields")
def test_broken_requests_bring_no_internals_to_light(ground: Ground, seen: Sights, judge: Judge) -> None:
    """出错页面不露堆栈、路径、SQL errors tell no internals."""
    judge(breaking.judged(ground, seen))


@pytest.mark.requirement("SEC-023", built_in=True)
def test_headers_tell_no_versions(ground: Ground, seen: Sights, judge: Judge) -> None:
    """应答头不透露软件版本 headers tell no versions."""
    judge(breaking.versions(ground, seen))


@pytest.mark.requirement("SEC-021", built_in=True)
@says("attempts", "page")
def test_passwords_cannot_be_guessed_without_end(ground: Ground, judge: Judge) -> None:
    """连续输错密码会被锁定或减速 wrong passwords lock or slow down."""
    judge(lockout.guessing(ground))


@pytest.mark.requirement("SEC-021", built_in=True)
@says("page")
def test_a_refused_login_does_not_tell_who_has_an_account(ground: Ground, judge: Judge) -> None:
    """登录出错提示不透露账号是否存在 the message does not tell whether it exists."""
    judge(lockout.telling(ground))


@pytest.mark.requirement("SEC-022", built_in=True)
@says("page")
def test_every_login_is_a_new_session(ground: Ground, judge: Judge) -> None:
    """登录换新会话，不沿用登录前的 no session is fixed beforehand."""
    judge(sessions.renewed(ground))


@pytest.mark.requirement("SEC-022", built_in=True)
@says("hours")
def test_a_session_ends_in_due_time(ground: Ground, judge: Judge) -> None:
    """会话到期失效 sessions expire."""
    judge(sessions.limited(ground))


@pytest.mark.requirement("SEC-022", built_in=True)
def test_a_session_cannot_be_forged(ground: Ground, judge: Judge) -> None:
    """伪造的会话无效 forged sessions open nothing."""
    judge(sessions.forged(ground))


@pytest.mark.requirement("IT-005", built_in=True)
def test_a_session_is_dead_after_the_sign_out(ground: Ground, judge: Judge) -> None:
    """退出后会话失效 a sign-out ends the session."""
    judge(sessions.ended(ground))


@pytest.mark.requirement("SEC-025", built_in=True)
@says("files", "megabytes")
def test_no_password_stands_in_databases_and_backups(ground: Ground, judge: Judge) -> None:
    """数据库和备份里没有明文密码 no plain passwords at rest."""
    judge(atrest.passwords(ground))


@pytest.mark.requirement("SEC-025", built_in=True)
@says("files", "megabytes")
def test_equal_passwords_have_different_hashes(ground: Ground, judge: Judge) -> None:
    """密码散列加盐 password hashes are salted."""
    judge(atrest.salted(ground))


@pytest.mark.requirement("SEC-025", built_in=True)
@says("files", "encrypted", "fields", "megabytes")
def test_declared_fields_are_encrypted_at_rest(ground: Ground, seen: Sights, judge: Judge) -> None:
    """声明的敏感字段加密保存 declared fields are encrypted at rest."""
    judge(atrest.encrypted(ground, seen))


@pytest.mark.requirement("SEC-006", built_in=True)
@pytest.mark.content(declared.saying("fields"), _exports)
def test_exported_files_mask_what_screens_mask(
    ground: Ground, seen: Sights, judge: Judge, profile: Profile, catalogue: Catalogue
) -> None:
    """导出的文件也有掩码 exports are masked, too."""
    path = profile.path("permissions")
    if path is None:
        raise Unsupported("acceptance.toml 没有为这个系统写 permissions 表。No permission table for this system.")
    matrix = table.load(path, {person.role for person in catalogue.people.values()}, catalogue.requirements)
    judge(exports.masked(ground, seen, matrix))
