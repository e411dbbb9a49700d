"""How much load a site may be put under, and when a run must stop by itself."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from crm_acceptance.engines.load import generator, quotas, safety, verdict
from crm_acceptance.engines.load.peaks import Peak, Share
from crm_acceptance.errors import Unproven, WrongUse
from crm_acceptance.model import Person, Site
from crm_acceptance.profile import CONSENTS, Profile

PEAK = Peak("m", "早高峰", 40, 8.0, 0.0, 10.0, 10.0, (Share("customer.list", ("lina",), 1.0),), ())
GENTLE = replace(PEAK, users=2, rate=0.5)
TICKET = "工单 OPS-2026-118"


def profile(url: str, system: str = "rest", approval: str = "", kind: str = "sandbox") -> Profile:
    return Profile(Path(), system=system, url=url, kind=kind, production=CONSENTS[0], approval=approval)


@pytest.mark.parametrize(
    ("system", "url", "title"),
    [
        ("rest", "https://acme.my.salesforce.com", "Salesforce"),
        ("rest", "https://acme--uat.sandbox.my.salesforce.com", "Salesforce"),
        ("rest", "https://www.zohoapis.com.cn/crm", "Zoho CRM"),
        ("rest", "https://api.jiandaoyun.com/api", "简道云CRM"),
        ("kingdee", "https://k3.acme.internal", "金蝶云星空CRM"),
        ("yonyou_bip", "https://test.acme.com", "用友CRM"),
        ("qidian", "https://test.acme.com", "腾讯企点CRM"),
        ("rest", "https://notsalesforce.com", ""),
        ("salesforce", "http://127.0.0.1:8000", ""),
        ("salesforce", "http://[::1]:8000", ""),
    ],
)
def test_a_product_is_known_by_its_host_or_its_name_and_a_stand_in_bears_everything(
    system: str, url: str, title: str
) -> None:
    assert safety.limits_of(system, url).title == title


@pytest.mark.parametrize(
    ("url", "system", "peak", "said"),
    [
        ("https://crm.acme.com", "rest", GENTLE, "看起来是生产环境"),
        ("https://acme.my.salesforce.com", "salesforce", GENTLE, "not a sandbox"),
        ("https://acme--uat.sandbox.my.salesforce.com", "salesforce", PEAK, "每秒 8 件超过 Salesforce 的安全值 2"),
        ("https://sandbox.zohoapis.com", "zoho", replace(GENTLE, users=4), "4 人同时用超过 Zoho CRM 的安全值 3 人"),
        ("https://uat.acme.com", "kingdee", PEAK, "金蝶"),
    ],
)
def test_more_than_is_safe_needs_an_approval_that_can_be_looked_up(
    url: str, system: str, peak: Peak, said: str
) -> None:
    with pytest.raises(WrongUse, match="approval = ") as refused:
        safety.cleared(profile(url, system), peak)
    assert said in str(refused.value)
    assert safety.cleared(profile(url, system, TICKET), peak) == TICKET
    with pytest.raises(WrongUse, match="不像一个查得到的编号"):
        safety.cleared(profile(url, system, "同意"), peak)


@pytest.mark.parametrize(
    ("url", "system", "peak"),
    [
        ("", "refcrm", PEAK),
        ("http://127.0.0.1:9", "salesforce", PEAK),
        ("http://localhost:9", "rest", PEAK),
        ("https://uat.acme.com", "rest", PEAK),
        ("https://acme--uat.sandbox.my.salesforce.com", "salesforce", GENTLE),
    ],
)
def test_a_test_system_within_what_is_safe_needs_none(url: str, system: str, peak: Peak) -> None:
    assert safety.cleared(profile(url, system), peak) == ""


def test_a_site_that_is_said_to_be_production_needs_an_approval_whatever_its_name() -> None:
    with pytest.raises(WrongUse, match="生产环境"):
        safety.cleared(profile("https://uat.acme.com", kind="production"), GENTLE)


@pytest.mark.parametrize(
    ("status", "headers", "system", "stops"),
    [
        (200, {}, "rest", ""),
        (200, {"Server": "nginx"}, "rest", ""),
        (429, {}, "rest", "HTTP 429"),
        (429, {"Retry-After": "3600"}, "rest", "3600 后再来"),
        (503, {"retry-after": "1"}, "rest", "HTTP 503"),
        (503, {}, "rest", ""),
        (503, {}, "kingdee", "HTTP 503"),
        (500, {}, "rest", ""),
        (200, {"Sforce-Limit-Info": "api-usage=18/5000"}, "salesforce", ""),
        (200, {"Sforce-Limit-Info": "api-usage=2501/5000"}, "salesforce", "只剩 2499/5000"),
        (200, {"Sforce-Limit-Info": "api-usage=2501/5000"}, "rest", "只剩 2499/5000"),
        (200, {"X-API-CREDITS-REMAINING": "2400"}, "zoho", "已用掉一半"),
        (200, {"X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": "501"}, "rest", ""),
        (200, {"X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": "499"}, "rest", "只剩 499/1000"),
        (200, {"X-Rate-Limit-Limit": "1000", "X-Rate-Limit-Remaining": "1"}, "rest", "只剩 1/1000"),
        (200, {"RateLimit-Limit": "100", "RateLimit-Remaining": "49"}, "rest", "只剩 49/100"),
        (200, {"RateLimit": "limit=100, remaining=49, reset=3000"}, "rest", "只剩 49/100"),
        (200, {"RateLimit": '"day";r=400;t=600', "RateLimit-Policy": '"day";q=1000;w=86400'}, "rest", "只剩 400/1000"),
        (200, {"RateLimit": '"burst";r=3;t=1', "RateLimit-Policy": '"burst";q=50;w=1'}, "rest", ""),
        (200, {"RateLimit": '"burst";r=0;t=1', "RateLimit-Policy": '"burst";q=50;w=1'}, "rest", "只剩 0/50"),
        (200, {"X-RateLimit-Remaining": "7"}, "rest", ""),
        (200, {"X-RateLimit-Remaining": "0"}, "rest", "只剩 0（"),
        (200, {"X-RateLimit-Remaining": "many", "X-RateLimit-Limit": ""}, "rest", ""),
    ],
)
def test_a_run_stops_when_it_is_throttled_or_leaves_too_little_to_others(
    status: int, headers: Mapping[str, str], system: str, stops: str
) -> None:
    said = safety.stop_reason(status, headers, safety.limits_of(system, "https://uat.acme.com"))
    assert (stops in said) if stops else said == ""


def test_what_a_mapping_calls_throttled_stops_a_run_too() -> None:
    assert "8303" in safety.refusal_reason("throttled", "code 8303")
    assert safety.refusal_reason("denied", "code 8302") == ""


@pytest.mark.parametrize("name", ["X-RateLimit-Remaining", "RateLimit", "ratelimit-remaining", "Sforce-Limit-Info"])
def test_a_quota_is_noticed_in_the_raw_head_of_an_answer(name: str) -> None:
    assert quotas.HINT.search(f"HTTP/1.1 200 OK\r\nServer: x\r\n{name}: 1\r\n\r\n".encode())
    assert not quotas.HINT.search(f"HTTP/1.1 200 OK\r\nServer: {name}\r\n\r\n".encode())


LINA = Person("lina", "李娜", "sales", "sales_rep", "lina")
HERE = Path(__file__).parent


@pytest.fixture
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    command = [sys.executable, str(HERE / "scripted_site.py"), request.param]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin and process.stdout
        yield Site("refcrm", process.stdout.readline().strip())
        process.stdin.close()


PLAIN = replace(PEAK, mix=(Share("GET /api/customers", ("",), 1.0),))


@pytest.mark.parametrize("peak", [replace(PEAK, rate=20.0), replace(PLAIN, rate=20.0)], ids=["people", "pages"])
@pytest.mark.parametrize(("site", "said"), [("throttle", "120 后再来"), ("quota", "只剩 19/40")], indirect=["site"])
def test_a_run_stops_at_once_when_the_site_has_had_enough_and_is_never_a_pass(
    site: Site, said: str, peak: Peak
) -> None:
    measured = generator.run(peak, site, (LINA,), lambda person: "secret", HERE.parent / "load" / "locustfile.py")
    assert said in measured.problem
    assert len(measured.samples) < 60, "ten seconds at 20 per second would be 200"
    with pytest.raises(Unproven):
        verdict.refuse_invalid(peak, measured)
