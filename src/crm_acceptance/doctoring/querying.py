"""Lists: the total, search, conditions, order. Three records of our own say what must come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_acceptance.doctoring import answers, counting, paging
from crm_acceptance.doctoring.bench import Bench
from crm_acceptance.doctoring.findings import BROKEN, UNTRIED, Finding
from crm_acceptance.doctoring.visit import Exchange, Tried, Visit
from crm_acceptance.doctoring.why_calls import exchange_of, place_of_rows, unexpected
from crm_acceptance.model import Action, Page
from crm_acceptance.systems.rest.shape import FieldSpec

_ORDERED = ("money", "date", "integer", "number", "moment", "text")


def tried_out(visit: Visit, bench: Bench) -> None:
    """Everything about this object's lists; each finding is written down."""
    object, key = bench.object, bench.guest.key
    if "list" not in object.calls or len(bench.ids) < 2:
        return
    found = [_total(visit, bench), paging.problem(visit, bench)]
    narrow: dict[str, Any] = {}
    if not any(found):
        searched, narrow = _search(visit, bench)
        conditions, by_field = _where(visit, bench)
        narrow = narrow or by_field
        found = [*_of_json(visit, searched, conditions), *_sort(visit, bench, narrow)]
    for one in found:
        if one:
            visit.chart.mark(object.name, "list", key, BROKEN, one)
    if "count" in object.calls and not any(found):
        counting.count(visit, bench, narrow)
    if "sum" in object.calls and not any(found):
        counting.total_sum(visit, bench, narrow)


def _of_json(visit: Visit, searched: Finding | None, conditions: list[Finding]) -> list[Finding | None]:
    """When neither search nor conditions are heard, it is the parameter that holds both."""
    whole = [one for one in conditions if one.where.startswith("query.condition")]
    if visit.mapping.query.json and searched and whole:
        return [visit.finding("query.json", f"{searched.sentence}{whole[0].sentence}")]
    return [searched, *conditions]


def _page(visit: Visit, bench: Bench, **options: Any) -> Tried:
    return visit.attempt(bench.guest, Action("list", bench.object.name, options=options))


def _ids(tried: Tried) -> list[str]:
    return [row.id for row in tried.outcome.rows] if isinstance(tried.outcome, Page) else []


def _exchange(visit: Visit, bench: Bench, tried: Tried) -> Exchange | None:
    return exchange_of(visit, bench.object.calls["list"], tried.exchanges)


def _total(visit: Visit, bench: Bench) -> Finding | None:
    """The total grows by what was created."""
    spec = bench.object.calls["list"]
    after = _page(visit, bench)
    first, last = (_exchange(visit, bench, one) if one else None for one in (bench.before, after))
    if after.kind or not (first and first.answer and last and last.answer):
        return unexpected(visit, spec, after, bench.object) if after.kind not in ("", "unsupported") else None
    rows = place_of_rows(visit, spec, last.answer)
    if rows or spec.total is None:
        return rows
    old, new = (answers.number(_plain(answers.at(one.answer, spec.total))) for one in (first, last) if one.answer)
    if old is not None and new is not None and new - old >= len(bench.ids):
        return None
    likely = _grown(first, last, len(bench.ids))
    if not likely and old is not None:
        said_ = f"{bench.object.name} 的总数没有随新建增长：{old} → {new}（the total did not grow）。"
        visit.chart.note(said_)
        visit.chart.mark(bench.object.name, "total", bench.guest.key, UNTRIED, said_)
        return None
    hint = f"增长了 {len(bench.ids)} 的是 {likely[0]}：did you mean {likely[0]}?" if likely else ""
    return visit.finding(f"{spec.where}.total", f"{spec.total} 不是总数：{old} → {new}（not the total）。{hint}")


def _plain(value: Any) -> str:
    return str(value).rpartition("/")[2]


