"""What the answer to a plain page has to be, as `expect` of its line says; and which answers look like errors though
their status is fine. Sends nothing, judges no run."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from crm_acceptance.engines.load import entries
from crm_acceptance.engines.load.entries import Table
from crm_acceptance.errors import WrongUse

KEYS = ("status", "contains", "lacks", "json", "absent")
EVERY = 0.2
"""Seconds between two answers that are looked into though nothing is expected of them."""
MOST = 65_536
"""Bytes of an answer that are looked through where nothing is expected of it."""
SHOWN = 60
_MISSING = object()
_FINE = ("", "0", "00", "000", "0000", "00000", "000000", "1", "200", "20000")
"""Codes and states that vendors use for success, in lower case."""
_WORDS = re.compile("err|fail|denied|invalid|forbidden|unauthori|exception|失败|错误")


@dataclass(frozen=True)
class Expect:
    """`statuses` (none: 200 to 299); texts that stand in the answer, and that do not; `values`: what stands at which
    path of its JSON (`data.items.0.id`); `absent`: paths at which nothing may stand, or only something empty."""

    statuses: tuple[int, ...] = ()
    contains: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    values: tuple[tuple[str, Any], ...] = ()
    absent: tuple[str, ...] = ()

    @property
    def bodily(self) -> bool:
        """Whether the body has to be read for it."""
        return bool(self.contains or self.lacks or self.values or self.absent)


def read(where: str, table: Table) -> Expect | None:
    """`expect = { status = 200, contains = "…", lacks = "…", json = { code = 0 }, absent = ["errors"] }` of a line;
    None where it says none. WrongUse for what could not be compared."""
    if "expect" not in table:
        return None
    inside, here = entries.value(where, table, "expect", dict), f"{where} expect"
    entries.keys(here, inside, KEYS)
    statuses = _several(here, inside, "status", int)
    found = Expect(
        statuses,
        contains=_several(here, inside, "contains", str),
        lacks=_several(here, inside, "lacks", str),
        values=tuple(_values(here, entries.value(here, inside, "json", dict, {}))),
        absent=_several(here, inside, "absent", str),
    )
    if found == Expect() or not all(100 <= one <= 599 for one in statuses) or "" in found.contains + found.lacks:
        raise WrongUse(f"{here} 什么也没有要求，或者状态码不对：{inside}。It asks for nothing, or for no status.")
    return found


def _several(where: str, table: Table, key: str, kind: type) -> tuple[Any, ...]:
    """One value or a list of them."""
    raw = table.get(key, [])
    found = raw if isinstance(raw, list) else [raw]
    return tuple(entries.value(where, {key: one}, key, kind) for one in found)


def _values(where: str, table: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _values(where, value, f"{path}{key}.")
        elif isinstance(value, str | int | float | bool):
            yield f"{path}{key}", value
        else:
            raise WrongUse(f"{where} 的 json.{path}{key} 要写文字、数或 true/false。A text, a number, true or false.")


def from_plain(raw: Mapping[str, Any]) -> Expect:
    """Back from what JSON makes of it."""
    told = {key: tuple(value) for key, value in raw.items()}
    return Expect(**told | {"values": tuple((path, value) for path, value in raw["values"])})


def wrong(asked: Expect, status: int, body: bytes) -> str:
    """What is not as it has to be, "" when all is."""
    if status not in asked.statuses if asked.statuses else not 200 <= status < 300:
        return f"HTTP {status}"
    text = body.decode("utf-8", "replace") if asked.bodily else ""
    missing = next((one for one in asked.contains if one not in text), None)
    if missing is not None:
        return f"应答里没有 not in the answer: {missing[:SHOWN]}"
    there = next((one for one in asked.lacks if one in text), None)
    if there is not None:
        return f"应答里有 in the answer: {there[:SHOWN]}"
    return _wrong_json(asked, body) if asked.values or asked.absent else ""


def _wrong_json(asked: Expect, body: bytes) -> str:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return "应答不是 JSON the answer is no JSON"
    for path, value in asked.values:
        if not _same(found := _at(told, path), value):
            return f"{path} = {_shown(found)}，应当是 expected {_shown(value)}"
    there = next((path for path in asked.absent if (found := _at(told, path)) is not _MISSING and found), None)
    return f"{there} = {_shown(_at(told, there))}，应当没有 expected none" if there else ""


def _same(found: Any, value: Any) -> bool:
    return isinstance(found, bool) == isinstance(value, bool) and bool(found == value)


def _at(told: Any, path: str) -> Any:
    for key in path.split("."):
        if isinstance(told, dict) and key in told:
            told = told[key]
        elif isinstance(told, list) and key.isdecimal() and int(key) < len(told):
            told = told[int(key)]
        else:
            return _MISSING
    return told


def _shown(value: Any) -> str:
    return "（没有 none）" if value is _MISSING else json.dumps(value, ensure_ascii=False)[:SHOWN]


def odd(body: bytes) -> str:
    """The beginning of an answer that looks like an error though its status is fine: a JSON object with errors in it,
    or a code or state that no vendor calls a success; else "". A guess: what is right can be said with `expect`."""
    if len(body) > MOST or body.lstrip()[:1] != b"{":
        return ""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    return body.decode("utf-8", "replace")[:SHOWN] if _odd(told) else ""


def _odd(told: Mapping[str, Any]) -> bool:
    if told.get("errors") or told.get("error") or told.get("success") is False or told.get("ok") is False:
        return True
    codes = [told[key] for key in ("code", "errcode", "errorCode", "error_code", "status") if key in told]
    # a record may have a code or a status of its own: an envelope says something to people beside it
    spoken = any(isinstance(told.get(key), str) for key in ("msg", "message", "errmsg", "error_msg", "errorMsg"))
    return spoken and any(_bad(one) for one in codes)


def _bad(code: Any) -> bool:
    if isinstance(code, bool) or not isinstance(code, int | str):
        return False
    said = str(code).strip().lower()
    return said not in _FINE and (isinstance(code, int) or said.isdecimal() or bool(_WORDS.search(said)))


@dataclass
class Answers:
    """The answers of one generator to plain pages: `expected` of which (`GET /orders`), and of those that were looked
    into otherwise the beginning of each that is odd, "" for each that is not."""

    expected: Mapping[str, Expect] = field(default_factory=dict)
    clock: Callable[[], float] = monotonic
    seen: list[str] = field(default_factory=list)
    _next: float = 0.0

    def wanted(self, verb: str) -> bool:
        """Whether the body of the next answer is to be read."""
        return verb in self.expected or self.clock() >= self._next

    def fault(self, verb: str, status: int, body: bytes) -> str:
        """What is wrong with an answer of which something is expected; of another, now and then, only a note."""
        asked = self.expected.get(verb)
        if asked is not None:
            return wrong(asked, status, body)
        if status < 300 and body and self.clock() >= self._next:
            self._next = self.clock() + EVERY
            self.seen.append(odd(body))
        return ""

    def allows(self, verb: str, status: int) -> bool:
        """Whether this status is named as one that is right."""
        asked = self.expected.get(verb)
        return asked is not None and status in asked.statuses
