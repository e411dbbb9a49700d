"""The first look: everybody lists everything, before anything is created; why lists cannot be read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from crm_acceptance.doctoring import answers, proving, signing
from crm_acceptance.doctoring.findings import BROKEN, DENIED, UNTRIED, WORKS, Finding
from crm_acceptance.doctoring.visit import Exchange, Guest, Tried, Visit
from crm_acceptance.doctoring.why_calls import (
    address,
    envelope,
    exchange_of,
    no_such,
    place_of_rows,
    said,
    unexpected,
    works,
)
from crm_acceptance.model import Action, Page
from crm_acceptance.systems.rest.places import look
from crm_acceptance.systems.rest.shape import CallSpec, ObjectSpec
from crm_acceptance.systems.rest.templates import MISSING

Looks = Mapping[str, list[tuple[Guest, Tried]]]


def first_look(visit: Visit) -> dict[str, list[tuple[Guest, Tried]]]:
    """What everybody gets from every list; whatever is wrong with lists as such is written down."""
    listed = [one for one in visit.mapping.objects.values() if "list" in one.calls]
    looks = {
        one.name: [(guest, visit.attempt(guest, Action("list", one.name))) for guest in visit.guests()]
        for one in listed
        if one.name != "followup"  # lists of follow-ups need a parent
    }
    shut = _shut_out(visit, looks)
    for object in listed:
        _judge(visit, object, looks.get(object.name, []), looks, shut)
    return looks


def able(looks: Looks, object: str) -> list[Guest]:
    """Who may list that object."""
    return [guest for guest, tried in looks.get(object, []) if not tried.kind]


def _judge(
    visit: Visit, object: ObjectSpec, tries: list[tuple[Guest, Tried]], looks: Looks, shut: Finding | None
) -> None:
    good = [(guest, tried) for guest, tried in tries if not tried.kind]
    finding = shut
    if good:
        finding = _shape(visit, object, good[0][1])
    elif tries and finding is None:
        finding = _why_nobody(visit, object, tries, looks)
    for guest, tried in tries:
        denied = tried.kind == "denied" or (bool(good) and tried.refused)
        outcome = DENIED if denied and not shut else BROKEN if tried.kind or finding else WORKS
        visit.chart.mark(object.name, "list", guest.key, outcome, finding if outcome == BROKEN else str(tried.no or ""))


def _shut_out(visit: Visit, looks: Looks) -> Finding | None:
    """Whether nobody sees anything because the proof of the login is not what the CRM wants."""
    every = [(guest, tried) for tries in looks.values() for guest, tried in tries]
    if not every or any(tried.kind not in ("expired", "denied", "siteoutofreach") for _, tried in every):
        return None
    guest, tried = every[0]
    found = tried.last
    if found is None or found.answer is None or found.answer.status not in (400, 401, 403, 302, 303):
        return None
    return proving.headers(visit, guest, found)


def _why_nobody(visit: Visit, object: ObjectSpec, tries: list[tuple[Guest, Tried]], looks: Looks) -> Finding | None:
    spec = object.calls["list"]
    guest, tried = next(((g, t) for g, t in tries if t.kind != "denied"), tries[0])
    exchange = exchange_of(visit, spec, tried.exchanges)
    others = [one for name, one in looks.items() if name != object.name]
    elsewhere = any(not one.kind for tries in others for _, one in tries)
    if tried.kind == "denied":
        return None  # nobody may: said once, at the end, with all the gaps
    if exchange and no_such(visit, guest, exchange):
        return _nowhere(visit, guest, object, spec, exchange, elsewhere)
    if exchange and exchange.answer and exchange.answer.status in (400, 422) and envelope(visit, exchange) is None:
        return _refused_params(visit, guest, spec, exchange)
    return unexpected(visit, spec, tried, object)


def _nowhere(
    visit: Visit, guest: Guest, object: ObjectSpec, spec: CallSpec, exchange: Exchange, elsewhere: bool
) -> Finding:
    shared = spec.where.startswith("calls.")
    asked = f"{exchange.call.method} {exchange.call.path}"
    if elsewhere and shared:
        near = "（[calls] list 对别的对象是通的 works for other objects）"
        return visit.finding(f"{object.where}.path", f"{asked} 系统不认识：{said(exchange.answer)}{near}。")
    if visit.mapping.auth.login is None and not elsewhere:
        living = signing.living_prefix(visit, guest)
        if living is None and visit.mapping.prefix:
            return visit.finding("api.prefix", f"{asked} 系统不认识：{said(exchange.answer)}（no such address）。")
        if living is not None and living != visit.mapping.prefix:
            return visit.finding(
                "api.prefix", f"{asked} 系统不认识；用前缀 {living!r} 就认识（did you mean {living!r}?）。"
            )
    return address(visit, spec, exchange)


def _refused_params(visit: Visit, guest: Guest, spec: CallSpec, exchange: Exchange) -> Finding:
    """A list refused for what is asked along: which parameter it is, found by leaving each out."""
    for name in exchange.call.params:
        rest = {key: value for key, value in exchange.call.params.items() if key != name}
        if works(visit, visit.raw(guest, replace(exchange.call, params=rest))):
            return visit.finding(
                _owner_of(visit, guest, spec, name, exchange),
                f"没有参数 {name} 就可以：{said(exchange.answer)}（works without it）。",
            )
    asked = f"{exchange.call.method} {exchange.call.path} {dict(exchange.call.params)}"
    return visit.finding(f"{spec.where}.call", f"{asked}：{said(exchange.answer)}。")


def _owner_of(visit: Visit, guest: Guest, spec: CallSpec, name: str, exchange: Exchange) -> str:
    """The place in the mapping that sends this parameter along."""
    paging = visit.mapping.paging
    for key in ("page", "offset", "size", "cursor"):
        if getattr(paging, key) == name:
            return "paging.first" if key == "page" and _counts(visit, guest, name, exchange) else f"paging.{key}"
    return f"{spec.where}.params.{name}" if name in spec.params else "query.where"


def _counts(visit: Visit, guest: Guest, name: str, exchange: Exchange) -> bool:
    """Whether the parameter is known, and only its number is not."""
    number = str(exchange.call.params[name])
    for other in (int(number) + 1, int(number) - 1) if number.isdigit() else ():
        call = replace(exchange.call, params={**exchange.call.params, name: str(other)})
        if works(visit, visit.raw(guest, call)):
            return True
    return False


def _shape(visit: Visit, object: ObjectSpec, tried: Tried) -> Finding | None:
    """Whether rows, ids and the total are where the mapping says; only what is there in the answer counts."""
    spec = object.calls["list"]
    exchange = exchange_of(visit, spec, tried.exchanges)
    if exchange is None or exchange.answer is None or not isinstance(tried.outcome, Page):
        return None
    found = place_of_rows(visit, spec, exchange.answer) if spec.rows is not None else None
    return found or _ids(visit, object, spec, exchange) or _total(visit, spec, exchange, len(tried.outcome.rows))


def _ids(visit: Visit, object: ObjectSpec, spec: CallSpec, exchange: Exchange) -> Finding | None:
    assert exchange.answer is not None
    rows = answers.at(exchange.answer, spec.rows or "")
    first = rows[0] if isinstance(rows, list) and rows else None
    if first is None or all(look(first, part) is not MISSING for part in object.id):
        return None
    likely = answers.find_ids(first)
    hint = f"是不是 {likely[0]}？did you mean {likely[0]}? " if likely else ""
    return visit.finding(
        f"{object.where}.id",
        f"列表的行里没有 {'、'.join(object.id)}（no such id in a row）。{hint}行里有 keys: {answers.keys(first)}。",
    )


def _total(visit: Visit, spec: CallSpec, exchange: Exchange, rows: int) -> Finding | None:
    assert exchange.answer is not None
    if spec.total is None:
        return None
    value = answers.at(exchange.answer, spec.total)
    count = answers.number(str(value).rpartition("/")[2] if spec.total.startswith("header:") else value)
    if count is not None and count >= rows:
        return None
    body = answers.body_of(exchange.answer)
    likely = [
        p for n in range(max(rows, 1), rows + 4000) for p in answers.find_totals(body, exchange.answer.headers, n)
    ][:1]
    near = likely[0] if likely else answers.keys_near(spec.total, body)
    hint = f"是不是 {near}？did you mean {near}? " if near else ""
    what = "没有" if value is MISSING else f"{answers.shown(value)}，比行数 {rows} 还少，不是"
    return visit.finding(f"{spec.where}.total", f"{spec.total} 处{what}总数（no total there）。{hint}")


def mark_untried(visit: Visit, object: ObjectSpec, verbs: list[str], why: str) -> None:
    """These verbs could not be tried, and why."""
    for guest in visit.guests():
        for verb in verbs:
            if (object.name, verb, guest.key) not in visit.chart.cells:
                visit.chart.mark(object.name, verb, guest.key, UNTRIED, why)
