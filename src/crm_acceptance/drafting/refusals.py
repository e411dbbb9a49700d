"""Drafts [errors]: how a refusal looks, by the schemas of documented errors and by envelopes. Guesses only."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from crm_acceptance.drafting.document import rows, text
from crm_acceptance.drafting.drafts import Entry, Section
from crm_acceptance.drafting.naming import words
from crm_acceptance.drafting.operations import Operation
from crm_acceptance.drafting.schemas import Prop, Schemas, kind
from crm_acceptance.drafting.words import NAMES

CODE = NAMES["code"]
MESSAGE = NAMES["message"]
SUCCESS = NAMES["success"]
ENVELOPED = frozenset(("data", "result", "msg", "message", "payload", "content", "数据", "结果", "消息", "信息"))
_ZERO = re.compile(
    r"(?<![\d.])(0{1,6}|200|1|20000|10000|1000)(?![\d.])\s*(?:表示|为|是|=|:|：|代表|means|is|for)?\s*(?:成功|success|ok|正常)",
    re.I,
)
_AFTER = re.compile(
    r"(?:成功|success|ok)\w*\s*(?:返回|为|是|=|:|：|is|code)?\s*(0{1,6}|200|1|20000|10000|1000)(?!\d)", re.I
)
USUAL = {
    401: "expired",
    403: "denied",
    404: "missing",
    409: "conflict",
    400: "invalid",
    422: "invalid",
    429: "throttled",
}
UNUSUAL = {405: "denied", 410: "missing", 412: "conflict", 402: "denied", 423: "conflict", 428: "conflict"}


def section(operations: Iterable[Operation], schemas: Schemas) -> list[Section]:
    """[errors] and [errors.status]."""
    listed = list(operations)
    known = Counter(status for one in listed for status in one.errors)
    success = list(_success(listed, schemas))
    entries = [*_paths(listed, schemas, _beside(listed, schemas, success)), *success]
    told = ", ".join(f"{status}×{count}" for status, count in sorted(known.items())) or "无 none"
    statuses = tuple(
        Entry(str(status), UNUSUAL[status], f"文档提到 documented {known[status]}×")
        for status in sorted(known)
        if status in UNUSUAL
    )
    said = (f"文档里的错误状态 documented statuses: {told}",)
    return [Section("errors", tuple(entries), said), *([Section("errors.status", statuses)] if statuses else [])]


def _beside(operations: list[Operation], schemas: Schemas, success: list[Entry]) -> dict[str, str]:
    """Where an envelope tells code and message: in what means success, and beside it. {} without an envelope."""
    key = next((str(entry.value["path"]) for entry in success), "")
    own = next((own for one in operations if key and key in (own := schemas.properties(one.answer))), {})
    named = {_plain(name): name for name in own if kind(own[name]) not in ("object", "array", "boolean")}
    code = key if key in named.values() else next((named[name] for name in CODE if name in named), "")
    message = next((named[name] for name in MESSAGE if name in named and named[name] != code), "")
    return {name: path for name, path in (("code", code), ("message", message)) if path}


def _paths(operations: list[Operation], schemas: Schemas, beside: dict[str, str]) -> Iterator[Entry]:
    """Where the code and the message of a refusal are, by most of the documented ones.

    Where there is an envelope, what FastAPI documents by itself (422, detail.0.msg) is not what the CRM says.
    """
    codes: Counter[str] = Counter()
    messages: Counter[str] = Counter()
    for one in operations:
        for schema in one.errors.values():
            props = list(_flat(schemas, schema))
            codes.update([_best(props, CODE)])
            messages.update([_best(props, MESSAGE)])
    for key, counted in (("code", codes), ("message", messages)):
        del counted[""]
        if key in beside and (not counted or counted.most_common(1)[0][0].startswith("detail.")):
            yield Entry(key, beside[key], "信封 envelope")
        elif counted:
            path, count = counted.most_common(1)[0]
            yield Entry(key, path, f"错误应答的模型 error schemas ({count}×)")


def _flat(schemas: Schemas, schema: Any) -> Iterator[Prop]:
    for prop in schemas.props(schema):
        yield prop
        if prop.type == "array" and prop.name.lower() in ("errors", "error", "messages", "detail"):
            for inner in schemas.props(schemas.items(prop.schema)):
                yield Prop(f"{prop.path}.0.{inner.path}", inner.schema)


def _best(props: list[Prop], listed: Sequence[str]) -> str:
    known = [one for one in props if _plain(one.name) in listed and one.type not in ("object", "array", "boolean")]
    return min(known, key=lambda one: (listed.index(_plain(one.name)), one.path.count(".")), default=Prop("", {})).path


def _success(operations: list[Operation], schemas: Schemas) -> Iterator[Entry]:
    """An envelope {code, msg, data}: what its code is when all went well."""
    counted: Counter[str] = Counter()
    told: dict[str, set[Any]] = {}
    flag = _flag(operations, schemas)
    for one in operations:
        own = schemas.properties(one.answer)
        named = {_plain(name): name for name in own}
        key = next((named[name] for name in SUCCESS if name in named), flag if flag in own else "")
        flagged = bool(key) and kind(own[key]) == "boolean"
        if not key or not (flagged or ENVELOPED & set(named)):
            continue
        if _plain(key) in ("status", "code") and own[key].get("type") == "string" and not _values(own[key], key):
            continue
        counted[key] += 1
        told.setdefault(key, set()).update(_values(own[key], key))
        if isinstance(one.sample, dict) and isinstance(one.sample.get(key), int | str | bool):
            told[key].add(one.sample[key])
    if not counted or counted.most_common(1)[0][1] * 2 < sum(1 for one in operations if schemas.properties(one.answer)):
        return
    key = counted.most_common(1)[0][0]
    values = sorted(told[key], key=str)
    guessed = values or ([True] if key == flag or _plain(key) in ("success", "ok", "successful", "flag") else [0, 200])
    why = "信封 envelope" if values else "信封；成功的取值文档没有写，请核对 envelope; what means success is a guess"
    yield Entry("success", {"path": key, "values": guessed}, why)


def _flag(operations: list[Operation], schemas: Schemas) -> str:
    """A yes or no at the top of nearly every answer, whatever it is called; "" when there is none or several."""
    answers = [own for one in operations if (own := schemas.properties(one.answer))]
    counted = Counter(name for own in answers for name, schema in own.items() if kind(schema) == "boolean")
    usual = [name for name, count in counted.items() if count * 10 >= len(answers) * 8]
    return usual[0] if len(usual) == 1 and len(answers) > 3 else ""


def _values(schema: dict[str, Any], name: str) -> list[Any]:
    said = f"{text(schema.get('description'))} {text(schema.get('title'))}"
    if schema.get("type") == "boolean":
        return [True]
    number = schema.get("type") in ("integer", "number")
    found = [*_ZERO.findall(said), *_AFTER.findall(said)]
    if found:
        return list(dict.fromkeys(int(one) if number else one for one in found))
    for key in ("const", "default", "example"):
        value = schema.get(key)
        if isinstance(value, int | str) and not isinstance(value, bool) and value != "":
            return [value]
    one = rows(schema.get("enum"))
    return one[:1] if len(one) == 1 else []


def _plain(name: str) -> str:
    return "".join(words(name))
