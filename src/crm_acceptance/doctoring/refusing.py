"""Which line of [errors] took an answer for another kind of refusal than it is."""

from __future__ import annotations

from crm_acceptance.doctoring import answers
from crm_acceptance.doctoring.findings import Finding
from crm_acceptance.doctoring.visit import Exchange, Visit
from crm_acceptance.doctoring.why_calls import said
from crm_acceptance.systems.flow import Answer
from crm_acceptance.systems.rest.places import Reply
from crm_acceptance.systems.rest.refusals import kind_of
from crm_acceptance.systems.rest.templates import MISSING


def refusal(visit: Visit, log: list[Exchange] | tuple[Exchange, ...], wanted: str, got: str, when: str) -> Finding:
    """Which line of [errors] took an answer for another kind of refusal than it is. A site in a hurry: no line."""
    answer = log[-1].answer if log else None
    if answer is not None and answer.status == 429:
        return Finding("", 0, "", f"{when}：系统太忙，没有试成（the site is busy: HTTP 429）。")
    where = deciding(visit, answer)
    return visit.finding(where, f"{when}：系统答 {said(answer)}，应当是 {wanted}，这里读成 {got}（read as {got}）。")


def deciding(visit: Visit, answer: Answer | None) -> str:
    """The place in [errors] that decides what kind of refusal an answer is."""
    errors = visit.mapping.errors
    if answer is None:
        return "errors"
    code = answers.at(answer, errors.code) if errors.code else MISSING
    if str(code) in errors.codes:
        return f"errors.codes.{code}"
    for word in errors.words:
        if word and word in answer.text:
            return f"errors.words.{word}"
    if answer.status in errors.status:
        return f"errors.status.{answer.status}"
    if errors.code and code is MISSING and answers.body_of(answer) is not MISSING:
        return "errors.code"
    return "errors.codes" if code is not MISSING else "errors.status"


_PLAIN = {401: ("expired", "denied"), 403: ("denied", "expired", "missing", "throttled"), 404: ("missing", "denied")}
"""What these statuses may mean, whatever the CRM's own codes are."""


def statuses(visit: Visit) -> None:
    """Refusals whose status is plain and which a line of [errors] reads as something quite different."""
    for guest in visit.guests():
        for one in guest.log:
            if one.answer is None or one.answer.status not in _PLAIN:
                continue
            kind = kind_of(visit.mapping, Reply(one.answer, {}))
            where = deciding(visit, one.answer)
            if kind and kind not in _PLAIN[one.answer.status] and where.count(".") == 2:
                wanted = _PLAIN[one.answer.status][0]
                when = f"{guest.key} {one.call.method} {one.call.path}"
                visit.chart.find(refusal(visit, (one,), wanted, kind, when))
                return


def codes(visit: Visit) -> None:
    """Whether the code and message of refusals stand where [errors] says, by all refusals that were seen."""
    refusals = [
        one.answer
        for guest in visit.guests()
        for one in guest.log
        if one.answer is not None and one.answer.status >= 400 and answers.body_of(one.answer) is not MISSING
    ]
    for key in ("code", "message"):
        place: str = getattr(visit.mapping.errors, key)
        if place and len(refusals) > 1 and not _seen(visit, place):
            body = answers.body_of(refusals[0])
            near = answers.keys_near(place, body)
            hint = f"是不是 {near}？did you mean {near}? " if near else ""
            visit.chart.find(
                visit.finding(
                    f"errors.{key}", f"拒绝的应答里没有 {place}（in no refusal）。{hint}{refusals[0].text[:100]}"
                )
            )


def _seen(visit: Visit, place: str) -> bool:
    """Whether any answer at all, good or bad, has something there."""
    every = (one.answer for guest in visit.guests() for one in guest.log if one.answer is not None)
    return any(answers.at(one, place) not in (MISSING, None) for one in every)
