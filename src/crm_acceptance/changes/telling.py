"""Changes and requests as lines for people and as plain values for programs; decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crm_acceptance.changes.asking import same
from crm_acceptance.changes.book import OPEN, REFUSED, STATES, Book, Decision, Request
from crm_acceptance.changes.deciding import missing
from crm_acceptance.changes.impact import Impact
from crm_acceptance.changes.terms import Terms
from crm_acceptance.contents import Contents

UNASKED = "unasked"
SAID: Mapping[str, str] = {**STATES, UNASKED: "还没有申请 nobody asked for it"}


def row(book: Book, terms: Terms, here: Contents, id: str, said: str) -> dict[str, Any]:
    """One requirement that is another than agreed: what, who asked, who must approve (one of each circle)."""
    asked = [one for one in book.requests if id in one.what and same(one.after, here, id)]
    last = next((one for one in reversed(asked) if one.state in (OPEN, REFUSED)), None)
    department = here.departments.get(id) or book.agreed.departments.get(id, "")
    return {
        "department": department,
        "what": said,
        "request": last.id if last else "",
        "state": last.state if last else UNASKED,
        "approvers": [terms.named(circle) for circle in terms.circles([department])],
    }


def overview(rows: Mapping[str, Mapping[str, Any]], impact: Impact) -> Iterator[str]:
    """What `changes status` says."""
    if not rows:
        yield "与约定的一样，没有未批准的变更。As agreed: no change is open."
        return
    for id, one in rows.items():
        yield f"{id}  {one['what']}"
        circles = "；".join(filter(None, one["approvers"])) or "（acceptance.toml 没有写审批人 nobody is named）"
        yield f"    {' '.join(filter(None, (one['request'], SAID[one['state']])))} · 审批（每组一人）one of: {circles}"
    yield "影响 impact:"
    yield from (f"    {line}" for line in impact.lines())


def request(terms: Terms, one: Request) -> Iterator[str]:
    """One request with everything that was said to it."""
    yield f"{one.id} {STATES[one.state]} · {terms.named([one.by])} {one.at[:16]} · {one.why}"
    yield from (f"    {id}  {said}" for id, said in one.what.items())
    yield from (f"    {line}" for line in (Impact.of(one.impact).lines() if one.impact else ()))
    for said in one.decisions:
        yield f"    {_answer(said)}: {terms.named([said.by])} {said.at[:16]} {said.reason}".rstrip()
    for circle in missing(terms, one) if one.state == OPEN else ():
        others = [key for key in circle if key != one.by]
        yield f"    等待 waiting for: {terms.named(others)}{'（一人即可 any one）' if len(others) > 1 else ''}"


def plain(one: Request) -> dict[str, Any]:
    """For programs."""
    kept = ("id", "state", "by", "at", "why", "what", "departments", "impact")
    return {**{name: vars(one)[name] for name in kept}, "decisions": [_decision(said) for said in one.decisions]}


def _answer(said: Decision) -> str:
    if not said.yes:
        return "驳回 no"
    if said.problem:
        return f"批准不算数 a yes that does not count（{said.problem}）"
    return f"批准 yes（{'已签名 signed' if said.envelope else '未签名 unsigned'}）"


def _decision(said: Decision) -> dict[str, Any]:
    kept = ("by", "yes", "reason", "at", "problem")
    return {**{name: vars(said)[name] for name in kept}, "signed": bool(said.envelope)}
