"""Judges one cell of the matrix at a site: picks the actor and the canaries, and hands over to looks or writes."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from crm_acceptance.actors import MUTE_ENV, ScreensDoor
from crm_acceptance.engines.permissions.attachments import ATTACHMENTS
from crm_acceptance.engines.permissions.blindness import blind
from crm_acceptance.engines.permissions.control import unanswered
from crm_acceptance.engines.permissions.creates import CREATES
from crm_acceptance.engines.permissions.existence import EXISTENCE
from crm_acceptance.engines.permissions.garden import Canary, Garden
from crm_acceptance.engines.permissions.hearing import hearing
from crm_acceptance.engines.permissions.histories import HISTORIES
from crm_acceptance.engines.permissions.looks import LOOKS, Look, brief
from crm_acceptance.engines.permissions.offices import OFFICES, duplicates
from crm_acceptance.engines.permissions.related import RELATED
from crm_acceptance.engines.permissions.searching import SEARCHING
from crm_acceptance.engines.permissions.staff import Staff
from crm_acceptance.engines.permissions.table import Matrix, Rule
from crm_acceptance.engines.permissions.wording import doing, thing
from crm_acceptance.engines.permissions.writes import WRITES
from crm_acceptance.errors import Unproven, Unsupported
from crm_acceptance.model import Person, Site
from crm_acceptance.systems import System
from crm_acceptance.systems.flow import Send

BY_ACTION: Mapping[str, Callable[[Look], Iterator[str]]] = {
    **LOOKS,
    **HISTORIES,
    **SEARCHING,
    **EXISTENCE,
    **RELATED,
    **ATTACHMENTS,
    **WRITES,
    **CREATES,
    "check_duplicate": duplicates,
}
APART = ("followup", "audit", "user", "report", "session", "notification")
"""Objects that are no business records: no canary of theirs is planted beforehand."""
BY_EVERYBODY = ("read", "list")
"""Actions asked as every identity of a role, up to staff.IDENTITIES: cheap, and where the others differ."""
DERIVED: Mapping[str, str] = {
    "tamper": "change", "stale": "transfer", "search": "list", "sort": "list", "exists": "read", "related": "read",
}  # fmt: skip
"""Words of the table that are no actions of a CRM, and the action without which they cannot be asked."""


@dataclass(frozen=True)
class Replay:
    """One site with its people and its table; canaries are planted once and serve every cell."""

    garden: Garden

    def findings(self, rule: Rule) -> list[str]:
        """What is wrong about this cell, [] when the site does as the table says. Unproven, Unsupported as raised.

        Reading and listing are asked again, more briefly, as further people of the role.
        """
        judge, staff = judge_of(rule), self.garden.staff
        self._able(rule)
        actor = staff.actor(rule.role)
        canaries = self._canaries(rule, actor)
        found = as_far_as_possible(judge(Look(rule, actor, self.garden, canaries)))
        for other in staff.actors(rule.role)[1:] if rule.action in BY_EVERYBODY and not found else ():
            found += judge(brief(Look(rule, other, self.garden, self._canaries(rule, other))))
        if not found:
            reason = blind(rule, actor, canaries, self.garden.planted())
            reason = reason or unanswered(Look(rule, actor, self.garden, canaries))
            if reason:
                raise Unproven(reason)
        return list(dict.fromkeys(found))

    def _canaries(self, rule: Rule, actor: Person) -> tuple[Canary, ...]:
        kind = "customer" if rule.object == "audit" else rule.object
        if kind.partition(":")[0] in APART:
            return ()
        owners = self.garden.staff.circle(kind, actor)
        if not owners:
            raise Unproven(
                f"权限表里没有人可以新建{thing(kind)}，没有金丝雀可看。Nobody may create one: nothing to look for."
            )
        return tuple(self.garden.canary(kind, owner) for owner in owners)

    def _able(self, rule: Rule) -> None:
        system, kind = self.garden.system, rule.object.partition(":")[0]
        action = DERIVED.get(rule.action, rule.action)
        if kind != "session" and not system.supports(action, kind):
            raise Unsupported(f"{system.title} 不支持“{doing(action, kind)}”。{system.title} has no {kind}.{action}.")


def as_far_as_possible(judged: Iterable[str]) -> list[str]:
    """The findings up to where it could not go on: what was seen by then was seen. Raises only when it was nothing."""
    found: list[str] = []
    try:
        for one in judged:
            found.append(one)
    except (Unproven, Unsupported):
        if not found:
            raise
    return found


def judge_of(rule: Rule) -> Callable[[Look], Iterator[str]]:
    """Which replay speaks for this cell."""
    return OFFICES.get(rule.object.partition(":")[0]) or BY_ACTION[rule.action]


def replay(
    system: System,
    site: Site,
    matrix: Matrix,
    people: Iterable[Person],
    password: Callable[[Person], str],
    send: Callable[[Person], Send],
    door: Callable[[Person], ScreensDoor] | None = None,
) -> Replay:
    """A replay of the matrix at a site, by its API; by hand, through `door`, at a site that has none.

    Unsupported without either, Unproven where nobody could act as two people at once.
    """
    everybody = tuple(people)
    heard = hearing(system, site, everybody, password, send, door)
    mute = frozenset(os.environ.get(MUTE_ENV, "").split())
    return Replay(Garden(system, heard, Staff(everybody, matrix, mute)))
