"""Who of the company does what in a replay, chosen by the matrix alone: families, doers, witnesses; sends nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crm_acceptance.engines.permissions.drafts import PARENT
from crm_acceptance.engines.permissions.table import Matrix, Rule
from crm_acceptance.engines.permissions.wording import doing, thing
from crm_acceptance.errors import Unproven
from crm_acceptance.model import Person

PER_TEAM, PER_ROLE = 2, 3
"""Families at most of one role: two in its first team, so that peers can be told apart, and one of another team."""
IDENTITIES = 3
"""People at most of one role who replay its reading and listing cells; of different teams before the same."""


def covers(scope: str, actor: Person, owner: Person) -> bool:
    """Whether a record of `owner`'s family lies in the actor's scope."""
    if scope == "own":
        return actor.key == owner.key
    if scope == "team":
        return actor.key == owner.key or (
            bool(actor.team) and (actor.team, actor.department) == (owner.team, owner.department)
        )
    if scope == "department":
        return actor.department == owner.department
    return scope == "all"


@dataclass(frozen=True)
class Staff:
    """The people of people.csv and what the matrix lets them do."""

    people: Sequence[Person]
    matrix: Matrix
    mute: frozenset[str] = frozenset()
    """Keys of those who cannot sign in: they act, which says why their cells are unproven, and prepare nothing."""

    def actor(self, role: str) -> Person:
        """The person who replays the role's cells: the first one that has it."""
        return next(person for person in self.people if person.role == role)

    def actors(self, role: str) -> tuple[Person, ...]:
        """Everybody who replays the role's reading and listing cells: the first person, then those most unlike them."""
        everybody = [person for person in self.people if person.role == role]
        groups: dict[tuple[str, str], int] = {}
        order: list[tuple[int, int, Person]] = []
        for number, person in enumerate(everybody):
            group = (person.department, person.team)
            order.append((groups.setdefault(group, 0), number, person))
            groups[group] += 1
        return tuple(person for _turn, _number, person in sorted(order, key=lambda one: one[:2]))[:IDENTITIES]

    def families(self, kind: str) -> tuple[Person, ...]:
        """Whose canaries there are: peers of a role that owns its records and one of another team; of every further
        department one person. Their number grows with roles and departments, never with people."""
        found: list[Person] = []
        for person in self._able():
            scope = self.matrix.scope(person.role, "create", _root(kind))
            peers = [other for other in found if other.role == person.role]
            near = [other for other in peers if (other.department, other.team) == (person.department, person.team)]
            known = person.department in {other.department for other in found}
            owns = scope == "own" and len(peers) < PER_ROLE and len(near) < PER_TEAM
            if owns or (scope in ("team", "department", "all") and not known):
                found.append(person)
        return tuple(found)

    def circle(self, kind: str, actor: Person) -> tuple[Person, ...]:
        """Of the families, one per relation to the actor: self, a peer, the same team, the same department, elsewhere.

        At most five, whatever the number of people, so that a cell's requests do not grow with the company.
        """
        found: dict[str, Person] = {}
        for owner in self.families(kind):
            found.setdefault(_relation(actor, owner), owner)
        return tuple(found.values())

    def doer(self, action: str, kind: str, owner: Person) -> Person:
        """Who does this to a record of the family: its owner, or the first person whose scope covers it."""
        for person in (owner, *self._able()):
            if covers(self.matrix.scope(person.role, action, kind), person, owner):
                return person
        raise Unproven(
            f"权限表里没有人可以{doing(action, kind)}（{owner.name} 的），金丝雀数据无法准备。"
            f"Nobody in the table may {action} this {kind}, so nothing can be prepared."
        )

    def witness(self, kind: str, owner: Person) -> Person:
        """Who reads a record of the family again afterwards, preferring eyes without masks."""
        seeing = [p for p in (owner, *self._able()) if covers(self.matrix.scope(p.role, "read", kind), p, owner)]
        if not seeing:
            raise Unproven(f"权限表里没有人可以查看 {owner.name} 的{thing(kind)}，无从复核。Nobody may read it again.")
        return min(seeing, key=lambda person: self._blurred(person, kind))

    def other(self, *not_these: Person) -> Person:
        """Somebody else to hand a record to: of the same role as the first one where there is one, or anybody."""
        role, keys = not_these[0].role, {person.key for person in not_these}
        found = [person for person in self.people if person.key not in keys]
        if not found:
            raise Unproven("people.csv 里没有别人可以接手记录。Nobody else is there to hand a record to.")
        return min(found, key=lambda person: person.role != role)

    def _able(self) -> tuple[Person, ...]:
        return tuple(person for person in self.people if person.key not in self.mute)

    def _blurred(self, person: Person, kind: str) -> int:
        rule: Rule | None = self.matrix.find(person.role, "read", kind)
        return len(rule.treated("masked", "hidden")) if rule else 0


def _relation(actor: Person, owner: Person) -> str:
    same_department = actor.department == owner.department
    if actor.key == owner.key:
        return "self"
    if same_department and (actor.team, actor.role) == (owner.team, owner.role):
        return "peer"
    if same_department and actor.team == owner.team:
        return "team"
    return "department" if same_department else "elsewhere"


def _root(kind: str) -> str:
    while kind in PARENT:
        kind = PARENT[kind]
    return kind