def _grown(first: Exchange, last: Exchange, by: int) -> list[str]:
    """The places whose number grew by exactly that."""
    assert first.answer and last.answer
    before = {**dict(answers.places(answers.body_of(first.answer))), **_numbers(first)}
    after = {**dict(answers.places(answers.body_of(last.answer))), **_numbers(last)}
    found = []
    for place, value in after.items():
        one, other = answers.number(value), answers.number(before.get(place))
        if one is not None and other is not None and one - other == by:
            found.append(place)
    return found


def _numbers(exchange: Exchange) -> dict[str, Any]:
    assert exchange.answer
    return {f"header:{name}": _plain(value) for name, value in exchange.answer.headers.items()}


def _search(visit: Visit, bench: Bench) -> tuple[Finding | None, dict[str, Any]]:
    """A search for our own mark finds our records and no other."""
    query = visit.mapping.query
    if not query.search and not (query.json and query.match):
        return None, {}
    names = (bench.object.search or tuple(bench.drafts[0])) if query.json else tuple(bench.drafts[0])
    name = next((one for one in names if bench.mark in str(bench.drafts[0].get(one))), "")
    if not name:
        return None, {}
    where = f"query.search.{next(iter(query.search))}" if query.search else "query.match"
    tried = _page(visit, bench, q=bench.mark)
    if tried.kind:
        return (
            None
            if tried.kind == "unsupported" or tried.busy
            else visit.finding(where, f"搜索被拒：{tried.no}（refused）。")
        ), {}
    found, mine = set(_ids(tried)), set(bench.ids)
    if found == mine:
        return None, {"q": bench.mark}
    if found - mine:
        return visit.finding(
            where, f"搜索 {bench.mark} 找到了 {len(found - mine)} 条别的：系统不听这个参数（ignored）。"
        ), {}
    by_name = _ids(_page(visit, bench, q=str(bench.drafts[0][name])))
    if bench.ids[0] in by_name:
        visit.chart.note(f"{bench.object.name} 的搜索只认全名（whole names only）。")
        return None, {}
    return visit.finding(where, f"搜索 {bench.mark} 应找到 {len(mine)} 条，找到 {len(found)} 条（not found）。"), {}


def _where(visit: Visit, bench: Bench) -> tuple[list[Finding], dict[str, Any]]:
    """A condition on every field that was written finds the record, and none that differs in it."""
    query = visit.mapping.query
    known = any(one.where == "query.json" for one in visit.chart.findings)
    if known or (not query.where and not (query.json and query.condition is not None)):
        return [], {}
    wrong: list[tuple[FieldSpec, str]] = []
    right: list[str] = []
    narrow: dict[str, Any] = {}
    for name, value in bench.drafts[0].items():
        field = bench.object.fields[name]
        if not field.query or field.type in ("moment", "bool") or _known_wrong(visit, field):
            continue
        complaint = _condition(visit, bench, name, value)
        if complaint == "unsupported":
            return [], {}
        wrong += [(field, complaint)] if complaint else []
        right += [name] if complaint == "" else []
        if complaint == "" and _ids(_page(visit, bench, where={name: value})) == bench.ids:
            narrow = {"where": {name: value}}
    if wrong and not right and len(wrong) > 1:
        place = f"query.where.{next(iter(query.where))}" if query.where else "query.condition"
        return [visit.finding(place, f"按任何字段筛选都不对：{wrong[0][1]}（no condition works）。")], {}
    return [visit.finding(f"{field.where}.query", f"按 {field.query} 筛选：{text}") for field, text in wrong], narrow


def _known_wrong(visit: Visit, field: FieldSpec) -> bool:
    """Whether the field is written or read wrongly, so that no condition can work either."""
    return any(one.where.startswith(f"{field.where}.") for one in visit.chart.findings)


