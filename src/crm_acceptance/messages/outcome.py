"""How one attempt to hand something over ended, as far as the protocol lets anybody know; attempts nothing itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

LONGEST = 3600.0
"""Seconds: nobody is believed who asks for a longer wait."""


class Ending(StrEnum):
    """SENT: taken. LATER: surely not taken, may be tried again. REFUSED: never will be. UNKNOWN: nobody can know."""

    SENT = "sent"
    LATER = "later"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Outcome:
    """`said` tells people why. `wait`: seconds before the next attempt, 0 when nobody said (then it grows by itself).

    alone: the wait concerns this one only, not everything that goes the same way.
    shut: refused for a wrong password or token: whatever goes the same way would be, and knocking on may lock the door.
    """

    ending: Ending
    said: str = ""
    wait: float = 0.0
    alone: bool = False
    shut: bool = False


def sent(said: str = "") -> Outcome:
    """It was taken."""
    return Outcome(Ending.SENT, said)


def later(said: str, wait: float = 0.0, alone: bool = False) -> Outcome:
    """It was surely not taken."""
    return Outcome(Ending.LATER, said, min(max(wait, 0.0), LONGEST), alone)


def refused(said: str, shut: bool = False) -> Outcome:
    """Trying again would be refused again: somebody has to mend something."""
    return Outcome(Ending.REFUSED, said, shut=shut)


def unknown(said: str) -> Outcome:
    """It may have been taken: the answer is lost."""
    return Outcome(Ending.UNKNOWN, said)
