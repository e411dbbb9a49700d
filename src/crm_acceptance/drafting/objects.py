"""One canonical object of a draft from the thing it was taken for: path, id, calls, fields, moves. Guesses only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from crm_acceptance.drafting.calls import Prefix, Talk, calls_of, names_id
from crm_acceptance.drafting.document import Table
from crm_acceptance.drafting.drafts import CallDraft, FieldDraft, ObjectDraft
from crm_acceptance.drafting.envelope import body_of, list_of, record_of
from crm_acceptance.drafting.fields import fields_of
from crm_acceptance.drafting.naming import singular, words
from crm_acceptance.drafting.resources import Thing
from crm_acceptance.drafting.routes import CRUD
from crm_acceptance.drafting.schemas import Schemas
from crm_acceptance.drafting.whole import BACK
from crm_acceptance.drafting.words import MOVES
from crm_acceptance.systems.rest.canonical import OBJECTS, object_named

BETTER_IDS = ("documentId", "id", "_id", "uuid", "uid", "guid", "objectId", "recordId", "Id", "ID")


def object_draft(schemas: Schemas, thing: Thing, name: str, prefix: Prefix) -> ObjectDraft:
    """The object as far as the document tells it."""
    path = prefix.off(thing.base)
    talk = Talk(schemas, thing, name, _secret(path), prefix, _row(schemas, thing))
    seen, sent = _seen(talk), _sent(talk)
    ids = _ids(talk, seen)
    known = object_named(name)
    fields = fields_of(name, schemas, seen, sent, _about_id(talk, seen, ids)) if name in OBJECTS else {}
    calls = {verb: call for verb, call in calls_of(talk).items() if verb in known.verbs}
    calls |= _renamed(talk, calls)
    shown = len(schemas.properties(seen))
    draft = ObjectDraft(name, known.zh, talk.path, ids, calls, fields, thing.why, thing.meant.sure, shown=shown)
    moved = replace(draft, moves=_moves(draft), calls={**calls, **_derived(draft)})
    return replace(moved, missing=_missing(moved))


def _renamed(talk: Talk, calls: Mapping[str, CallDraft]) -> dict[str, CallDraft]:
    """The same word means assign for one object, transfer for another, handover for people; for a lead both are one."""
    known = object_named(talk.object).verbs
    made = calls_of(talk)
    pairs = (("handover", "transfer"), ("assign", "transfer"), ("transfer", "assign"))
    both = talk.object == "lead"
    return {
        right: made[other]
        for other, right in pairs
        if other in made and (other not in known or both) and right in known and right not in calls
    }


def _secret(path: str) -> str:
    """/tenants/{tenant}/customers: what stands there is the same for all, and comes from the environment."""
    parts = path.split("/")
    return "/".join(
        "{secret." + "_".join(words(one)).upper() + "}" if one.startswith(("{", ":")) else one for one in parts
    )


def _row(schemas: Schemas, thing: Thing) -> Table:
    route = thing.route("list")
    return list_of(schemas, route.operation).row if route else {}


def _seen(talk: Talk) -> Table:
    """What a record looks like: whichever of list, read and create shows the most of it."""
    shown = [talk.row]
    for verb in ("read", "create", "change"):
        route = talk.thing.route(verb)
        one = record_of(talk.schemas, route.operation, talk.nouns, talk.row) if route else None
        if one and one.sure:
            shown.append(one.schema)
    most = max(shown, key=lambda one: len(list(talk.schemas.props(one))))
    return most if talk.schemas.properties(most) else {}


def _sent(talk: Talk) -> Table:
    """What bodies take: that of create, else of change."""
    for verb in ("create", "change"):
        route = talk.thing.route(verb)
        body = body_of(talk.schemas, route.operation, talk.nouns) if route else None
        if body and talk.schemas.properties(body.schema):
            return body.schema
    return {}


def _ids(talk: Talk, seen: Table) -> tuple[str, ...]:
    """The property that names a record: like the path's parameter, else a usual name."""
    own = talk.schemas.properties(seen)
    asked = _asked(talk)
    if len(asked) > 1 and all(one in own for one in asked):
        return asked
    exact = next((one for one in asked[-1:] if one in own and one.lower() != "id"), "")
    named = next((one for one in own if names_id(talk, one)), "")
    usual = next((one for one in BETTER_IDS if one in own), "")
    first = next(iter(own), "")
    return (exact or usual or named or (first if first.lower().endswith("id") else "id"),)


