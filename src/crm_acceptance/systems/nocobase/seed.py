"""The seeding step: a running NocoBase is told over its own HTTP what a company would click together by hand."""

from __future__ import annotations

from pathlib import Path

from crm_acceptance.systems.nocobase import (
    seed_collections,
    seed_pages,
    seed_people,
    seed_records,
    seed_roles,
    seed_rules,
)
from crm_acceptance.systems.nocobase.install import ADMIN, Place, Step
from crm_acceptance.systems.nocobase.server import serve
from crm_acceptance.systems.nocobase.wire import Wire


def step() -> Step:
    """Done again whenever one of the seeding modules or their tables changes."""
    modules = (seed_collections, seed_pages, seed_people, seed_records, seed_roles, seed_rules)
    sources = [*(Path(str(module.__file__)) for module in modules), *sorted(Path(__file__).parent.glob("*s.toml"))]
    text = "".join(source.read_text("utf-8") for source in sources)
    return Step(
        "seeded", "建立数据表、权限、流程、人员与中文业务数据 collections, rights, people, records", text, _seed
    )


def administrator(where: Place, url: str) -> Wire:
    """NocoBase's own administrator, with the password that the installation drew."""
    return Wire(url, ADMIN, where.admin_password.read_text("utf-8"))


def _seed(where: Place) -> None:
    with serve(where, where.empty, keep=where.seeded) as (url, _):
        wire = administrator(where, url)
        seed_collections.seed_collections(wire)
        seed_roles.seed_roles(wire)
        seed_pages.seed_pages(wire)
        people = seed_people.seed_people(wire)
        seeding = seed_records.seeding(wire, people)
        deals = seed_records.seed_parties(seeding)
        seed_rules.seed_rules(wire)
        seed_records.seed_trade(seeding, deals)
        wire.close()
