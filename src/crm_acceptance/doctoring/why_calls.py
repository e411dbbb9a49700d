"""Why a call got no usable answer: its address, its method, its envelope. Reads what was really answered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from crm_acceptance.doctoring import answers, marking
from crm_acceptance.doctoring.findings import Finding
from crm_acceptance.doctoring.visit import Exchange, Guest, Tried, Visit
from crm_acceptance.systems.flow import Answer
from crm_acceptance.systems.rest.checks_calls import method_and_path
from crm_acceptance.systems.rest.places import Reply, look
from crm_acceptance.systems.rest.refusals import kind_of
from crm_acceptance.systems.rest.shape import CallSpec, ObjectSpec
from crm_acceptance.systems.rest.templates import MISSING

NO_SUCH = (404, 405, 410, 501)
NOWHERE = "/zz-no-such-address"
_ERROR = re.compile(r"err|fault|fehler|exception|detail|valid|message|msg", re.IGNORECASE)


def exchange_of(visit: Visit, spec: CallSpec, exchanges: Iterable[Exchange]) -> Exchange | None:
    """The last exchange that this call of the mapping made; the last one at all when none fits."""
    made = [one for one in exchanges if not _of_sessions(visit, spec, one)]
    fitting = [one for one in made if is_of(visit, spec, one)]
    best = fitting or made
    return best[-1] if best else None


def is_of(visit: Visit, spec: CallSpec, exchange: Exchange) -> bool:
    """Whether the exchange was made by this call of the mapping."""
    method, path = method_and_path(spec)
    if "{path}" not in path and "{parent_path}" not in path and "{link}" not in path:
        path = path[1:] if path.startswith("//") else visit.mapping.prefix + path
    pattern = re.sub(r"\\\{[^}]*\\\}", ".*", re.escape(path)).replace(r"\{", ".*")
    return exchange.call.method == method and re.search(f"{pattern}$", exchange.call.path.partition("?")[0]) is not None


def _of_sessions(visit: Visit, spec: CallSpec, exchange: Exchange) -> bool:
    """Whether the exchange only signed somebody in or looked people up on the way."""
    auth = visit.mapping.auth
    others = [auth.login, auth.me, auth.refresh, auth.logout, visit.mapping.people.list]
    return any(other is not None and other != spec and is_of(visit, other, exchange) for other in others)


def works(visit: Visit, answer: Answer | None) -> bool:
    """Whether the CRM agreed: a good status, no web page, and its envelope says so."""
    if answer is None or answer.status >= 300 or answers.is_page(answer):
        return False
    errors = visit.mapping.errors
    if not errors.success_path or not answer.body.strip():
        return True
    said_ = answers.at(answer, errors.success_path)
    return any(answers.same(said_, one) or str(said_).lower() == str(one).lower() for one in errors.success_values)


def unknown_address(answer: Answer | None) -> bool:
    """Whether the answer means that there is no such address or method, rather than no such record."""
    return answer is not None and (answer.status in NO_SUCH or (answers.is_page(answer) and answer.status < 500))


def no_such(visit: Visit, guest: Guest | None, exchange: Exchange) -> bool:
    """Whether the CRM knows no such address or method: it says so, or answers the same at an address of nowhere."""
    answer = exchange.answer
    if answer is None or works(visit, answer):
        return False
    if unknown_address(answer):
        return True
    if guest is None or answer.status >= 500 or kind_of(visit.mapping, Reply(answer, {})) in ("expired", "denied"):
        return False
    return is_nowhere(visit, guest, exchange)


def is_nowhere(visit: Visit, guest: Guest, exchange: Exchange) -> bool:
    """Whether an address that cannot exist gets the very same answer."""
    path = visit.mapping.prefix + NOWHERE
    nowhere = visit.raw(guest, replace(exchange.call, path=path, params={}))
    if nowhere is None or exchange.answer is None or works(visit, exchange.answer):
        return False
    return fingerprint(nowhere, path) == fingerprint(exchange.answer, exchange.call.path)


def fingerprint(answer: Answer, path: str) -> tuple[int, str]:
    """What an answer says, whatever it was asked for: some repeat the path."""
    return answer.status, answer.text.replace(path, "").replace(path.strip("/"), "")[:2000]


def said(answer: Answer | None) -> str:
    """Status and words of an answer, for a sentence."""
    if answer is None:
        return "没有应答 no answer"
    words = "网页 a web page" if answers.is_page(answer) else " ".join(answer.text.split())[:140]
    return f"HTTP {answer.status} {words}".rstrip()


def address(visit: Visit, spec: CallSpec, exchange: Exchange, hint: str = "") -> Finding:
    """The address or method of a call that the CRM does not know."""
    allowed = exchange.answer.headers.get("allow", "") if exchange.answer else ""
    if allowed:
        hint = f"这个地址只接受 {allowed}（the site allows {allowed}）。{hint}"
    asked = f"{exchange.call.method} {exchange.call.path}"
    return visit.finding(
        f"{spec.where}.call", f"{asked} 系统不认识：{said(exchange.answer)}（no such address）。{hint}"
    )


def envelope(visit: Visit, exchange: Exchange) -> Finding | None:
    """An answer with a good status that [errors] success takes for a refusal though it brings what was asked for."""
    errors, answer = visit.mapping.errors, exchange.answer
    if answer is None or answer.status >= 300 or not errors.success_path or works(visit, answer):
        return None
    value, body = answers.at(answer, errors.success_path), answers.body_of(answer)
    if str(value) in errors.codes or not _brings_something(body):
        return None
    if value is MISSING:
        near = answers.keys_near(errors.success_path, body)
        hint = f"是不是 {near}？did you mean {near}?" if near else ""
        known = answers.keys(body)
        return visit.finding("errors.success.path", f"应答里没有 {errors.success_path}，有 keys: {known}。{hint}")
    return visit.finding(
        "errors.success.values",
        f"HTTP {answer.status}、带着数据的应答里 {errors.success_path} = {value!r}，不在 values 里（not in values）。",
    )


def _brings_something(body: object) -> bool:
    """Whether an answer holds a table or a list besides what it says of errors."""
    return any(
        isinstance(value, Mapping | list) and value and not _ERROR.search(place)
        for place, value in answers.places(body)
    )


def place_of_record(visit: Visit, object: ObjectSpec, spec: CallSpec, answer: Answer) -> Finding | None:
    """Whether `record` points at the record: where most of the mapped fields are in the answer."""
    keys = [field.path for field in object.fields.values()] + list(object.id)
    body = answers.body_of(answer)
    if body is MISSING and answer.body.strip():
        return visit.finding(f"{spec.where}.call", f"应答不是 JSON：{said(answer)}（not JSON）。")
    found, place = answers.at(answer, spec.record or ""), spec.record or ""
    best = answers.find_tables(body, keys)
    if not best or best[0] == place or _as_good(found, body, keys, best[0]):
        return None
    what = f"{place!r} 处没有记录" if place else "应答本身不是记录"
    return visit.finding(
        f"{spec.where}.record",
        f"{what}（no record there）；记录在 {best[0]!r}，did you mean {best[0]!r}? 有 keys: {answers.keys(body)}。",
    )


def _as_good(found: object, body: object, keys: list[str], best: str) -> bool:
    def held(value: object) -> int:
        return sum(look(value, key) is not MISSING for key in keys) if isinstance(value, Mapping) else 0

    return held(found) >= held(look(body, best))


def place_of_rows(visit: Visit, spec: CallSpec, answer: Answer, holding: str = "") -> Finding | None:
    """Whether `rows` points at a list."""
    found = answers.at(answer, spec.rows or "")
    if isinstance(found, list):
        return None
    body = answers.body_of(answer)
    if body is MISSING:
        return visit.finding(f"{spec.where}.call", f"应答不是 JSON：{said(answer)}（not JSON）。")
    lists = answers.find_lists(body, holding) or [
        p for p, v in [("", body), *answers.places(body)] if isinstance(v, list)
    ]
    hint = f"列表在 {lists[0]!r}（did you mean {lists[0]!r}?）。" if lists else "应答里没有列表（no list in it）。"
    return visit.finding(
        f"{spec.where}.rows", f"{spec.rows!r} 处不是列表（no list there）；{hint}有 keys: {answers.keys(body)}。"
    )


def unexpected(visit: Visit, spec: CallSpec, tried: Tried, object: ObjectSpec | None = None) -> Finding:
    """What can be said of a call that failed, from its answer alone."""
    exchange = exchange_of(visit, spec, tried.exchanges)
    where = f"{spec.where}.call" if spec.call else spec.where
    if tried.busy and tried.last:
        asked = f"{tried.last.call.method} {tried.last.call.path}"
        return Finding("", None, "站点 site", f"{asked}：{said(tried.last.answer)}，没有试成（the site is busy）。")
    if exchange is None or exchange.answer is None:
        return visit.finding(_named(visit, tried) or where, f"{tried.no}")
    found = envelope(visit, exchange) or (marking.unmarked(visit, exchange.answer) if tried.kind else None)
    if found:
        return found
    if no_such(visit, tried.guest, exchange):
        return address(visit, spec, exchange)
    if object is not None and works(visit, exchange.answer):
        found = place_of_rows(visit, spec, exchange.answer) if spec.rows is not None else None
        found = found or (place_of_record(visit, object, spec, exchange.answer) if spec.record is not None else None)
        if found:
            return found
    named = _named(visit, tried)
    if named:
        return visit.finding(named, str(tried.no))
    asked = f"{exchange.call.method} {exchange.call.path}"
    return visit.finding(where, f"{asked}：{said(exchange.answer)}。{tried.no or ''}")


def _named(visit: Visit, tried: Tried) -> str:
    """The place that the complaint itself names, when the running mapping complained."""
    text, lines = str(tried.no or ""), visit.mapping.lines
    spots = getattr(lines, "spots", {})
    fitting = [place for place in spots if text.startswith(lines.at(place))]
    return max(fitting, key=lambda place: len(lines.at(place)), default="")
