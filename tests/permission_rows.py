"""Rows of the real matrix judged at a real reference CRM, whose defects can be switched. No test lives here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from refcrm_process import PASSWORD, Crm, running

from crm_acceptance.catalogue import load as load_catalogue
from crm_acceptance.engines.permissions import table
from crm_acceptance.engines.permissions.replay import Replay, replay
from crm_acceptance.engines.permissions.table import Rule
from crm_acceptance.model import Person, Site
from crm_acceptance.profile import load as load_profile
from crm_acceptance.sending import http_send, line
from crm_acceptance.systems import find
from crm_acceptance.systems.flow import Answer, Call, Send

ROOT = Path(__file__).parent.parent
CATALOGUE = load_catalogue(load_profile(ROOT))
PEOPLE = tuple(CATALOGUE.people.values())
MATRIX = table.load(ROOT / "security" / "permissions.csv", {person.role for person in PEOPLE}, CATALOGUE.requirements)


@dataclass
class Bench:
    """A reference CRM with a replay of the whole matrix. `calls`: everything that was sent so far."""

    crm: Crm
    calls: list[Call] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.site = Site("refcrm", self.crm.url)
        self.replay: Replay = replay(find("refcrm"), self.site, MATRIX, PEOPLE, lambda person: PASSWORD, self.send)

    def send(self, person: Person) -> Send:
        plain = http_send(line(self.site), self.site, 15)

        def counted(call: Call) -> Answer:
            self.calls.append(call)
            return plain(call)

        return counted

    def findings(self, role: str, action: str, kind: str, **more: object) -> list[str]:
        """Of the matrix' own row, or of one made up for what the matrix does not ask."""
        rule = MATRIX.find(role, action, kind) or Rule(role, action, kind, str(more.get("scope", "none")))
        return self.replay.findings(rule)


@contextmanager
def bench(*arguments: str) -> Iterator[Bench]:
    """A fresh one."""
    with running(*arguments) as crm:
        yield Bench(crm)
