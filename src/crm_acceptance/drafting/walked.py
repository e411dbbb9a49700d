"""Turns the calls of a recorded walk into operations, labels of forms into titles of properties. It opens nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from crm_acceptance.drafting.document import Table, table, text
from crm_acceptance.drafting.envelope import inferred
from crm_acceptance.drafting.naming import words
from crm_acceptance.drafting.operations import Operation, Parameter
from crm_acceptance.drafting.walk import Exchange, Sight, Walk
from crm_acceptance.drafting.words import NAMES

_ID = re.compile(r"\d+|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|[0-9a-f]{16,}|(?=\w*\d)(?=\w*[a-z])\w{18,}")
_NOISE = re.compile(r"(?i)/(analytics|telemetry|metrics|health|heartbeat|sockjs|socket\.io|track|log|events?/stream)\b")


def operations(walk: Walk) -> list[Operation]:
    """The calls that talk JSON with the host that most of them are for, alike ones as one operation."""
    known = [one for one in walk.exchanges if _is_call(one)]
    hosts = Counter(urlsplit(one.url).netloc for one in known)
    host = hosts.most_common(1)[0][0] if hosts else ""
    alike: dict[tuple[str, str], list[Exchange]] = {}
    for one in known:
        if urlsplit(one.url).netloc == host:
            alike.setdefault((one.method, template(one.path)), []).append(one)
    return [_operation(method, path, calls, walk) for (method, path), calls in alike.items()]


def _is_call(one: Exchange) -> bool:
    talks = one.answer is not None or (isinstance(one.body, dict | list) and "json" in one.body_type) or _signs(one)
    return talks and not _NOISE.search(one.path) and not one.path.endswith((".js", ".json.map", "manifest.json"))


def _signs(one: Exchange) -> bool:
    """A form with a password in it: how one signs in at pages that then call an API with a cookie."""
    names = ["".join(words(name)) for name in one.body] if isinstance(one.body, dict) else []
    return one.method == "POST" and any(name in NAMES["password"] for name in names)


def template(path: str) -> str:
    """ "/customers/17/notes" -> "/customers/{id}/notes"."""
    return "/".join("{id}" if part and _ID.fullmatch(part) else part for part in path.split("/"))


def _operation(method: str, path: str, calls: list[Exchange], walk: Walk) -> Operation:
    good = [one for one in calls if 0 < one.status < 400] or calls
    queries = {name: value for one in calls for name, value in one.query.items()}
    bodies = [inferred(one.body) for one in calls if one.body is not None]
    body = merged(bodies) if bodies else {}
    errors = {one.status: inferred(one.answer) for one in calls if one.status >= 400}
    return Operation(
        method=method,
        path=path,
        tags=_spoken_of(walk, calls),
        parameters=tuple(Parameter(name, "query", inferred(value)) for name, value in queries.items()),
        body=titled(body, labels(walk, [one for one in calls if one.body is not None])),
        body_type=next((one.body_type for one in calls if one.body_type), ""),
        answer=merged([inferred(one.answer) for one in good if one.answer is not None]),
        answer_type=next((one.answer_type for one in good), ""),
        answer_headers=tuple(name for name in good[0].headers if "count" in name or name in ("link", "content-range")),
        errors=errors,
        statuses=tuple(sorted({one.status for one in calls})),
    )


def _spoken_of(walk: Walk, calls: list[Exchange]) -> tuple[str, ...]:
    """What the page is called whose form became this call: its headings, and the words of its address."""
    for one in calls:
        best = _source(walk, one)
        if best is not None:
            split = urlsplit(best.url)
            return (*best.headings, *(part for part in f"{split.path}/{split.fragment}".split("/") if part))
    return ()


def _source(walk: Walk, one: Exchange) -> Sight | None:
    """The sight whose controls held most of what the call sent."""
    leaves = dict(_leaves(one.body))
    ranked = [(sum(1 for _ in _taken(leaves, sight.controls)), place, sight) for place, sight in enumerate(walk.sights)]
    count, _, best = max(ranked, key=lambda each: each[:2], default=(0, 0, None))
    return best if count else None


def merged(schemas: list[Table]) -> Table:
    """One schema that has what any of them has; examples do not matter."""
    found: Table = {}
    for one in schemas:
        known = table(found.get("properties"))
        own = table(one.get("properties"))
        both = {name: merged([known[name], own[name]]) if name in known and name in own else {**known, **own}[name]
                for name in {**known, **own}}  # fmt: skip
        items = [each["items"] for each in (found, one) if table(each.get("items"))]
        found = {
            **found,
            **one,
            **({"properties": both} if both else {}),
            **({"items": merged(items)} if items else {}),
        }
    return found


def labels(walk: Walk, calls: list[Exchange]) -> dict[str, Table]:
    """Path in a body -> the control whose value it took: {label, options}; by value, else by name."""
    found: dict[str, Table] = {}
    for one in calls:
        best = _source(walk, one)
        if best is not None:
            found.update(_taken(dict(_leaves(one.body)), best.controls))
    return found


def _taken(leaves: Mapping[str, Any], controls: tuple[Table, ...]) -> Iterator[tuple[str, Table]]:
    for path, value in leaves.items():
        control = next((one for one in controls if text(one.get("label")) and _same(path, value, one)), None)
        if control is not None:
            yield path, control


def _same(path: str, value: Any, control: Table) -> bool:
    typed = text(control.get("value")).strip()
    last = path.rpartition(".")[2]
    if text(control.get("name")) in (last, path):
        return True
    if control.get("options"):
        return typed == str(value) != ""  # a chosen value is short, and its list is the proof
    plain = typed.replace(",", "")
    number = _number(plain)
    return len(plain) > 1 and (str(value) in (typed, plain) or (number is not None and _number(value) == number))


def _number(value: Any) -> float | None:
    try:
        return None if isinstance(value, bool) or value is None else float(value)
    except (TypeError, ValueError):
        return None


def _leaves(body: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(body, dict):
        for name, value in body.items():
            yield from _leaves(value, f"{prefix}{name}.")
    elif prefix and not isinstance(body, list):
        yield prefix[:-1], body


def titled(schema: Table, known: Mapping[str, Table]) -> Table:
    """The schema with labels as titles, and what a list of choices offers as enum."""
    properties = dict(table(schema.get("properties")))
    for path, control in known.items():
        head, _, rest = path.partition(".")
        if head not in properties:
            continue
        if rest:
            properties[head] = titled(table(properties[head]), {rest: control})
        else:
            properties[head] = {**table(properties[head]), **described(control)}
    return {**schema, "properties": properties} if properties else schema


def described(control: Table) -> Table:
    """What a control says of its property: title, and the choices it offers."""
    pairs = [(value, label) for value, label in control.get("options") or () if str(value) != ""]
    offers = {"enum": [value for value, _ in pairs], "x-enumNames": [label for _, label in pairs]} if pairs else {}
    return {"title": text(control.get("label")), **offers}


def told(documented: list[Operation], walk: Walk) -> list[Operation]:
    """The operations of a document with the labels that a walk showed for their bodies."""
    return [_told(one, walk) for one in documented]


def _told(one: Operation, walk: Walk) -> Operation:
    pattern = re.compile(".*" + re.sub(r"\\\{[^{}]*\\\}", "[^/]+", re.escape(one.path)))
    calls = [each for each in walk.exchanges if each.method == one.method and pattern.fullmatch(each.path)]
    known = labels(walk, [each for each in calls if each.body is not None])
    return replace(one, body=titled(one.body, known)) if known else one
