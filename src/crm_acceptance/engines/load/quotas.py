"""Quotas in the headers of answers, as vendors and the IETF write them -> the share that is left; decides nothing.

Sforce-Limit-Info: api-usage=18/5000 (Salesforce); X-RateLimit-Limit and -Remaining (GitHub and many others), also
without X- and with one more hyphen; RateLimit with RateLimit-Policy, or limit=, remaining= (drafts of
draft-ietf-httpapi-ratelimit-headers).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

HINT = re.compile(rb"(?im)^(?:x-)?(?:rate-?limit|sforce-limit|api-credits)")
"""What the head of an answer must hold before it is worth looking for a quota."""
_WORDS = (b"limit", b"credits")
PACE = 60.0
"""Seconds: what is given anew so soon is a pace, which 429 enforces, and no quota that others need, too."""
_SALESFORCE = re.compile(r"api-usage=(\d+)/(\d+)")
_PAIR = re.compile(r"(?:^|[;,\s])({})\s*=\s*\"?(\d+)")
_SPELT = ("x-ratelimit-{}", "x-rate-limit-{}", "ratelimit-{}", "x-ratelimit-{}-day", "x-ratelimit-{}-hour")
NAMES = frozenset(
    {
        "sforce-limit-info",
        "ratelimit",
        "x-api-credits-remaining",
        *(spelling.format("remaining") for spelling in _SPELT),
    }
)
"""Headers (in lower case) without which an answer tells of no quota."""


def hinted(head: bytes) -> bool:
    """Whether this head may tell of a quota; asked for every answer, so that the plain ones have to be quick."""
    low = head.lower()
    return (_WORDS[0] in low or _WORDS[1] in low) and HINT.search(head) is not None


@dataclass(frozen=True)
class Quota:
    """How many requests are left of how many (0: not said), and for how many seconds (0: not said)."""

    header: str
    left: int
    whole: int = 0
    seconds: float = 0.0

    @property
    def share(self) -> float:
        """What is left; of an unknown whole everything, until nothing is."""
        return self.left / self.whole if self.whole else float(self.left > 0)


def read(headers: Mapping[str, str]) -> list[Quota]:
    """Every quota that the headers (names in lower case) tell of."""
    found = [*_salesforce(headers.get("sforce-limit-info", "")), *_combined(headers)]
    for spelling in _SPELT:
        left = _number(headers.get(spelling.format("remaining"), ""))
        if left is not None:
            whole = _number(headers.get(spelling.format("limit"), "")) or 0
            found.append(Quota(spelling.format("remaining"), left, whole, _window(headers, spelling)))
    return found


def _salesforce(text: str) -> list[Quota]:
    return [Quota("sforce-limit-info", int(whole) - int(used), int(whole)) for used, whole in _SALESFORCE.findall(text)]


def _combined(headers: Mapping[str, str]) -> list[Quota]:
    """One header with everything in it: `"day";r=50;t=30` with its policy `"day";q=100;w=60`, or limit=, remaining=."""
    told, policy = headers.get("ratelimit", ""), headers.get("ratelimit-policy", "")
    left = _pair(told, "r|remaining")
    if left is None:
        return []
    window = _pair(policy, "w") or _pair(told, "t|reset") or 0
    return [Quota("ratelimit", left, _pair(told, "limit") or _pair(policy, "q") or 0, float(window))]


def _window(headers: Mapping[str, str], spelling: str) -> float:
    """Seconds for which the limit is given: of the policy, or written behind the limit (`100;w=60`)."""
    said = headers.get(spelling.format("policy"), "") or headers.get(spelling.format("limit"), "")
    return float(_pair(said, "w") or 0)


def _pair(text: str, names: str) -> int | None:
    found = re.search(_PAIR.pattern.format(names), text)
    return int(found[2]) if found else None


def _number(text: str) -> int | None:
    found = re.match(r"\s*(\d+)", text)
    return int(found[1]) if found else None
