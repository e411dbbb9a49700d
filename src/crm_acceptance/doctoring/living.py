"""Steps in a record's life: each from where it may be taken, and the state that must follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from crm_acceptance.doctoring import stages, values
from crm_acceptance.doctoring.bench import Bench
from crm_acceptance.doctoring.changing import why_step
from crm_acceptance.doctoring.findings import BROKEN, DENIED, UNTRIED, WORKS, Finding
from crm_acceptance.doctoring.visit import Guest, Tried, Visit
from crm_acceptance.doctoring.why_calls import exchange_of, is_nowhere, said
from crm_acceptance.model import Action, Record
from crm_acceptance.systems.rest import canonical
from crm_acceptance.systems.rest.shape import ObjectSpec

BEFORE: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("customer", "claim"): ("release",),
    ("quote", "approve"): ("submit",),
    ("quote", "reject"): ("submit",),
    ("quote", "order"): ("submit", "approve"),
    ("ticket", "resolve"): ("assign",),
    ("ticket", "close"): ("assign", "resolve"),
}
AFTER: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("lead", "convert"): ("converted",),
    ("customer", "release"): ("pool",),
    ("customer", "claim"): ("active",),
    ("quote", "submit"): ("pending", "approved"),
    ("quote", "approve"): ("approved",),
    ("quote", "reject"): ("rejected",),
    ("quote", "order"): ("ordered",),
    ("order", "confirm"): ("confirmed",),
    ("order", "cancel"): ("cancelled",),
    ("ticket", "assign"): ("assigned",),
    ("ticket", "resolve"): ("resolved",),
    ("ticket", "close"): ("closed",),
}
PLAIN = frozenset({*canonical.COMMON, "check_duplicate", "handover", "enable", "disable"})
MOST_ROLES = 5


def verbs(object: ObjectSpec) -> list[str]:
    """The steps that the mapping gives this object: by a call, or by a move."""
    return [verb for verb in dict.fromkeys((*object.calls, *object.moves)) if verb not in PLAIN]


def every_step(visit: Visit, bench: Bench, people: Iterable[Guest]) -> None:
    """Each step by each of these people, on a record made for it."""
    for verb in verbs(bench.object):
        for guest in people:
            if "delete" in bench.object.calls or not _works_for_somebody(visit, bench.object, verb):
                _step(visit, bench, verb, guest)


def _step(visit: Visit, bench: Bench, verb: str, guest: Guest) -> None:
    object = bench.object
    hindrance = _hindrance(visit, bench, verb)
    if hindrance:
        visit.chart.mark(object.name, verb, guest.key, UNTRIED, f"{hindrance} 不通，没有试（does not work）")
        return
    id = _ready(visit, bench, verb, guest)
    if id is None:
        visit.chart.mark(object.name, verb, guest.key, UNTRIED, "没有可用的记录（no record to try it on）")
        return
    before = _state(visit, bench, id)
    tried = _taken(visit, bench, verb, id, guest)
    _keep(visit, guest, tried)
    if not tried.kind:
        finding = wrong_state(visit, bench, verb, guest, id, tried)
        if verb == "advance" and not finding:
            finding = stages.unknown(visit, bench, guest, id, str(tried.action.options.get("stage")))
        visit.chart.mark(object.name, verb, guest.key, BROKEN if finding else WORKS, finding)
    elif (tried.refused and not _nowhere(visit, bench, verb, guest, tried)) or _works_for_somebody(visit, object, verb):
        visit.chart.mark(object.name, verb, guest.key, DENIED, str(tried.no))
    else:
        _failed(visit, bench, verb, guest, tried, before)


def _nowhere(visit: Visit, bench: Bench, verb: str, guest: Guest, tried: Tried) -> bool:
    """Whether "missing" means the address and not the record."""
    spec = bench.object.calls.get(verb)
    if tried.kind != "missing" or spec is None or spec.steps:
        return False
    exchange = exchange_of(visit, spec, tried.exchanges)
    return exchange is not None and is_nowhere(visit, guest, exchange)


def _taken(visit: Visit, bench: Bench, verb: str, id: str, guest: Guest) -> Tried:
    """The step; one that hands the record to somebody is offered to people of other roles when it is refused."""
    action = _action(visit, bench, verb, id, guest)
    tried = visit.attempt(guest, action)
    roles = {_role(visit, str(action.options.get("to", "")))}
    for other in visit.guests() if "to" in action.options else ():
        if tried.kind not in ("conflict", "invalid") or len(roles) > MOST_ROLES:
            break
        if other.person.role not in roles:
            roles.add(other.person.role)
            tried = visit.attempt(guest, replace(action, options={**action.options, "to": other.key}))
    return tried


def _role(visit: Visit, key: str) -> str:
    return next((one.role for one in visit.people if one.key == key), "")


def _hindrance(visit: Visit, bench: Bench, verb: str) -> str:
    """What has to work first and does not: the change behind a move, the step before."""
    object = bench.object
    first = [*BEFORE.get((object.name, verb), ()), *(["change"] if verb in object.moves else [])]
    field = object.fields.get(object.moves[verb].field) if verb in object.moves else None
    if field and any(one.where.startswith(f"{field.where}.choices") for one in visit.chart.findings):
        return f"{field.name} choices"
    for one in first:
        cell = visit.chart.cells.get((object.name, one, bench.guest.key))
        if cell is not None and cell.outcome in (BROKEN, UNTRIED):
            return one
    return ""


def _works_for_somebody(visit: Visit, object: ObjectSpec, verb: str) -> bool:
    cells = visit.chart.cells.items()
    return any(one.outcome == WORKS for key, one in cells if key[:2] == (object.name, verb))


def _failed(visit: Visit, bench: Bench, verb: str, guest: Guest, tried: Tried, before: str) -> None:
    object = bench.object
    if tried.busy:
        visit.chart.mark(object.name, verb, guest.key, UNTRIED, str(tried.no))
    elif verb in object.moves:
        visit.chart.mark(object.name, verb, guest.key, BROKEN, _refused_move(visit, object, verb, tried, before))
    elif tried.kind == "conflict":
        visit.chart.mark(object.name, verb, guest.key, UNTRIED, f"记录在 {before} 状态时：{tried.no}")
    else:
        visit.suspect(object.name, verb, guest.key, why_step(visit, object, verb, tried))


def _refused_move(visit: Visit, object: ObjectSpec, verb: str, tried: Tried, before: str) -> Finding:
    move = object.moves[verb]
    exchange = exchange_of(visit, object.calls["change"], tried.exchanges) if "change" in object.calls else None
    answer = said(exchange.answer) if exchange else str(tried.no)
    wanted = AFTER.get((object.name, verb), ())
    hint = (
        f"{verb} 通常到 {'/'.join(wanted)}，映射写的是 {move.to}（usually to {wanted[0]}）。"
        if _odd(wanted, move.to)
        else ""
    )
    part = "to" if hint or not move.takes else "takes"
    return visit.finding(f"{move.where}.{part}", f"从 {before or '?'} 到 {move.to} 被拒：{answer}。{hint}")


def _odd(wanted: tuple[str, ...], to: str) -> bool:
    return bool(wanted) and to not in wanted


def wrong_state(visit: Visit, bench: Bench, verb: str, guest: Guest, id: str, tried: Tried) -> Finding | None:
    """What the state is afterwards, read again."""
    object = bench.object
    wanted = AFTER.get((object.name, verb), ())
    move = object.moves.get(verb)
    if move and _odd(wanted, move.to) and move.field == "state":
        return visit.finding(
            f"{move.where}.to", f"{verb} 之后应当是 {'/'.join(wanted)}，映射写的是 {move.to}（wrong state）。"
        )
    name = move.field if move else "stage" if verb == "advance" else "state"
    to = _told(move.to if move else "{stage}" if verb == "advance" else "", tried.action)
    wanted = (to,) if to else wanted
    if not wanted or name not in object.fields:
        return None
    is_own = isinstance(tried.outcome, Record) and tried.outcome.object == object.name and tried.outcome.id == id
    now = (
        str(tried.outcome.get(name)) if is_own and isinstance(tried.outcome, Record) else _state(visit, bench, id, name)
    )
    if now in wanted or now in ("", "None"):
        return None
    where = f"{move.where}.to" if move else object.calls[verb].where
    return visit.finding(where, f"{verb} 之后状态是 {now}，应当是 {'/'.join(wanted)}（the state afterwards）。")


def _told(to: str, action: Action) -> str:
    """Where a move goes; `{stage}` and the like are what the action itself was told."""
    return str(action.options.get(to[1:-1], "")) if to.startswith("{") and to.endswith("}") else to


def _ready(visit: Visit, bench: Bench, verb: str, guest: Guest) -> str | None:
    """The id of a fresh record brought to where the step may be taken; the person's own where they may create."""
    maker = guest if _did(visit.chart.cells.get((bench.object.name, "create", guest.key))) else bench.guest
    made = bench.another(visit, maker)
    if not isinstance(made.outcome, Record) or not made.outcome.id:
        return None
    known = verbs(bench.object)
    for earlier in BEFORE.get((bench.object.name, verb), ()):
        if earlier in known:
            _first_who_can(visit, bench, earlier, made.outcome.id)
    return made.outcome.id


