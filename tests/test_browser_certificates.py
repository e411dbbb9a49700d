"""Which certificates the browser takes: public ones, and those of the profile's PEM file; a real TLS site says it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from odd_site import OddSite, Said, self_signed
from playwright.sync_api import Error

from crm_acceptance.engines.browser import Browser
from crm_acceptance.engines.pins import pins

pytestmark = pytest.mark.browser


def page(*_: object) -> Said:
    return Said(200, b"<h1>inside</h1>", (("Content-Type", "text/html"),))


def seen(browser: Browser, url: str) -> str:
    with browser.scene() as scene:
        shown = scene.page(url, "lina", lambda p: p.goto(url))
        return str(shown.inner_text("h1"))


def test_a_pin_is_the_hash_of_the_certificates_own_key(tmp_path: Path) -> None:
    self_signed(tmp_path)
    key = subprocess.run(
        f"openssl x509 -in {tmp_path}/site.pem -pubkey -noout | openssl pkey -pubin -outform der |"
        "openssl dgst -sha256 -binary | base64",
        shell=True, capture_output=True, check=True, text=True,
    ).stdout.strip()  # fmt: skip
    assert pins(tmp_path / "site.pem") == (key,)
    with pytest.raises(ValueError):
        pins(tmp_path / "key.pem")


def test_a_certificate_of_its_own_opens_only_when_it_is_the_one_that_was_named(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    made, other = self_signed(tmp_path), self_signed(tmp_path / "other")
    assert made.read_bytes() != other.read_bytes()
    browser = Browser(tracing=False, ca=str(tmp_path / "site.pem"))
    with OddSite(page, certificate=made) as site, OddSite(page, certificate=other) as stranger:
        try:
            assert seen(browser, site.url) == "inside"
            with pytest.raises(Error, match="ERR_CERT"):
                seen(browser, stranger.url)
        finally:
            browser.close()
