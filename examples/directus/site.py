"""Directus 11 as this company runs it: installed into the cache, seeded once, every start a fresh copy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from crm_acceptance.systems.installing import Step, ensure, folder_of, run, say
from examples.business import business, colleagues
from examples.directus import records, rights, schema
from examples.node_site import NodeSite, libraries, node, save, started, variables
from examples.setup_line import SetupLine

HERE = Path(__file__).parent
PEOPLE = HERE / "workspace" / "fixtures" / "people.csv"
ADMIN = "admin@example.com"
ALIVE = "/server/ping"
# Directus imports its sandbox for extensions and flow scripts at once; this site has neither, so it is not compiled.
NO_SANDBOX = "module.exports = { ivm: {} };\n"


@dataclass(frozen=True)
class Place(NodeSite):
    """Where it is kept."""

    title: ClassVar[str] = "Directus"


@contextmanager
def site(port: int, password: str) -> Iterator[str]:
    """The URL of a seeded Directus on 127.0.0.1 in which everybody has this password."""
    where = installed()
    with _running(where, port) as (url, _):
        line = _administrator(where, url)
        users = line.get("/users?fields=id,email&limit=-1")["data"]
        for user in (one for one in users if one["email"] != ADMIN):
            line.send("PATCH", f"/users/{user['id']}", {"password": password})
        line.close()
        yield url


def document(url: str) -> Any:
    """The OpenAPI document: Directus shows everybody only what that person may do, so it is the administrator's."""
    line = _administrator(Place(folder_of("directus-11")), url)
    try:
        return line.get("/server/specs/oas")
    finally:
        line.close()


def installed() -> Place:
    """Installs and seeds what is missing: minutes the first time, then at once."""
    where = Place(folder_of("directus-11"))
    inputs = "".join(file.read_text("utf-8") for file in (*sorted(HERE.glob("*.py")), PEOPLE))
    plan = [
        *libraries(HERE / "npm", "sqlite3"),
        Step("sandbox", "省去脚本沙箱 without the script sandbox", NO_SANDBOX, _sandbox),
        Step("seed", "建集合、角色、人员和数据 collections, roles, people, records", inputs, _seed),
    ]
    ensure(where, plan, say)
    return where


def _sandbox(where: NodeSite) -> None:
    folder = where.app / "node_modules" / "isolated-vm" / "out"
    folder.mkdir(exist_ok=True)
    (folder / "isolated_vm.js").write_text(NO_SANDBOX, "utf-8")


def _seed(where: NodeSite) -> None:
    where.seeded.unlink(missing_ok=True)
    fresh = where.root / "fresh.sqlite"
    fresh.unlink(missing_ok=True)
    run(where, [*_directus(), "bootstrap"], where.app, **variables(), **_environ(where, fresh, ""))
    fresh.replace(where.seeded)
    with _running(where, 0) as (url, database):
        line = _administrator(where, url)
        people = colleagues(PEOPLE)
        schema.create_collections(line)
        users = rights.create_people(line, people, rights.create_roles(line))
        records.create_records(line, business(people), users)
        line.close()
        save(database, where.seeded)


def _administrator(where: NodeSite, url: str) -> SetupLine:
    line = SetupLine(url)
    line.sign(line.post("/auth/login", {"email": ADMIN, "password": where.secret})["data"]["access_token"])
    return line


def _directus() -> list[str]:
    return [node(), str(Path("node_modules") / "directus" / "cli.js")]


@contextmanager
def _running(where: NodeSite, port: int) -> Iterator[tuple[str, Path]]:
    command = [*_directus(), "start"]
    with started(where, command, ALIVE, lambda file, url: _environ(where, file, url), port) as running:
        yield running


def _environ(where: NodeSite, database: Path, url: str) -> dict[str, str]:
    return {
        "DB_CLIENT": "sqlite3",
        "DB_FILENAME": str(database),
        "SECRET": where.secret,
        "ADMIN_EMAIL": ADMIN,
        "ADMIN_PASSWORD": where.secret,
        "PUBLIC_URL": url,
        "STORAGE_LOCAL_ROOT": str(database.parent / "uploads"),
        "TELEMETRY": "false",
        "NODE_ENV": "production",
        "LOG_LEVEL": "warn",
        "ACCESS_TOKEN_TTL": "12h",
        "RATE_LIMITER_ENABLED": "false",
        "PRESSURE_LIMITER_ENABLED": "false",  # it answers 503 when the machine is busy with other things
        "IP_TRUST_PROXY": "false",
    }
