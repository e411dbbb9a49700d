"""Three throw-away records of one object, made by whoever may make them; why none could be made."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm_acceptance.doctoring import answers, marking, values
from crm_acceptance.doctoring.experiments import Lab, keep_created, why_refused
from crm_acceptance.doctoring.findings import BROKEN, DENIED, UNTRIED, WORKS, Finding
from crm_acceptance.doctoring.looking import mark_untried
from crm_acceptance.doctoring.visit import Exchange, Guest, Tried, Visit
from crm_acceptance.doctoring.why_calls import (
    address,
    envelope,
    exchange_of,
    no_such,
    place_of_record,
    unexpected,
    works,
)
from crm_acceptance.manners import journal
from crm_acceptance.model import Action, Page, Record
from crm_acceptance.systems.rest.places import look
from crm_acceptance.systems.rest.shape import FieldSpec, ObjectSpec
from crm_acceptance.systems.rest.templates import MISSING

COUNT = 3


@dataclass
class Bench:
    """What lies ready for the trials of one object: who made it, what was written, and the ids."""

    object: ObjectSpec
    guest: Guest
    mark: str
    refs: Mapping[str, str]
    drafts: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    ids: list[str] = dataclasses.field(default_factory=list)
    exchange: Exchange | None = None
    before: Tried | None = None

    def another(self, visit: Visit, guest: Guest | None = None) -> Tried:
        """One more record, by the same person or by another; kept apart from the three."""
        maker = guest or self.guest
        fields = values.draft(self.object, self.mark, visit.serial(), self.refs, maker.key)
        return visit.attempt(maker, Action("create", self.object.name, fields=fields))


def prepared(visit: Visit, object: ObjectSpec, benches: Mapping[str, Bench]) -> Bench | None:
    """A bench with three records; None, with the reason in the chart, when nobody could make them."""
    refs = {name: bench.ids[0] for name, bench in benches.items()}
    missing = [one.object for one in object.fields.values() if _needs(visit, object, one) and one.object not in refs]
    if missing:
        mark_untried(visit, object, list(object.calls) + list(object.moves), f"没有 {missing[0]}，做不了（needs one）")
        return None
    mark = journal.word(values.marker())
    failed: list[tuple[Guest, Tried, dict[str, Any]]] = []
    for guest in _order(visit, object, benches):
        bench = Bench(object, guest, mark, refs, before=_listed(visit, object, guest))
        tried = _make(visit, bench, 0)
        if bench.ids:
            bench.exchange = exchange_of(visit, object.calls["create"], tried.exchanges)
            _denied(visit, object, failed)
            return _completed(visit, bench)
        failed.append((guest, tried, values.draft(object, mark, 0, refs, guest.key)))
    _nobody(visit, object, failed)
    return None


def _needs(visit: Visit, object: ObjectSpec, field: FieldSpec) -> bool:
    """Whether a record cannot be made without the other: it is required, or the other's own create is broken."""
    if field.type != "ref" or not field.write or field.object == object.name:
        return False
    cells = visit.chart.cells.items()
    broken = any(cell.outcome in (BROKEN, UNTRIED) for key, cell in cells if key[:2] == (field.object, "create"))
    return field.name in object.required or broken


def _order(visit: Visit, object: ObjectSpec, benches: Mapping[str, Bench]) -> list[Guest]:
    """Who made the parents goes first."""
    parents = {benches[one.object].guest.key for one in object.fields.values() if one.object in benches}
    return sorted(visit.guests(), key=lambda guest: guest.key not in parents)


def _listed(visit: Visit, object: ObjectSpec, guest: Guest) -> Tried | None:
    return visit.attempt(guest, Action("list", object.name)) if "list" in object.calls else None


def _make(visit: Visit, bench: Bench, number: int) -> Tried:
    fields = values.draft(bench.object, bench.mark, number, bench.refs, bench.guest.key)
    tried = visit.attempt(bench.guest, Action("create", bench.object.name, fields=fields))
    if isinstance(tried.outcome, Record) and tried.outcome.id:
        bench.drafts.append(fields)
        bench.ids.append(tried.outcome.id)
    return tried


