"""A company's own matrix mistaken cell by cell: would replaying it notice? Flips and verdicts; keeps no site tidy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from crm_acceptance.engines.permissions.replay import Replay
from crm_acceptance.engines.permissions.staff import covers
from crm_acceptance.engines.permissions.table import Matrix, Rule
from crm_acceptance.engines.permissions.vocabulary import OBJECT_FIELDS, QUESTIONS
from crm_acceptance.errors import SiteOutOfReach, Unproven, Unsupported

NOTICED, BLIND, UNPROVEN, UNSUPPORTED, FAILING = "noticed", "blind", "unproven", "unsupported", "failing"
SCOPES: Mapping[str, tuple[str, ...]] = {
    "none": ("all",), "own": ("none", "all"), "team": ("own", "all"), "department": ("none", "all"), "all": ("none",),
}  # fmt: skip
"""What a scope is mistaken for: too little and too much."""
FIELDS: Mapping[str, str] = {"masked": "plain", "hidden": "plain", "plain": "hidden"}
"""What a treatment is mistaken for. Read-only fields are asked about by `tamper`, which has no other answer."""
SHOWING = ("read", "list", "search", "export")
TELLING = ("phone", "amount", "name", "title", "total")
"""Fields that a row says nothing of, hence shows: the first that the object has is hidden for once."""


@dataclass(frozen=True)
class Flip:
    """One cell of the table as it stands, and as it might be mistaken; `what` says the change: own -> all."""

    rule: Rule
    flipped: Rule
    what: str


@dataclass(frozen=True)
class Told:
    """What became of one flip: noticed, blind, unproven, unsupported, or failing: the cell as it stands is refuted."""

    flip: Flip
    word: str
    reason: str


def flips(matrix: Matrix) -> Iterator[Flip]:
    """Every mistake that is made of every cell with more than one possible answer, cell by cell."""
    for rule in matrix.rules:
        if rule.action in QUESTIONS or rule.object == "session":
            continue  # a question about leaks has one right answer whatever the table says
        for scope in SCOPES.get(rule.scope, ()):
            yield Flip(rule, replace(rule, scope=scope), f"{rule.scope} -> {scope}")
        yield from _of_fields(rule)


def _of_fields(rule: Rule) -> Iterator[Flip]:
    if rule.scope == "none" or rule.action not in SHOWING:
        return
    for name, how in rule.fields.items():
        if how in FIELDS:
            yield _treated(rule, name, how, FIELDS[how])
    silent = [name for name in TELLING if name in OBJECT_FIELDS.get(rule.object, ()) and name not in rule.fields]
    for name in silent[:1]:
        yield _treated(rule, name, "plain", "hidden")


def _treated(rule: Rule, name: str, before: str, after: str) -> Flip:
    flipped = replace(rule, fields={**rule.fields, name: after})
    return Flip(rule, flipped, f"{name}: {before} -> {after}")


def sample(found: Iterable[Flip], most: int) -> tuple[Flip, ...]:
    """At most so many (0: all), taken in turn from every role and object, so that none is left out by its place."""
    every = list(found)
    if not most or len(every) <= most:
        return tuple(every)
    groups: dict[tuple[str, str], list[Flip]] = {}
    for flip in every:
        groups.setdefault((flip.rule.role, flip.rule.object), []).append(flip)
    of_role: dict[str, list[list[Flip]]] = {}
    for (role, _), group in groups.items():
        of_role.setdefault(role, []).append(_spread(group))
    mixed = [group for rank in zip_longest(*of_role.values()) for group in rank if group is not None]
    turns = zip_longest(*mixed)
    return tuple(flip for turn in turns for flip in turn if flip is not None)[:most]


def _spread(group: Sequence[Flip]) -> list[Flip]:
    """First, last, middle ...: the mistakes of one role and object in an order that begins with unlike ones."""
    places = sorted(range(len(group)), key=lambda at: (f"{at:016b}"[::-1], at))
    return [group[at] for at in places]


def tried(replay: Replay, found: Iterable[Flip], tell: Callable[[Told], None]) -> Iterator[Told]:
    """Each flip's verdict. A cell is replayed as it stands first: one that is refuted anyway notices nothing."""
    standing: dict[tuple[str, str, str], tuple[str, str]] = {}
    for flip in found:
        cell = flip.rule.cell
        if cell not in standing:
            standing[cell] = _heard(replay, flip.rule)
        told = _told(replay, flip, standing[cell])
        tell(told)
        yield told


def _told(replay: Replay, flip: Flip, standing: tuple[str, str]) -> Told:
    word, reason = standing
    if word == NOTICED:
        return Told(flip, FAILING, reason)
    if word != BLIND:
        return Told(flip, word, reason)
    word, reason = _heard(replay, flip.flipped)
    return Told(flip, word, reason or _why_blind(replay, flip))


def _heard(replay: Replay, rule: Rule) -> tuple[str, str]:
    try:
        findings = replay.findings(rule)
    except Unsupported as told:
        return UNSUPPORTED, str(told)
    except (Unproven, SiteOutOfReach) as told:
        return UNPROVEN, str(told)
    except (LookupError, TypeError, ValueError, AttributeError) as broken:
        return UNPROVEN, f"检查自己出错 the check itself broke: {type(broken).__name__}: {broken}"
    return (NOTICED, findings[0]) if findings else (BLIND, "")


def _why_blind(replay: Replay, flip: Flip) -> str:
    """The likeliest reason: with these people both tables are the same, or the replay does not look there."""
    staff, (one, other) = replay.garden.staff, (flip.rule, flip.flipped)
    if one.scope == other.scope:
        return "这个动作的检查不看这个字段 the replay of this action does not look at that field"
    actor, owners = staff.actor(one.role), staff.families(one.object)
    differing = [owner for owner in owners if covers(one.scope, actor, owner) != covers(other.scope, actor, owner)]
    if owners and not differing:
        return (
            f"people.csv 里没有人让 {one.scope} 与 {other.scope} 有区别 "
            "nobody in people.csv makes a difference between the two"
        )
    return "两种写法检查都通过 the replay agrees with both"
