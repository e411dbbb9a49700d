"""How long to pause when a site says that it is too busy: status and Retry-After in, seconds out. Waits for nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

TRIES = 4
"""How often a request that was turned away is sent again."""
LONGEST = 30.0
"""Seconds; who is told to come back later than that gives up at once, and says so."""
_UNSAID = 0.5
"""Seconds of the first pause where the site does not say how long; doubled each time."""


def pause(status: int, headers: Mapping[str, str], number: int) -> float | None:
    """Seconds before the `number`-th repetition (from 0); None: this answer is no call for patience, or too long a one.

    429 always is such a call (RFC 6585), 503 only with Retry-After (RFC 9110): without it, the site is broken.
    """
    if status not in (429, 503) or number >= TRIES:
        return None
    told = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    if status == 503 and not told:
        return None
    seconds = _seconds(told) if told else _UNSAID * 2**number
    return seconds if seconds is not None and seconds <= LONGEST else None


def _seconds(told: str) -> float | None:
    """Seconds, or a moment; None for anything else."""
    if told.strip().isdigit():
        return float(told)
    try:
        moment = parsedate_to_datetime(told)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())
