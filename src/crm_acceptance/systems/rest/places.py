"""Where something stands in an answer: "data.items", "lines.*.name", "header:X", "cookie:sid". Judges nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping as Table
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import pairwise
from typing import Any

from crm_acceptance.systems.flow import Answer
from crm_acceptance.systems.rest.templates import MISSING

_CHARSET = re.compile(r"charset=[\"']?([\w.-]+)", re.IGNORECASE)
_PASSWORD_BOX = re.compile(r"<input[^>]+type\s*=\s*[\"']?password", re.IGNORECASE)
DIRECT = ("header:", "cookie:", "localStorage:")
"""What a place begins with when it does not point into the body."""


@dataclass(frozen=True)
class Reply:
    """An answer, its JSON read once and only when somebody asks, and the cookies that the person holds after it."""

    answer: Answer
    cookies: Table[str, str]

    @cached_property
    def body(self) -> Any:
        """The JSON of the answer with exact decimals; MISSING when it holds none."""
        raw = self.answer.body
        if not raw.strip():
            return MISSING
        try:
            named = _CHARSET.search(self.answer.headers.get("content-type", ""))
            text: str | bytes = raw.decode(named.group(1)) if named else raw
            return json.loads(text, parse_float=Decimal)
        except (ValueError, LookupError):
            return MISSING

    @property
    def is_page(self) -> bool:
        """Whether it is an HTML page, whatever its status says."""
        kind = self.answer.headers.get("content-type", "")
        return "html" in kind or self.answer.body[:200].lstrip().lower().startswith((b"<!doctype", b"<html"))

    @property
    def asks_for_password(self) -> bool:
        """Whether it is a page with a box for a password: somebody has to sign in."""
        return self.is_page and bool(_PASSWORD_BOX.search(self.answer.text))

    def at(self, place: str) -> Any:
        """The value at a place; MISSING when there is none."""
        kind, _, name = place.partition(":")
        if kind == "header":
            return self.answer.headers.get(name.strip().lower(), MISSING)
        if kind == "cookie":
            return self.cookies.get(name.strip(), MISSING)
        return MISSING if kind == "localStorage" else look(self.body, place)


def look(value: Any, place: str) -> Any:
    """What stands at the dotted place in a JSON value; numbers index lists, "*" means each; MISSING when absent."""
    if type(value) is dict and place in value:
        return value[place]
    if place == "" or value is MISSING:
        return value
    key, _, rest = place.partition(".")
    if key == "*" and isinstance(value, list):
        found = [look(one, rest) for one in value]
        return [one for one in found if one is not MISSING]
    return look(_inside(value, key), rest)


def _inside(value: Any, key: str) -> Any:
    if isinstance(value, Table):
        return value.get(key, MISSING)
    if isinstance(value, list) and key.lstrip("-").isdigit() and -len(value) <= int(key) < len(value):
        return value[int(key)]
    return MISSING


def put(table: dict[str, Any], place: str, value: Any) -> None:
    """Writes a value at a dotted place, making tables and lists ("lines.0.name") on the way."""
    holder: Any = table
    keys = place.split(".")
    for key, following in pairwise(keys):
        holder = _step(holder, key, [] if following.isdigit() else {})
    _set(holder, keys[-1], value)


def _step(holder: Any, key: str, fresh: Any) -> Any:
    held = _inside(holder, key)
    if not isinstance(held, dict | list):
        _set(holder, key, fresh)
        return fresh
    return held


def _set(holder: Any, key: str, value: Any) -> None:
    if isinstance(holder, list):
        holder.extend([None] * (int(key) + 1 - len(holder)) if key.isdigit() else [])
        holder[int(key)] = value
    else:
        holder[key] = value


def rooted(prefix: str, path: str) -> str:
    """A path below the site: after the prefix, unless it begins with "//" (from the site's own root)."""
    if path.startswith("//"):
        return path[1:]
    return prefix + (path if path.startswith("/") else f"/{path}")


def keys_of(value: Any) -> str:
    """What an answer holds instead, for a complaint: its keys, or what kind of thing it is."""
    if isinstance(value, Table):
        return ", ".join(map(str, list(value)[:20])) or "(空 empty)"
    if isinstance(value, list):
        return f"[{len(value)}] {keys_of(value[0]) if value else ''}".strip()
    return "(没有 JSON no JSON)" if value is MISSING else repr(value)[:80]
