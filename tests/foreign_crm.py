"""A CRM that somebody else started, with somebody who may delete, and a look into its database. No test lives here."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from crm_acceptance.actors import Doors, RecordsDoor
from crm_acceptance.catalogue import load as load_catalogue
from crm_acceptance.cleaning.pieces import Cleaned
from crm_acceptance.cleaning.work import clean
from crm_acceptance.model import Action, Person, Record, Site
from crm_acceptance.profile import Profile
from crm_acceptance.profile import load as load_profile
from crm_acceptance.systems import CanLaunch, find

ROOT = Path(__file__).parent.parent
PASSWORD = "clean-geheim-2026"
PEOPLE = tuple(load_catalogue(load_profile(ROOT)).people.values())
LINA = next(one for one in PEOPLE if one.key == "lina")
WUFANG = next(one for one in PEOPLE if one.key == "wufang")
TABLES = ("campaigns", "leads", "customers", "contacts", "opportunities", "quotes", "orders", "payments", "tickets")


@pytest.fixture(scope="module")
def crm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Site, Path]]:
    """A CRM that somebody else started, with somebody who may delete, and its database file to look into."""
    folder = tmp_path_factory.mktemp("crm")
    rows = [(one.key, one.name, one.department, one.role, one.login) for one in PEOPLE]
    rows.append(("guan", "管理员", "it", "data_admin", "guan"))
    lines = [",".join(row) for row in [("key", "name", "department", "role", "login"), *rows]]
    (folder / "people.csv").write_text("\n".join(lines), encoding="utf-8")
    options = {"people": str(folder / "people.csv"), "db": str(folder / "crm.sqlite"), "size": "20"}
    system = find("refcrm")
    assert isinstance(system, CanLaunch)
    with system.launch(port=0, password=PASSWORD, options=options) as site:
        yield Site("refcrm", site.url), folder / "crm.sqlite"


@pytest.fixture
def doors(crm: tuple[Site, Path]) -> Iterator[Doors]:
    opened = Doors(find("refcrm"), crm[0], lambda person: PASSWORD)
    yield opened
    opened.close()


def standing(database: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of business, whole: not one may change."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        return {table: db.execute(f"SELECT * FROM {table} ORDER BY id").fetchall() for table in TABLES}


def cleaned(folder: Path, site: Site, cleaner: str = "guan", thorough: bool = True) -> Cleaned:
    at = Profile(ROOT, url=site.url, cleaner=cleaner, password="CLEAN_TEST_PASSWORD")
    os.environ["CLEAN_TEST_PASSWORD"] = PASSWORD
    try:
        return clean(folder, at, PEOPLE, site, thorough=thorough)
    finally:
        del os.environ["CLEAN_TEST_PASSWORD"]


def door(doors: Doors, person: Person) -> RecordsDoor:
    found = doors.records(person)
    assert found is not None
    return found


def made(door: RecordsDoor, object: str, **fields: Any) -> Record:
    record = door.do(Action("create", object, fields=fields))
    assert isinstance(record, Record)
    return record