def _condition(visit: Visit, bench: Bench, name: str, value: Any) -> str | None:
    """ "" when it selects, a complaint when it does not, None when our records cannot tell."""
    size = min(50, visit.mapping.paging.largest)
    tried = _page(visit, bench, where={name: value}, size=size)
    if tried.kind:
        return None if tried.busy else "unsupported" if tried.kind == "unsupported" else f"被拒 refused：{tried.no}"
    others = {id for id, draft in zip(bench.ids, bench.drafts, strict=True) if draft.get(name) != value}
    found = set(_ids(tried))
    if found & others:
        return "别的值也来了，系统不听（ignored：other values came, too）。"
    if _shows_others(bench, name, value, tried):
        return "别的值也来了，系统不听（ignored：other values came, too）。"
    total = tried.outcome.total if isinstance(tried.outcome, Page) else None
    if bench.ids[0] not in found and (total is None or total <= len(found)):
        return f"没有找到写入的 {str(value)[:30]!r}（not found）。"
    everything = _page(visit, bench, size=size) if not others else None
    if everything is not None and isinstance(everything.outcome, Page) and everything.outcome.total == total:
        return None
    return ""


def _shows_others(bench: Bench, name: str, value: Any, tried: Tried) -> bool:
    """Whether rows of the list itself show another value: our own records may all have the same."""
    if bench.object.fields[name].type not in ("ref", "choice", "person") or not isinstance(tried.outcome, Page):
        return False
    shown = {str(row.get(name)) for row in tried.outcome.rows if row.get(name) not in (None, "")}
    return str(value) in shown and len(shown) > 1


def _sort(visit: Visit, bench: Bench, narrow: Mapping[str, Any]) -> list[Finding]:
    """Our three records come in the order of their values, and the other way round."""
    query = visit.mapping.query
    if not query.sort:
        return []
    names = [one for one in bench.drafts[0] if not _known_wrong(visit, bench.object.fields[one])]
    fields = [one for one in names if bench.object.fields[one].query and _differs(bench, one)]
    fields.sort(key=lambda one: _ORDERED.index(bench.object.fields[one].type))
    results = [(one, _direction(visit, bench, one, narrow)) for one in fields[:2]]
    said_ = [result for _, result in results if result]
    if not said_:
        return []
    where = f"query.sort.{next(iter(query.sort))}"
    if all(result == "reversed" for result in said_):
        return [
            visit.finding("query.ascending", "升序得到降序，降序得到升序（ascending and descending are swapped）。")
        ]
    if len(said_) == len(results):
        return [visit.finding(where, f"排序不起作用：{said_[0]}（sorting has no effect）。")]
    return [
        visit.finding(f"{bench.object.fields[one].where}.query", f"按它排序：{result}")
        for one, result in results
        if result
    ]


def _differs(bench: Bench, name: str) -> bool:
    given = [str(draft.get(name)) for draft in bench.drafts]
    return bench.object.fields[name].type in _ORDERED and len(set(given)) == len(given) and given == sorted(given)


def _direction(visit: Visit, bench: Bench, name: str, narrow: Mapping[str, Any]) -> str:
    """ "" when the order is right or cannot be seen; "reversed", or what is wrong."""
    size = min(50, visit.mapping.paging.largest)
    orders = []
    for sort in (name, f"-{name}"):
        tried = _page(visit, bench, sort=sort, size=size, **narrow)
        if tried.kind:
            return "" if tried.kind == "unsupported" or tried.busy else f"被拒 refused：{tried.no}"
        orders.append([id for id in _ids(tried) if id in bench.ids])
    up, down = orders
    if len(up) < 2 or len(down) < 2:
        return ""
    rising = [id for id in bench.ids if id in up]
    falling = [id for id in reversed(bench.ids) if id in down]
    if up == rising and down == falling:
        return ""
    if up == list(reversed(rising)) and down == list(reversed(falling)):
        return "reversed"
    return f"升序 {up}，降序 {down}（{'both the same' if up == down else 'neither order'}）。"
