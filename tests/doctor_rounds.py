"""One examination of the odd CRM by a mapping given as text. Not a test."""

from __future__ import annotations

from pathlib import Path

import kontor_crm

from crm_acceptance.doctoring.examination import examine
from crm_acceptance.doctoring.findings import Chart
from crm_acceptance.doctoring.visit import Visit
from crm_acceptance.model import Person, Site
from crm_acceptance.systems.rest import described, mapping
from crm_acceptance.systems.rest.shape import Mapping

WHOLE = Path(__file__).with_name("kontor_crm.toml")
ROLES = {"anna": "sales_rep", "bert": "sales_rep", "cora": "sales_manager", "dora": "accountant"}


def examined(text: str, url: str, folder: Path, keys: str = "anna bert") -> tuple[Chart, Mapping]:
    """The chart of an examination by these people, and the mapping with its lines."""
    file = folder / "mapping.toml"
    file.write_text(text, encoding="utf-8")
    people = tuple(Person(key, key.title(), "sales", ROLES[key], key) for key in keys.split())
    described_by = mapping.load(file)
    system = described("odd", file, people)
    visit = Visit(described_by, system, Site("odd", url), people, lambda person: kontor_crm.PASSWORD)
    examine(visit)
    return visit.chart, described_by
