"""Finding and trying a browser: what is asked wins, what is wrong is one sentence."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from crm_acceptance.tools import browser, browser_install
from crm_acceptance.tools.missing import ToolMissing


@pytest.fixture
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without any browser: an empty PATH, home and cache. Gives the folder on its PATH."""
    for name in ("CRM_ACCEPTANCE_BROWSER", "PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    binaries = tmp_path / "bin"
    binaries.mkdir()
    monkeypatch.setenv("PATH", str(binaries))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "playwright"))
    monkeypatch.setenv("CRM_ACCEPTANCE_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(browser, "MAC", ())
    return binaries


def executable(place: Path) -> Path:
    """A file that may be executed."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("#!/bin/sh\nexit 0\n", encoding="utf-8")
    place.chmod(0o755)
    return place


def test_the_browser_that_is_asked_for_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = executable(tmp_path / "my browser")
    monkeypatch.setenv("CRM_ACCEPTANCE_BROWSER", str(mine))
    assert browser.find_browser() == mine


@pytest.mark.parametrize("wrong", ["absent", "."])
def test_a_wrong_request_is_not_replaced_by_some_other_browser(
    wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_ACCEPTANCE_BROWSER", str(tmp_path / wrong))
    with pytest.raises(ToolMissing, match=r"CRM_ACCEPTANCE_BROWSER.*doctor --install"):
        browser.find_browser()


@pytest.mark.usefixtures("bare_machine")
def test_without_any_browser_the_sentence_says_what_to_run() -> None:
    with pytest.raises(ToolMissing, match=r"no browser found.*crm-acceptance doctor --install"):
        browser.find_browser()


def test_the_headless_shell_is_preferred_to_the_full_browser(bare_machine: Path) -> None:
    executable(bare_machine / "chromium")
    shell = executable(bare_machine / "chromium-headless-shell")
    assert browser.find_browser() == shell


def test_the_newest_download_of_playwright_is_found(bare_machine: Path) -> None:
    home = bare_machine.parent / "playwright"
    executable(home / "chromium_headless_shell-1200" / "linux" / "headless_shell")
    newest = executable(home / "chromium_headless_shell-1255" / "linux" / "headless_shell")
    assert browser.find_browser() == newest


def test_root_gets_no_sandbox_and_nobody_else_loses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    assert "--no-sandbox" in browser.launch_args()
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    assert "--no-sandbox" not in browser.launch_args()


@pytest.mark.browser
def test_a_program_that_opens_no_page_is_no_browser(tmp_path: Path) -> None:
    with pytest.raises(ToolMissing) as refused:
        browser.try_browser(executable(tmp_path / "not-a-browser"))
    assert "not-a-browser" in str(refused.value)
    assert "Traceback" not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.browser
def test_a_browser_that_is_there_is_used_and_nothing_is_installed() -> None:
    said: list[str] = []
    found = browser_install.install_browser(said.append)
    assert found == browser.find_browser()
    assert [line for line in said if "browser ready" in line] == [f"浏览器可用 browser ready: {found}"]


@pytest.mark.usefixtures("bare_machine")
def test_when_nothing_can_be_installed_every_way_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/absent/python")
    monkeypatch.setenv("CRM_ACCEPTANCE_NODE", "/absent/node")
    with pytest.raises(ToolMissing) as refused:
        browser_install.install_browser(lambda _: None)
    for way in ("apt-get", "playwright install", "Node"):
        assert way in str(refused.value)
