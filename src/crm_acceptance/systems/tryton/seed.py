"""The seeding step: a running Tryton is filled over its own wire, nothing of Tryton is imported."""

from __future__ import annotations

from pathlib import Path

from crm_acceptance.systems.tryton import own_records, seed_books, seed_people, seed_records
from crm_acceptance.systems.tryton.install import Place, Step
from crm_acceptance.systems.tryton.server import serve
from crm_acceptance.systems.tryton.wire import Wire

ADMIN = "admin"


def step() -> Step:
    """Done again whenever one of the seeding modules changes."""
    sources = (own_records, seed_books, seed_people, seed_records)
    text = "".join(Path(str(module.__file__)).read_text("utf-8") for module in sources)
    return Step("seeded", "建立部门、人员、权限与中文业务数据 people, rights, records", text, _seed)


def administrator(where: Place, url: str) -> Wire:
    """Tryton's own administrator, with the password that the installation drew."""
    return Wire(url, ADMIN, where.admin_password.read_text("utf-8"))


def _seed(where: Place) -> None:
    with serve(where, where.empty, keep=where.seeded) as (url, _):
        wire = administrator(where, url)
        books = seed_books.seed_books(wire)
        staff = seed_people.seed_people(wire, books)
        seed_records.seed_records(wire, books, staff)
        wire.close()
