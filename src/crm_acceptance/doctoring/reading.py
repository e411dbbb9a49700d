"""Reads what was created: every field back, by the maker and by others, and a record that is not there."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote

from crm_acceptance.doctoring import answers, comparing, marking
from crm_acceptance.doctoring.bench import Bench, known_keys
from crm_acceptance.doctoring.findings import BROKEN, WORKS, Finding
from crm_acceptance.doctoring.refusing import refusal
from crm_acceptance.doctoring.visit import Tried, Visit
from crm_acceptance.doctoring.why_calls import address, exchange_of, no_such, place_of_record, unexpected, works
from crm_acceptance.model import Action, Page, Record
from crm_acceptance.systems.flow import Answer
from crm_acceptance.systems.rest.places import look
from crm_acceptance.systems.rest.templates import MISSING


def read_back(visit: Visit, bench: Bench) -> Record | None:
    """The first record as it is read; every field that came back otherwise is a finding."""
    object = bench.object
    if "read" not in object.calls:
        return None
    tried = visit.attempt(bench.guest, Action("read", object.name, bench.ids[0]))
    if not isinstance(tried.outcome, Record):
        visit.chart.mark(object.name, "read", bench.guest.key, BROKEN, _why(visit, bench, tried))
        return None
    found = _misread(visit, bench, tried, tried.outcome)
    for finding in found:
        visit.chart.find(finding)
    visit.chart.mark(object.name, "read", bench.guest.key, BROKEN if found else WORKS, found[0] if found else None)
    return None if any(one.where.startswith(object.calls["read"].where) for one in found) else tried.outcome


def _misread(visit: Visit, bench: Bench, tried: Tried, record: Record) -> list[Finding]:
    object, spec = bench.object, bench.object.calls["read"]
    exchange = exchange_of(visit, spec, tried.exchanges)
    if exchange is None or exchange.answer is None:
        return []
    raw = answers.at(exchange.answer, spec.record or "")
    place = place_of_record(visit, object, spec, exchange.answer)
    if place:
        return [place]
    sent = _sent(bench)
    known = known_keys(visit, object, bench.guest)
    found = comparing.differences(visit, object, bench.drafts[0], sent, record, raw, known)
    found += comparing.suspicious_units(visit, object, raw)
    for name, field in object.fields.items():
        if field.type == "person":
            one = comparing.person(visit, field, bench.guest.key, record.get(name), raw)
            found += [one] if one else []
    return found + comparing.suspicious_choices(visit, object, record, raw)


def _sent(bench: Bench) -> object:
    """The table of the create that held the fields, in the CRM's own names."""
    call = bench.exchange.call if bench.exchange else None
    body = call.json if call and call.json is not None else call.form if call else None
    keys = [bench.object.fields[name].write for name in bench.drafts[0]]
    best = answers.find_tables(body, keys) if body is not None else []
    return look(body, best[0]) if best else None


def _why(visit: Visit, bench: Bench, tried: Tried) -> Finding:
    object, spec = bench.object, bench.object.calls["read"]
    exchange = exchange_of(visit, spec, tried.exchanges)
    if exchange is None or exchange.answer is None or works(visit, exchange.answer):
        return unexpected(visit, spec, tried, object)
    created = bench.exchange.answer if bench.exchange else None
    record = answers.at(created, object.calls["create"].record or "") if created else MISSING
    for place in answers.find_ids(record) if len(object.id) == 1 else ():
        other = str(look(record, place))
        path = exchange.call.path.replace(quote(bench.ids[0], safe=","), quote(other, safe=","))
        if other != bench.ids[0] and works(visit, visit.raw(bench.guest, replace(exchange.call, path=path))):
            return visit.finding(
                f"{object.where}.id",
                f"用 {object.id[0]} = {bench.ids[0]!r} 读不到，用 {place} = {other!r} 可以（did you mean {place}?）。",
            )
    if tried.kind == "missing" or no_such(visit, tried.guest, exchange):
        return address(visit, spec, exchange, "刚建的记录读不到（a record just created）。")
    return unexpected(visit, spec, tried, object)


def gone(visit: Visit, bench: Bench, id: str) -> None:
    """A record that was deleted must be missing, and said to be."""
    object = bench.object
    tried = visit.attempt(bench.guest, Action("read", object.name, id))
    if tried.kind in ("missing", "denied") or tried.busy:
        return
    spec = object.calls["read"]
    if not tried.kind:
        outcome = tried.outcome
        if isinstance(outcome, Record) and any(value not in (None, "") for value in outcome.fields.values()):
            if _is_listed(visit, bench, id):
                _stayed(visit, bench, id)
                return
            visit.chart.note(f"{object.name} {id} 删除后仍能读到：系统可能只是停用它（still readable after delete）。")
            return
        answer = tried.last.answer if tried.last else None
        finding = (
            says_no(visit, answer)
            or marking.unmarked(visit, answer)
            or visit.finding(
                f"{spec.where}.empty", '不存在的记录读出来是空的：empty = "missing"（an empty answer means missing）。'
            )
        )
    elif tried.kind in ("conflict", "invalid", "duplicate", "throttled", "expired"):
        finding = refusal(visit, tried.exchanges, "missing", tried.kind, "读已删除的记录 reading a deleted record")
    else:
        finding = unexpected(visit, spec, tried, object)
    visit.chart.find(finding)


def _is_listed(visit: Visit, bench: Bench, id: str) -> bool:
    """Whether a list still shows it: one that was only taken out of use is usually hidden there."""
    if "list" not in bench.object.calls:
        return False
    size = min(50, visit.mapping.paging.largest)
    pages = [
        visit.attempt(bench.guest, Action("list", bench.object.name, options={**more, "size": size}))
        for more in ({"q": bench.mark}, {})
    ]
    return any(row.id == id for one in pages if isinstance(one.outcome, Page) for row in one.outcome.rows)


def _stayed(visit: Visit, bench: Bench, id: str) -> None:
    """A deletion that was agreed to and did nothing at all: whatever was created will stay."""
    if any(one.where.startswith("errors.") for one in visit.chart.findings):
        return  # it was perhaps no yes at all
    spec = bench.object.calls["delete"]
    finding = visit.finding(
        f"{spec.where}.call",
        f"{bench.object.name} {id} 删除答成功，还读得到，也还在列表里（agreed, yet nothing was deleted）。",
    )
    visit.undeleted.add(bench.object.name)
    visit.created.append((bench.object.name, id, bench.guest.key))
    visit.chart.mark(bench.object.name, "delete", bench.guest.key, BROKEN, finding)


def says_no(visit: Visit, answer: Answer | None) -> Finding | None:
    """An answer that names an error code though nothing in the mapping makes it a refusal."""
    errors = visit.mapping.errors
    code = answers.at(answer, errors.code) if answer is not None and errors.code else MISSING
    if answer is None or str(code) not in errors.codes:
        return None
    return visit.finding(
        "errors.success",
        f"HTTP {answer.status} 的应答里 {errors.code} = {code!r}，是拒绝，却当成了成功：写 success = {{ path, values }}"
        "（a refusal with a good status）。",
    )
