"""Replays `related`: what answers about a record in reach carry of records that are not, and where references lead."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from crm_acceptance.engines.permissions.drafts import PARENT
from crm_acceptance.engines.permissions.garden import Canary
from crm_acceptance.engines.permissions.looks import Look, within_reach
from crm_acceptance.engines.permissions.oracle import shown
from crm_acceptance.engines.permissions.sight import Leak, denied
from crm_acceptance.engines.permissions.voices import Heard
from crm_acceptance.engines.permissions.wording import deed, role, the_record, thing, who
from crm_acceptance.errors import Unproven, Unsupported
from crm_acceptance.model import Action, Record

REFERENCES: Mapping[str, str] = {
    "customer": "customer", "order": "order", "quote": "quote", "opportunity": "opportunity", "campaign": "campaign",
}  # fmt: skip
ASKED = 2
"""Records in reach that are looked at; a third would say what the second did."""


def look_related(look: Look) -> Iterator[str]:
    """The record, the list it stands in, and the records that its references name."""
    kind = look.rule.object
    mine = [one for one in look.canaries if within_reach(look, one.owner)]
    if not mine:
        raise Unproven(
            f"{role(look.rule.role)}看不到任何{thing(kind)}，没有可借的。The role sees no such record to begin with."
        )
    for canary in mine[:ASKED]:
        relatives = list(_relatives(look, canary))
        opened = _hear(look, Action("read", kind, canary.id))
        yield from _judged(look, canary, opened, relatives)
        yield from _judged(look, canary, _hear(look, Action("list", kind, options=canary.draft.lookup)), relatives)
        for name, id in _references(opened):
            yield from _judged(look, canary, _hear(look, Action("read", name, id)), relatives)


def _relatives(look: Look, canary: Canary) -> Iterator[Canary]:
    """What hangs on the record, planted beside it, and the parent it hangs on."""
    system = look.garden.system
    for child, parent in PARENT.items():
        if parent == canary.object and (system.supports("create", child) or child == "order"):
            try:
                yield look.garden.canary(child, canary.owner)
            except (Unproven, Unsupported):  # nobody may make one: then none can be shown
                continue


def _references(heard: Heard | None) -> Iterator[tuple[str, str]]:
    record = heard.outcome if heard else None
    for name, kind in REFERENCES.items() if isinstance(record, Record) else ():
        id = record.get(name) if isinstance(record, Record) else None
        if isinstance(id, str) and id:
            yield kind, id


def _hear(look: Look, action: Action) -> Heard | None:
    if not look.garden.system.supports(action.name, action.object):
        return None
    return look.garden.voices.hear(look.actor, action)


def _judged(look: Look, about: Canary, heard: Heard | None, relatives: Iterable[Canary]) -> Iterator[str]:
    """Every value of another object that no row at all lets the actor see; those of this object are its own rows'."""
    if heard is None:
        return
    others = [one for one in (*look.garden.planted(), *relatives) if one.object != look.rule.object]
    leaks: dict[str, Leak] = denied(look.staff.matrix, look.actor, others)
    own = set(about.values.values())
    for value in sorted(shown(leaks.keys() - own, heard.exchanges)):
        record = the_record(about.object, about.id)
        yield (
            f"泄露 leak: {who(look.actor)}借 {about.owner.name} 的 {record} {deed(heard.action)}时，"
            f"看到了关联的 {leaks[value]}，权限表不允许。A related record is shown."
        )


RELATED: Mapping[str, Callable[[Look], Iterator[str]]] = {"related": look_related}
