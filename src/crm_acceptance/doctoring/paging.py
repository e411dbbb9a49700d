"""Paging: two rows a page must be two rows, the next page others, and no page before the first. Looks at raw rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from crm_acceptance.doctoring import answers
from crm_acceptance.doctoring.bench import Bench
from crm_acceptance.doctoring.findings import Finding
from crm_acceptance.doctoring.visit import Exchange, Tried, Visit
from crm_acceptance.doctoring.why_calls import is_of, said, works
from crm_acceptance.model import Action, Page
from crm_acceptance.systems.flow import Answer, Call
from crm_acceptance.systems.rest.templates import MISSING, fill

SIZE = 2


def problem(visit: Visit, bench: Bench) -> Finding | None:
    """What is wrong with paging, as far as this object's list shows it."""
    kind = visit.mapping.paging.kind
    if kind == "none":
        return None
    tried = visit.attempt(bench.guest, Action("list", bench.object.name, options={"page": 1, "size": SIZE}))
    spec = bench.object.calls["list"]
    first = next((one for one in tried.exchanges if is_of(visit, spec, one)), None)
    if first is None or first.answer is None or tried.busy:
        return None
    if not works(visit, first.answer):
        return _refused(visit, bench, first, tried)
    total = tried.outcome.total if isinstance(tried.outcome, Page) else None
    rows = _rows(bench, first.answer)
    if len(rows) > SIZE:
        return _too_many(visit, first, len(rows))
    if not rows and (total is None or total > 0):
        return visit.finding(
            _start(visit), f"第一页是空的，总数是 {total}（the first page is empty）：第一页是第几？first。"
        )
    if total is not None and total <= SIZE:
        return None
    return _by_number(visit, bench, first, rows) if _can_count(visit, first) else _by_pointer(visit, bench, first, rows)


def _rows(bench: Bench, answer: Answer) -> list[str]:
    """The ids of the rows as they came."""
    found = answers.at(answer, bench.object.calls["list"].rows or "")
    if not isinstance(found, list):
        return []
    return [str(answers.whole_id(bench.object.id, row)) for row in found]


def _too_many(visit: Visit, first: Exchange, came: int) -> Finding:
    paging = visit.mapping.paging
    if paging.kind == "range":
        return visit.finding("paging.range", f"Range 要 {SIZE} 行，来了 {came} 行：系统不听（ignored）。")
    return visit.finding(
        "paging.size", f"{paging.size}={SIZE}，来了 {came} 行：系统不听这个参数（ignored; another name?）。"
    )


def _start(visit: Visit) -> str:
    return "paging.first" if visit.mapping.paging.kind in ("page", "offset", "range") else "paging.kind"


def _can_count(visit: Visit, first: Exchange) -> bool:
    paging, call = visit.mapping.paging, first.call
    return paging.kind in ("page", "offset", "range") and (
        paging.kind == "range" or getattr(paging, paging.kind) in call.params
    )


def _at(visit: Visit, call: Call, number: int) -> Call:
    """The same call for that page, counted from 0."""
    paging = visit.mapping.paging
    if paging.kind == "page":
        return replace(call, params={**call.params, paging.page: str(paging.first + number)})
    if paging.kind == "offset":
        start = int(call.params[paging.offset])
        return replace(call, params={**call.params, paging.offset: str(start + number * SIZE)})
    known = {"from": number * SIZE, "to": number * SIZE + SIZE - 1, "size": SIZE}
    return replace(call, headers={**call.headers, "Range": str(fill(paging.range, lambda name: known[name]))})


def _raw(visit: Visit, bench: Bench, call: Call, number: int) -> list[str] | None:
    answer = visit.raw(bench.guest, _at(visit, call, number))
    return _rows(bench, answer) if answer is not None and works(visit, answer) else None


def _by_number(visit: Visit, bench: Bench, first: Exchange, rows: list[str]) -> Finding | None:
    paging, call = visit.mapping.paging, first.call
    second = _raw(visit, bench, call, 1)
    if second == rows:
        third = _raw(visit, bench, call, 2)
        if paging.kind == "page" and third is not None and third != rows:
            return visit.finding(
                "paging.first", f"第 1、2 页相同，第 3 页不同：第一页不是 {paging.first}（counting starts elsewhere）。"
            )
        name = getattr(paging, paging.kind)
        return visit.finding(
            f"paging.{paging.kind}", f"每一页都是同样的行：系统不听 {name!r}（ignored; another name?）。"
        )
    if second and set(second) & set(rows):
        return visit.finding(
            f"paging.{paging.kind}",
            f"第 1、2 页有相同的行（pages overlap）：{', '.join(sorted(set(second) & set(rows)))}。",
        )
    return _before(visit, bench, call, rows) if paging.kind == "page" and paging.first >= 1 else None


def _before(visit: Visit, bench: Bench, call: Call, rows: list[str]) -> Finding | None:
    """Whether a page before the first has rows of its own."""
    before = _raw(visit, bench, call, -1)
    if not before or before == rows:
        return None
    paging = visit.mapping.paging
    return visit.finding(
        "paging.first",
        f"{paging.page}={paging.first - 1} 还有别的行：第一页是 {paging.first - 1}（a page before the first）。",
    )


def _by_pointer(visit: Visit, bench: Bench, first: Exchange, rows: list[str]) -> Finding | None:
    """Cursor and link: the answer must tell where the next page is, and it must be another one."""
    paging, answer = visit.mapping.paging, first.answer
    assert answer is not None
    if paging.kind == "cursor" and _told_nothing(answer, paging.next):
        body = answers.body_of(answer)
        near = next(
            (place for place, _ in answers.places(body) if "next" in place.lower() or "cursor" in place.lower()), ""
        )
        hint = f"是不是 {near}？did you mean {near}?" if near else ""
        return visit.finding("paging.next", f"还有下一页，应答里没有 {paging.next}（not there）。{hint}")
    if paging.kind == "link" and "next" not in answer.headers.get("link", "") and not paging.next:
        return visit.finding("paging.kind", '应答没有 Link: rel="next" 头（no Link header）：是别的分页方式？')
    action = Action("list", bench.object.name, options={"page": 2, "size": SIZE})
    tried = visit.attempt(bench.guest, action)
    ids = [row.id for row in tried.outcome.rows] if isinstance(tried.outcome, Page) else []
    more = len(bench.ids) > SIZE  # so there is a third row at least
    if tried.kind or (set(ids) <= set(rows) if ids else more and not tried.busy):
        key = "cursor" if paging.kind == "cursor" else "kind"
        return visit.finding(
            f"paging.{key}", f"第二页没有别的行：{tried.no or paging.cursor}（no other rows on page two）。"
        )
    return None


def _told_nothing(answer: Answer, place: str) -> bool:
    return answers.at(answer, place) in (MISSING, None, "")


def _refused(visit: Visit, bench: Bench, first: Exchange, tried: Tried) -> Finding:
    paging: Any = visit.mapping.paging
    if paging.kind == "page" and paging.page in first.call.params:
        for number in (1, -1):
            if _raw(visit, bench, first.call, number) is not None:
                return visit.finding(
                    "paging.first",
                    f"{paging.page}={paging.first} 被拒：{said(first.answer)}；从 {paging.first + number} 数起就可以。",
                )
    return visit.finding("paging", f"分页被拒：{said(first.answer)}（paging is refused）。{tried.no}")