def _asked(talk: Talk) -> tuple[str, ...]:
    """The parameters that name a record in the paths: of the everyday verbs first, else of any other."""
    everyday = [one for verb in ("read", "change", "delete") for one in talk.thing.routes.get(verb, ())]
    return next((one.ids for one in (*everyday, *talk.thing.all) if one.ids), ())


def _about_id(talk: Talk, seen: Table, ids: tuple[str, ...]) -> frozenset[str]:
    """Properties that are the record's own id or the server's business, and so no field."""
    spelt = {"".join(words(one)) for one in ids}
    return frozenset(
        prop.path
        for prop in talk.schemas.props(seen)
        if (prop.path in ids or ("".join(words(prop.name)) in spelt and "." not in prop.path))
        and (prop.name not in object_named(talk.object).fields or prop.name in ("id", "uuid"))
    )


def _moves(draft: ObjectDraft) -> dict[str, Mapping[str, Any]]:
    """Steps that have no call of their own, where the state's values are known and may be written."""
    state = draft.fields.get("state")
    if state is None or not state.write or "change" not in draft.calls:
        return {}
    found: dict[str, Mapping[str, Any]] = {}
    for verb, to, froms in MOVES.get(draft.name, ()):
        if verb not in draft.calls and to in state.choices:
            known = [one for one in froms if one in state.choices]
            takes = [one for one in ("resolution", "reason") if one in draft.fields and verb in ("resolve", "reject")]
            found[verb] = {
                **({"from": known} if known else {}), "to": to, **({"takes": takes} if takes else {}),
            }  # fmt: skip
    return found


_DERIVED = (
    ("transfer", "owner", "{to}"), ("assign", "assignee", "{to}"), ("assign", "owner", "{to}"),
    ("advance", "stage", "{stage}"),
)  # fmt: skip


def _derived(draft: ObjectDraft) -> dict[str, CallDraft]:
    """transfer, assign and advance by the call change, when the field may be written and nothing else does it."""
    change = draft.calls.get("change")
    found: dict[str, CallDraft] = {}
    for verb, name, value in _DERIVED:
        field = draft.fields.get(name)
        known = verb in object_named(draft.name).verbs and verb not in draft.calls and verb not in found
        if change is not None and known and field and field.write and "body" in change.table:
            table = dict(change.table, body=_filled(change.table["body"], field, value))
            found[verb] = CallDraft(
                verb, table, f"没有专门的接口，用修改 no call of its own: change of {field.write}{_whole(change)}"
            )
    return found


def _whole(change: CallDraft) -> str:
    body = change.table.get("body")
    put = str(change.table.get("call", "")).startswith("PUT") and not (isinstance(body, dict) and "..." in body)
    return "；PUT 可能要求整条记录 PUT may want the whole record" if put else ""


def _wrapped(wrap: Any, value: str) -> Any:
    if isinstance(wrap, dict):
        return {key: _wrapped(one, value) for key, one in wrap.items()}
    return value if wrap == "{value}" else wrap


def _filled(template: Any, field: FieldDraft, value: str) -> Any:
    wrap = field.table.get("wrap") if isinstance(field.table, dict) else None
    told = _wrapped(wrap, value) if wrap else value
    for part in reversed(field.write.split(".")):
        told = {part: told}
    if template == "{fields}":
        return told
    if isinstance(template, dict):
        spread: dict[str, Any] = told if "..." in template and isinstance(told, dict) else {}
        whole = {"...": BACK[0]} if template.get("...") == BACK else {}
        rest = {key: _filled(one, field, value) for key, one in template.items() if key != "..."}
        return {**whole, **rest, **spread}
    return [_filled(one, field, value) for one in template] if isinstance(template, list) else template


def _missing(draft: ObjectDraft) -> tuple[str, ...]:
    """What a core object lacks: everyday verbs, fields."""
    verbs = [verb for verb in CRUD if verb not in draft.calls]
    fields = [
        name for name, one in object_named(draft.name).fields.items() if name not in draft.fields and not one.readonly
    ]
    return (*verbs, *(f"字段 {name}" for name in fields))


def plausible(draft: ObjectDraft) -> bool:
    """Whether its fields bear the name out: a thing that shows its fields and of which one fits is something else."""
    own = [name for name in draft.fields if name not in ("version", "created_at", "updated_at")]
    whole = draft.sure > 0.9 and sum(1 for verb in CRUD if verb in draft.calls) > 3
    return whole or draft.shown < 4 or len(own) > 1


def title_of(thing: Thing) -> str:
    """What an unknown thing is called: its own name, in singular."""
    parts = words(thing.noun)
    return "_".join((*parts[:-1], singular(parts[-1]))) if parts else "thing"
