"""Canary ids and words put where an operation takes ids and words, told by the names of its parameters; sends nothing.

Operations that nobody listed are asked with these: what they are about is unknown, but not how CRMs name things.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from crm_acceptance.engines.fuzz.naming import PLURALS, Operation
from crm_acceptance.engines.fuzz.shapes import Document, Shape
from crm_acceptance.engines.permissions.attempts import changed
from crm_acceptance.engines.permissions.drafts import PARENT, PLANTABLE
from crm_acceptance.engines.permissions.garden import Canary
from crm_acceptance.errors import Unsupported

QUESTIONS = 4
"""Requests per role to an operation that nobody listed, at most."""
WIDE = 200
Family = Callable[[str], Canary | None]
"""The record of that object at which a call is aimed; None when there is none of it."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SEARCHED = _words("q s kw search keyword keywords query term text filter name title contains like")
NAMED = _words("id ids uid key keys pk record recordid recordids records objectid parentid")
OWNED = _words("owner ownerid user userid login username assignee who author")
SIZED = _words("size limit perpage pagesize count top rows take maxresults")
WIDENING = _words("expand include embed with populate relations related extend fields select")
RECEIVED = _words("to newowner toowner successor receiver assignto assignee")
CHANGES = _words("fields changes data values set attributes patch update")
GUESSED = "customer,contacts,orders,owner,payments"
ROOT = "customer"


@dataclass(frozen=True)
class Question:
    """One call: values for the path, the whole query, and what replaces parts of a generated body."""

    path: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)


def questions(operation: Operation, shape: Shape, family: Family) -> tuple[Question, ...]:
    """A few calls that bring canaries to light if the operation ignores whose they are; at least one."""
    path = {name: _aimed(name, _noun(operation.path, name), family) or "1" for name in shape.path}
    if not operation.looks:
        return (Question(path, _needed(operation, shape, family), body_of(operation, shape, family)),)
    needed = _needed(operation, shape, family)
    wide = {name: _most(one) for name, one in shape.query.items() if _plain(name) in SIZED}
    found = [
        Question(path, {**needed, **wide}),
        *(Question(path, {**needed, **one}) for one in _queries(shape, family)),
    ]
    return tuple(one for n, one in enumerate(found) if one not in found[:n])[:QUESTIONS]


def widening(shape: Shape) -> Mapping[str, Any]:
    """The parameters that ask for more than the record itself, with values that ask for all of it."""
    return {name: _all_of(one) for name, one in shape.query.items() if _plain(name) in WIDENING}


def widens(names: Iterable[str]) -> bool:
    """Whether one of these parameters asks for more than the record itself."""
    return any(_plain(name) in WIDENING for name in names)


def aimed_kind(operation: Operation) -> str:
    """The object that an operation most likely is about, by the first noun of its path; a customer when none."""
    nouns = [PLURALS[part] for part in operation.path.split("/") if part in PLURALS]
    return next((noun for noun in nouns if noun in PLANTABLE), ROOT)


def _queries(shape: Shape, family: Family) -> list[Mapping[str, Any]]:
    """First what widens, then searching for the canary, then naming it; the last ones fall to the limit."""
    names = {name: _plain(name) for name in shape.query}
    found: list[Mapping[str, Any]] = [widening(shape)]
    found += [{name: _aimed(name, ROOT, family)} for name, word in names.items() if word in SEARCHED]
    found += [{name: _aimed(name, ROOT, family)} for name, word in names.items() if word in NAMED or _kind(word)]
    return [one for one in found if one and all(value is not None for value in one.values())]


def _needed(operation: Operation, shape: Shape, family: Family) -> Mapping[str, Any]:
    """Required parameters of the query, as far as their names tell what belongs there."""
    kind = aimed_kind(operation)
    said = {name: _aimed(name, kind, family) for name in shape.query if name in shape.required}
    return {name: value for name, value in said.items() if value is not None}


def _aimed(name: str, noun: str, family: Family) -> Any:
    """What belongs into a parameter of that name; None when the name says nothing."""
    word = _plain(name)
    kind = _kind(word)
    canary = family(kind or noun) or family(ROOT)
    if canary is None:
        return None
    if word in SEARCHED:
        return canary.draft.token
    if word in OWNED:
        return canary.owner.login
    if kind or word in NAMED:
        return canary.id
    return canary.values.get(word)


def received(shape: Shape, login: str) -> Mapping[str, Any]:
    """Parts of a body that name who gets the record: that login, lest the attempt fail for a made-up one."""
    return {name: login for name in shape.body if _plain(name) in RECEIVED}


def filled(shape: Shape, fields: Mapping[str, Any]) -> Mapping[str, Any]:
    """The fields that the body knows by these very names, as the document wants them."""
    plain = {name: str(value) if isinstance(value, Decimal) else value for name, value in fields.items()}
    return {name: _typed(value, shape.body[name]) for name, value in plain.items() if name in shape.body}


def takes_ids(shape: Shape) -> bool:
    """Whether the body names the records that the operation is about: many at once, as a rule."""
    return any(_plain(name) in NAMED for name in shape.body)


def body_of(operation: Operation, shape: Shape, family: Family) -> Mapping[str, Any]:
    """What replaces parts of a generated body: the canary's id where ids are taken, a harmless change of it."""
    kind, found = aimed_kind(operation), dict[str, Any]()
    for name, schema in shape.body.items():
        word = _plain(name)
        value = _aimed(name, kind, family) if word in NAMED or _kind(word) else None
        if value is not None:
            found[name] = _typed(value, schema)
        elif word in CHANGES:
            found[name] = _change(family(kind))
    return {name: value for name, value in found.items() if value not in (None, {})}


def _typed(value: Any, schema: Document) -> Any:
    """As the document wants it: in a list, as a number."""
    if schema.get("type") == "array":
        return [_typed(value, schema.get("items", {}))]
    return int(value) if schema.get("type") == "integer" and str(value).isdigit() else value


def _change(canary: Canary | None) -> Mapping[str, Any]:
    try:
        fields = changed(canary.draft) if canary is not None else {}
    except Unsupported:
        return {}
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in fields.items()}


def _kind(word: str) -> str:
    """customer for customer, customerId, customers, customer_ids; "" for words that name no object."""
    bare = word.removesuffix("s").removesuffix("id")
    for kind in (*PLANTABLE, *PARENT.values()):
        if bare in (kind, PLURAL[kind].removesuffix("s")) or word == PLURAL[kind]:
            return kind
    return ""


def _noun(path: str, name: str) -> str:
    """The object before that parameter of the path."""
    before = path.partition("/{" + name + "}")[0].rpartition("/")[2]
    found = PLURALS.get(before, "")
    return found if found in PLANTABLE else ROOT


def _plain(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


def _most(schema: Document) -> Any:
    return min(int(schema.get("maximum", WIDE)), WIDE)


def _all_of(schema: Document) -> Any:
    choices = (
        schema.get("enum") or schema.get("items", {}).get("enum") or ([schema["const"]] if "const" in schema else [])
    )
    if not choices:
        return GUESSED
    return list(choices) if schema.get("type") == "array" else choices[0]


PLURAL = {kind: word for word, kind in PLURALS.items()}
