"""Changes: each field for itself, every choice, the owner; what was changed is read back."""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import Any

from crm_acceptance.doctoring import answers, comparing, values
from crm_acceptance.doctoring.bench import Bench
from crm_acceptance.doctoring.findings import BROKEN, DENIED, UNTRIED, WORKS, Finding
from crm_acceptance.doctoring.reading import says_no
from crm_acceptance.doctoring.visit import Exchange, Guest, Tried, Visit
from crm_acceptance.doctoring.why_calls import address, exchange_of, no_such, said, unexpected
from crm_acceptance.model import Action, Record
from crm_acceptance.systems.rest.shape import CallSpec, ObjectSpec


def each_field(visit: Visit, whole: Bench, by: Guest | None = None, id: str = "") -> None:
    """Every writable field, one change each. A field that the CRM keeps as it was born is worth a note only."""
    bench = replace(whole, guest=by or whole.guest, ids=[id or whole.ids[-1]])
    object, guest = bench.object, bench.guest
    if "change" not in object.calls:
        return
    kept: list[str] = []
    last: Tried | None = None
    changed = 0
    for name, value in _news(bench).items():
        tried = visit.attempt(guest, Action("change", object.name, bench.ids[-1], {name: value}))
        if not tried.kind and _holds(visit, bench, name, value, tried):
            changed += 1
            continue
        kept.append(name)
        last = tried if last is None or tried.kind else last
    if changed:
        visit.chart.mark(object.name, "change", guest.key, WORKS)
        if kept:
            visit.chart.note(f"{object.name} 的 {', '.join(kept)} 新建后改不了（cannot be changed afterwards）。")
        _choices(visit, bench)
    elif last is not None and last.kind == "denied":
        visit.chart.mark(object.name, "change", guest.key, DENIED, str(last.no))
    elif last is not None:
        visit.chart.mark(object.name, "change", guest.key, BROKEN, _why(visit, bench, last))


def _news(bench: Bench) -> dict[str, Any]:
    made = values.draft(bench.object, bench.mark, 9, bench.refs, bench.guest.key)
    for name, field in bench.object.fields.items():
        if field.type == "choice" and name in made:
            made[name] = next((one for one in field.choices if one != made[name]), made[name])
    return {name: value for name, value in made.items() if _may_change(bench, name, value)}


def _may_change(bench: Bench, name: str, value: Any) -> bool:
    before = bench.drafts[-1]
    return bench.object.fields[name].type not in ("ref", "person", "bool") and name in before and before[name] != value


def _holds(visit: Visit, bench: Bench, name: str, value: Any, tried: Tried) -> bool:
    """Whether the change is there when the record is read again."""
    again = tried
    if "read" in bench.object.calls:
        again = visit.attempt(bench.guest, Action("read", bench.object.name, bench.ids[-1]))
    return isinstance(again.outcome, Record) and comparing.agrees(
        bench.object.fields[name], value, again.outcome.get(name)
    )


def _why(visit: Visit, bench: Bench, tried: Tried) -> Finding:
    spec = bench.object.calls["change"]
    exchange = exchange_of(visit, spec, tried.exchanges)
    if tried.busy or exchange is None or exchange.answer is None:
        return unexpected(visit, spec, tried, bench.object)
    if no_such(visit, tried.guest, exchange):
        return address(visit, spec, exchange)
    found = None if tried.kind else says_no(visit, exchange.answer)
    if found:
        return found
    if not tried.kind:
        keys = answers.keys(exchange.call.json if exchange.call.json is not None else exchange.call.form)
        return visit.finding(
            f"{spec.where}.{'body' if spec.form is None else 'form'}",
            f"{exchange.call.method} {exchange.call.path} 答 HTTP {exchange.answer.status}，但什么也没有改：发了 {keys}"
            "（agreed, yet nothing changed）。",
        )
    return refused_body(visit, spec, exchange) or unexpected(visit, spec, tried, bench.object)


def refused_body(visit: Visit, spec: CallSpec, exchange: Exchange) -> Finding | None:
    """A key of the call's body that the CRM's message calls otherwise."""
    body = exchange.call.json if exchange.call.json is not None else exchange.call.form
    mentioned = answers.words(exchange.answer.text if exchange.answer else "")
    part = "body" if exchange.call.json is not None else "form"
    for key in body if isinstance(body, dict) else ():
        near = difflib.get_close_matches(key, [one for one in mentioned if one != key], n=1, cutoff=0.5)
        if key.lower() not in [one.lower() for one in mentioned] and near:
            return visit.finding(
                f"{spec.where}.{part}.{key}", f"{said(exchange.answer)}：发了 {key}（did you mean {near[0]}?）。"
            )
    if isinstance(body, dict) and spec.where and not spec.where.endswith("change"):
        return visit.finding(f"{spec.where}.{part}", f"{said(exchange.answer)}：发了 {answers.keys(body)}（sent）。")
    return None


