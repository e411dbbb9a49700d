"""Cookies as a person holds them: taken from answers, sent as one header. Scope is the site; no jar, no connection."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime

# Several Set-Cookie lines come joined by ", ", and dates hold a comma, too: a new cookie begins with name=.
_NEXT = re.compile(r",\s*(?=[^;,\s=]+=)")


def take(held: dict[str, str], headers: Mapping[str, str]) -> bool:
    """Takes over what the answer sets and forgets what it deletes. Whether anything changed."""
    before = dict(held)
    for name, value, dead in _set_by(headers.get("set-cookie", "")):
        if dead:
            held.pop(name, None)
        else:
            held[name] = value
    return held != before


def header(held: Mapping[str, str]) -> dict[str, str]:
    """The Cookie header, or nothing."""
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in held.items())} if held else {}


def _set_by(lines: str) -> Iterator[tuple[str, str, bool]]:
    for line in _NEXT.split(lines) if lines else ():
        pair, *attributes = line.split(";")
        name, _, value = pair.strip().partition("=")
        if name:
            yield name, value.strip('"'), not value or any(map(_ended, attributes))


def _ended(attribute: str) -> bool:
    key, _, value = attribute.strip().partition("=")
    if key.lower() == "max-age":
        return value.lstrip("-").isdigit() and int(value) <= 0
    if key.lower() != "expires":
        return False
    try:
        return parsedate_to_datetime(value).timestamp() < time.time()
    except (ValueError, TypeError):
        return False