def _first_who_can(visit: Visit, bench: Bench, verb: str, id: str) -> None:
    people = sorted(visit.guests(), key=lambda one: one.key != bench.guest.key)
    cells = visit.chart.cells
    people.sort(key=lambda one: not _did(cells.get((bench.object.name, verb, one.key))))
    for guest in people[:6]:
        tried = _taken(visit, bench, verb, id, guest)
        if not tried.refused:
            return


def _did(cell: Any) -> bool:
    return cell is not None and cell.outcome == WORKS


def _state(visit: Visit, bench: Bench, id: str, name: str = "state") -> str:
    if "read" not in bench.object.calls:
        return ""
    for guest in [bench.guest, *visit.guests()][:4]:
        tried = visit.attempt(guest, Action("read", bench.object.name, id))
        if isinstance(tried.outcome, Record):
            return str(tried.outcome.get(name, ""))
    return ""


def _action(visit: Visit, bench: Bench, verb: str, id: str, guest: Guest) -> Action:
    """The step with whatever it takes."""
    object = bench.object
    known = canonical.verb_named(object.name, verb)
    move = object.moves.get(verb)
    takes = [*known.fields, *(move.takes if move else ())]
    fields = {name: _field(bench, name) for name in takes if name not in canonical.OPTIONS}
    options: dict[str, Any] = {}
    for name in {*known.options, *takes} & canonical.OPTIONS:
        options |= {name: _option(visit, bench, name, guest)} if name in ("to", "stage", "reason") else {}
    return Action(verb, object.name, id, {name: one for name, one in fields.items() if one is not None}, options)


