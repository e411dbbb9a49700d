"""Which planted values a person may see and which never, from the matrix and the canaries; sends nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from crm_acceptance.engines.permissions.garden import Canary
from crm_acceptance.engines.permissions.staff import covers
from crm_acceptance.engines.permissions.table import Matrix, Rule
from crm_acceptance.engines.permissions.wording import the_field, the_record
from crm_acceptance.model import Person

PLAIN_LOOKS = ("read", "list", "export")


@dataclass(frozen=True)
class Leak:
    """One value that was shown to somebody who must not see it: which field of which record."""

    canary: Canary
    field: str

    def __str__(self) -> str:
        return f"{self.canary.owner.name} 的 {the_record(self.canary.object, self.canary.id)} 的{the_field(self.field)}"


def visible(rule: Rule, actor: Person, canaries: Iterable[Canary]) -> tuple[Canary, ...]:
    """The canaries within the rule's scope."""
    return tuple(one for one in canaries if covers(rule.scope, actor, one.owner))


def forbidden(rule: Rule, actor: Person, canaries: Iterable[Canary]) -> dict[str, Leak]:
    """Value -> what it would mean if this row's answers showed it, judged by this row alone."""
    treated = rule.treated("masked", "hidden")
    leaks: dict[str, Leak] = {}
    granted: set[str] = set()
    for canary in canaries:
        inside = covers(rule.scope, actor, canary.owner)
        for name, value in canary.values.items():
            if inside and name not in treated:
                granted.add(value)
            else:
                leaks[value] = Leak(canary, name)
    return {value: leak for value, leak in leaks.items() if value not in granted}


def denied(matrix: Matrix, actor: Person, canaries: Iterable[Canary]) -> dict[str, Leak]:
    """Value -> leak for every planted value that no row at all lets the actor see in plain."""
    if matrix.scope(actor.role, "list", "audit") == "all":
        return {}
    leaks: dict[str, Leak] = {}
    granted: set[str] = set()
    for canary in canaries:
        for name, value in canary.values.items():
            if _may_see(matrix, actor, canary, name):
                granted.add(value)
            else:
                leaks[value] = Leak(canary, name)
    return {value: leak for value, leak in leaks.items() if value not in granted}


def _may_see(matrix: Matrix, actor: Person, canary: Canary, name: str) -> bool:
    rules = (matrix.find(actor.role, action, canary.object) for action in PLAIN_LOOKS)
    return any(
        rule is not None and covers(rule.scope, actor, canary.owner) and name not in rule.treated("masked", "hidden")
        for rule in rules
    )
