"""What a call does, read off its method and path: list, read, create, ... of which thing. It knows no schema."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crm_acceptance.drafting.naming import NOTHING, action_and_noun, action_of, object_of, singular, words
from crm_acceptance.drafting.operations import Operation
from crm_acceptance.drafting.words import AROUND, CORE

_EXTENSION = re.compile(r"\.(?:json|do|action|php|aspx?|jsp|html|api)$")
_CALLED = re.compile(r"([^/()]+)\((?:\w+=)?'?(\{[^{}]+\})'?\)")
"""OData names a record as accounts({id}), Accounts('{id}') or Accounts(Id='{id}')."""
_PLAIN = {"GET": "list", "POST": "create", "PUT": "change", "PATCH": "change", "DELETE": "delete"}
_ITEM = {"GET": "read", "PUT": "change", "PATCH": "change", "DELETE": "delete", "POST": "change"}
CRUD = ("list", "read", "create", "change", "delete")
SESSION = ("login", "logout", "me", "refresh")
BULK = frozenset(("batch", "bulk", "multi", "many", "multiple", "all"))


@dataclass(frozen=True)
class Route:
    """`base` is the path of the thing ("/customers"), `noun` its name, `verb` what is done, "" when unknown.

    `item` tells whether the path names one record; `ids` are the parameters that do; `spelt` the action's own word.
    """

    operation: Operation
    base: str
    noun: str
    verb: str
    item: bool = False
    ids: tuple[str, ...] = ()
    spelt: str = ""


def route(operation: Operation) -> Route:
    """Reads one operation."""
    spelt = _CALLED.sub(r"\1/\2", operation.path)
    segments = [part for part in spelt.split("/") if part]
    last = max((n for n, part in enumerate(segments) if is_parameter(part)), default=-1)
    if segments and ":" in segments[-1] and not segments[-1].startswith(":"):
        return _colon(operation, segments)
    if last < 0 or _scoped(segments, last):
        return _collection(operation, segments)
    first = last
    while first > 0 and is_parameter(segments[first - 1]):
        first -= 1
    return _one(operation, segments, first, last)


def is_parameter(segment: str) -> bool:
    """ "{id}" and ":id"; also "{id}.json"."""
    return segment.startswith(("{", ":"))


def _scoped(segments: list[str], last: int) -> bool:
    """/tenants/{tenant}/customers is a list of customers, not a part of one tenant."""
    tail = segments[last + 1 :]
    owner = segments[last - 1] if last else ""
    meant = object_of(tail[0]) if tail else NOTHING
    return singular(owner.lower()) in AROUND["scopes"] and meant.name in CORE and not action_of(tail[0]).name


def _colon(operation: Operation, segments: list[str]) -> Route:
    """ "/customers:list", "/customers/{id}:approve"."""
    name, _, action = segments[-1].partition(":")
    inside = is_parameter(name)
    before = segments[:-1] if inside else [*segments[:-1], name]
    if action.startswith("{") or not action:
        return _collection(operation, before)
    noun = next((part for part in reversed(before) if not is_parameter(part)), "")
    meant = action_of(action)
    ids = (name[1:-1],) if inside else ()
    return Route(operation, "/" + "/".join(before), noun, _domain(meant.name, operation, inside), inside, ids, action)


def _collection(operation: Operation, segments: list[str]) -> Route:
    """A path without the id of one record."""
    base, noun = "/" + "/".join(segments), _bare(segments[-1]) if segments else ""
    method = next((str(one.fixed or "") for one in operation.parameters if one.name in ("method", "action", "act")), "")
    meant = action_of(method) if method else action_of(noun)
    nouny = object_of(noun).sure >= 0.9 and operation.method in ("GET", "POST", "PUT", "PATCH", "DELETE")
    if method and meant.name:
        return Route(operation, base, noun, meant.name, spelt=method)
    if meant.name in SESSION:
        return Route(operation, base, noun, meant.name, spelt=noun)
    if meant.name and len(segments) > 1 and not (nouny and object_of(_bare(segments[-2])).sure < 0.7):
        owner = segments[-2] if not is_parameter(segments[-2]) else ""
        return Route(operation, "/" + "/".join(segments[:-1]), owner, _domain(meant.name, operation, False), spelt=noun)
    act, thing = action_and_noun(noun)
    if act.name and not object_of(noun).sure >= 0.95:
        spoken = "".join(words(thing))
        return Route(operation, "/" + "/".join([*segments[:-1], spoken]), thing, act.name, spelt=noun)
    if len(segments) > 1 and operation.method in ("POST", "PUT") and _bulky(noun):
        return Route(operation, "/" + "/".join(segments[:-1]), segments[-2], "", spelt=noun)
    return Route(operation, base, noun, _PLAIN.get(operation.method, ""))


def _one(operation: Operation, segments: list[str], first: int, last: int) -> Route:
    """A path with the id of one record: /x/{id}, /x/get/{id}, /x/{id}/approve."""
    ids = tuple(part.strip("{}:").split("}")[0] for part in segments[first : last + 1])
    owner, tail = segments[:first], segments[last + 1 :]
    spelt = "/".join(tail)
    if tail:
        meant = action_of(tail[-1]) if len(tail) < 3 else NOTHING
        verb = _domain(meant.name, operation, True) if meant.name else ""
        return Route(operation, "/" + "/".join(owner), _bare(owner[-1] if owner else ""), verb, True, ids, spelt)
    if len(owner) > 1 and action_of(owner[-1]).name and object_of(_bare(owner[-1])).sure < 0.9:
        verb = _domain(action_of(owner[-1]).name, operation, True)
        return Route(operation, "/" + "/".join(owner[:-1]), _bare(owner[-2]), verb, True, ids, owner[-1])
    act, thing = action_and_noun(_bare(owner[-1])) if owner else (NOTHING, "")
    if act.name and object_of(_bare(owner[-1])).sure < 0.95:
        base = "/" + "/".join([*owner[:-1], "".join(words(thing))])
        return Route(operation, base, thing, _domain(act.name, operation, True), True, ids, owner[-1])
    noun = _bare(owner[-1]) if owner else ""
    return Route(operation, "/" + "/".join(owner), noun, _ITEM.get(operation.method, ""), True, ids)


def _domain(verb: str, operation: Operation, item: bool) -> str:
    """The same word means another thing by method: GET .../attachments lists, POST .../attachments attaches."""
    if verb == "attachments" and operation.method == "POST":
        return "attach"
    if verb == "followups":
        return "follow" if operation.method == "POST" else "followups"
    if item and verb == "list" and operation.method == "GET":
        return "read"
    return verb


def _bulky(noun: str) -> bool:
    return any(word in BULK for word in words(noun))


def _bare(segment: str) -> str:
    return _EXTENSION.sub("", segment)
