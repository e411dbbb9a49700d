"""What has to be asked before values can be translated: the list of people, records referred to by name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from crm_acceptance.errors import Refused, Unsupported
from crm_acceptance.model import Action
from crm_acceptance.systems.flow import Flow
from crm_acceptance.systems.rest import paging
from crm_acceptance.systems.rest.asking import ask
from crm_acceptance.systems.rest.calls import names_for
from crm_acceptance.systems.rest.crm import Visit
from crm_acceptance.systems.rest.fetching import fetcher
from crm_acceptance.systems.rest.places import look
from crm_acceptance.systems.rest.query import Asked, asked
from crm_acceptance.systems.rest.scope import of_action
from crm_acceptance.systems.rest.shape import FieldSpec, ObjectSpec
from crm_acceptance.systems.rest.templates import MISSING

EVERYBODY = 2000
"""People at most in a people table."""


def for_action(visit: Visit, object: ObjectSpec, action: Action) -> Flow[None]:
    """Everything that this action's values need before they can be written."""
    given = {**dict(action.options.get("where") or {}), **action.fields}
    specs = [(object.fields[name], value) for name, value in given.items() if name in object.fields]
    person = "to" in action.options or (object.name == "user" and action.id is not None)
    if person or any(spec.type == "person" for spec, _ in specs):
        yield from people(visit)
    for spec, value in specs:
        if spec.lookup and value is not None:
            yield from _named(visit, spec, str(value))


def for_rows(visit: Visit, object: ObjectSpec, rows: Iterable[Any]) -> Flow[None]:
    """Everything that rows of this object need before they can be read."""
    if any(spec.type == "person" for spec in object.fields.values()):
        yield from people(visit)
    for spec in object.fields.values():
        if spec.lookup:
            for raw in {str(raw) for row in rows if _is_plain(raw := look(row, spec.path))}:
                yield from _found(visit, spec, raw)


def _is_plain(raw: Any) -> bool:
    return raw is not MISSING and raw not in (None, "") and not isinstance(raw, Mapping | list)


def people(visit: Visit) -> Flow[None]:
    """The CRM's list of people, read once per site; somebody who may not see it leaves that to others."""
    staff, spec = visit.crm.staff, visit.crm.mapping.people.list
    if not staff.wanting or spec is None or visit.standing.people_refused:
        return
    fetch = fetcher(visit, spec, Asked(), {})
    try:
        part = yield from paging.rows(visit.crm.mapping.paging, fetch, repr, 1, EVERYBODY)
    except Refused as no:
        if no.kind == "expired":
            raise
        visit.standing.people_refused = True
        return
    staff.learn(part.rows)


def _named(visit: Visit, spec: FieldSpec, id: str) -> Flow[None]:
    """What the CRM writes for the record `id` in a field that refers by name: read off that record, once."""
    crm = visit.crm
    key = (spec.object, spec.lookup, f"id {id}")
    object = crm.mapping.objects.get(spec.object)
    reading = object.calls.get("read") if object else None
    if key in crm.looked_up or object is None or reading is None:
        return
    about = of_action(crm, object, Action("read", object.name, id), {})
    reply = yield from ask(visit, reading, names_for(visit, about))
    row = reply.at(reading.record or "")
    place = object.fields[spec.lookup].path if spec.lookup in object.fields else spec.lookup
    raw = look(row, place)
    if raw is MISSING:
        raise crm.wrong(spec.where, f"{spec.object} {id} 没有 {place!r}，lookup 查不到。The record has no such value.")
    crm.looked_up[key] = raw
    crm.looked_up[spec.object, spec.lookup, str(raw)] = id


def _found(visit: Visit, spec: FieldSpec, raw: str) -> Flow[None]:
    """The id of the record that the CRM refers to by this value: searched for once; unknown ones stay as they are."""
    crm = visit.crm
    key = (spec.object, spec.lookup, raw)
    object = crm.mapping.objects.get(spec.object)
    listing = object.calls.get("list") if object else None
    if key in crm.looked_up or object is None or listing is None or listing.steps:
        return
    action = Action("list", object.name, options={"where": {spec.lookup: raw}, "size": 2})
    try:
        wanted = asked(visit, object, listing, action)
        fetch = fetcher(visit, listing, wanted, of_action(crm, object, action, {}))
        part = yield from paging.rows(crm.mapping.paging, fetch, repr, 1, 2)
    except (Unsupported, Refused):
        return
    if len(part.rows) == 1:
        crm.looked_up[key] = crm.id_in(object, part.rows[0])
