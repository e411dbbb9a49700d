"""What the pinned contract says of one operation, as a digest: its own lines and every schema they lead to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from crm_acceptance.engines.fuzz.contract import pinned
from crm_acceptance.engines.fuzz.naming import METHODS, Operation

DOCUMENT = ("openapi", "swagger", "security")
"""What of the document as a whole is meant by every operation."""
SILENT = ("description", "summary", "tags", "operationId")
"""What is told to people only."""


def part(path: Path, operation: Operation) -> str:
    """SHA-256 in hex; another exactly when the operation, its path's parameters or a schema it uses is another."""
    document = _pinned(path, path.stat().st_mtime_ns)
    place = document["paths"][operation.path]
    own = {key: said for key, said in place.items() if key not in METHODS}
    said = [operation.label, own, place[operation.method.lower()]]
    whole = {name: document.get(name) for name in DOCUMENT}
    return _digest([said, whole, _meant(document, said)])


def whole(path: Path) -> str:
    """The same of the whole document."""
    return _digest(_pinned(path, path.stat().st_mtime_ns))


def _meant(document: Mapping[str, Any], said: Any) -> dict[str, Any]:
    """Reference -> what stands there, for everything that is led to."""
    found: dict[str, Any] = {}
    waiting = list(_references(said))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = _there(document, name)
            waiting += _references(found[name])
    return found


def _references(said: Any) -> Iterator[str]:
    if isinstance(said, dict):
        if isinstance(said.get("$ref"), str):
            yield said["$ref"]
        for one in said.values():
            yield from _references(one)
    elif isinstance(said, list):
        for one in said:
            yield from _references(one)


def _there(document: Mapping[str, Any], name: str) -> Any:
    """What a local reference (#/components/...) means; None when it leads nowhere or out of the document."""
    found: Any = document
    for word in name.removeprefix("#/").split("/") if name.startswith("#/") else [""]:
        found = found.get(word.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
    return found


def _digest(said: Any) -> str:
    plain = json.dumps(_plain(said), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(plain.encode()).hexdigest()


def _plain(said: Any) -> Any:
    """Without words for people. A schema's property may be called "description": only texts and lists are left out."""
    if isinstance(said, dict):
        kept = {key: one for key, one in said.items() if key not in SILENT or isinstance(one, dict)}
        return {key: _plain(one) for key, one in kept.items()}
    return [_plain(one) for one in said] if isinstance(said, list) else said


@cache
def _pinned(path: Path, at: int) -> dict[str, Any]:
    return pinned(path)
