"""Addresses that hide where they lead, and hosts that look like production."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_acceptance import profile, sites
from crm_acceptance.errors import WrongUse
from crm_acceptance.manners import production

TESTING = (
    "https://crm-test.example-company.cn",
    "https://uat.crm.example-company.com.cn",
    "https://crm.staging2.acme.co.uk",
    "https://crm-pre.acme.com",
    "https://pre.acme.com",
    "http://127.0.0.1:8080",
    "http://[::1]:8080/crm",
    "http://localhost:3000",
    "http://10.1.2.3",
    "https://测试.acme.cn",
    "https://crm测试.acme.cn",
    "https://xn--0zwm56d.acme.cn",  # 测试
    "http://crm.test",
    "http://crm-uat.corp.local",
)
LIVE = (
    "https://crm.acme.cn",
    "https://testimonials.acme.cn",
    "https://contest.acme.cn",
    "https://crm.test.com",  # a company called test
    "https://crm.acme.dev",
    "https://qa.com",
    "https://crm.demo.com.cn",
    "https://pre-sales.acme.com",
    "https://local-news.acme.com",
    "https://crm.test.prod.acme.com",
    "https://prod-test.acme.com",
    "https://test-live.acme.com",
    "https://8.8.8.8",
    "https://[2606:4700::1111]",
    "https://[::ffff:8.8.8.8]:8443",
    "http://134744072",  # 8.8.8.8 in one number
    "http://0x8.0x8.0x8.0x8",
    "https://xn--test-9d0b2f.acme.cn",
    "http://crm",
    "http://crm.corp.local",
    "https://CRM.ACME.CN.",
)


@pytest.mark.parametrize("url", TESTING)
def test_a_test_system_is_told_by_what_stands_in_front_of_the_domain(url: str) -> None:
    assert not production.looks_like_production(url)


@pytest.mark.parametrize("url", LIVE)
def test_everything_else_looks_like_production(url: str) -> None:
    assert production.looks_like_production(url)


@pytest.mark.parametrize("kind", profile.KINDS)
def test_what_the_profile_calls_a_site_opens_no_way_to_production(kind: str) -> None:
    """The workspace's profile says reference; --site may name anything."""
    with pytest.raises(WrongUse, match="生产环境"):
        sites.guard(profile.Profile(Path(), url="https://crm.acme.cn", kind=kind))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://crm-test.acme.cn@crm.acme.cn/", "user name"),
        ("https://lina:geheim@crm-test.acme.cn", "user name"),
        ("https://crm.acme.cn\\@crm-test.acme.cn", "characters"),
        ("https://crm-test.acme.cn\t.evil.cn", "characters"),
        ("https://crm%2eacme.cn", "characters"),
        ("https://crm-test.acme.cn?x=1", "query"),
        ("https://crm-test.acme.cn/#/crm", "fragment"),
    ],
)
def test_an_address_that_hides_where_it_leads_is_refused(url: str, said: str) -> None:
    with pytest.raises(WrongUse, match=said):
        sites.guard(profile.Profile(Path(), url=url))


def test_the_same_host_is_the_same_whatever_scheme_port_and_case() -> None:
    assert production.same_host("http://CRM-test.acme.cn:8080/a", "https://crm-test.acme.cn./b")
    assert not production.same_host("http://crm-test.acme.cn", "http://crm-test.acme.cn.evil.cn")


def test_this_machine_is_told_from_others() -> None:
    assert all(production.on_this_machine(url) for url in ("http://127.0.0.2:1", "http://[::1]", "http://localhost"))
    assert not any(production.on_this_machine(url) for url in ("http://10.0.0.1", "http://localhost.acme.cn"))


def test_a_certificate_that_is_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "site.pem").write_text("no certificate")
    at = profile.Profile(tmp_path, url="https://crm-test.acme.cn", ca="site.pem")
    with pytest.raises(WrongUse, match=r"\[site\] ca.*PEM"):
        sites.certificate(at)
    with pytest.raises(WrongUse, match=r"nowhere\.pem.*No such file"):
        sites.certificate(profile.Profile(tmp_path, url=at.url, ca="nowhere.pem"))


def test_a_recorded_walk_is_not_taken_through_production(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="生产环境"):
        sites.guard_visit("https://crm.acme.cn/#/login", None)
    sites.guard_visit("https://crm-test.acme.cn/#/login", None)
    agreed = f'[site]\nproduction = "{profile.CONSENTS[0]}"\n'
    (tmp_path / "acceptance.toml").write_text(agreed, encoding="utf-8")
    sites.guard_visit("https://crm.acme.cn/?x=1", tmp_path)