def _field(bench: Bench, name: str) -> Any:
    if name == "opportunity_name":
        return f"验收{bench.mark}"
    if name in bench.object.fields:
        return values.value(bench.object, bench.object.fields[name], bench.mark, 7, bench.refs, bench.guest.key)
    return 1000 if name == "amount" else None


def _option(visit: Visit, bench: Bench, name: str, guest: Guest) -> Any:
    if name == "stage":
        stages = list(bench.object.fields["stage"].choices) if "stage" in bench.object.fields else []
        return (stages or list(canonical.field_named("opportunity", "stage").choices))[1]
    if name == "reason":
        return "验收试用 a trial"
    peers = [one for one in visit.guests() if one.key != bench.guest.key and one.person.role == bench.guest.person.role]
    return (peers or [bench.guest])[0].key


def _keep(visit: Visit, guest: Guest, tried: Tried) -> None:
    """Records that a step has made beside the one: a customer from a lead, an order from a quote."""
    outcome = tried.outcome
    if not isinstance(outcome, Record):
        return
    if outcome.object != tried.action.object and outcome.id:
        visit.created.append((outcome.object, outcome.id, guest.key))
    for name, value in outcome.fields.items() if tried.action.name == "convert" else ():
        if name in visit.mapping.objects and isinstance(value, str) and value:
            visit.created.append((name, value, guest.key))
