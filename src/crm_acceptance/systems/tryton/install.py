"""Installs Tryton 8.0 and its web client into a cache folder, step by step and resumable; seeding is seed.py's."""

from __future__ import annotations

import secrets
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from crm_acceptance.systems import installing
from crm_acceptance.systems.installing import (
    SqliteCache,
    folder_of,
    npm_ci,
    npm_unpacked,
    pip,
    run,
    venv,
    write_private,
)
from crm_acceptance.systems.tryton.wire import DATABASE

HERE = Path(__file__).parent
REQUIREMENTS = HERE / "requirements.txt"
WEB_CLIENT = "tryton-sao@8.0.11"
WEB_CLIENT_INTEGRITY = "sha512-RoDeizE/srwG+iAqTA3DBteB5yJAq3LnNqr6BT9DTwgbH5UeNKe9mZotGfGKNh3pi4kZInfCl4tHAz8idjG75w=="
MODULES = "ir res party company product account account_invoice sale sale_opportunity sale_complaint sale_discount"


@dataclass(frozen=True)
class Place(SqliteCache):
    """The cache folder and what lies where in it."""

    title: ClassVar[str] = "Tryton"

    @property
    def web(self) -> Path:
        """The web client's root: index.html and node_modules."""
        return self.root / "web" / "package"

    @property
    def admin_password(self) -> Path:
        """A random password of Tryton's own administrator, readable by the owner only."""
        return self.root / "admin.password"


Step = installing.Step[Place]


def place() -> Place:
    """The user's cache folder for this version of Tryton."""
    return Place(folder_of("tryton-8.0"))


def steps() -> tuple[Step, ...]:
    """The steps in order, without the seeding."""
    libraries = (HERE / "web" / "package-lock.json").read_text("utf-8")
    return (
        Step("venv", "建立独立的 Python 环境 a venv of its own", sys.version, venv),
        Step("modules", "安装 Tryton 模块 Tryton's modules (pip)", REQUIREMENTS.read_text("utf-8"), _modules),
        Step("client", "下载网页客户端 the web client (npm)", WEB_CLIENT + WEB_CLIENT_INTEGRITY, _client, "web"),
        Step("libraries", "安装网页客户端的库 its libraries (npm)", libraries, _libraries, "web"),
        Step("database", "建立空数据库 an empty database", MODULES, _database),
    )


def ensure(where: Place, also: Sequence[Step], say: Callable[[str], None]) -> None:
    """Brings `where` up to date: our steps, then those that `also` names."""
    installing.ensure(where, (*steps(), *also), say)


def _modules(where: Place) -> None:
    pip(where, REQUIREMENTS)


def _client(where: Place) -> None:
    npm_unpacked(where, WEB_CLIENT, WEB_CLIENT_INTEGRITY, where.web.parent)


def _libraries(where: Place) -> None:
    npm_ci(where, HERE / "web", where.web)


def _database(where: Place) -> None:
    building = where.root / "building"
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir()
    write_private(where.admin_password, secrets.token_urlsafe(24))
    fresh = building / f"{DATABASE}.sqlite"
    fresh.touch()  # Tryton refuses to create the file itself
    config = building / "trytond.conf"
    config.write_text(f"[database]\nuri = sqlite://\npath = {building}\n", "utf-8")
    admin = [str(where.bin / "trytond-admin"), "-c", str(config), "-d", DATABASE, "--activate-dependencies"]
    options = ["--email", "admin@example.com", "-l", "en", "zh_CN", "-u", *MODULES.split()]
    run(where, [*admin, *options], TRYTONPASSFILE=str(where.admin_password))
    fresh.replace(where.empty)
    shutil.rmtree(building)
