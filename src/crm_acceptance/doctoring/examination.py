"""One whole examination: logins, lists, object after object, everybody else; then removed and summed up."""

from __future__ import annotations

from collections.abc import Iterator

from crm_acceptance.doctoring import (
    changing,
    filing,
    living,
    looking,
    querying,
    reading,
    refusing,
    sessions,
    signing,
    staffing,
)
from crm_acceptance.doctoring.bench import Bench, prepared
from crm_acceptance.doctoring.findings import BROKEN, DENIED, UNMAPPED, UNTRIED, WORKS
from crm_acceptance.doctoring.refusing import refusal
from crm_acceptance.doctoring.values import NOT_CREATED
from crm_acceptance.doctoring.visit import Guest, Visit
from crm_acceptance.doctoring.why_calls import unexpected
from crm_acceptance.model import Action, Page, Record
from crm_acceptance.systems import HasRecords
from crm_acceptance.systems.rest.shape import Mapping, ObjectSpec


def examine(visit: Visit) -> None:
    """Fills the visit's chart. Whatever was created is removed, also when somebody interrupts."""
    try:
        if isinstance(visit.system, HasRecords):
            _everything(visit)
        if visit.pages is not None:
            visit.pages(visit)
    except KeyboardInterrupt:
        visit.chart.interrupted = True
    finally:
        visit.say("清理 removing what was created")
        visit.close()


def _everything(visit: Visit) -> None:
    visit.say("登录 signing in")
    signing.everybody(visit)
    if not visit.guests():
        return
    visit.say("列表 lists")
    looks = looking.first_look(visit)
    if not any(looking.able(looks, name) for name in looks) and visit.chart.findings:
        return
    benches: dict[str, Bench] = {}
    for object in in_order(visit.mapping):
        visit.say(f"{object.title}（{object.name}）")
        _one_object(visit, object, looks, benches)
    visit.say("密码、退出、续期 wrong password, logout, renewal")
    _sessions(visit, looks)
    who = staffing.problem(visit)
    if who:
        visit.chart.find(who)
    refusing.codes(visit)
    refusing.statuses(visit)
    for object in visit.mapping.objects.values():
        _never_tried(visit, object)
    _gaps(visit)


def in_order(mapping: Mapping) -> Iterator[ObjectSpec]:
    """The objects, each after those that it refers to; circles are broken where they are met."""
    done: set[str] = set()

    def walk(name: str, way: tuple[str, ...]) -> Iterator[ObjectSpec]:
        if name in done or name in way or name not in mapping.objects:
            return
        for field in mapping.objects[name].fields.values():
            if field.type == "ref":
                yield from walk(field.object, (*way, name))
        done.add(name)
        yield mapping.objects[name]

    for name in mapping.objects:
        yield from walk(name, ())


def _one_object(visit: Visit, object: ObjectSpec, looks: looking.Looks, benches: dict[str, Bench]) -> None:
    if "create" not in object.calls or object.name in NOT_CREATED:
        _only_read(visit, object, looks)
        return
    if looks.get(object.name) and _path_is_wrong(visit, object):
        rest = [*object.calls, *object.moves]
        looking.mark_untried(visit, object, rest, "列表不通，没有试（its list does not work）")
        return
    bench = prepared(visit, object, benches)
    if bench is None:
        return
    benches[object.name] = bench
    if reading.read_back(visit, bench) is None and "read" in object.calls:
        rest = [*object.calls, *object.moves]
        looking.mark_untried(visit, object, rest, "读不到，没有试（cannot be read）")
        return
    querying.tried_out(visit, bench)
    filing.attachments(visit, bench)
    filing.export(visit, bench)
    changing.each_field(visit, bench)
    living.every_step(visit, bench, [bench.guest])
    changing.transfer(visit, bench)
    _delete(visit, bench)
    _everybody_else(visit, bench)
    visit.settle(object.name)
    _invalid(visit, bench)


def _path_is_wrong(visit: Visit, object: ObjectSpec) -> bool:
    return any(one.where == f"{object.where}.path" for one in visit.chart.findings)


