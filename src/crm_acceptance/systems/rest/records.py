"""The API door of a described CRM: which line of the mapping serves an action, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from crm_acceptance.errors import Refused, Unsupported
from crm_acceptance.model import Action, Outcome, Page, Person
from crm_acceptance.systems import Session
from crm_acceptance.systems.flow import Flow
from crm_acceptance.systems.rest import auth, canonical, lists, outcomes, preparing, shape, steps
from crm_acceptance.systems.rest.asking import ask
from crm_acceptance.systems.rest.calls import names_for, used_names
from crm_acceptance.systems.rest.codec_write import written
from crm_acceptance.systems.rest.crm import Crm, Visit
from crm_acceptance.systems.rest.places import put
from crm_acceptance.systems.rest.query import PARENT, Asked, asked
from crm_acceptance.systems.rest.scope import of_action
from crm_acceptance.systems.rest.shape import CallSpec, MoveSpec, ObjectSpec
from crm_acceptance.systems.rest.templates import MISSING, fill

OLD = "old"


class DescribedRecords:
    """Holds nothing of a person: what a login brought is in the Session. What the site told everybody is in `crm`."""

    def __init__(self, crm: Crm) -> None:
        self.crm = crm

    def login(self, person: Person, password: str) -> Flow[Session]:
        """A session of this person, as [auth] says."""
        return auth.sign_in(self.crm, person, password)

    def logout(self, session: Session) -> Flow[None]:
        """Ends the session at the CRM. Unsupported without [auth] logout."""
        return auth.sign_out(self.crm, session)

    def flow(self, session: Session, action: Action) -> Flow[Outcome]:
        """The action as the mapping says. Unsupported names the line that the mapping lacks."""
        return serve(Visit(self.crm, session, action.verb), action)


def supports(mapping: shape.Mapping, verb: str, object: str, deep: int = 0) -> bool:
    """Whether the mapping says how: a call, a move with its change, steps whose verbs are all there."""
    spec = mapping.objects.get(object)
    if spec is None or deep > steps.DEEPEST:
        return False
    call = spec.calls.get(verb)
    if call is None:
        return verb in spec.moves and "change" in spec.calls
    if call.call == "list":
        return "list" in spec.calls
    done = [step.do.partition(".") for step in call.steps if step.do]
    return all(supports(mapping, name, kind, deep + 1) for kind, _, name in done)


def serve(visit: Visit, action: Action) -> Flow[Outcome]:
    """One action by its call, its steps or its move."""
    object = visit.crm.object(action.object)
    spec = object.calls.get(action.name)
    if spec is not None and spec.steps:
        yield from preparing.for_action(visit, object, action)
        return (yield from steps.run(visit, object, spec, action, serve))
    if spec is not None:
        return (yield from _called(visit, object, spec, action))
    if action.name in object.moves:
        return (yield from _moved(visit, object, object.moves[action.name], action))
    raise Unsupported(
        f"{visit.crm.mapping.title} 的映射没有 {action.verb}：在 {visit.crm.mapping.file.name} 的 "
        f"[{object.where}.calls] 里写 {action.name} = ...。The mapping does not say how {action.verb} is done."
    )


def _called(visit: Visit, object: ObjectSpec, spec: CallSpec, action: Action) -> Flow[Outcome]:
    yields = _yields(visit.crm, object, spec, action)
    match _gives(spec, action):
        case "page":
            found = yield from lists.page(visit, object, spec, action, yields)
            return _with_parent(found, outcomes.of_parent(action, yields))
        case "count":
            return (yield from lists.count(visit, object, spec, action))
        case "sum":
            return (yield from lists.total(visit, object, spec, action))
        case gives:
            return (yield from _asked(visit, object, spec, action, yields, gives))


def _asked(
    visit: Visit, object: ObjectSpec, spec: CallSpec, action: Action, yields: ObjectSpec, gives: str
) -> Flow[Outcome]:
    """A call whose answer is a record, figures, a file or nothing."""
    yield from preparing.for_action(visit, object, action)
    action = _in_their_words(object, action)
    wanted = asked(visit, object, spec, action) if gives in ("bytes", "figures") else Asked()
    about = of_action(visit.crm, object, action, _fields(visit, object, spec, action))
    old = (yield from _old(visit, object, about)) if OLD in used_names(spec) else {}
    names = names_for(visit, {"key": action.options.get("key", MISSING)}, wanted.names, old, about)
    reply = yield from ask(visit, spec, names, wanted.params)
    if spec.call.partition(" ")[0].upper() != "GET":
        visit.crm.changed(object.name)
    saved = {name: found for name, place in spec.save.items() if (found := reply.at(place)) is not MISSING}
    if gives == "bytes":
        return outcomes.file(visit.crm, spec, reply, yields, action)
    if gives == "figures":
        return outcomes.figures(spec, reply, saved)
    if gives == "nothing":
        return None
    return (yield from outcomes.record(visit, spec, reply, yields, action, saved))


def _old(visit: Visit, object: ObjectSpec, about: Mapping[str, Any]) -> Flow[Mapping[str, Any]]:
    """{old}: the record as the CRM shows it now, for calls that want all of it back."""
    reading = object.calls.get("read")
    if reading is None or reading.steps:
        raise Unsupported(
            f"{visit.crm.at(f'{object.where}.calls')}：{{old}} 要先读记录，没有 read。It needs the call read."
        )
    reply = yield from ask(visit, reading, names_for(visit, about))
    row = outcomes.raw_record(reading, reply, object)
    if not isinstance(row, Mapping):
        raise Refused("missing", f"{object.name} 读不到，不能改 it cannot be read", reply.answer.status)
    return {OLD: row}


def _fields(visit: Visit, object: ObjectSpec, spec: CallSpec, action: Action) -> Mapping[str, Any]:
    """The action's fields as its call places them: one by one, and under "" all of them by the CRM's names."""
    used = used_names(spec)
    given = {name: value for name, value in action.fields.items() if name not in PARENT or name in object.fields}
    one_by_one = {name for name in action.fields if f"fields.{name}" in used}
    loose = outcomes.loose(visit.crm, object, {name: action.fields[name] for name in one_by_one})
    if "fields" not in used:
        _refuse_unsaid(visit, spec, action, given, any(name.startswith("fields.") for name in used))
        return loose
    taken = canonical.verb_named(object.name, action.name).fields
    rest = {name: value for name, value in given.items() if name not in one_by_one}
    asides = {name: value for name, value in rest.items() if name in taken and name not in object.fields}
    table = asides | written(visit.crm, object, {name: rest[name] for name in rest if name not in asides})
    if action.name == "create":
        for place, value in fill(object.always, names_for(visit, {"path": object.path})).items():
            put(table, place, value)
    return {**loose, "": table}


def _refuse_unsaid(visit: Visit, spec: CallSpec, action: Action, given: Mapping[str, Any], some: bool) -> None:
    """A call that carries no field at all would drop what the person wrote without a word."""
    if given and not some and not action.name == "check_duplicate":
        raise Unsupported(
            f'{visit.crm.at(spec.where)}：这个调用没有带上字段 {", ".join(given)}；写 body = "{{fields}}"。'
            "The call carries none of these fields."
        )


def _moved(visit: Visit, object: ObjectSpec, move: MoveSpec, action: Action) -> Flow[Outcome]:
    """A change of state by `change`, with what the move takes along. Whether it may be is the CRM's own affair."""
    if "change" not in object.calls:
        raise Unsupported(
            f"{visit.crm.at(move.where)}：{action.verb} 要靠 change，但 [{object.where}.calls] 没有 change。"
            "The move needs the call change."
        )
    names = names_for(visit, dict(action.options))
    to = fill(move.to, names)
    if to is MISSING:
        raise Unsupported(f"{visit.crm.at(move.where)}：{action.verb} 没有给出 {move.to}。The action does not say it.")
    told = {**action.options, **action.fields}
    taken = {name: told[name] for name in move.takes if name in told}
    change = Action("change", action.object, action.id, {move.field: to, **taken})
    return (yield from serve(visit, change))


