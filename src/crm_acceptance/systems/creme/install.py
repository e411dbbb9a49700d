"""Installs Creme CRM 2.8.6 into a cache folder and seeds it; every line that imports Creme runs in Creme's Python."""

from __future__ import annotations

import secrets
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from crm_acceptance.systems.installing import SqliteCache, Step, folder_of, pip, run, venv, write_private

HERE = Path(__file__).parent
INSIDE = HERE / "inside"
REQUIREMENTS = HERE / "requirements.txt"
DATABASE = "creme.sqlite"
SEEDING = ("seed.py", "books.py", "people.py", "records.py")


@dataclass(frozen=True)
class Place(SqliteCache):
    """The cache folder and what lies where in it."""

    title: ClassVar[str] = "Creme"

    @property
    def secret_key(self) -> Path:
        """What this installation signs its cookies with, readable by the owner only."""
        return self.root / "secret.key"

    def environ(self, home: Path) -> dict[str, str]:
        """What Creme's own Python finds in its environment; `home` holds the database and the uploads."""
        return {
            "CREME_CACHE": str(self.root),
            "CREME_HOME": str(home),
            "CREME_SECRET_KEY": self.secret_key.read_text("utf-8"),
            "DJANGO_SETTINGS_MODULE": "site_settings",
            "PYTHONPATH": f"{INSIDE}:{self.root / 'media'}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONWARNINGS": "ignore",
        }


def place() -> Place:
    """Where Creme is kept between starts."""
    return Place(folder_of("creme-2.8"))


def steps() -> tuple[Step[Place], ...]:
    """The steps in order; a changed settings or seeding file is done again from its step on."""
    settings = (INSIDE / "site_settings.py").read_text("utf-8")
    seeding = "".join((INSIDE / name).read_text("utf-8") for name in SEEDING)
    return (
        Step("venv", "建立独立的 Python 环境 a venv of its own", sys.version, venv),
        Step("packages", "安装 Creme (pip)", REQUIREMENTS.read_text("utf-8"), _packages),
        Step("media", "生成页面样式与脚本 styles and scripts", settings, _media),
        Step("database", "建立空数据库 an empty database", "", _database),
        Step("seeded", "建立部门、人员、权限与中文业务数据 people, rights, records", seeding, _seed),
    )


def _packages(where: Place) -> None:
    pip(where, REQUIREMENTS)


def _media(where: Place) -> None:
    media = where.root / "media"
    shutil.rmtree(media, ignore_errors=True)
    media.mkdir()
    write_private(where.secret_key, secrets.token_urlsafe(48))
    _creme(where, where.root, "generatemedia")


def _database(where: Place) -> None:
    home = _building(where)
    _creme(where, home, "migrate", "--verbosity", "0")
    _creme(where, home, "creme_populate", "--verbosity", "0")
    _keep(home, where.empty)


def _seed(where: Place) -> None:
    home = _building(where)
    shutil.copyfile(where.empty, home / DATABASE)
    run(where, [str(where.bin / "python"), str(INSIDE / "seed.py")], home, **where.environ(home))
    _keep(home, where.seeded)


def _creme(where: Place, home: Path, *command: str) -> None:
    run(where, [str(where.bin / "creme"), *command], where.root, **where.environ(home))


def _building(where: Place) -> Path:
    home = where.root / "building"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    return home


def _keep(home: Path, snapshot: Path) -> None:
    """Complete or not there at all: the finished database is renamed into place."""
    (home / DATABASE).replace(snapshot)
    shutil.rmtree(home)
