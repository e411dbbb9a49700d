"""Installs a browser and Chinese fonts, by the first way this machine allows. Finding them is browser.py, fonts.py."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from crm_acceptance.tools.browser import find_browser, try_browser
from crm_acceptance.tools.cache import locked
from crm_acceptance.tools.fonts import has_chinese_font
from crm_acceptance.tools.missing import Say, ToolMissing, call
from crm_acceptance.tools.node import find_node
from crm_acceptance.tools.npm import install

MINUTES_15 = 900.0
FONTS = "fonts-noto-cjk"
SHELL = "chromium-headless-shell"


def install_browser(say: Say) -> Path:
    """A working browser, and Chinese fonts where possible. ToolMissing lists every way that was tried and why not."""
    install_fonts(say)
    tried = []
    for way in (_present, _by_apt, _by_playwright, _by_npm):
        try:
            return _proven(way, say)
        except ToolMissing as why:
            tried.append(str(why))
    raise ToolMissing("装不上浏览器 (no way to install a browser worked): " + " ; ".join(tried[1:]))


def _proven(way: Callable[[Say], Path | None], say: Say) -> Path:
    binary = way(say) or find_browser()
    try_browser(binary)
    say(f"浏览器可用 browser ready: {binary}")
    return binary


def _present(_say: Say) -> None:
    """Nothing to install: the browser that is there is used."""


def _by_apt(say: Say) -> None:
    apt_install([SHELL], say)


def _by_playwright(say: Say) -> None:
    say("用 playwright 下载浏览器 downloading a browser with playwright")
    command = [sys.executable, "-m", "playwright", "install", "chromium-headless-shell"]
    call(command, what="playwright install", seconds=MINUTES_15)


def _by_npm(say: Say) -> Path:
    if not sys.platform.startswith("linux"):
        raise ToolMissing("npm 里的浏览器只能用于 Linux (the browser in npm is for Linux only)；请安装 Chrome 或 Edge")
    home = install("chromium", say)
    unpacked = home / "unpacked"
    with locked("chromium"):
        if not unpacked.is_dir():
            _unpack(home, unpacked)
    return unpacked / "chromium"


def _unpack(home: Path, unpacked: Path) -> None:
    """Unpack under another name first, so that a broken-off unpacking is never taken for a browser."""
    part = home / "unpacked.part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    env = {**os.environ, "TMPDIR": str(part)}
    call([find_node().binary, "unpack.mjs"], what="unpack chromium", seconds=120, cwd=home, env=env)
    part.rename(unpacked)


def install_fonts(say: Say) -> None:
    """Chinese fonts by apt; without them pages still work, only screenshots show boxes, so this never fails."""
    if has_chinese_font():
        return
    try:
        apt_install([FONTS], say)
    except ToolMissing as why:
        say(f"没有中文字体，截图会显示方框 (no Chinese font, screenshots will show boxes): {why}")


def apt_install(packages: list[str], say: Say) -> None:
    """`apt-get install` as root or by password-less sudo; ToolMissing on any other machine."""
    prefix = _as_root()
    say(f"apt-get install {' '.join(packages)}")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = [*prefix, "apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
    try:
        call(command, what="apt-get install", seconds=MINUTES_15, env=env)
    except ToolMissing:
        call([*prefix, "apt-get", "update", "-q"], what="apt-get update", seconds=MINUTES_15, env=env)
        call(command, what="apt-get install", seconds=MINUTES_15, env=env)


def _as_root() -> list[str]:
    if not sys.platform.startswith("linux") or not shutil.which("apt-get"):
        raise ToolMissing("这台机器没有 apt-get (no apt-get here)")
    if os.geteuid() == 0:
        return []
    call(["sudo", "-n", "true"], what="sudo -n", seconds=20)
    return ["sudo", "-n"]