def _completed(visit: Visit, bench: Bench) -> Bench:
    visit.chart.mark(bench.object.name, "create", bench.guest.key, WORKS)
    for number in range(1, COUNT):
        tried = _make(visit, bench, number)
        if tried.kind:
            visit.chart.note(f"{bench.object.name} 第 {number + 1} 条没有建成：{tried.no}")
    return bench


def _denied(visit: Visit, object: ObjectSpec, failed: list[tuple[Guest, Tried, dict[str, Any]]]) -> None:
    for guest, tried, _ in failed:
        visit.chart.mark(object.name, "create", guest.key, DENIED, str(tried.no))


def _nobody(visit: Visit, object: ObjectSpec, failed: list[tuple[Guest, Tried, dict[str, Any]]]) -> None:
    """Nobody could create: the one refusal that tells most is looked into."""
    telling = [one for one in failed if one[1].kind != "denied"]
    for guest, tried, _ in failed:
        visit.chart.mark(object.name, "create", guest.key, BROKEN if tried.kind != "denied" else DENIED, str(tried.no))
    rest = [verb for verb in (*object.calls, *object.moves) if verb not in ("list", "create")]
    mark_untried(visit, object, rest, "没有可试的记录（nothing could be created）")
    if telling:
        guest, tried, fields = telling[0]
        visit.chart.mark(object.name, "create", guest.key, BROKEN, why(visit, object, guest, tried, fields))


def why(visit: Visit, object: ObjectSpec, guest: Guest, tried: Tried, fields: dict[str, Any]) -> Finding:
    """Why this create failed."""
    spec = object.calls["create"]
    exchange = exchange_of(visit, spec, tried.exchanges)
    if spec.steps or tried.busy or exchange is None or exchange.answer is None:
        return unexpected(visit, spec, tried, object)
    found = envelope(visit, exchange) or marking.unmarked(visit, exchange.answer)
    if found:
        return found
    if works(visit, exchange.answer):
        keep_created(visit, object, spec, guest, exchange.answer)
        return place_of_record(visit, object, spec, exchange.answer) or _id(visit, object, exchange, tried)
    if no_such(visit, tried.guest, exchange):
        return address(visit, spec, exchange)
    return why_refused(Lab(visit, object, spec, guest, exchange, fields, known_keys(visit, object, guest)))


def _id(visit: Visit, object: ObjectSpec, exchange: Exchange, tried: Tried) -> Finding:
    """The record is there, its id is not where the mapping reads it."""
    assert exchange.answer is not None
    spec = object.calls["create"]
    record = answers.at(exchange.answer, spec.record or "")
    if all(look(record, part) is not MISSING for part in object.id):
        return unexpected(visit, spec, tried, object)
    likely = answers.find_ids(record)
    hint = f"是不是 {likely[0]}？did you mean {likely[0]}? " if likely else ""
    return visit.finding(
        f"{object.where}.id",
        f"新记录里没有 {'、'.join(object.id)}（no id there）。{hint}记录有 keys: {answers.keys(record)}。",
    )


def known_keys(visit: Visit, object: ObjectSpec, guest: Guest) -> list[str]:
    """The keys that the object's rows have at this CRM."""
    for one in (guest, *visit.guests()):
        tried = visit.attempt(one, Action("list", object.name)) if "list" in object.calls else None
        rows = tried.outcome.rows if tried and isinstance(tried.outcome, Page) else ()
        exchange = exchange_of(visit, object.calls["list"], tried.exchanges) if tried and rows else None
        if exchange and exchange.answer:
            table = answers.at(exchange.answer, object.calls["list"].rows or "")
            if isinstance(table, list) and table:
                return list(dict.fromkeys(place for row in table[:10] for place, _ in answers.places(row)))
    return []
