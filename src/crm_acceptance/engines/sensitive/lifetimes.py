"""How long a login says that it lasts: in its token, beside it, or by its cookie. Reads answers, judges nothing."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Iterator, Mapping
from typing import Any

from crm_acceptance.engines.sensitive import crumbs
from crm_acceptance.engines.sensitive.entrances import Entered
from crm_acceptance.systems.flow import Answer

_LIFETIMES = ("expires_in", "expiresin", "expires", "expire", "ttl", "expires_at", "expiresat", "expire_at", "exp")
_JWT = re.compile(r"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]*")


def of(entered: Entered, proving: tuple[str, ...]) -> Iterator[tuple[str, float]]:
    """Where the login says how long it lasts, and how many seconds. A signed moment counts more than a cookie's age."""
    now = time.time()
    for word in entered.proofs:
        claims = claims_of(word)
        if isinstance(claims.get("exp"), int | float):
            yield "JWT exp", float(claims["exp"]) - float(claims.get("iat", now))
    for exchange in entered.exchanges:
        yield from _told(exchange.answer, now)
    ages = [(c.name, c.seconds) for exchange in entered.exchanges for c in crumbs.set_by(exchange.answer)]
    for name, seconds in dict(ages).items():
        if name in proving and seconds and "exp" not in claims_of(entered.cookies.get(name, "")):
            yield f"Cookie {name} Max-Age", seconds


def _told(answer: Answer, now: float) -> Iterator[tuple[str, float]]:
    try:
        body = json.loads(answer.body or b"null")
    except ValueError:
        return
    for level in (body, *(body.values() if isinstance(body, dict) else ())):
        if isinstance(level, dict):
            yield from _of_fields(level, now)


def _of_fields(table: Mapping[str, Any], now: float) -> Iterator[tuple[str, float]]:
    for name, value in table.items():
        if name.lower() in _LIFETIMES and isinstance(value, int | float) and value > 0 and not isinstance(value, bool):
            yield name, seconds_of(float(value), now)


def seconds_of(value: float, now: float) -> float:
    """A length in seconds, or what is left of a moment in seconds or milliseconds since the epoch."""
    for moment in (value, value / 1000):
        if abs(moment - now) < now * 0.9:
            return moment - now
    return value


def claims_of(word: str) -> dict[str, Any]:
    """What a JWT says; {} for anything else."""
    if not _JWT.fullmatch(word):
        return {}
    try:
        claims = json.loads(_unpadded(word.split(".")[1]))
    except ValueError:
        return {}
    return claims if isinstance(claims, dict) else {}


def _unpadded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def packed(table: Mapping[str, Any]) -> str:
    """A part of a JWT."""
    return base64.urlsafe_b64encode(json.dumps(table).encode()).decode().rstrip("=")
