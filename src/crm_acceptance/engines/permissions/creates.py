"""Replays creating and importing, and the two questions about request bodies and former owners."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from crm_acceptance.engines.permissions.attempts import changed
from crm_acceptance.engines.permissions.drafts import HARMLESS, MAIN, PARENT, Draft
from crm_acceptance.engines.permissions.garden import Canary, same
from crm_acceptance.engines.permissions.looks import Look
from crm_acceptance.engines.permissions.smuggling import smuggled
from crm_acceptance.engines.permissions.staff import covers
from crm_acceptance.engines.permissions.voices import Heard
from crm_acceptance.engines.permissions.wording import the_field, the_record, thing, who
from crm_acceptance.engines.permissions.writes import state_of, trespass
from crm_acceptance.errors import Unproven
from crm_acceptance.model import Action, Page, Person, Record


def create(look: Look) -> Iterator[str]:
    """Creates beside a family that the row covers, and tries to beside one that it does not."""
    kind = look.rule.object
    owners = look.staff.families(kind)
    inside = [one for one in owners if covers(look.rule.scope, look.actor, one)]
    outside = [one for one in owners if one not in inside] if kind in PARENT or look.rule.scope == "none" else []
    if inside:
        yield from _created(look, max(inside, key=look.distance) if kind in PARENT else inside[0], granted=True)
    if outside:
        yield from _created(look, min(outside, key=look.distance), granted=False)


def _created(look: Look, owner: Person, granted: bool) -> Iterator[str]:
    kind = look.rule.object
    plan = _draft_beside(look, owner)
    heard = look.garden.voices.hear(look.actor, Action("create", kind, fields=plan.fields))
    there = _found(look, plan, look.actor if granted else look.staff.witness(kind, owner))
    if granted and (heard.refusal or not there):
        said = heard.refusal or "没有找到新记录 the new record is not there"
        yield f"误拒 wrongly refused: {who(look.actor)}应当可以新建{thing(kind)}，但是：{said}"
    if not granted and (there or isinstance(heard.outcome, Record)):
        yield f"越权 trespass: {who(look.actor)}新建了 {owner.name} 名下的{thing(kind)}，权限表不允许。"
    yield from look.never(heard)


def _draft_beside(look: Look, owner: Person) -> Draft:
    kind = look.rule.object
    return look.garden.draft(kind, look.garden.spare_parent(PARENT[kind], owner) if kind in PARENT else "")


def _found(look: Look, plan: Draft, witness: Person) -> bool:
    heard = look.garden.voices.hear(witness, Action("list", plan.object, options=plan.lookup))
    rows = heard.outcome.rows if isinstance(heard.outcome, Page) else ()
    main = MAIN[plan.object]
    return any(same(row.get(main), plan.fields[main]) for row in rows)


def bring_in(look: Look) -> Iterator[str]:
    """Imports a file with two rows; the first is looked for (whether all arrive is another requirement's question)."""
    kind, owner = look.rule.object, look.staff.families(look.rule.object)[0]
    granted = look.rule.scope != "none"
    beside = look.actor if granted and look.actor in look.staff.families(kind) else owner
    parent = look.garden.spare_parent(PARENT[kind], beside) if kind in PARENT else ""
    plan, second = look.garden.draft(kind, parent), look.garden.draft(kind, parent)
    heard = look.garden.voices.hear(look.actor, Action("import", kind, options={"csv": _sheet(plan, second)}))
    there = any(_found(look, plan, witness) for witness in _eyes(look, kind, look.actor if granted else owner))
    if granted and not there:
        yield f"误拒 wrongly refused: {who(look.actor)}应当可以导入{thing(kind)}，但是：{_said(heard)}"
    if not granted and there:
        yield f"越权 trespass: {who(look.actor)}导入了{thing(kind)}，权限表不允许。"
    if granted:
        yield from _overwritten(look, heard)


def _overwritten(look: Look, before: Heard) -> Iterator[str]:
    """A row that is called like somebody else's record must not change that one, be it taken for a duplicate or not."""
    kind = look.rule.object
    scope = look.staff.matrix.scope(look.actor.role, "change", kind)
    foreign = [one for one in look.staff.families(kind) if not covers(scope, look.actor, one)]
    if not foreign or before.refusal or kind not in HARMLESS:
        return
    victim = look.garden.spare(kind, min(foreign, key=look.distance))
    known = state_of(look.garden, victim, "import")
    same_name = {name: victim.draft.fields[name] for name in ("name", "phone") if name in victim.draft.fields}
    parent = {PARENT[kind]: look.garden.spare_parent(PARENT[kind], look.actor)} if kind in PARENT else {}
    fresh = look.garden.draft(kind)
    row = replace(fresh, fields={**fresh.fields, **same_name, **parent})
    heard = look.garden.voices.hear(look.actor, Action("import", kind, options={"csv": _sheet(row)}))
    if known is not None and state_of(look.garden, victim, "import") != known:
        yield trespass(look.actor, heard.action, victim, "被同名的导入行改写 overwritten by a row of that name")


def _eyes(look: Look, kind: str, first: Person) -> list[Person]:
    """Whoever could see an imported record, whoever it was given to."""
    matrix = look.staff.matrix
    seeing = [p for p in look.staff.people if matrix.scope(p.role, "list", kind) in ("all", "department")]
    return [first, *(person for person in seeing if person.key != first.key)][:3]


def _sheet(plan: Draft, *more: Draft) -> bytes:
    text = io.StringIO()
    sheet = csv.DictWriter(text, fieldnames=list(plan.fields))
    sheet.writeheader()
    for one in (plan, *more):
        sheet.writerow(one.fields)
    return text.getvalue().encode("utf-8-sig")


def _said(heard: Heard) -> str:
    return str(heard.refusal or heard.outcome)


def tamper(look: Look) -> Iterator[str]:
    """Sends the fields that the row calls read-only, when creating and when changing; they must stay as they are."""
    names = look.rule.treated("read-only")
    if not names:
        raise Unproven(f"第 {look.rule.line} 行 tamper 没有写 read-only 的字段。Name read-only fields in this row.")
    for name in names:
        yield from _tampered_change(look, name, _forged(look, name))
        yield from _tampered_create(look, name, _forged(look, name))
    yield from smuggled(look)


def _tampered_change(look: Look, name: str, forged: Any) -> Iterator[str]:
    kind = look.rule.object
    target = look.garden.spare(kind, look.actor)
    before = state_of(look.garden, target, "change")
    fields = {**(changed(target.draft) if look.rule.object != "order" else {}), name: forged}
    heard = look.garden.voices.hear(look.actor, Action("change", kind, target.id, fields=fields))
    after = state_of(look.garden, target, "change")
    if before is None:
        raise Unproven(
            f"{the_record(kind, target.id)} 读不到，无从比较。It cannot be read, so nothing can be compared."
        )
    if after is None or after[name] != before[name]:
        yield trespass(look.actor, heard.action, target, f"只读字段 {the_field(name)}")


def _tampered_create(look: Look, name: str, forged: Any) -> Iterator[str]:
    kind = look.rule.object
    if look.staff.matrix.scope(look.actor.role, "create", kind) == "none" or kind == "order":
        return
    plan = look.garden.draft(kind, look.garden.spare_parent(PARENT[kind], look.actor) if kind in PARENT else "")
    fields = {**plan.fields, name: forged}
    heard = look.garden.voices.hear(look.actor, Action("create", kind, fields=fields))
    if not isinstance(heard.outcome, Record):
        return
    target = Canary(kind, heard.outcome.id, look.actor, {}, plan)
    after = state_of(look.garden, target, "create")
    if after is None or str(after[name]) == str(forged):
        yield trespass(look.actor, heard.action, target, f"只读字段 {the_field(name)}")


def _forged(look: Look, name: str) -> Any:
    if name in ("owner", "assignee"):
        return look.staff.other(look.actor).key
    if name == "state":
        return _FORGED_STATES.get(look.rule.object, "done")
    return _FORGED.get(name, "伪造")


_FORGED: Mapping[str, Any] = {
    "paid": Decimal("0.07"),
    "invoiced": Decimal("0.07"),
    "due": Decimal("0.07"),
    "total": Decimal("0.07"),
    "probability": 99,
    "lead_count": 99,
}
_FORGED_STATES = {"quote": "approved", "order": "paid", "customer": "pool", "ticket": "closed"}


def stale(look: Look) -> Iterator[str]:
    """After a record was handed to somebody else, its former owner must lose it, by id and in the list.

    What strangers who never owned it see as well is the business of the rows about reading and listing, not of this.
    """
    kind = look.rule.object
    heir = look.staff.other(look.actor)
    never_mine, target = look.garden.canary(kind, heir), look.garden.spare(kind, look.actor)
    doer = look.staff.doer("transfer", kind, look.actor)
    look.garden.done(doer, Action("transfer", kind, target.id, options={"to": heir.key}))
    for way in (_reads, _lists):
        if way(look, target) and not way(look, never_mine):
            yield (
                f"泄露 leak: {the_record(kind, target.id)} 已转给 {heir.name}，原负责人 {who(look.actor)}仍然看得到。"
                "The former owner still sees it."
            )


def _reads(look: Look, target: Canary) -> bool:
    outcome = look.garden.voices.hear(look.actor, Action("read", target.object, target.id)).outcome
    return isinstance(outcome, Record) and outcome.id == target.id


def _lists(look: Look, target: Canary) -> bool:
    action = Action("list", target.object, options=target.draft.lookup)
    outcome = look.garden.voices.hear(look.actor, action).outcome
    return isinstance(outcome, Page) and any(row.id == target.id for row in outcome.rows)


CREATES: Mapping[str, Callable[[Look], Iterator[str]]] = {
    "create": create,
    "import": bring_in,
    "tamper": tamper,
    "stale": stale,
}
