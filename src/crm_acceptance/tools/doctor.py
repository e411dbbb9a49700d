"""Looks at this machine and says, one sentence each, what is there, what is missing, what to do. Decides nothing."""

from __future__ import annotations

import platform
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from crm_acceptance.errors import AcceptanceError
from crm_acceptance.tools import allure, browser, browser_install, fonts, node
from crm_acceptance.tools.missing import Say, ToolMissing

OLDEST_PYTHON, FIRST_UNTRIED_PYTHON = (3, 11), (3, 14)
ROOM_MB = 500
INSTALL = "crm-acceptance doctor --install"


@dataclass(frozen=True)
class Finding:
    """What one look found. `fix` is a command or an act, empty when `ok`; `needed` is False for a mere blemish."""

    name: str
    ok: bool
    sentence: str
    fix: str = ""
    needed: bool = True


Look = Callable[[], Finding]


def diagnose(reports: Path = Path("reports")) -> list[Finding]:
    """All looks, in the order a person would repair them. Installs and changes nothing."""
    looks: list[tuple[str, Look]] = [
        ("python", look_at_python),
        ("browser", look_at_browser),
        ("fonts", look_at_fonts),
        ("node", look_at_node),
        ("allure", look_at_allure),
        ("reports", lambda: look_at_reports(reports)),
        ("disk", lambda: look_at_disk(reports)),
        ("ports", look_at_ports),
    ]
    return [_looked(name, look) for name, look in looks]


def _looked(name: str, look: Look) -> Finding:
    try:
        return look()
    except AcceptanceError as why:
        return Finding(name, False, str(why), INSTALL)


def install(say: Say) -> None:
    """Install what `diagnose` found missing and can be installed: browser, fonts, Allure. Raises ToolMissing."""
    browser_install.install_browser(say)
    allure.ensure_allure(say)


def look_at_python() -> Finding:
    said = f"Python {platform.python_version()}"
    if OLDEST_PYTHON <= sys.version_info[:2] < FIRST_UNTRIED_PYTHON:
        return Finding("python", True, said)
    return Finding("python", False, f"{said}：需要 3.11 到 3.13 (3.11 to 3.13 needed)", "python3.11 -m venv .venv")


def look_at_browser() -> Finding:
    binary = browser.find_browser()
    browser.try_browser(binary)
    return Finding("browser", True, f"浏览器能打开页面 opens pages: {binary}")


def look_at_fonts() -> Finding:
    if fonts.has_chinese_font():
        return Finding("fonts", True, "有中文字体 Chinese fonts present")
    said = "没有中文字体，截图里的中文会显示为方框 (no Chinese font: screenshots show boxes)"
    return Finding("fonts", False, said, f"apt-get install {browser_install.FONTS}", needed=False)


def look_at_node() -> Finding:
    found = node.find_node()
    node.npm_command(found)
    return Finding("node", True, f"Node {found.label}: {found.binary}")


def look_at_allure() -> Finding:
    cli = allure.find_allure()
    if cli is None:
        return Finding("allure", False, f"Allure {allure.VERSION} 尚未安装 (not installed yet)", INSTALL)
    return Finding("allure", True, f"Allure {allure.VERSION}: {cli.parent.parent.parent}")


def look_at_reports(reports: Path) -> Finding:
    """Whether a run could write its ledger: by writing a file, as file modes say nothing to root. Leaves no trace."""
    try:
        with tempfile.TemporaryFile(dir=nearest(reports)) as probe:
            probe.write(b"x" * 4096)
    except OSError as why:
        said = f"报告目录不可写 (reports folder not writable): {reports.resolve()}: {why.strerror}"
        return Finding("reports", False, said, "换一个目录或修改权限 (another folder, or change its rights)")
    return Finding("reports", True, f"报告目录可写 writable: {reports.resolve()}")


def nearest(folder: Path) -> Path:
    """The folder itself, or the first of its parents that exists: what decides about the folder before it is made."""
    return next(place for place in (folder.resolve(), *folder.resolve().parents) if place.exists())


def look_at_disk(reports: Path) -> Finding:
    free = shutil.disk_usage(nearest(reports)).free // 1_000_000
    if free >= ROOM_MB:
        return Finding("disk", True, f"剩余空间 {free} MB free")
    said = f"只剩 {free} MB，一次验收约需 {ROOM_MB} MB ({ROOM_MB} MB needed)"
    return Finding("disk", False, said, "清理磁盘 free some space")


def look_at_ports() -> Finding:
    """Whether a server can be started here: the reference CRM and every launched site listen on 127.0.0.1 only."""
    try:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            port = listening.getsockname()[1]
    except OSError as why:
        raise ToolMissing(f"127.0.0.1 上无法打开端口 (cannot listen on 127.0.0.1): {why.strerror}") from why
    return Finding("ports", True, f"127.0.0.1 可以打开端口 can listen, e.g. {port}")