def _choices(visit: Visit, bench: Bench) -> None:
    """Every choice is taken and read back, except states, which steps move."""
    object = bench.object
    for name, field in object.fields.items():
        if field.type != "choice" or not field.write or name in values.STATES or name not in bench.drafts[0]:
            continue
        for choice in field.choices:
            tried = visit.attempt(bench.guest, Action("change", object.name, bench.ids[-1], {name: choice}))
            if tried.kind in ("invalid", "conflict", "missing"):
                exchange = exchange_of(visit, object.calls["change"], tried.exchanges)
                visit.chart.find(
                    visit.finding(
                        f"{field.where}.choices.{choice}",
                        f"{field.choices[choice]!r} 被拒：{said(exchange.answer if exchange else None)}（refused）。",
                    )
                )


def transfer(visit: Visit, bench: Bench) -> None:
    """To somebody else, who must then be the owner."""
    object = bench.object
    if "transfer" not in object.calls and "transfer" not in object.moves:
        return
    if any(one.where.startswith("people") for one in visit.chart.findings):
        visit.chart.mark(object.name, "transfer", bench.guest.key, UNTRIED, "[people] 不对，没有试（people are wrong）")
        return
    last: Tried | None = None
    for to in _heirs(visit, bench.guest):
        last = visit.attempt(bench.guest, Action("transfer", object.name, bench.ids[1], options={"to": to.key}))
        if not last.kind:
            visit.chart.mark(object.name, "transfer", bench.guest.key, WORKS)
            owner_is(visit, bench, bench.ids[1], to, bench.guest)
            return
        if last.kind == "denied":
            break
    if last is None:
        visit.chart.note("只有一个人能登录，没有试转移（nobody to transfer to）。")
    elif last.kind == "denied":
        visit.chart.mark(object.name, "transfer", bench.guest.key, DENIED, str(last.no))
    elif last.kind != "unsupported":
        visit.suspect(object.name, "transfer", bench.guest.key, why_step(visit, object, "transfer", last))


def why_step(visit: Visit, object: ObjectSpec, verb: str, tried: Tried) -> Finding:
    """Why a call that changes a record in some way did not work."""
    spec = object.calls.get(verb) or object.calls["change"]  # a move is a change
    exchange = exchange_of(visit, spec, tried.exchanges)
    if exchange and exchange.answer and not spec.steps:
        if no_such(visit, tried.guest, exchange):
            return address(visit, spec, exchange)
        if exchange.answer.status in (200, 400, 409, 422):
            return refused_body(visit, spec, exchange) or unexpected(visit, spec, tried, object)
    return unexpected(visit, spec, tried, object)


def _heirs(visit: Visit, guest: Guest) -> list[Guest]:
    others = [one for one in visit.guests() if one.key != guest.key]
    return sorted(others, key=lambda one: one.person.role != guest.person.role)[:3]


def given(visit: Visit, bench: Bench, giver: Guest, tried: Tried) -> None:
    """What became of a transfer by somebody else: whose the record is then, or why the CRM did not take it."""
    object, id, to = bench.object, tried.action.id, tried.action.options.get("to")
    if any(one.where.startswith("people") for one in visit.chart.findings):
        return
    if not tried.kind and id:
        owner_is(visit, bench, id, next(one for one in visit.guests() if one.key == to), giver)
    elif tried.kind in ("invalid", "conflict") and "transfer" in object.calls and not tried.busy:
        visit.suspect(object.name, "transfer", giver.key, why_step(visit, object, "transfer", tried))


def owner_is(visit: Visit, bench: Bench, id: str, to: Guest, giver: Guest) -> None:
    """Whether the record belongs to whom it was given."""
    owner = bench.object.fields.get("owner")
    if owner is None or "read" not in bench.object.calls:
        return
    for guest in (to, giver):
        tried = visit.attempt(guest, Action("read", bench.object.name, id))
        if isinstance(tried.outcome, Record):
            if tried.outcome.get("owner") not in (to.key, None):
                spec = bench.object.moves.get("transfer") or bench.object.calls["transfer"]
                visit.chart.find(
                    visit.finding(
                        spec.where,
                        f"转移给 {to.key} 后，负责人读出来是 {tried.outcome.get('owner')}（not the owner）。",
                    )
                )
            return
