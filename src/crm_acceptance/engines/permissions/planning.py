"""What a replay of the whole matrix will send, counted cell by cell before anything is sent.

The replay itself is rehearsed at an imaginary site (rehearsal.py), so the plan cannot drift from what is done.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from crm_acceptance.engines.permissions.rehearsal import Rehearsal, rehearsed
from crm_acceptance.engines.permissions.replay import Replay
from crm_acceptance.engines.permissions.table import Matrix, Rule
from crm_acceptance.engines.permissions.vocabulary import AFTERWARDS
from crm_acceptance.errors import Unproven, Unsupported
from crm_acceptance.model import Person
from crm_acceptance.systems import System

SPARE = 0.1
"""Of the whole: an expired login, a second look where a number is odd. A finding asks for more in its own cell."""


@dataclass(frozen=True)
class Cell:
    """One cell: how many requests it takes, and why it takes none or proves nothing ("" when it does)."""

    rule: Rule
    requests: int
    reason: str = ""


@dataclass(frozen=True)
class Plan:
    """Every cell of a matrix. Logins and canaries are counted in the cell that first needs them.

    `preparing`: how many requests these are, which every further process needs for itself.
    """

    cells: tuple[Cell, ...]
    preparing: int = 0

    @property
    def counted(self) -> int:
        """Requests of one process."""
        return sum(cell.requests for cell in self.cells)

    def requests(self, workers: int = 1) -> int:
        """The most requests that so many processes send together, as long as the CRM keeps the matrix."""
        return ceil((self.counted + (workers - 1) * self.preparing) * (1 + SPARE))


def plan(matrix: Matrix, people: Iterable[Person], system: System | None = None) -> Plan:
    """The plan of a matrix at a system (None: one that can do everything). Nothing is sent anywhere."""
    replay = rehearsed(matrix, people, system)
    rules = [rule for rule in matrix.rules if rule.object != "session" or rule.action in AFTERWARDS]
    cells = tuple(_counted(replay, rule) for rule in rules)
    return Plan(cells, _site(replay).lasting)


def _site(replay: Replay) -> Rehearsal:
    site = replay.garden.system
    assert isinstance(site, Rehearsal)
    return site


def _counted(replay: Replay, rule: Rule) -> Cell:
    site = _site(replay)
    before, reason = site.sent, ""
    try:
        replay.findings(rule)
    except (Unsupported, Unproven) as why:
        reason = str(why)
    return Cell(rule, site.sent - before, reason)
