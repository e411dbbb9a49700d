"""`launch creme`: from the cache (built when it is missing) to a running site with everybody's password set."""

from __future__ import annotations

import base64
import hashlib
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

from crm_acceptance.errors import unknown
from crm_acceptance.model import Site
from crm_acceptance.systems import installing
from crm_acceptance.systems.creme.install import DATABASE, Place, place, steps
from crm_acceptance.systems.serving import HOST, Server, asks, free_port, serving, workplace

ROUNDS = 1_000_000  # as many as Django 5.2 wants; with fewer it would hash anew at every first login
WORKERS = ("--preload", "--workers=2", "--threads=2", "--no-control-socket", "--worker-tmp-dir=/tmp", "--timeout=120")
WIDEN = {"salespeople": "销售代表"}
"""Launch option `widen`: whose "own records only" is turned into "all records", as a careless administrator might."""
OWN_RECORDS, ALL_RECORDS = 2, 1  # SetCredentials.ESET_OWN and ESET_ALL


@contextmanager
def launch(port: int = 0, password: str = "", options: Mapping[str, str] | None = None) -> Iterator[Site]:
    """A seeded Creme on 127.0.0.1, gone when the context ends. Without a password nobody can log in."""
    widen = _checked(options or {})
    where = prepare()
    port = free_port(port)
    url = f"http://{HOST}:{port}"
    with workplace("creme") as home:
        shutil.copyfile(where.seeded, home / DATABASE)
        with closing(sqlite3.connect(home / DATABASE)) as database, database:
            _set_password(database, password or secrets.token_urlsafe(24))
            if widen:
                _widen(database, WIDEN[widen])
        with serving(_server(where, home, url), lambda: asks("GET", f"{url}/creme_login/")):
            yield Site("creme", url, "sandbox", store=str(home / DATABASE))


def prepare(say: Callable[[str], None] | None = None) -> Place:
    """Installs and seeds what is missing (two to three minutes the first time, then at once)."""
    where = place()
    installing.ensure(where, steps(), say or installing.say)
    return where


def _checked(options: Mapping[str, str]) -> str:
    for option in options:
        if option != "widen":
            raise unknown("Creme 启动选项 launch option", option, ["widen"])
    widen = options.get("widen", "")
    if widen and widen not in WIDEN:
        raise unknown("widen 的取值 value of widen", widen, WIDEN)
    return widen


def _server(where: Place, home: Path, url: str) -> Server:
    bind = f"--bind={url.removeprefix('http://')}"
    command = [str(where.bin / "gunicorn"), *WORKERS, bind, "django.core.wsgi:get_wsgi_application()"]
    return Server(where.title, command, home / "server.log", url, folder=home, environ=where.environ(home))


def _set_password(database: sqlite3.Connection, password: str) -> None:
    """Django's own notation, hashed here, each with a salt of its own; hashing lets go of Python's lock."""
    users = [
        row[0] for row in database.execute("SELECT rowid FROM creme_core_cremeuser WHERE is_active AND NOT is_team")
    ]
    with ThreadPoolExecutor() as workers:
        coded = list(workers.map(lambda _: _hashed(password), users))
    database.executemany("UPDATE creme_core_cremeuser SET password = ? WHERE rowid = ?", zip(coded, users, strict=True))


def _hashed(password: str) -> str:
    salt = secrets.token_hex(11)
    digest = hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), ROUNDS)
    return f"pbkdf2_sha256${ROUNDS}${salt}${base64.b64encode(digest).decode()}"


def _widen(database: sqlite3.Connection, role: str) -> None:
    database.execute(
        "UPDATE creme_core_setcredentials SET set_type = ? WHERE set_type = ? "
        "AND role_id IN (SELECT id FROM creme_core_userrole WHERE name = ?)",
        (ALL_RECORDS, OWN_RECORDS, role),
    )
