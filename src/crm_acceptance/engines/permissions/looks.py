"""Replays the looking actions of one cell: what lies in scope must be shown, what does not must not; writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from crm_acceptance.engines.permissions.absent import neighbours
from crm_acceptance.engines.permissions.drafts import AMOUNT
from crm_acceptance.engines.permissions.figures import told
from crm_acceptance.engines.permissions.garden import Canary, Garden
from crm_acceptance.engines.permissions.oracle import shown
from crm_acceptance.engines.permissions.sight import Leak, denied, forbidden, visible
from crm_acceptance.engines.permissions.staff import Staff, covers
from crm_acceptance.engines.permissions.table import Rule
from crm_acceptance.engines.permissions.voices import Heard, Voices
from crm_acceptance.engines.permissions.wording import deed, the_field, the_record, who
from crm_acceptance.errors import SiteOutOfReach, Unproven, Unsupported
from crm_acceptance.model import Action, Outcome, Page, Person, Record

WIDE = 200
"""Rows asked for in a list without a filter."""
SIDE_DOORS: tuple[Mapping[str, Any], ...] = (
    {"page": 2, "size": 1}, {"size": WIDE}, {"size": 10_000}, {"size": 0}, {"size": -1}, {"where": {}},
)  # fmt: skip
"""Pages and sizes asked for beside the plain list; `where`: filtered by the owner's name."""
REACHING = ("read", "list", "search", "export")
RELATING = ("read", "list")
AS_LIST: Mapping[str, str] = {"search": "list", "sort": "list"}
"""Words of the table that are ways of asking for a list."""


@dataclass(frozen=True)
class Look:
    """One person looking through one row of the table at the planted canaries."""

    rule: Rule
    actor: Person
    garden: Garden
    canaries: tuple[Canary, ...]
    brief: bool = False

    @property
    def staff(self) -> Staff:
        """The people and the matrix."""
        return self.garden.staff

    def hear(self, id: str | None = None, **options: Any) -> Heard:
        """Does the row's action."""
        action = Action(AS_LIST.get(self.rule.action, self.rule.action), self.rule.object, id, options=options)
        return self.garden.voices.hear(self.actor, action)

    def leaks(self, heard: Heard) -> Iterator[str]:
        """One finding per value that the answers show and this row, or the whole table, does not allow.

        What an answer shows of other objects is the business of the row `related`, where there is one.
        """
        wanted = {**self._denied(()), **forbidden(self.rule, self.actor, self.canaries)}
        if self.rule.action in RELATING and self.staff.matrix.find(self.rule.role, "related", self.rule.object):
            wanted = {value: leak for value, leak in wanted.items() if leak.canary.object == self.rule.object}
        yield from self._shown(heard, wanted)

    def never(self, heard: Heard, *targets: Canary) -> Iterator[str]:
        """One finding per value, of a canary or a target, that no row of the table lets the actor see."""
        yield from self._shown(heard, self._denied(targets))

    def _denied(self, targets: Iterable[Canary]) -> dict[str, Leak]:
        """Judged again only when more has been planted: of a large matrix this is asked thousands of times."""
        planted, cache = tuple(self.garden.planted()), self.garden.secrets
        key = (self.actor.key, self.actor.role)
        if cache.get(key, (-1, {}))[0] != len(planted):
            cache[key] = len(planted), denied(self.staff.matrix, self.actor, planted)
        known = cache[key][1]
        return {**known, **denied(self.staff.matrix, self.actor, targets)} if targets else known

    def _shown(self, heard: Heard, wanted: Mapping[str, Leak]) -> Iterator[str]:
        for value in sorted(shown(wanted, heard.exchanges)):
            yield leak_sentence(self.actor, heard.action, wanted[value])

    def distance(self, owner: Person) -> int:
        """How far a family is from the actor: 0 for oneself, then one's team, one's department, the rest."""
        if owner.key == self.actor.key:
            return 0
        if owner.department != self.actor.department:
            return 3
        return 1 if owner.team == self.actor.team else 2

    def inside(self) -> tuple[Canary, ...]:
        """The canaries that this row lets the actor see."""
        return visible(self.rule, self.actor, self.canaries)

    def outside(self) -> tuple[Canary, ...]:
        """The canaries that it does not. A row that grants nothing is asked about one family only, to save requests."""
        foreign = tuple(one for one in self.canaries if one not in self.inside())
        return foreign[:1] if self.rule.scope == "none" else foreign


def within_reach(look: Look, owner: Person) -> bool:
    """Whether any row of the role lets the actor see the family's records: rows that are questions grant nothing."""
    scopes = (look.staff.matrix.scope(look.rule.role, name, look.rule.object) for name in REACHING)
    return any(covers(scope, look.actor, owner) for scope in scopes)


def brief(look: Look) -> Look:
    """The same cell in two questions: one record that the row grants and one that it does not."""
    return replace(look, canaries=(*look.inside()[:1], *look.outside()[:1]), brief=True)


def leak_sentence(actor: Person, action: Action, leak: Leak) -> str:
    """The finding that people read first."""
    return f"泄露 leak: {who(actor)}{deed(action)}时看到了 {leak}，权限表不允许。"


def refused_sentence(look: Look, canary: Canary, heard: Heard) -> str:
    """The finding for somebody who does not get what the table grants."""
    said = heard.refusal or "应答里没有这条记录 the record is not in the answer"
    return (
        f"误拒 wrongly refused: {who(look.actor)}{deed(heard.action)}，应当看到 "
        f"{canary.owner.name} 的 {the_record(canary.object, canary.id)}，但是：{said}"
    )


