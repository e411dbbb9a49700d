"""`launch tryton`: from the cache (built when it is missing) to a running site with everybody's password set."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from crm_acceptance.errors import unknown
from crm_acceptance.model import Site
from crm_acceptance.systems import installing
from crm_acceptance.systems.tryton import seed
from crm_acceptance.systems.tryton.install import Place, ensure, place
from crm_acceptance.systems.tryton.seed_people import PEOPLE
from crm_acceptance.systems.tryton.server import serve


@contextmanager
def launch(port: int = 0, password: str = "", options: Mapping[str, str] | None = None) -> Iterator[Site]:
    """A seeded Tryton on 127.0.0.1, gone when the context ends. Without a password nobody can log in."""
    for option in options or {}:
        raise unknown("Tryton 启动选项 launch option", option, ())
    where = prepare()
    with serve(where, where.seeded, port) as url:
        _passwords(where, url, password or secrets.token_urlsafe(24))
        yield Site("tryton", url, "sandbox")


def prepare(say: Callable[[str], None] | None = None) -> Place:
    """Installs and seeds what is missing (minutes the first time, then at once)."""
    where = place()
    ensure(where, [seed.step()], say or installing.say)
    return where


def _passwords(where: Place, url: str, password: str) -> None:
    wire = seed.administrator(where, url)
    users = wire.search("res.user", [["login", "in", list(PEOPLE)]])
    wire.call("model.res.user.write", users, {"password": password})
    wire.close()
