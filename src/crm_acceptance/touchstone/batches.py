"""Which defects may share a boot: those that no check can mistake for each other. Pure; boots nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from crm_acceptance.model import Expected
from crm_acceptance.touchstone.planted import Planted

LOAD = "load"
"""The engine whose checks measure time, so nothing else may run meanwhile."""


@dataclass(frozen=True)
class Batch:
    """Defects planted in one boot, and the checks (node ids) that may notice any of them.

    quiet: nothing else may run on the machine meanwhile.
    """

    name: str
    defects: tuple[Planted, ...]
    checks: frozenset[str]
    quiet: bool = False


def noticing(defect: Planted, checks: Iterable[Expected]) -> frozenset[str]:
    """The node ids that may notice it: checks of its requirements and, when it says where, there."""
    wanted = set(defect.requirements)
    return frozenset(
        check.nodeid
        for check in checks
        if wanted & set(check.requirements)
        and (not defect.where or any(fnmatchcase(check.nodeid, pattern) for pattern in defect.where))
    )


def batches(defects: Sequence[Planted], checks: Sequence[Expected]) -> tuple[Batch, ...]:
    """As few as a greedy colouring finds: in one batch no check may notice two defects, and all are of one kind.

    A defect that only a peak shows is planted alone, and quietly.
    """
    seen = {defect.name: noticing(defect, checks) for defect in defects}
    timed = frozenset(check.nodeid for check in checks if check.engine == LOAD)
    loud = [one for one in defects if not seen[one.name] & timed]
    found: list[Batch] = []
    for kind in dict.fromkeys(one.kind for one in defects):
        groups = coloured([one for one in loud if one.kind == kind], seen)
        found += [_batch(f"{kind}-{number:02}", group, seen) for number, group in enumerate(groups, 1)]
    quiet = [one for one in defects if seen[one.name] & timed]
    return (*found, *(_batch(f"{one.kind}-{one.name}", (one,), seen, quiet=True) for one in quiet))


def coloured(defects: Sequence[Planted], seen: Mapping[str, frozenset[str]]) -> list[tuple[Planted, ...]]:
    """Groups without a conflict, by DSATUR: whoever has the fewest groups left to go to chooses first."""
    foes = {one.name: {other.name for other in defects if conflict(one, other, seen)} for one in defects}
    colour: dict[str, int] = {}
    waiting = {one.name: number for number, one in enumerate(defects)}
    while waiting:
        name = max(waiting, key=lambda one: (_taken(one, foes, colour), len(foes[one]), -waiting[one]))
        used = {colour[foe] for foe in foes[name] if foe in colour}
        colour[name] = next(number for number in range(len(defects)) if number not in used)
        del waiting[name]
    numbers = range(max(colour.values(), default=-1) + 1)
    return [tuple(one for one in defects if colour[one.name] == number) for number in numbers]


def conflict(one: Planted, other: Planted, seen: Mapping[str, frozenset[str]]) -> bool:
    """Whether a check could notice either, or nobody could tell: one requirement, and one of them says not where."""
    if one.name == other.name:
        return False
    shared = bool(set(one.requirements) & set(other.requirements))
    return bool(seen[one.name] & seen[other.name]) or (shared and not (one.where and other.where))


def _taken(name: str, foes: Mapping[str, set[str]], colour: Mapping[str, int]) -> int:
    return len({colour[foe] for foe in foes[name] if foe in colour})


def _batch(name: str, group: Sequence[Planted], seen: Mapping[str, frozenset[str]], quiet: bool = False) -> Batch:
    return Batch(name, tuple(group), frozenset().union(*(seen[one.name] for one in group)), quiet)
