"""One JSON-RPC call as a flow, and what Tryton's answers mean: result, refusal, break-down. Knows no objects."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeVar

from crm_acceptance.errors import Refused, SiteOutOfReach
from crm_acceptance.systems import Session
from crm_acceptance.systems.flow import Answer, Call, Flow
from crm_acceptance.systems.tryton.codec import decode, encode
from crm_acceptance.systems.tryton.wire import RPC

T = TypeVar("T")
Row = dict[str, Any]

BY_STATUS = {401: "expired", 403: "denied", 404: "missing", 429: "throttled"}
# Tryton answers 200 to everything it understood; rights, absence and mistakes differ only in the words. The API door
# asks for English; on the screens people read Chinese.
BY_WORDS = (
    ("missing", re.compile(r"no longer exist|do(es)?(n't| not) exist|不存在", re.IGNORECASE)),
    ("denied", re.compile(r"not allowed|不允许|没有访问|无权", re.IGNORECASE)),
    ("conflict", re.compile(r"can not call|can ?not be (cancelled|deleted|modified)", re.IGNORECASE)),
    ("duplicate", re.compile(r"must be unique|already exists|duplicate", re.IGNORECASE)),
)
BY_NAME = {"UserWarning": "conflict", "ConcurrencyException": "conflict", "LoginException": "denied"}


def ask(session: Session, method: str, *args: Any, **context: Any) -> Flow[Any]:
    """The decoded result of one method called as the person. Raises Refused when Tryton refuses."""
    around = {**session.memory["context"], **context}
    answer = yield post(method, [*args, around], session.headers)
    return result(answer)


def post(method: str, params: list[Any], headers: Mapping[str, str] | None = None) -> Call:
    """The call as the web client makes it."""
    return Call("POST", RPC, json={"id": 0, "method": method, "params": encode(params)}, headers=headers or {})


def result(answer: Answer) -> Any:
    """The decoded result; Refused for a refusal, SiteOutOfReach for a break-down inside Tryton."""
    if answer.status in BY_STATUS:
        raise Refused(BY_STATUS[answer.status], f"Tryton 应答 HTTP {answer.status}", answer.status)
    if answer.status >= 300:
        raise SiteOutOfReach(f"{answer.url} 应答 HTTP {answer.status}：{answer.text[:120]!r}。Tryton broke down.")
    body = answer.json()
    if "error" in body:
        raise refusal(body["error"], answer.status)
    return decode(body.get("result"))


def refusal(error: list[Any], status: int) -> Refused | SiteOutOfReach:
    """[name, [message, description, ...]] is a refusal; anything else is an exception that escaped inside Tryton."""
    name, *rest = error
    details = rest[0] if rest and isinstance(rest[0], list) else []
    if not details:
        return Refused(BY_NAME[name], str(rest), status) if name in BY_NAME else _broke(error)
    words = " ".join(str(part) for part in details if part)
    return worded(words, name, status)


def worded(words: str, name: str = "", status: int = 0) -> Refused:
    """A refusal known by its words, as on a screen."""
    kind = BY_NAME.get(name) or next((kind for kind, words_of in BY_WORDS if words_of.search(words)), "invalid")
    return Refused(kind, words, status)


def _broke(error: list[Any]) -> SiteOutOfReach:
    return SiteOutOfReach(f"Tryton 内部出错：{str(error[0])[:200]!r}。An exception inside Tryton, not a refusal.")


def labelled(flow: Flow[T], verb: str) -> Flow[T]:
    """The same flow, its calls counted under the business action they serve."""
    try:
        call = next(flow)
        while True:
            call = flow.send((yield replace(call, verb=verb)))
    except StopIteration as end:
        value: T = end.value
        return value


def one(session: Session, model: str, id: str | None, fields: list[str]) -> Flow[Row]:
    """One record's fields; Refused("missing") for an id that is no number."""
    rows: list[Row] = yield from ask(session, f"model.{model}.read", [number(id)], fields)
    return rows[0]


def find(
    session: Session, model: str, domain: list[Any], fields: list[str], limit: int | None = None
) -> Flow[list[Row]]:
    """The records that fit and that the person may see."""
    rows: list[Row] = yield from ask(session, f"model.{model}.search_read", domain, 0, limit, None, fields)
    return rows


def number(id: Any) -> int:
    """A canonical id as Tryton's; Refused("missing") when it cannot be one."""
    if not str(id).isdigit():
        raise Refused("missing", f"Tryton 没有编号 {id!r} 的记录")
    return int(str(id))
