"""Finds the Chromium that the screens are driven with, and how to start it. Drives nothing, installs nothing."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from crm_acceptance.tools.missing import ToolMissing, call
from crm_acceptance.tools.npm import installed

ON_PATH = (
    "chromium-headless-shell",  # Debian: 0.2 s to start, a third of the memory of the full browser
    "chrome-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
)
PLAYWRIGHT_FOLDERS = (
    "chromium_headless_shell-*/*/chrome-headless-shell*",
    "chromium_headless_shell-*/*/headless_shell*",
    "chromium-*/*/chrome",
    "chromium-*/*/chrome.exe",
    "chromium-*/*/*.app/Contents/MacOS/*",
)
MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
WINDOWS = (
    "Google/Chrome/Application/chrome.exe",
    "Microsoft/Edge/Application/msedge.exe",
    "Chromium/Application/chrome.exe",
)
PROBE = """
import sys
from playwright.sync_api import Error, sync_playwright
try:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=sys.argv[1], args=sys.argv[2:], timeout=60_000)
        browser.new_page().goto("data:text/html,<p>ok</p>")
        browser.close()
except Error as refused:
    sys.exit(next(line for line in str(refused).splitlines() if line.strip()))
"""
ADVICE = "请执行 (run): crm-acceptance doctor --install，或设置 (or set) CRM_ACCEPTANCE_BROWSER=/path/to/chromium"


def find_browser() -> Path:
    """The browser to use: `$CRM_ACCEPTANCE_BROWSER`, else the first one found; ToolMissing says what to do."""
    asked = os.environ.get("CRM_ACCEPTANCE_BROWSER")
    if asked:
        return _asked(Path(asked))
    for binary in candidates():
        if binary.is_file() and os.access(binary, os.X_OK):
            return binary
    raise ToolMissing(f"没有找到浏览器 (no browser found)。{ADVICE}")


def _asked(binary: Path) -> Path:
    if binary.is_file() and os.access(binary, os.X_OK):
        return binary
    raise ToolMissing(f"CRM_ACCEPTANCE_BROWSER 指向的不是可执行的浏览器 (not an executable file): {binary}。{ADVICE}")


def candidates() -> Iterator[Path]:
    """Every place a browser may be, best first: the system's, Playwright's own download, ours, then Chrome or Edge."""
    yield from (Path(found) for name in ON_PATH if (found := shutil.which(name)))
    for pattern in PLAYWRIGHT_FOLDERS:
        yield from sorted(playwright_home().glob(pattern), reverse=True)
    if home := installed("chromium"):
        yield home / "unpacked" / "chromium"
    yield from map(Path, MAC)
    roots = (os.environ.get(name) for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"))
    yield from (Path(root, place) for root in roots if root for place in WINDOWS)


def playwright_home() -> Path:
    """Where `playwright install` puts browsers. Source: Playwright's documentation, "Managing browser binaries"."""
    asked = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    if asked and asked != "0":
        return Path(asked)
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "ms-playwright"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", str(Path.home()))) / "ms-playwright"
    return Path.home() / ".cache" / "ms-playwright"


def launch_args() -> list[str]:
    """Flags for every launch: root (containers, CI) has no sandbox, and a container's /dev/shm is too small."""
    if not sys.platform.startswith("linux"):
        return []
    return ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]


def try_browser(binary: Path) -> None:
    """Open a page with it as a check would, in a process of its own; ToolMissing with the first words of the refusal.

    Through Playwright, not `--dump-dom`: some builds of the shell do not know that flag.
    """
    call([sys.executable, "-c", PROBE, binary, *launch_args()], what=f"浏览器 browser {binary}", seconds=90)
