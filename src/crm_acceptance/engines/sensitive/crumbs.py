"""Cookies with their attributes, as answers set them; who holds which. Judged elsewhere, sent as one header."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

from crm_acceptance.systems.flow import Answer

# Several Set-Cookie lines come joined by ", ", and dates hold a comma, too: a new cookie begins with name=.
_NEXT = re.compile(r",\s*(?=[^;,\s=]+=)")


@dataclass(frozen=True)
class Crumb:
    """One cookie that an answer sets; attribute names in lower case, a bare one with value ""."""

    name: str
    value: str
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def seconds(self) -> float | None:
        """How long the browser is to keep it; None: until it is closed."""
        age, moment = self.attributes.get("max-age", ""), self.attributes.get("expires", "")
        if re.fullmatch(r"-?\d+", age):
            return float(age)
        try:
            return parsedate_to_datetime(moment).timestamp() - time.time() if moment else None
        except (ValueError, TypeError):
            return None


def set_by(answer: Answer) -> list[Crumb]:
    """The cookies that this answer sets or deletes."""
    lines = answer.headers.get("set-cookie", "")
    return list(_crumbs(lines)) if lines else []


def _crumbs(lines: str) -> Iterator[Crumb]:
    for line in _NEXT.split(lines):
        pair, *parts = line.split(";")
        name, _, value = pair.strip().partition("=")
        if name:
            attributes = {key.strip().lower(): said.strip() for key, _, said in (part.partition("=") for part in parts)}
            yield Crumb(name, value.strip('"'), attributes)


def held(before: Mapping[str, str], answer: Answer) -> dict[str, str]:
    """What the person holds after this answer."""
    after = dict(before)
    for crumb in set_by(answer):
        if crumb.value and (crumb.seconds is None or crumb.seconds > 0):
            after[crumb.name] = crumb.value
        else:
            after.pop(crumb.name, None)
    return after


def header(cookies: Mapping[str, str]) -> dict[str, str]:
    """The Cookie header, or nothing."""
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())} if cookies else {}


def sent(headers: Mapping[str, str]) -> dict[str, str]:
    """The cookies that a call carries."""
    line = next((value for name, value in headers.items() if name.lower() == "cookie"), "")
    pairs = (part.strip().partition("=") for part in line.split(";") if part.strip())
    return {name: value for name, _, value in pairs}
