"""Strapi 5 as this company runs it: installed into the cache, seeded once, every start a fresh copy."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from crm_acceptance.systems.installing import Step, ensure, folder_of, run, say
from examples.business import business, colleagues
from examples.node_site import NodeSite, libraries, node, save, started, variables
from examples.setup_line import SetupLine
from examples.strapi import records, rights, schema

HERE = Path(__file__).parent
PEOPLE = HERE / "workspace" / "fixtures" / "people.csv"
ADMIN = "admin@example.com"
ALIVE = "/_health"
DOCUMENT = Path("public") / "openapi.json"


@dataclass(frozen=True)
class Place(NodeSite):
    """Where it is kept."""

    title: ClassVar[str] = "Strapi"


@contextmanager
def site(port: int, password: str) -> Iterator[str]:
    """The URL of a seeded Strapi on 127.0.0.1 in which everybody has this password; /openapi.json describes it."""
    where = installed()
    with _running(where, port) as (url, _):
        line = _administrator(where, url, "/admin/login")
        rights.set_passwords(line, password)
        line.close()
        yield url


def document(url: str) -> Any:
    """The OpenAPI document, written by `strapi openapi generate` when the site was installed."""
    line = SetupLine(url)
    try:
        return line.get("/openapi.json")
    finally:
        line.close()


def installed() -> Place:
    """Installs and seeds what is missing: minutes the first time, then at once."""
    where = Place(folder_of("strapi-5"))
    sources = [*HERE.glob("*.py"), *(file for file in (HERE / "company").rglob("*.js")), PEOPLE]
    inputs = "".join(file.read_text("utf-8") for file in sorted(sources))
    plan = [
        *libraries(HERE / "npm", "better-sqlite3"),
        Step("company", "放入公司的类型与代码 content types and the company's code", inputs, _company),
        Step("seed", "建角色、人员和数据 roles, people, records", inputs, _seed),
    ]
    ensure(where, plan, say)
    return where


def _company(where: NodeSite) -> None:
    for name in ("config", "src"):
        shutil.rmtree(where.app / name, ignore_errors=True)
        shutil.copytree(HERE / "company" / name, where.app / name)
    schema.write_types(where.app / "src" / "api")
    (where.app / "public" / "uploads").mkdir(parents=True, exist_ok=True)
    scratch = where.root / "scratch.sqlite"
    environ = variables() | _environ(where, scratch, "http://127.0.0.1:1337")
    environ |= {"HOST": "127.0.0.1", "PORT": "1337"}  # it only writes a file, nothing listens
    run(where, [*_strapi(), "openapi", "generate", "--output", str(DOCUMENT)], where.app, **environ)
    scratch.unlink(missing_ok=True)
    _named(where.app / DOCUMENT)


def _named(document: Path) -> None:
    """The address and the moment in it would be those of the machine that wrote it."""
    told = json.loads(re.sub(r'"default":\s*"\d{4}-\d\d-\d\dT[^"]*",', "", document.read_text("utf-8")))
    told["servers"] = [{"url": "/api"}]
    document.write_text(json.dumps(told, ensure_ascii=False), "utf-8")


def _seed(where: NodeSite) -> None:
    where.seeded.unlink(missing_ok=True)
    with _running(where, 0) as (url, database):
        line = _administrator(where, url, "/admin/register-admin")
        people = colleagues(PEOPLE)
        users = rights.create_people(line, people, rights.create_roles(line), where.secret)
        records.create_records(line, business(people), users)
        line.close()
        save(database, where.seeded)


def _administrator(where: NodeSite, url: str, path: str) -> SetupLine:
    line = SetupLine(url)
    who = {"email": ADMIN, "password": where.secret}
    first = {"firstname": "Admin"} if path.endswith("register-admin") else {}
    line.sign(line.post(path, who | first)["data"]["token"])
    return line


def _strapi() -> list[str]:
    return [node(), str(Path("node_modules") / "@strapi" / "strapi" / "bin" / "strapi.js")]


@contextmanager
def _running(where: NodeSite, port: int) -> Iterator[tuple[str, Path]]:
    command = [*_strapi(), "start"]
    with started(where, command, ALIVE, lambda file, url: _environ(where, file, url), port) as running:
        yield running


def _environ(where: NodeSite, database: Path, url: str) -> dict[str, str]:
    return {
        "DATABASE": str(database),
        "SECRET": where.secret,
        "PUBLIC_URL": url,
        "NODE_ENV": "production",
        "STRAPI_TELEMETRY_DISABLED": "true",
        "STRAPI_HIDE_STARTUP_MESSAGE": "true",
    }
