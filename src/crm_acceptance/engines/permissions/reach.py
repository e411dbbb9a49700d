"""What a person of a role has in reach, as things to look at again later: an action and the value that it must show."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from crm_acceptance.engines.permissions.drafts import MAIN, PARENT, PLANTABLE
from crm_acceptance.engines.permissions.garden import Canary
from crm_acceptance.engines.permissions.looks import Look
from crm_acceptance.engines.permissions.oracle import shown
from crm_acceptance.engines.permissions.staff import Staff, covers
from crm_acceptance.engines.permissions.voices import Heard
from crm_acceptance.engines.permissions.wording import the_record, thing
from crm_acceptance.errors import Unproven
from crm_acceptance.model import Action, Person

KINDS = tuple(sorted(PLANTABLE, key=lambda kind: (kind in PARENT, PLANTABLE.index(kind))))
"""Roots first: they cost one request to plant."""
ENOUGH = 2
"""Kinds of records looked at: one of the person's own and one that others made, where the role has both."""


@dataclass(frozen=True)
class Sight:
    """Something to look at. `value`: what stands there for whoever may see it; `told`: what it is, for a finding."""

    kind: str
    action: Action
    value: str
    told: str


def sees(sight: Sight, heard: Heard) -> bool:
    """Whether the answers show it."""
    return bool(shown([sight.value], heard.exchanges))


def allowed(staff: Staff, role: str, sight: Sight) -> bool:
    """Whether any row lets the role see records of that kind at all."""
    looks = ("read", "list", "search", "export", "audit")
    return any(staff.matrix.scope(role, action, sight.kind) != "none" for action in looks)


def sights(look: Look, person: Person) -> tuple[Sight, ...]:
    """By id and in the list: a record of the person's own and one of somebody else's; else the list of accounts."""
    found: list[Sight] = []
    for kind in _kinds(look.staff, person.role):
        canary = _in_reach(look, kind, person)
        if canary is not None:
            found += _ways(look, canary, person)
    if not found and look.staff.matrix.scope(person.role, "list", "user") == "all":
        found.append(Sight("user", Action("list", "user", options={"size": 200}), person.login, thing("user")))
    if not found:
        raise Unproven(
            f"权限表里 {person.role} 什么记录都看不到，事后也无从看起。The role has nothing in reach to look at again."
        )
    return tuple(found)


def lost_roles(look: Look) -> tuple[str, tuple[Sight, ...]]:
    """A role that loses something of this one's and gains something, with sights of what it gains.

    Unproven when every other role of the company sees all that this one sees.
    """
    staff, old = look.staff, look.rule.role
    others = dict.fromkeys(person.role for person in staff.people if person.role != old)
    best = [role for role in others if any(_only(staff, old, role, kind) for kind in _kinds(staff, old) or ["user"])]
    if not best:
        raise Unproven(f"没有哪个角色比 {old} 少看到什么，换角色无从验证。No role sees less than this one.")
    gaining = [role for role in best if _gains(staff, old, role)]
    new = (gaining or best)[0]
    return new, tuple(sight for kind in _gains(staff, old, new)[:1] for sight in _gained(look, kind, new))


def _kinds(staff: Staff, role: str) -> list[str]:
    """Kinds that the role may read or list: first one of its own, then one that is open to all."""
    kinds = [kind for kind in KINDS if staff.matrix.scope(role, "read", kind) != "none"]
    wide = [kind for kind in kinds if staff.matrix.scope(role, "read", kind) == "all"]
    narrow = [kind for kind in kinds if kind not in wide and staff.matrix.scope(role, "create", kind) != "none"]
    return [*narrow[:1], *wide[:1]] or kinds[:ENOUGH]


def _only(staff: Staff, old: str, new: str, kind: str) -> bool:
    sight = Sight(kind, Action("read", kind), "", "")
    return allowed(staff, old, sight) and not allowed(staff, new, sight)


def _gains(staff: Staff, old: str, new: str) -> list[str]:
    return [kind for kind in KINDS if _only(staff, new, old, kind) and staff.matrix.scope(new, "read", kind) == "all"]


def _gained(look: Look, kind: str, new: str) -> Iterator[Sight]:
    family = next(iter(look.staff.families(kind)), None)
    person = next(one for one in look.staff.people if one.role == new)
    if family is not None:
        yield from _ways(look, look.garden.canary(kind, family), person)


def _in_reach(look: Look, kind: str, person: Person) -> Canary | None:
    """A record that the person may see: made by the person, or a canary of a family within the scope."""
    matrix = look.staff.matrix
    scope = matrix.scope(person.role, "read", kind)
    if scope in ("all", "department"):
        covered = [one for one in look.staff.families(kind) if covers(scope, person, one)]
        return look.garden.canary(kind, covered[0]) if covered else None
    if kind not in PARENT and covers(matrix.scope(person.role, "create", kind), person, person):
        return look.garden.spare(kind, person)
    return None


def _ways(look: Look, canary: Canary, person: Person) -> Iterator[Sight]:
    for name, action in (
        ("read", Action("read", canary.object, canary.id)),
        ("list", Action("list", canary.object, options=canary.draft.lookup)),
    ):
        rule = look.staff.matrix.find(person.role, name, canary.object)
        value = _plain(canary, rule.treated("masked", "hidden") if rule else ())
        if rule is not None and rule.scope != "none" and value:
            yield Sight(canary.object, action, value, the_record(canary.object, canary.id))


def _plain(canary: Canary, blurred: tuple[str, ...]) -> str:
    """A value that the role sees as it is."""
    names = [MAIN[canary.object], *canary.values]
    return next((canary.values[name] for name in names if name in canary.values and name not in blurred), "")
