"""Tries the names that a CRM shows in its own JSON and keeps itself: sent back changed, they must not be taken."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

from crm_acceptance.engines.permissions.attempts import changed
from crm_acceptance.engines.permissions.drafts import PARENT
from crm_acceptance.engines.permissions.garden import Canary
from crm_acceptance.engines.permissions.looks import Look
from crm_acceptance.engines.permissions.voices import Alter, Heard, Voices
from crm_acceptance.engines.permissions.wording import the_record, who
from crm_acceptance.model import Action, Record
from crm_acceptance.systems.flow import Call

Raw = Mapping[str, Any]
_BY_WHOM = r"(by|at|on|time|date|user|userid|uid|byid|id|name|datetime)?"
_KEPT = re.compile(rf"(is)?admin|(create|created|creation|creator|update|updated|modified|lastmodified){_BY_WHOM}")
_COUNTED = ("version", "revision", "rowversion", "lockversion")
FAR = 1_000_007
"""What a forged number is larger by."""


def smuggled(look: Look) -> Iterator[str]:
    """Authors, times, versions and whatever else begins like a read-only field of the row, by the CRM's own names."""
    voices = look.garden.voices
    if not isinstance(voices, Voices) or not look.garden.system.supports("change", look.rule.object):
        return
    target = look.garden.spare(look.rule.object, look.actor)
    before = _raw(_read(look, target), target.values.values())
    forged = _forged(look, before, _foreign(look)) if before else {}
    if forged:
        yield from _by_change(look, voices, target, before, forged)
        yield from _by_create(look, voices, forged)


def _read(look: Look, target: Canary) -> Heard:
    return look.garden.voices.hear(look.actor, Action("read", target.object, target.id))


def _raw(heard: Heard, values: Collection[object]) -> Raw:
    """The record as the CRM's own JSON holds it: the object in which its values stand; {} where there is none."""
    for _, answer in reversed(heard.exchanges):
        try:
            found = _holding(json.loads(answer.body), {str(value) for value in values})
        except ValueError:
            continue
        if found is not None:
            return found
    return {}


def _holding(part: Any, values: Collection[str]) -> dict[str, Any] | None:
    """The innermost object that holds one of the values itself."""
    if isinstance(part, dict):
        inner = (_holding(value, values) for value in part.values())
        found = next((one for one in inner if one is not None), None)
        if found is not None:
            return found
        return part if any(isinstance(v, str | int | float) and str(v) in values for v in part.values()) else None
    if isinstance(part, list):
        return next((one for one in (_holding(each, values) for each in part) if one is not None), None)
    return None


def _foreign(look: Look) -> Raw:
    """Somebody else's record of that kind, whose values are such as the CRM would take; {} when there is none."""
    families = [one for one in look.staff.families(look.rule.object) if one.key != look.actor.key]
    if not families:
        return {}
    canary = look.garden.canary(look.rule.object, families[-1])
    witness = look.staff.witness(canary.object, canary.owner)
    heard = look.garden.voices.hear(witness, Action("read", canary.object, canary.id))
    return _raw(heard, canary.values.values())


def _forged(look: Look, before: Raw, foreign: Raw) -> dict[str, Any]:
    """Raw name -> another value of the same kind, for everything that only the CRM may write."""
    plain = {name: value for name, value in before.items() if isinstance(value, str | int | float | bool)}
    kept = {name: value for name, value in plain.items() if _is_kept(look, name, value)}
    values = {name: _other(value, foreign.get(name)) for name, value in kept.items()}
    return {name: value for name, value in values.items() if value is not None}


def _is_kept(look: Look, name: str, value: object) -> bool:
    bare = re.sub(r"[^a-z]", "", name.lower())
    if bare in _COUNTED:
        return isinstance(value, int) and not isinstance(value, bool)
    read_only = (one.replace("_", "") for one in look.rule.treated("read-only"))
    also = any(re.fullmatch(rf"{re.escape(one)}(id|key|login|name)", bare) for one in read_only)
    return also or bool(_KEPT.fullmatch(bare))


def _other(value: Any, foreign: Any) -> Any:
    """None: nothing better is known than what would be refused as nonsense."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\d", value):
        return f"2001-01-01{value[10:]}"
    if isinstance(foreign, type(value)) and foreign != value:
        return foreign
    return value + FAR if isinstance(value, int | float) else None


def _inserting(forged: Raw, values: Collection[object]) -> Alter:
    """Puts the forged names beside the values that the request carries anyway."""
    wanted = {str(value) for value in values}

    def alter(call: Call) -> Call:
        body = json.loads(json.dumps(call.json, default=str)) if isinstance(call.json, dict | list) else None
        place = _holding(body, wanted)
        if call.method == "GET" or place is None:
            return call
        place.update(forged)
        return replace(call, json=body)

    return alter


def _by_change(look: Look, voices: Voices, target: Canary, before: Raw, forged: Raw) -> Iterator[str]:
    """All at once; one by one where the CRM refuses the lot, because one name may hide the others."""
    fields = changed(target.draft)
    action = Action("change", target.object, target.id, fields=fields)
    heard = voices.altered(look.actor, action, _inserting(forged, fields.values()))
    for name, value in forged.items() if heard.refusal else ():
        voices.altered(look.actor, action, _inserting({name: value}, fields.values()))
    after = _raw(_read(look, target), [*target.values.values(), *fields.values()])
    for name in _taken(before, after, forged):
        yield _sentence(look, "修改", target.object, target.id, name)


def _by_create(look: Look, voices: Voices, forged: Raw) -> Iterator[str]:
    kind = look.rule.object
    if look.staff.matrix.scope(look.actor.role, "create", kind) == "none" or kind == "order":
        return
    parent = look.garden.spare_parent(PARENT[kind], look.actor) if kind in PARENT else ""
    for way in (forged, *({name: value} for name, value in forged.items())):
        plan = look.garden.draft(kind, parent)
        action = Action("create", kind, fields=plan.fields)
        heard = voices.altered(look.actor, action, _inserting(way, plan.fields.values()))
        if not isinstance(heard.outcome, Record):
            continue
        seen = voices.hear(look.actor, Action("read", kind, heard.outcome.id))
        for name in _taken({}, _raw(seen, plan.fields.values()), way):
            yield _sentence(look, "新建", kind, heard.outcome.id, name)
        if way is forged:
            return


def _taken(before: Raw, after: Raw, forged: Raw) -> list[str]:
    """The names whose forged value is there now and was not before; a version may have been counted on."""
    return [
        name
        for name, value in forged.items()
        if name in after and before.get(name) != value and str(after[name]) in (str(value), _next(value))
    ]


def _next(value: Any) -> str:
    return str(value + 1) if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _sentence(look: Look, deed: str, kind: str, id: str, name: str) -> str:
    return (
        f"越权 trespass: {who(look.actor)}{deed} {the_record(kind, id)} 时附带了系统自己维护的 {name}，被采用了。"
        "A field that only the CRM keeps was taken from the request."
    )