def _only_read(visit: Visit, object: ObjectSpec, looks: looking.Looks) -> None:
    """Objects that the doctor creates none of: the first row that somebody sees is read."""
    for guest, tried in looks.get(object.name, []):
        rows = tried.outcome.rows if isinstance(tried.outcome, Page) else ()
        if rows and "read" in object.calls:
            again = visit.attempt(guest, Action("read", object.name, rows[0].id))
            if again.kind in ("", "denied"):
                visit.chart.mark(object.name, "read", guest.key, WORKS if not again.kind else DENIED)
            else:
                finding = unexpected(visit, object.calls["read"], again, object)
                visit.chart.mark(object.name, "read", guest.key, BROKEN, finding)
    rest = [verb for verb in object.calls if verb not in ("list", "read")]
    looking.mark_untried(visit, object, rest, "体检不新建这种对象（the doctor creates none of these）")


def _delete(visit: Visit, bench: Bench) -> None:
    """The last of the three is deleted, and must be missing then."""
    object, guest = bench.object, bench.guest
    if "delete" not in object.calls:
        return
    id = bench.ids[-1]
    tried = visit.attempt(guest, Action("delete", object.name, id))
    if not tried.kind:
        visit.forget(object.name, id)
        visit.chart.mark(object.name, "delete", guest.key, WORKS)
        if "read" in object.calls:
            reading.gone(visit, bench, id)
    elif tried.kind == "denied":
        visit.chart.mark(object.name, "delete", guest.key, DENIED, str(tried.no))
    else:
        finding = unexpected(visit, object.calls["delete"], tried, object)
        visit.chart.mark(object.name, "delete", guest.key, BROKEN, finding)


def _invalid(visit: Visit, bench: Bench) -> None:
    """A record without what it needs must be refused as invalid; a CRM that takes it is worth a note."""
    object = bench.object
    for name in object.required[:1]:
        fields = {key: value for key, value in bench.drafts[0].items() if key != name}
        tried = visit.attempt(bench.guest, Action("create", object.name, fields=fields))
        answer = tried.last.answer if tried.last else None
        if not tried.kind:
            visit.chart.note(f"{object.name} 没有 {name} 也建成了：系统不检查必填（the CRM does not demand it）。")
        elif tried.kind in ("denied", "missing", "conflict", "expired", "throttled") and answer and answer.status < 500:
            when = f"缺少 {name} 的新建 a create without {name}"
            visit.chart.find(refusal(visit, tried.exchanges, "invalid", tried.kind, when))


def _everybody_else(visit: Visit, bench: Bench) -> None:
    """What the others may do: with records of their own where they may create, else with the bench's."""
    for guest in visit.guests():
        if guest.key != bench.guest.key:
            _another_person(visit, bench, guest)


def _another_person(visit: Visit, bench: Bench, guest: Guest) -> None:
    object, chart = bench.object, visit.chart
    id = _own(visit, bench, guest)
    if (object.name, "create", guest.key) not in chart.cells:
        chart.mark(object.name, "create", guest.key, WORKS if id else DENIED)
    _may(visit, bench, guest, Action("read", object.name, bench.ids[0]))
    for verb in ("count", "export"):
        _may(visit, bench, guest, Action(verb, object.name))
    target = id or bench.ids[1]
    _writes(visit, bench, guest, target)
    if guest.key in [one.key for one in looking_people(visit, object)]:
        living.every_step(visit, bench, [guest])
    if id and "transfer" in object.calls:
        options = {"to": bench.guest.key}
        _may(visit, bench, guest, Action("transfer", object.name, id, options=options))
        target = (_own(visit, bench, guest) if "delete" in object.calls else "") or target
    _may(visit, bench, guest, Action("delete", object.name, target))


def _own(visit: Visit, bench: Bench, guest: Guest) -> str:
    """The id of a record of that person's own; "" when they may not create."""
    if _enough(visit, bench, guest):
        visit.chart.mark(
            bench.object.name,
            "create",
            guest.key,
            UNTRIED,
            "不能删除，同角色的人试过了（a colleague tried; undeletable）",
        )
        return ""
    made = bench.another(visit, guest)
    return made.outcome.id if isinstance(made.outcome, Record) else ""


def _enough(visit: Visit, bench: Bench, guest: Guest) -> bool:
    """Whether a further record would only stay: this kind cannot be removed, and a colleague has made one."""
    cells = visit.chart.cells
    deleted = cells.get((bench.object.name, "delete", bench.guest.key))
    if "delete" in bench.object.calls and (deleted is None or deleted.outcome != BROKEN):
        return False
    colleagues = [one.key for one in visit.people if one.role == guest.person.role and one.key != guest.key]
    made = [cells.get((bench.object.name, "create", key)) for key in colleagues]
    return any(cell is not None and cell.outcome == WORKS for cell in made)


