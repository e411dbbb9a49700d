"""Which object and action of the matrix an API operation is, told from its method and path; sends nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from crm_acceptance.engines.permissions.vocabulary import OBJECT_FIELDS, actions_of
from crm_acceptance.engines.permissions.wording import doing
from crm_acceptance.errors import unknown

METHODS = ("get", "post", "put", "patch", "delete")
_WHOLE = {"get": "list", "post": "create"}
_ONE = {"get": "read", "put": "change", "patch": "change", "delete": "delete"}
_WORDS = {"duplicates": "check_duplicate", "attachments": "attachments", "search": "list"}
_SESSION = {"login": "login", "logout": "logout", "me": "read"}
BROAD = ("list", "search", "read", "export")
MEANING, KEY = "x-crm-acceptance", "x-crm-acceptance-id"
"""What a pinned contract may say of an operation whose path says nothing: "customer.list", and which parameter of
path or query names the record ("filterByTk")."""
EVERY = "*"
"""The object of an operation that serves every object: "*.download", or told by the contract, "*.search"."""


@dataclass(frozen=True)
class Operation:
    """One operation of the contract. `object` and `action` are "" when no word of the matrix fits it.

    `key` is the parameter that names the record, in the path or in the query; "" when it names none. `parent` is the
    object of that record where the operation is about what hangs on it: /customers/{id}/orders. `takes` are the names
    of its query parameters, as far as they stand there without a reference.
    """

    method: str
    path: str
    name: str
    object: str = ""
    action: str = ""
    key: str = ""
    parent: str = ""
    takes: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """How findings name it."""
        return f"{self.method} {self.path}"

    @property
    def spoken(self) -> str:
        """What it does, in Chinese: 取消订单; its own name when no word of the matrix fits it."""
        return doing(self.action, self.object) if self.action else f"调用 {self.name}"

    @property
    def looks(self) -> bool:
        """Whether it only looks."""
        return self.method == "GET"

    @property
    def broad(self) -> bool:
        """Whether one answer is about every object: a search over everything, what was opened last."""
        return self.object == EVERY and self.action != "download"

    @property
    def related(self) -> bool:
        """Whether it shows what hangs on a record."""
        return self.looks and bool(self.parent)


def operations(document: Mapping[str, object]) -> tuple[Operation, ...]:
    """Every operation of an OpenAPI document, in its order, with names that are distinct."""
    paths = document.get("paths")
    found: list[Operation] = []
    for path, methods in (paths if isinstance(paths, dict) else {}).items():
        for method in (one for one in METHODS if one in methods):
            one = methods[method]
            kind, action = _told(str(one[MEANING])) if MEANING in one else meaning(method, path)
            name = re.sub(r"[^\w.-]+", "_", str(one.get("operationId") or f"{method}{path}"))
            key, above = str(one.get(KEY) or parameter(path)), parent(path)
            of = above if above and kind in OBJECT_FIELDS and kind not in (above, "followup") else ""
            takes = tuple(str(p["name"]) for p in one.get("parameters", ()) if p.get("in") == "query")
            found.append(Operation(method.upper(), path, name, kind, action, key, of if _hangs(path) else "", takes))
    return tuple(_distinct(found))


def _distinct(found: Sequence[Operation]) -> Iterator[Operation]:
    """Two operations of one name would be two checks of one node id, of which only one would run."""
    seen: dict[str, int] = {}
    for one in found:
        seen[one.name] = seen.get(one.name, 0) + 1
        yield one if seen[one.name] == 1 else replace(one, name=f"{one.name}_{seen[one.name]}")


def parameter(path: str) -> str:
    """The name of the path's parameter; "" when it has none."""
    return path.partition("{")[2].partition("}")[0]


def parent(path: str) -> str:
    """The object of the record that the path names first: customer for /customers/{id}/orders; "" when none."""
    noun = path.partition("/{")[0].rpartition("/")[2]
    return PLURALS.get(noun, "") if "/{" in path else ""


def _hangs(path: str) -> bool:
    """Whether the last word of the path is a noun of its own: a list of things below a record, not a deed."""
    return "/{" in path and path.rpartition("/")[2] in PLURALS


def _told(verb: str) -> tuple[str, str]:
    """What the pinned contract says that an operation is. WrongUse when the matrix has no such word."""
    kind, _, action = verb.partition(".")
    if kind == EVERY and action in BROAD:
        return kind, action
    if kind not in OBJECT_FIELDS:
        raise unknown(f"固定契约 {MEANING} 里的对象 object", kind, OBJECT_FIELDS)
    if action not in actions_of(kind):
        raise unknown(f"固定契约 {MEANING} 里 {kind} 的动作 action", action, actions_of(kind))
    return kind, action


def meaning(method: str, path: str) -> tuple[str, str]:
    """(object, action) of the matrix; ("", "") when the path speaks of nothing that the matrix knows."""
    parts = [part for part in path.split("/") if part]
    starts = [n for n, part in enumerate(parts) if part in PLURALS or part in _SESSION or part in ("reports", "audit")]
    if not starts:
        return "", ""
    head, rest = parts[starts[0]], parts[starts[0] + 1 :]
    if head in _SESSION:
        return ("session", _SESSION[head]) if not rest else ("", "")
    if head == "reports":
        return _report(rest)
    if head == "attachments":
        return (EVERY, "download") if method == "get" and len(rest) == 1 else ("", "")
    kind = PLURALS.get(head, "audit")
    return _of_object(kind, method, rest)


def _of_object(kind: str, method: str, rest: Sequence[str]) -> tuple[str, str]:
    ids, words = [part for part in rest if "{" in part], [part for part in rest if "{" not in part]
    if len(ids) > 1 or len(words) > 1:
        return "", ""
    if not words:
        return _known(kind, (_ONE if ids else _WHOLE).get(method, ""))
    word = words[0]
    if ids and word in PLURALS and PLURALS[word] in OBJECT_FIELDS and PLURALS[word] not in (kind, "followup"):
        return _known(PLURALS[word], _WHOLE.get(method, ""))
    if word == "followups":
        return _known("followup", _WHOLE.get(method, ""))
    if word == "attachments" and method == "post":
        return _known(kind, "attach")
    return _known(kind, _WORDS.get(word, word))


def _report(rest: Sequence[str]) -> tuple[str, str]:
    if len(rest) != 1:
        return "", ""
    return ("report:*", "read") if "{" in rest[0] else _known(f"report:{rest[0]}", "read")


def _known(kind: str, action: str) -> tuple[str, str]:
    return (kind, action) if kind in OBJECT_FIELDS and action in actions_of(kind) else ("", "")


def _plural(kind: str) -> str:
    return kind[:-1] + "ies" if kind.endswith("y") else kind + "s"


PLURALS: Mapping[str, str] = {_plural(kind): kind for kind in OBJECT_FIELDS if ":" not in kind and kind != "audit"} | {
    "attachments": "attachment"
}
