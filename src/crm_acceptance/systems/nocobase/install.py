"""Installs NocoBase 2.2.15 with a Node of its own into a cache folder, resumable; seeding is seed.py's.

The Node is checked by the digest that is written here, every package by the lock in packages/.
"""

from __future__ import annotations

import os
import platform
import secrets
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from crm_acceptance.systems import installing
from crm_acceptance.systems.installing import (
    Cache,
    folder_of,
    node_first,
    npm,
    npm_ci,
    npm_unpacked,
    run,
    write_private,
)
from crm_acceptance.tools.node import find_node

HERE = Path(__file__).parent
PACKAGES = HERE / "packages"
NODE = "22.23.3"
# NocoBase 2.2 wants Node 22 and its sqlite3 compiles against that Node's headers: both come with this npm package.
NODES: Mapping[str, str] = {
    "linux-x64": "sha512-qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==",
    "linux-arm64": "sha512-l3DAHZreylo+p9QXDtsOrjG2JXJqVzYXnAGmIQNOUNARcMppTO2cmewVQP+36tjJnSE+dzpMNtgW+c3oiDvXtA==",
    "darwin-x64": "sha512-V6W/fNXsKFF0DMrBrpLNp9meU45Qbe6tQ3HlzrpdiPWW+zlbmTGou1LE8aGHOghVWXJFexvi7RDCQVQi1I1t8w==",
}
ADMIN = "nocobase"
DATABASE = "nocobase.sqlite"
BEGIN = (
    "const of = require('@nocobase/cli-v1/src/util'); of.initEnv(); of.generateAppDir();"
    "require(process.env.APP_PACKAGE_ROOT + '/lib/index.js')"
)


@dataclass(frozen=True)
class Place(Cache):
    """The cache folder and what lies where in it."""

    title: ClassVar[str] = "NocoBase"

    @property
    def app(self) -> Path:
        """package.json and node_modules."""
        return self.root / "app"

    @property
    def node(self) -> Path:
        """The unpacked npm package that holds our Node: bin/ and include/; absent where there is none for us."""
        return self.root / "node" / "package"

    @property
    def empty(self) -> Path:
        """NocoBase's storage folder as it makes it: a database without any business collection."""
        return self.root / "empty"

    @property
    def seeded(self) -> Path:
        """The storage folder that every launch copies."""
        return self.root / "seeded"

    @property
    def admin_password(self) -> Path:
        """A random password of NocoBase's own administrator, readable by the owner only."""
        return self.root / "admin.password"


Step = installing.Step[Place]


def place() -> Place:
    """The user's cache folder for this version of NocoBase."""
    return Place(folder_of("nocobase-2.2"))


def steps() -> tuple[Step, ...]:
    """The steps in order, without the seeding."""
    lock = (PACKAGES / "package-lock.json").read_text("utf-8")
    return (
        Step("node", "下载它自己的 Node a Node of its own (npm)", NODE + _machine(), _node),
        Step("packages", "下载 NocoBase 及一千多个包，约 1.2 GB its packages (npm)", lock, _packages),
        Step("sqlite", "编译 SQLite 驱动 compiling the SQLite driver", "", _sqlite),
        Step("database", "建立空数据库 an empty database", "zh-CN", _database),
    )


def ensure(where: Place, also: Sequence[Step], say: Callable[[str], None]) -> None:
    """Brings `where` up to date: our steps, then those that `also` names."""
    installing.ensure(where, (*steps(), *also), say)


def program(where: Place, *arguments: str) -> list[str]:
    """NocoBase itself, run by its own Node.

    Past its command line, which calls yarn, asks for licences and hands itself over to a supervisor that outlives us.
    """
    return [str(_bin(where) / "node"), "-e", BEGIN, "nocobase", *arguments]


def environ(where: Place, storage: Path, key: str) -> dict[str, str]:
    """What NocoBase reads instead of an .env file: everything that it writes goes below `storage`.

    `key` signs the tokens; a key of its own for every start ends all sessions of the one before.
    """
    return {
        "PATH": node_first(_bin(where)),
        "NODE_PATH": str(where.app / "node_modules"),
        "NODE_OPTIONS": "--preserve-symlinks",
        "APP_ENV": "production",
        "APP_KEY": key,
        "APP_HOST": "127.0.0.1",
        "STORAGE_PATH": str(storage),
        "DB_DIALECT": "sqlite",
        "DB_STORAGE": str(storage / DATABASE),
        "DB_LOGGING": "off",
        "LOGGER_LEVEL": "warn",
        "TZ": "Asia/Shanghai",
        "INIT_APP_LANG": "zh-CN",
    }


def _machine() -> str:
    kind = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64"}.get(platform.machine().lower(), platform.machine())
    return f"{sys.platform}-{kind}"


def _bin(where: Place) -> Path:
    return where.node / "bin" if where.node.is_dir() else find_node().binary.parent


def _node(where: Place) -> None:
    machine = _machine()
    if machine in NODES:
        npm_unpacked(where, f"node-{machine}@{NODE}", NODES[machine], where.node.parent)
    else:
        find_node()


def _packages(where: Place) -> None:
    shutil.rmtree(where.app, ignore_errors=True)
    # Its plugins name the browser's libraries as peers: npm would resolve hundreds that the lock rightly leaves out.
    npm_ci(where, PACKAGES, where.app, PATH=node_first(_bin(where)), npm_config_legacy_peer_deps="true")


def _sqlite(where: Place) -> None:
    headers = {"npm_config_nodedir": str(where.node)} if where.node.is_dir() else {}
    run(
        where, [*npm(), "rebuild", "sqlite3"], where.app, PATH=node_first(_bin(where)), PYTHON=sys.executable, **headers
    )


def _database(where: Place) -> None:
    building = where.root / "building"
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir()
    write_private(where.admin_password, secrets.token_urlsafe(24))
    root = {
        "INIT_ROOT_EMAIL": "admin@example.com",
        "INIT_ROOT_PASSWORD": where.admin_password.read_text("utf-8"),
        "INIT_ROOT_NICKNAME": "系统管理员",
        "INIT_ROOT_USERNAME": ADMIN,
    }
    settings = environ(where, building, secrets.token_urlsafe(32)) | root
    run(where, program(where, "install", "--lang=zh-CN"), where.app, **settings)
    keep_storage(building, where.empty)
    shutil.rmtree(building)


def keep_storage(storage: Path, target: Path) -> None:
    """A stopped NocoBase's storage without logs and sockets, complete or not there at all."""
    partial = target.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.copytree(storage, partial, ignore=shutil.ignore_patterns("logs", "*.sock", ".pm2", "tmp"))
    shutil.rmtree(target, ignore_errors=True)
    os.replace(partial, target)
