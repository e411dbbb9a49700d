"""Counts and sums, against the list and against what was written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_acceptance.doctoring import answers
from crm_acceptance.doctoring.bench import Bench
from crm_acceptance.doctoring.findings import BROKEN, DENIED, WORKS, Finding
from crm_acceptance.doctoring.visit import Tried, Visit
from crm_acceptance.doctoring.why_calls import exchange_of, unexpected, works
from crm_acceptance.model import Action, Page
from crm_acceptance.systems.rest.places import look


def count(visit: Visit, bench: Bench, narrow: Mapping[str, Any]) -> None:
    """The count is the total of the same list."""
    object, spec = bench.object, bench.object.calls["count"]
    tried = visit.attempt(bench.guest, Action("count", object.name, options=narrow))
    listed = visit.attempt(bench.guest, Action("list", object.name, options=narrow))
    total = listed.outcome.total if isinstance(listed.outcome, Page) else None
    finding: Finding | None = None
    if tried.kind == "denied":
        visit.chart.mark(object.name, "count", bench.guest.key, DENIED, str(tried.no))
        return
    if tried.kind:
        finding = _why_no_count(visit, bench, tried)
    elif total is not None and tried.outcome != total:
        finding = visit.finding(
            f"{spec.where}.value", f"count 说 {tried.outcome!s}，列表的总数是 {total}（they differ）。"
        )
    visit.chart.mark(object.name, "count", bench.guest.key, BROKEN if finding else WORKS, finding)


def _why_no_count(visit: Visit, bench: Bench, tried: Tried) -> Finding:
    spec = bench.object.calls["count"]
    exchange = exchange_of(visit, spec, tried.exchanges)
    if spec.value is not None and exchange and works(visit, exchange.answer) and exchange.answer:
        body = answers.body_of(exchange.answer)
        numbers = [place for place, value in answers.places(body) if answers.number(value) is not None]
        hint = f"是不是 {numbers[0]}？did you mean {numbers[0]}?" if numbers else ""
        if answers.number(look(body, spec.value)) is None:
            return visit.finding(f"{spec.where}.value", f"{spec.value} 处没有数（no number there）。{hint}")
    return unexpected(visit, spec, tried, bench.object)


def total_sum(visit: Visit, bench: Bench, narrow: Mapping[str, Any]) -> None:
    """The sum of what was written, of the first field that holds money."""
    object, spec = bench.object, bench.object.calls["sum"]
    name = next((one for one in bench.drafts[0] if object.fields[one].type == "money"), "")
    if not name:
        return
    tried = visit.attempt(bench.guest, Action("sum", object.name, options={"field": name, **narrow}))
    wanted = sum(draft[name] for draft in bench.drafts)
    finding: Finding | None = None
    if tried.kind == "denied":
        visit.chart.mark(object.name, "sum", bench.guest.key, DENIED, str(tried.no))
        return
    if tried.kind:
        finding = unexpected(visit, spec, tried, object)
    elif narrow and answers.number(str(tried.outcome)) != wanted:
        finding = visit.finding(
            f"{spec.where}.value", f"{name} 合计是 {tried.outcome!s}，写入的是 {wanted}（they differ）。"
        )
    visit.chart.mark(object.name, "sum", bench.guest.key, BROKEN if finding else WORKS, finding)
