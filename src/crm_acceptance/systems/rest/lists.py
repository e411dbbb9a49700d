"""Lists, counts and sums of a described CRM: one page as it was asked for, or how many there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from crm_acceptance.errors import Unsupported
from crm_acceptance.model import Action, Page
from crm_acceptance.systems.flow import Flow
from crm_acceptance.systems.rest import codec, paging, preparing
from crm_acceptance.systems.rest.asking import ask
from crm_acceptance.systems.rest.calls import names_for
from crm_acceptance.systems.rest.crm import Visit
from crm_acceptance.systems.rest.fetching import fetcher
from crm_acceptance.systems.rest.paging import Part
from crm_acceptance.systems.rest.places import keys_of
from crm_acceptance.systems.rest.query import asked
from crm_acceptance.systems.rest.scope import of_action
from crm_acceptance.systems.rest.shape import CallSpec, ObjectSpec, PagingSpec
from crm_acceptance.systems.rest.templates import MISSING


def page(visit: Visit, object: ObjectSpec, spec: CallSpec, action: Action, yields: ObjectSpec) -> Flow[Page]:
    """The rows that the action asks for, as Records of `yields`."""
    yield from preparing.for_action(visit, object, action)
    wanted = asked(visit, object, spec, action)
    number, size = int(action.options.get("page") or 1), action.options.get("size")
    whole = action.name != "list" and size is None and number == 1
    rules = PagingSpec() if whole else visit.crm.mapping.paging
    fetch = fetcher(visit, spec, wanted, of_action(visit.crm, object, action, dict(action.fields)), rules)

    def key(row: Any) -> str:
        return visit.crm.id_in(yields, row) or repr(row)

    found = yield from paging.rows(rules, fetch, key, number, int(size) if size else None)
    if (yield from _unturned(visit, fetch, key, found, number, (object.name, repr(wanted), size))):
        found = replace(found, rows=())
    yield from preparing.for_rows(visit, yields, found.rows)
    return Page(tuple(codec.record(visit.crm, yields, row) for row in found.rows), found.total)


def _unturned(
    visit: Visit, fetch: paging.Fetch, key: paging.Key, found: Part, number: int, same: tuple[Any, ...]
) -> Flow[bool]:
    """Whether a later page is the first one again: the CRM ignores paging. Found out once per object and site."""
    name, kind = same[0], visit.crm.mapping.paging.kind
    if kind not in paging.BY_NUMBER or name in visit.crm.paged or not found.rows:
        return False
    held = visit.standing.first_pages
    if number == 1:
        held[name] = (same, tuple(map(key, found.rows)))
        return False
    if held.get(name, ((), ()))[0] != same:
        first = yield from paging.rows(visit.crm.mapping.paging, fetch, key, 1, same[2])
        held[name] = (same, tuple(map(key, first.rows)))
    if held[name][1] == tuple(map(key, found.rows)):
        return True
    visit.crm.paged.add(name)
    return False


def count(visit: Visit, object: ObjectSpec, spec: CallSpec, action: Action) -> Flow[int]:
    """How many there are: what the CRM counts, or the total of its list. Unsupported when the list tells none."""
    if spec.call == "list":
        listing = object.calls.get("list")
        if listing is None or listing.steps:
            raise Unsupported(f'{visit.crm.at(spec.where)}：count = "list" 需要 list。count = "list" needs a list.')
        few = replace(action, options={**action.options, "size": 1, "page": 1})
        found = yield from page(visit, object, listing, few, object)
        if found.total is None:
            raise Unsupported(
                f"{visit.crm.at(listing.where)}：列表没有告诉总数，数不出来；写 total。The list tells no total."
            )
        return found.total
    told = yield from value(visit, object, spec, action)
    try:
        return int(codec.exact(told))
    except codec.Unfit as why:
        raise visit.crm.wrong(f"{spec.where}.value", str(why)) from None


def total(visit: Visit, object: ObjectSpec, spec: CallSpec, action: Action) -> Flow[Decimal]:
    """The sum that the CRM tells, in yuan when the field is kept in cents."""
    told = yield from value(visit, object, spec, action)
    field = object.fields.get(str(action.options.get("field", "")))
    try:
        exact = codec.exact(0 if told is None else told)
    except codec.Unfit as why:
        raise visit.crm.wrong(f"{spec.where}.value", str(why)) from None
    return exact / 100 if field and field.unit == "cent" else exact


def value(visit: Visit, object: ObjectSpec, spec: CallSpec, action: Action) -> Flow[Any]:
    """The value that a call tells. WrongUse names the line when it is not there."""
    yield from preparing.for_action(visit, object, action)
    wanted = asked(visit, object, spec, action)
    field = object.fields.get(str(action.options.get("field", "")))
    about = of_action(visit.crm, object, action, dict(action.fields)) | ({"field": field.query} if field else {})
    reply = yield from ask(visit, spec, names_for(visit, wanted.names, about), wanted.params)
    found = reply.at(spec.value if spec.value is not None else spec.total or "")
    if found is MISSING or isinstance(found, Mapping | list):
        raise visit.crm.wrong(
            f"{spec.where}.value",
            f"应答的 {spec.value!r} 处没有数值；应答里有 {keys_of(reply.body)}。There is no value at that place.",
        )
    return found
