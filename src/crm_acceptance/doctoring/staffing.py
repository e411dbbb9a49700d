"""The CRM's own list of people, as [people] describes it: whether it is there, and who is who in it."""

from __future__ import annotations

from crm_acceptance.doctoring import answers
from crm_acceptance.doctoring.findings import Finding
from crm_acceptance.doctoring.visit import Exchange, Guest, Visit
from crm_acceptance.doctoring.why_calls import address, is_of, no_such, place_of_rows, works
from crm_acceptance.systems.flow import Call
from crm_acceptance.systems.rest import templates
from crm_acceptance.systems.rest.checks_calls import method_and_path
from crm_acceptance.systems.rest.places import look
from crm_acceptance.systems.rest.shape import CallSpec
from crm_acceptance.systems.rest.templates import MISSING


def problem(visit: Visit) -> Finding | None:
    """What is wrong with [people] list, id or login; None also when nobody here may see the list."""
    spec = visit.mapping.people.list
    if spec is None or visit.mapping.people.by != "id":
        return None
    seen = [one for one in map(lambda guest: _asked(visit, guest, spec), visit.guests()) if one is not None]
    for guest, exchange in seen:
        if works(visit, exchange.answer):
            return _shape(visit, spec, exchange)
        if no_such(visit, guest, exchange):
            return address(visit, spec, exchange)
    return None


def _asked(visit: Visit, guest: Guest, spec: CallSpec) -> tuple[Guest, Exchange] | None:
    """The call as it was made on the way; made now when nobody needed it, if it is a plain one."""
    made = [one for one in guest.log if is_of(visit, spec, one) and one.answer is not None]
    if made:
        return guest, made[-1]
    method, path = method_and_path(spec)
    if method != "GET" or templates.names(path) or templates.names(dict(spec.params)):
        return None
    path = path[1:] if path.startswith("//") else visit.mapping.prefix + path
    headers = next((one.call.headers for one in reversed(guest.log) if one.call.headers), {})
    call = Call(method, path, {name: str(value) for name, value in spec.params.items()}, headers=headers, follow=False)
    return guest, Exchange(call, visit.raw(guest, call))


def _shape(visit: Visit, spec: CallSpec, exchange: Exchange) -> Finding | None:
    assert exchange.answer is not None
    people = visit.mapping.people
    wrong = place_of_rows(visit, spec, exchange.answer) if spec.rows is not None else None
    rows = answers.at(exchange.answer, spec.rows or "")
    if wrong or not isinstance(rows, list) or not rows:
        return wrong
    for key, place in (("id", people.id), ("login", people.login)):
        if all(look(row, place) in (MISSING, None) for row in rows):
            near = answers.keys_near(place, rows[0]) or _holding_logins(visit, rows, key)
            hint = f"是不是 {near}？did you mean {near}?" if near else ""
            known = answers.keys(rows[0])
            return visit.finding(f"people.{key}", f"人员列表的行里没有 {place}，有 keys: {known}。{hint}")
    return None


def _holding_logins(visit: Visit, rows: list[object], key: str) -> str:
    """The key under which the logins of our people stand."""
    logins = {person.login for person in visit.people} if key == "login" else set()
    return next((place for row in rows for place, value in answers.places(row) if str(value) in logins), "")
