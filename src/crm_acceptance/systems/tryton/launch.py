"""`launch tryton`: from the cache (built when it is missing) to a running site with everybody's password set."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from crm_acceptance.errors import unknown
from crm_acceptance.model import Site
from crm_acceptance.systems import installing
from crm_acceptance.systems.tryton import seed
from crm_acceptance.systems.tryton.dropping import check, drop
from crm_acceptance.systems.tryton.install import Place, ensure, place
from crm_acceptance.systems.tryton.seed_people import PEOPLE
from crm_acceptance.systems.tryton.server import serve
from crm_acceptance.systems.tryton.wire import Wire

OPTIONS = ("drop_rule",)


@contextmanager
def launch(port: int = 0, password: str = "", options: Mapping[str, str] | None = None) -> Iterator[Site]:
    """A seeded Tryton on 127.0.0.1, gone when the context ends. Without a password nobody can log in.

    Option `drop_rule` (PERSON/MODEL, see dropping.py) leaves a misconfiguration to be found.
    """
    for option in options or {}:
        if option not in OPTIONS:
            raise unknown("Tryton 启动选项 launch option", option, OPTIONS)
    rule = (options or {}).get("drop_rule", "")
    check(rule)
    where = prepare()
    with serve(where, where.seeded, port) as (url, database):
        wire = seed.administrator(where, url)
        _passwords(wire, password or secrets.token_urlsafe(24))
        if rule:
            drop(wire, rule)
        wire.close()
        yield Site("tryton", url, "sandbox", store=str(database))


def prepare(say: Callable[[str], None] | None = None) -> Place:
    """Installs and seeds what is missing (minutes the first time, then at once)."""
    where = place()
    ensure(where, [seed.step()], say or installing.say)
    return where


def _passwords(wire: Wire, password: str) -> None:
    users = wire.search("res.user", [["login", "in", list(PEOPLE)]])
    wire.call("model.res.user.write", users, {"password": password})
