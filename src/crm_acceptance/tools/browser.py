"""Finds the Chromium that the screens are driven with, and how to start it. Drives nothing, installs nothing."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
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
    if unpacked := installed("chromium"):
        yield unpacked / "chromium"
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


def launch_flags() -> list[str]:
    """Flags for every launch: root (containers, CI) has no sandbox, and a container's /dev/shm is too small."""
    if not sys.platform.startswith("linux"):
        return []
    return ["--disable-dev-shm-usage", *(["--no-sandbox"] if os.geteuid() == 0 else [])]


def try_browser(binary: Path) -> None:
    """Open an empty page with it and close it; ToolMissing with the browser's last words if it cannot."""
    with tempfile.TemporaryDirectory(prefix="crm-acceptance-", ignore_cleanup_errors=True) as profile:
        flags = ["--headless", "--disable-gpu", f"--user-data-dir={profile}", *launch_flags()]
        page = call([binary, *flags, "--dump-dom", "data:text/html,<p>ok</p>"], what=str(binary), seconds=60)
    if "<p>ok</p>" not in page:
        raise ToolMissing(f"浏览器启动了却打不开页面 (starts, but opens no page): {binary}")
