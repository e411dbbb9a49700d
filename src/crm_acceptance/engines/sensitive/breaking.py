"""Requests that are broken on purpose, made from requests that the system really uses; none of them can write."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from crm_acceptance.engines.sensitive import internals
from crm_acceptance.engines.sensitive.browsers import is_page
from crm_acceptance.engines.sensitive.entrances import Exchange
from crm_acceptance.engines.sensitive.ground import Ground
from crm_acceptance.engines.sensitive.sights import Sights
from crm_acceptance.engines.sensitive.verdict import Verdict
from crm_acceptance.errors import SiteOutOfReach
from crm_acceptance.systems.flow import Answer, Call

MOST = 90
"""Broken requests to one site: a bounded set, not a fuzzer."""
HUGE = "9" * 40
QUOTED = "1'\"<%"
_NUMBER = re.compile(r"(?<=/)\d+(?=/|$|:|\.)")
_UNREADABLE = b'{"\xff\xfe\x00":'
_WRITES = ("POST", "PUT", "PATCH", "DELETE")


def judged(ground: Ground, sights: Sights) -> Verdict:
    """What broken requests bring to light, and all that was answered before. A 5xx by itself is not judged here."""
    verdict = Verdict()
    for what, call in _broken(sights):
        try:
            answer = ground.send(call)
        except SiteOutOfReach as silent:
            verdict.saw(f"{what}：没有应答 no answer ({str(silent)[:60]})")
            continue
        verdict.saw(f"{what} -> HTTP {answer.status}")
        _judge(ground, verdict, what, call, answer)
    for exchange in sights.exchanges:
        if exchange.answer.status >= 400 or is_page(exchange.answer):
            _judge(ground, verdict, f"{exchange.call.method} {exchange.call.path}", exchange.call, exchange.answer)
    return verdict


def versions(ground: Ground, sights: Sights) -> Verdict:
    """Which versions the headers tell, of answers good and bad."""
    verdict = Verdict()
    answers = [one.answer for one in sights.exchanges] + [ground.send(Call("GET", _NOWHERE, follow=False))]
    for answer in answers:
        names = ", ".join(name for name in internals.TELLTALE if name in answer.headers) or "没有 none of them"
        verdict.saw(f"应答头 headers: {names}")
        for said in internals.versions(answer):
            verdict.wrong(f"应答头透露版本 headers tell a version: {said}")
    return verdict


def _judge(ground: Ground, verdict: Verdict, what: str, call: Call, answer: Answer) -> None:
    sent = f"{call.path} {call.params} {call.json} {call.form}"
    for said in internals.told(answer, ground.declared.words, sent):
        verdict.wrong(f"{what}（HTTP {answer.status}）的应答透露内部细节 tells internals: {said}")


_NOWHERE = "/no-such-place-for-acceptance"


def _broken(sights: Sights) -> Iterator[tuple[str, Call]]:
    """What is broken, and the request; MOST at most, those of each kind of operation first."""
    yield "不存在的地址 unknown path", Call("GET", _NOWHERE, follow=False)
    yield "编码错误的地址 bad encoding in the path", Call("GET", "/%ff%fe%00", follow=False)
    waiting = [_ways(exchange.call) for exchange in _operations(sights)]
    sent = 2
    while waiting and sent < MOST:
        for ways in list(waiting):
            one = next(ways, None)
            if one is None:
                waiting.remove(ways)
            elif sent < MOST:
                sent += 1
                yield one


def _operations(sights: Sights) -> list[Exchange]:
    """One exchange per operation: method, path without numbers, and the method of a call by RPC."""
    found: dict[object, Exchange] = {}
    for exchange in sights.exchanges:
        call = exchange.call
        rpc = call.json.get("method") if isinstance(call.json, dict) else None
        found.setdefault((call.method, re.sub(r"\d+", "#", call.path), str(rpc)), exchange)
    return list(found.values())


def _ways(call: Call) -> Iterator[tuple[str, Call]]:
    """The ways in which this request can be broken without ever writing anything."""
    call = replace(call, follow=False)
    name = f"{call.method} {re.sub(r'[0-9]+', '#', call.path)}"
    if call.json is not None:
        yield f"{name} JSON 写错 bad JSON", _raw(call, b'{"a": [1, ')
        yield f"{name} 编码错误 bad encoding", _raw(call, _UNREADABLE)
        if not call.verb.endswith((".create", ".attach")):
            yield f"{name} 类型错误 wrong type", replace(call, json=[{"a": {"b": [None]}}])
        if isinstance(call.json, dict) and "params" in call.json:
            yield f"{name} 数字过大 huge number", replace(call, json=_spoilt(call.json))
    if _NUMBER.search(call.path) and call.method not in _WRITES:
        yield f"{name} 编号过大 huge id", replace(call, path=_NUMBER.sub(HUGE, call.path))
        yield f"{name} 编号是文字 quoted id", replace(call, path=_NUMBER.sub("1%27%22", call.path))
    if call.method == "GET":
        wrong = dict.fromkeys((*call.params, "page", "size", "sort"), QUOTED)
        yield f"{name} 参数错误 wrong parameters", replace(call, params=wrong)
        yield f"{name} 会话损坏 broken session", replace(call, headers=_garbled(call.headers))
    yield f"{name} 方法不对 wrong method", replace(call, method="BREW", json=None, body=None, form=None, files=None)


def _raw(call: Call, body: bytes) -> Call:
    return replace(call, json=None, body=body, headers={**call.headers, "Content-Type": "application/json"})


def _spoilt(value: Any) -> Any:
    """Calls by RPC: numbers too large, so that no record can be meant."""
    if isinstance(value, dict):
        return {name: one if name in ("method", "id", "jsonrpc") else _spoilt(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_spoilt(one) for one in value]
    return int(HUGE) if isinstance(value, int) and not isinstance(value, bool) else value


def _garbled(headers: Mapping[str, str]) -> dict[str, str]:
    proving = ("authorization", "cookie", "x-auth-token", "x-access-token", "token")
    return {name: value[:12] + "%00'\"{" if name.lower() in proving else value for name, value in headers.items()}
