"""A verb that is several steps: canonical verbs and calls in a row, each result under a name for those after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from crm_acceptance.errors import Unsupported
from crm_acceptance.model import Action, Outcome, Record
from crm_acceptance.systems.flow import Flow
from crm_acceptance.systems.rest.asking import ask
from crm_acceptance.systems.rest.calls import names_for
from crm_acceptance.systems.rest.crm import Visit
from crm_acceptance.systems.rest.outcomes import texts
from crm_acceptance.systems.rest.places import look
from crm_acceptance.systems.rest.scope import of_action
from crm_acceptance.systems.rest.shape import CallSpec, ObjectSpec
from crm_acceptance.systems.rest.templates import MISSING, fill, inside

Serve = Callable[[Visit, Action], Flow[Outcome]]
DEEPEST = 5
"""Verbs made of verbs made of verbs: beyond this it is a circle."""


def run(visit: Visit, object: ObjectSpec, spec: CallSpec, action: Action, serve: Serve) -> Flow[Outcome]:
    """All steps in a row, then the record that `result` and `yields` describe."""
    depth = int(visit.names.get("depth", 0)) + 1
    if depth > DEEPEST:
        raise Unsupported(f"{visit.crm.at(spec.where)}：步骤绕成了圈 {action.verb}。The steps go in a circle.")
    deeper = Visit(visit.crm, visit.session, visit.verb, {"depth": depth})
    canonical = {f"fields.{name}": value for name, value in action.fields.items()}
    known: dict[str, Any] = {**of_action(visit.crm, object, action, {}), **canonical, "fields": dict(action.fields)}
    if action.id is not None:
        known["id"] = action.id
    known |= {name: value for name, value in action.options.items() if name not in ("where", "body", "csv")}
    outcome: Outcome = None
    for step in spec.steps:
        outcome = yield from _step(deeper, object, step, known, serve)
    return (yield from _result(deeper, object, spec, known, outcome, serve))


def _step(visit: Visit, object: ObjectSpec, step: CallSpec, known: dict[str, Any], serve: Serve) -> Flow[Outcome]:
    """One canonical verb, whose record's fields are saved, or one call, of whose answer places are saved."""
    if not step.do:
        reply = yield from ask(visit, step, names_for(visit, known))
        known |= {name: found for name, place in step.save.items() if (found := reply.at(place)) is not MISSING}
        return None
    kind, _, verb = step.do.partition(".")
    names = names_for(visit, known)
    id = fill(step.id, names) if step.id else MISSING
    action = Action(
        verb, kind, str(id) if id is not MISSING and id not in (None, "") else None,
        fields=dict(fill(step.fields, names)), options=dict(fill(step.options, names)),
    )  # fmt: skip
    outcome = yield from serve(visit, action)
    known |= {name: _saved(outcome, place) for name, place in step.save.items()}
    return outcome


def _saved(outcome: Outcome, place: str) -> Any:
    """What a step saves of its outcome: all of it, a record's id or field, or a place in figures."""
    if not place:
        return outcome
    return inside(outcome, place) if isinstance(outcome, Record) else look(outcome, place)


def _result(
    visit: Visit, object: ObjectSpec, spec: CallSpec, known: Mapping[str, Any], last: Outcome, serve: Serve
) -> Flow[Outcome]:
    """The record of `yields` with the id and fields of `result`; read again when only its id is told."""
    given: dict[str, Any] = fill(spec.result, names_for(visit, known)) if spec.result else {}
    if not given:
        return last
    kind = spec.yields or object.name
    id = str(given.pop("id", ""))
    known_kind = visit.crm.mapping.objects.get(kind)
    if given or not id or known_kind is None or "read" not in known_kind.calls:
        return Record(kind, id, texts(given))
    return (yield from serve(visit, Action("read", kind, id)))
