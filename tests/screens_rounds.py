"""One examination of the reference CRM's pages by a part of screens_refcrm.toml. Not a test."""

from __future__ import annotations

import re
from pathlib import Path

from crm_acceptance.doctoring import screens_round
from crm_acceptance.doctoring.examination import examine
from crm_acceptance.doctoring.findings import Chart
from crm_acceptance.doctoring.visit import Visit
from crm_acceptance.model import Person, Site
from crm_acceptance.systems.rest import described, mapping
from crm_acceptance.systems.rest.shape import Mapping

WHOLE = Path(__file__).with_name("screens_refcrm.toml")
NAMES = {"lina": ("李娜", "sales_rep"), "chenjing": ("陈静", "sales_manager")}


def part(*objects: str) -> str:
    """The mapping with these objects only: a page takes seconds where a call takes none."""
    tables = re.split(r"(?m)^(?=\[screens\.objects\.)", WHOLE.read_text(encoding="utf-8"))
    mine = [one for one in tables[1:] if one.split(".")[2].split("]")[0] in objects]
    top = tables[0].replace("patience = 20", "patience = 20\nrest = 0.3")  # its pages come whole from the server
    return top + "".join(mine)


def looked_at(text: str, site: Site, password: str, folder: Path, keys: str = "lina") -> tuple[Chart, Mapping]:
    """The chart of an examination by these people, and the mapping with its lines."""
    file = folder / "mapping.toml"
    file.write_text(text, encoding="utf-8")
    people = tuple(Person(key, NAMES[key][0], "sales", NAMES[key][1], key) for key in keys.split())
    table = mapping.load(file)
    system = described("own", file, people)
    visit = Visit(table, system, site, people, lambda _: password, pages=screens_round.examined)
    examine(visit)
    return visit.chart, table