def look_read(look: Look) -> Iterator[str]:
    """By id, and by id only: the own one, others', and the numbers next to the own one."""
    for canary in (*look.inside(), *look.outside()):
        heard = look.hear(canary.id)
        yield from look.leaks(heard)
        if canary in look.inside():
            yield from whole(look, canary, heard)
    known = {canary.id for canary in look.canaries}
    for canary in () if look.brief or not look.outside() else look.inside()[:1]:
        for id in (one for one in neighbours(canary.id) if one not in known):
            yield from look.leaks(look.hear(id))


def look_list(look: Look) -> Iterator[str]:
    """Searched for, filtered for, in the plain list, and on pages of every size."""
    for canary in look.inside():
        yield from found(look, canary, look.hear(**canary.draft.lookup))
    for canary in look.outside():
        if canary == look.outside()[0]:  # an answer kept for the next who asks the same must not be shared
            _asked_before(look, canary)
        heard = look.hear(**canary.draft.lookup)
        yield from look.leaks(heard)
        yield from told(look, canary, heard.outcome, total_of, "总数 total")
    if look.outside() and not look.brief:
        yield from look.leaks(look.hear(size=WIDE))
        yield from side_doors(look, look.outside()[0].owner)


def _asked_before(look: Look, canary: Canary) -> None:
    """Somebody who may see it asks the very same question first."""
    with suppress(Unproven, Unsupported):
        asker = look.staff.doer("list", canary.object, canary.owner)
        look.garden.voices.hear(asker, Action("list", canary.object, options=canary.draft.lookup))


def found(look: Look, canary: Canary, heard: Heard) -> Iterator[str]:
    """What a list must hold: the record, and every field that the row calls plain."""
    yield from look.leaks(heard)
    there = [row for row in rows_of(heard.outcome) if row.id == canary.id]
    yield from whole(look, canary, replace(heard, outcome=there[0] if there else None))


def side_doors(look: Look, owner: Person) -> Iterator[str]:
    """Later pages, sizes that nobody expects, a filter by the owner: each on its own may have forgotten the scope."""
    if not isinstance(look.garden.voices, Voices):
        return  # by hand there is no size to be mistyped
    chorus = look.garden.chorus(look.rule.object, owner)
    for odd in SIDE_DOORS[: 1 if look.rule.scope == "none" else None]:
        try:
            heard = look.hear(**_opened(odd, chorus.lookup, owner))
        except (SiteOutOfReach, Unsupported):  # an error page for an odd question is the wide net's business
            continue
        yield from look.never(heard, *chorus.members)
        yield from told(look, chorus.members[0], heard.outcome, total_of, "总数 total", odd)


def _opened(odd: Mapping[str, Any], lookup: Mapping[str, Any], owner: Person) -> dict[str, Any]:
    if "where" not in odd:
        return {**lookup, **odd}
    return {**lookup, **odd, "where": {**lookup.get("where", {}), "owner": owner.key}}


def look_count(look: Look) -> Iterator[str]:
    """A count of something hidden tells that it exists."""
    yield from _figure(look, _number, {})


def look_sum(look: Look) -> Iterator[str]:
    """A sum over one hidden record is its amount."""
    yield from _figure(look, _number, {"field": AMOUNT[look.rule.object]})


def look_export(look: Look) -> Iterator[str]:
    """A file is an answer like any other."""
    for canary in look.inside():
        heard = look.hear(**canary.draft.lookup)
        yield from look.leaks(heard)
        if heard.refusal or not shown([canary.main], heard.exchanges):
            yield refused_sentence(look, canary, heard)
    for canary in look.outside():
        yield from look.leaks(look.hear(**canary.draft.lookup))
    if look.outside():
        yield from look.leaks(look.hear())


def whole(look: Look, canary: Canary, heard: Heard) -> Iterator[str]:
    """What the table grants must be there: the record, and every field that it calls plain."""
    if not isinstance(heard.outcome, Record) or heard.outcome.id != canary.id:
        yield refused_sentence(look, canary, heard)
        return
    for name in look.rule.treated("plain"):
        if name in canary.values and str(heard.outcome.get(name)) != canary.values[name]:
            what = f"{the_record(canary.object, canary.id)} 的{the_field(name)}"
            yield f"误拒 wrongly hidden: {who(look.actor)}应当看到 {what}。"


def _figure(look: Look, read: Callable[[Outcome], Decimal], options: Mapping[str, Any]) -> Iterator[str]:
    for canary in look.inside():
        heard = look.hear(**options, **canary.draft.lookup)
        yield from look.leaks(heard)
        if heard.refusal or read(heard.outcome) <= 0:
            yield refused_sentence(look, canary, heard)
    for canary in look.outside():
        heard = look.hear(**options, **canary.draft.lookup)
        yield from look.leaks(heard)
        yield from told(look, canary, heard.outcome, read, "数字 figure", options)


def rows_of(outcome: Outcome) -> tuple[Record, ...]:
    return outcome.rows if isinstance(outcome, Page) else ()


def total_of(outcome: Outcome) -> Decimal:
    if not isinstance(outcome, Page):
        return Decimal(0)
    return Decimal(len(outcome.rows) if outcome.total is None else outcome.total)


def _number(outcome: Outcome) -> Decimal:
    return Decimal(outcome) if isinstance(outcome, int | Decimal) else Decimal(0)


LOOKS: Mapping[str, Callable[[Look], Iterator[str]]] = {
    "read": look_read,
    "list": look_list,
    "count": look_count,
    "sum": look_sum,
    "export": look_export,
}