def _yields(crm: Crm, object: ObjectSpec, spec: CallSpec, action: Action) -> ObjectSpec:
    """The object that comes back."""
    by_name = {"attach": "attachment", "attachments": "attachment", "audit": "audit"}
    told = spec.yields or canonical.verb_named(object.name, action.name).yields or by_name.get(action.name, "")
    return crm.loosely(told) if told else object


def _gives(spec: CallSpec, action: Action) -> str:
    """What kind of outcome: as the vocabulary says; for verbs of a company's own as the call says."""
    if spec.file:
        return "bytes"
    if action.object == "report":
        return "figures"
    known = canonical.verb_named(action.object, action.name)
    if action.name in canonical.VERBS:
        return known.gives
    return "page" if spec.rows is not None else "figures" if spec.value is not None else "record"


def _in_their_words(object: ObjectSpec, action: Action) -> Action:
    """A file to be imported with the CRM's own headings."""
    if action.name != "import" or not isinstance(action.options.get("csv"), bytes):
        return action
    body = outcomes.in_their_words(action.options["csv"], object)
    return replace(action, options={**action.options, "csv": body})


def _with_parent(page: Page, parent: Mapping[str, Any]) -> Page:
    if not parent:
        return page
    return Page(tuple(replace(row, fields={**parent, **row.fields}) for row in page.rows), page.total)