def _writes(visit: Visit, bench: Bench, guest: Guest, target: str) -> None:
    """Change and attach: thoroughly by the first who may, else only whether it is allowed."""
    object = bench.object
    name = next((one for one in bench.drafts[0] if bench.object.fields[one].type == "text"), "")
    if not _worked(visit, object.name, "change"):
        changing.each_field(visit, bench, guest, target)
    elif name:
        news = {name: f"验收{bench.mark}{guest.key}"[:40]}
        _may(visit, bench, guest, Action("change", object.name, target, news))
    if not _worked(visit, object.name, "attach"):
        filing.attachments(visit, bench, guest, target)
    else:
        options = {"filename": f"{bench.mark}.bin", "body": filing.BODY}
        _may(visit, bench, guest, Action("attach", object.name, target, options=options))


def _worked(visit: Visit, object: str, verb: str) -> bool:
    """Whether the verb has worked for somebody already, or is known to be broken."""
    cells = visit.chart.cells.items()
    return any(cell.outcome in (WORKS, BROKEN) for key, cell in cells if key[:2] == (object, verb))


def looking_people(visit: Visit, object: ObjectSpec) -> list[Guest]:
    """Who sees the object's list at all: nobody else is asked to move its records."""
    cells = visit.chart.cells
    return [
        one for one in visit.guests() if (cell := cells.get((object.name, "list", one.key))) and cell.outcome == WORKS
    ]


def _may(visit: Visit, bench: Bench, guest: Guest, action: Action) -> None:
    """One verb of somebody else: it works, or the CRM says no; what works for nobody is looked into elsewhere."""
    object = bench.object
    if action.name not in object.calls and action.name not in object.moves:
        return
    tried = visit.attempt(guest, action)
    if tried.kind == "unsupported":
        return
    worked = _worked(visit, object.name, action.name)
    if not tried.kind and action.name == "delete" and action.id:
        visit.forget(object.name, action.id)
    if action.name == "read" and worked and tried.kind in ("invalid", "conflict", "duplicate"):
        when = f"{guest.key} 读 {bench.guest.key} 的记录 reading somebody else's record"
        visit.chart.find(refusal(visit, tried.exchanges, "denied", tried.kind, when))
    if action.name == "transfer":
        changing.given(visit, bench, guest, tried)
    outcome = WORKS if not tried.kind else DENIED if tried.refused or worked else UNTRIED
    if (object.name, action.name, guest.key) not in visit.chart.cells:
        visit.chart.mark(object.name, action.name, guest.key, outcome, str(tried.no or ""))


def _sessions(visit: Visit, looks: looking.Looks) -> None:
    guest = next(iter(visit.guests()))
    probe = next((name for name in looks if guest in looking.able(looks, name)), "")
    sessions.stranger(visit, guest)
    sessions.renewal(visit, guest, probe)
    sessions.leaving(visit, guest, probe)


def _never_tried(visit: Visit, object: ObjectSpec) -> None:
    """Silence proves nothing: what is mapped and was not tried is said to be untried."""
    tried = {verb for name, verb, _ in visit.chart.cells if name == object.name}
    rest = [verb for verb in dict.fromkeys((*object.calls, *object.moves)) if verb not in tried]
    if "sum" in rest and all(field.type != "money" for field in object.fields.values()):
        rest.remove("sum")
        for guest in visit.guests():
            visit.chart.mark(object.name, "sum", guest.key, UNMAPPED, "没有金额字段（no field with money）")
    looking.mark_untried(visit, object, rest, "体检没有试到（the doctor did not come to it）")


def _gaps(visit: Visit) -> None:
    """Verbs that everybody is refused: the rights, or the mapping; the last words of the CRM beside it."""
    for gap in visit.chart.gaps():
        name, _, verb = gap.partition(".")
        cells = [cell for key, cell in visit.chart.cells.items() if key[:2] == (name, verb)]
        if name not in visit.mapping.objects or any(cell.outcome != DENIED for cell in cells):
            continue
        spec = visit.mapping.objects[name].calls.get(verb)
        where = spec.where if spec else visit.mapping.objects[name].where
        visit.chart.note(
            f"{visit.mapping.lines.at(where)}：{gap} 谁都不能做（refused for everybody）：{cells[0].sentence}。"
            f'没有这个权限的人就写 without = ["{verb}"]，或换人试 --as。'
        )
