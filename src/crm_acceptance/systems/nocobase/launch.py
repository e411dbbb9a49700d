"""`launch nocobase`: from the cache (built when it is missing) to a running site with everybody's password set."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from crm_acceptance.errors import SiteOutOfReach, unknown
from crm_acceptance.model import Site
from crm_acceptance.systems import installing
from crm_acceptance.systems.nocobase import seed
from crm_acceptance.systems.nocobase.install import Place, ensure, place
from crm_acceptance.systems.nocobase.seed_people import PEOPLE
from crm_acceptance.systems.nocobase.server import serve
from crm_acceptance.systems.nocobase.widening import check, widen
from crm_acceptance.systems.nocobase.wire import Wire

OPTIONS = ("widen",)
WELCOME_LIMIT_SECONDS = 20


@contextmanager
def launch(port: int = 0, password: str = "", options: Mapping[str, str] | None = None) -> Iterator[Site]:
    """A seeded NocoBase on 127.0.0.1, gone when the context ends. Without a password nobody can log in.

    Option `widen` (ROLE/COLLECTION:ACTION, see widening.py) leaves a misconfiguration to be found.
    """
    for option in options or {}:
        if option not in OPTIONS:
            raise unknown("NocoBase 启动选项 launch option", option, OPTIONS)
    check((options or {}).get("widen", ""))
    where = prepare()
    with serve(where, where.seeded, port) as (url, database):
        wire = seed.administrator(where, url)
        _passwords(wire, password or secrets.token_urlsafe(24))
        if options and options.get("widen"):
            widen(wire, options["widen"])
        wire.close()
        yield Site("nocobase", url, "sandbox", store=str(database))


def prepare(say: Callable[[str], None] | None = None) -> Place:
    """Installs and seeds what is missing (minutes the first time, then at once)."""
    where = place()
    ensure(where, [seed.step()], say or installing.say)
    return where


def _passwords(wire: Wire, password: str) -> None:
    for user in wire.get("users:list", pageSize="200", filter={"username": {"$in": list(PEOPLE)}}):
        wire.call("users:update", {"password": password}, filterByTk=str(user["id"]))
    _until_welcome(wire.url, str(user["username"]), password)


def _until_welcome(url: str, last: str, password: str) -> None:
    """NocoBase dates a login in whole seconds and a new password in milliseconds, so a login within the second of the
    change counts as older than it. Whoever was changed last is let in last."""
    end = time.monotonic() + WELCOME_LIMIT_SECONDS
    while True:
        wire = Wire(url, last, password)
        try:
            wire.get("auth:check")
            return
        except SiteOutOfReach:
            if time.monotonic() > end:
                raise
        finally:
            wire.close()
