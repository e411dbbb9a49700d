"""The sensitive-data engine at a CRM of pages only, below a prefix, with names of its own: right, and careless."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import careless_crm
import pytest
from odd_site import OddSite, Said, self_signed

from crm_acceptance.engines.sensitive import (
    addresses,
    breaking,
    browsers,
    cookieflags,
    lockout,
    sessions,
    sights,
    transport,
)
from crm_acceptance.engines.sensitive.ground import Ground
from crm_acceptance.engines.sensitive.verdict import Verdict
from crm_acceptance.errors import Unproven
from crm_acceptance.model import Person, Site
from crm_acceptance.sending import http_send, line

PEOPLE = tuple(Person(login, login.title(), "sales", "sales_rep", login) for login in careless_crm.PASSWORDS)
JUDGES: dict[str, Callable[[Ground], Verdict]] = {
    "script": cookieflags.judged,
    "fixed": sessions.renewed,
    "logout": sessions.ended,
    "address": lambda ground: addresses.judged(sights.seen(ground)),
    "trace": lambda ground: breaking.judged(ground, sights.seen(ground)),
    "version": lambda ground: breaking.versions(ground, sights.seen(ground)),
    "tell": lockout.telling,
}


@dataclass
class PagesOnly:
    """A system that nobody described."""

    name: str = "pages"
    title: str = "Pages"

    def supports(self, action: str, object: str) -> bool:
        return False


def ground_at(url: str) -> Ground:
    return Ground(PagesOnly(), Site("pages", url), PEOPLE, lambda person: careless_crm.PASSWORDS[person.login])


@pytest.mark.parametrize("slip", JUDGES)
def test_a_slip_is_found_and_nothing_is_found_without_it(slip: str) -> None:
    with careless_crm.running() as url:
        right = JUDGES[slip](ground_at(url))
    assert right.looked and not right.findings
    with careless_crm.running(slip) as url:
        assert JUDGES[slip](ground_at(url)).findings


def test_everything_right_is_looked_at_and_not_accused() -> None:
    with careless_crm.running() as url:
        ground = ground_at(url)
        seen = sights.seen(ground)
        for demand in ("nosniff", "frame", "csp", "referrer", "no-store"):
            verdict = browsers.judged(demand, seen)
            assert verdict.looked and not verdict.findings
        for verdict in (sessions.limited(ground), sessions.forged(ground), browsers.cross_origin(ground)):
            assert verdict.looked and not verdict.findings


def test_the_people_of_the_cast_are_not_locked_out_for_a_check() -> None:
    with careless_crm.running() as url, pytest.raises(Unproven, match="新建账号"):
        lockout.guessing(ground_at(url))


def test_nobody_who_can_sign_in_is_unproven_with_the_reason() -> None:
    with careless_crm.running() as url, pytest.raises(Unproven, match="登录"):
        Ground(PagesOnly(), Site("pages", url), PEOPLE, lambda person: "wrong").entrances()


def test_on_loopback_tls_is_said_not_to_apply_and_elsewhere_it_is_demanded() -> None:
    def nobody(call: object) -> object:
        raise AssertionError("nothing is sent")

    here = transport.judged(Site("x", "http://127.0.0.1:1"), nobody, 180, 1.0)  # type: ignore[arg-type]
    assert not here.findings and "不适用" in here.looked[0]
    there = transport.judged(Site("x", "http://crm.test"), nobody, 180, 1.0)  # type: ignore[arg-type]
    assert "https" in there.findings[0]


@pytest.mark.parametrize("days", [0, 1, 365])
def test_over_tls_the_certificate_old_protocols_and_hsts_are_looked_at(tmp_path: Path, days: int) -> None:
    hsts = (("Strict-Transport-Security", f"max-age={days * 86400}"),) if days else ()
    with OddSite(lambda seen, number: Said(200, b"ok", hsts), certificate=self_signed(tmp_path)) as odd:
        site = Site("x", odd.url, ca=str(tmp_path / "site.pem"))
        verdict = transport.judged(site, http_send(line(site), site, 5.0), 180, 5.0)
        stranger = transport.judged(Site("x", odd.url), http_send(line(site), site, 5.0), 180, 5.0)
    assert any("TLSv1" in one for one in verdict.looked)
    assert [one for one in verdict.findings if "HSTS" not in one] == []
    assert bool(verdict.findings) == (days < 180)
    assert any("证书" in one for one in stranger.findings)
