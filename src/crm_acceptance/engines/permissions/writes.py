"""Replays changing actions of one cell on spare records, and asks the owner afterwards what became of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from crm_acceptance.engines.permissions.attempts import READY, Ready, attempt
from crm_acceptance.engines.permissions.garden import Canary, Garden, State
from crm_acceptance.engines.permissions.looks import Look
from crm_acceptance.engines.permissions.staff import covers
from crm_acceptance.engines.permissions.vocabulary import OBJECT_FIELDS, OWN_FIELDS
from crm_acceptance.engines.permissions.voices import Heard
from crm_acceptance.engines.permissions.wording import deed, doing, the_field, the_record, who
from crm_acceptance.errors import Unproven
from crm_acceptance.model import Action, Page, Person, Record


def write(look: Look) -> Iterator[str]:
    """Inside the scope it must work and be seen to have worked; outside nothing may change, whatever the status."""
    owners = look.staff.families(look.rule.object)
    inside = [one for one in owners if covers(look.rule.scope, look.actor, one)]
    outside = [one for one in owners if one not in inside]
    if inside:  # whoever may change a record far away may change the own one
        yield from _granted(look, prepared(look, max(inside, key=look.distance), strict=True))
    if outside:
        yield from _denied(look, min(outside, key=look.distance))
    if inside and look.rule.action == "claim":
        yield from _seized(look)


def _seized(look: Look) -> Iterator[str]:
    """Only what lies in the pool is claimed, however far the right reaches: never what somebody looks after."""
    scope = look.staff.matrix.scope(look.actor.role, "change", look.rule.object)
    foreign = [one for one in look.staff.families(look.rule.object) if not covers(scope, look.actor, one)]
    if foreign:
        yield from _denied(look, min(foreign, key=look.distance), "owned")


def prepared(look: Look, owner: Person, strict: bool) -> Canary:
    """A spare record of the family in the state that the row's action needs."""
    kind, action = look.rule.object, look.rule.action
    ready = READY.get((kind, action), Ready())
    spare = look.garden.spare(kind, owner, **ready.fields)
    record: Record | None = None
    for step in ready.steps:
        doer = look.staff.doer(step, kind, owner)
        record = look.garden.done(doer, attempt(step, spare, doer, look.staff))
    if strict and ready.state and record is not None and record.get("state") not in (None, ready.state):
        raise Unproven(
            f"准备“{doing(action, kind)}”时状态是 {record.get('state')}，应为 {ready.state}。Not in the state needed."
        )
    return spare


def state_of(garden: Garden, target: Canary, action: str) -> State:
    """What an eye-witness reads of the record now; None when it is gone. Attachments count as part of it."""
    witness = garden.staff.witness(target.object, target.owner)
    heard = garden.voices.hear(witness, Action("read", target.object, target.id))
    if not isinstance(heard.outcome, Record) or heard.outcome.id != target.id:
        return None
    shown = {name: heard.outcome.get(name) for name in OBJECT_FIELDS.get(target.object, OWN_FIELDS)}
    return {**shown, "attachments": _attached(garden, witness, target)} if action == "attach" else shown


def _attached(garden: Garden, witness: Person, target: Canary) -> tuple[str, ...]:
    heard = garden.voices.hear(witness, Action("attachments", target.object, target.id))
    return tuple(sorted(row.id for row in heard.outcome.rows)) if isinstance(heard.outcome, Page) else ()


def _granted(look: Look, target: Canary) -> Iterator[str]:
    before, heard, after = _tried(look, target)
    if heard.refusal or before == after:
        said = heard.refusal or "什么都没有改变 nothing changed"
        yield (
            f"误拒 wrongly refused: {who(look.actor)}应当可以{deed(heard.action)}：{target.owner.name} 的 "
            f"{the_record(target.object, target.id)}，但是：{said}"
        )


def _denied(look: Look, owner: Person, purpose: str = "") -> Iterator[str]:
    rule, garden = look.rule, look.garden
    special = purpose or (rule.action if (rule.object, rule.action) in READY or rule.action == "attach" else "")
    made = (lambda: garden.spare(rule.object, owner)) if purpose else (lambda: prepared(look, owner, strict=False))
    target = garden.victim(rule.object, owner, special, made)
    before = garden.untouched(target, lambda: state_of(garden, target, rule.action))
    heard = garden.voices.hear(look.actor, attempt(rule.action, target, look.actor, look.staff))
    after = state_of(garden, target, rule.action)
    if before is None:
        raise Unproven(
            f"{the_record(target.object, target.id)} 还没有被碰就读不到了，无从比较。It cannot be read beforehand."
        )
    if before != after:
        garden.spoilt(target)
        yield trespass(look.actor, heard.action, target, _difference(before, after))
    yield from look.never(heard, target)


def trespass(actor: Person, action: Action, target: Canary, difference: str) -> str:
    """The finding for a change that must not have happened."""
    return (
        f"越权 trespass: {who(actor)}做“{deed(action)}”，改动了 {target.owner.name} 的 "
        f"{the_record(target.object, target.id)}（{difference}），权限表不允许。"
    )


def _tried(look: Look, target: Canary) -> tuple[State, Heard, State]:
    before = state_of(look.garden, target, look.rule.action)
    heard = look.garden.voices.hear(look.actor, attempt(look.rule.action, target, look.actor, look.staff))
    return before, heard, state_of(look.garden, target, look.rule.action)


def _difference(before: Mapping[str, Any], after: State) -> str:
    if after is None:
        return "记录不见了 gone"
    return "字段 " + "、".join(the_field(name) for name in before if before[name] != after.get(name))


WRITES: Mapping[str, Callable[[Look], Iterator[str]]] = dict.fromkeys(
    (
        *("change", "delete", "transfer", "attach", "convert", "assign", "claim", "release", "advance"),
        *("submit", "approve", "reject", "order", "confirm", "cancel", "resolve", "close"),
    ),
    write,
)
