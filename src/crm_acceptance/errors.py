"""Every exception of the harness, one sentence each; what the CLI turns into exit codes.

AcceptanceError
├── WrongUse                 exit 2: a command, table or profile asks for something unknown or contradictory
├── SiteOutOfReach           exit 4: the CRM does not answer, or does not answer as a CRM
├── Unsupported              this system cannot do that: the check is skipped, its requirement unproven
├── Unproven                 the check could not be carried out honestly: skipped with the reason
└── Refused                  the CRM said no, as a CRM may: kind tells how
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

REFUSALS = ("denied", "missing", "duplicate", "invalid", "conflict", "throttled", "expired")


class AcceptanceError(Exception):
    """Anything that the harness says to people instead of a traceback."""

    exit_code = 2


class WrongUse(AcceptanceError):
    """A command, table or profile asks for something unknown or contradictory."""


class SiteOutOfReach(AcceptanceError):
    """The CRM does not answer, answers too late, or answers something that is not a CRM's answer."""

    exit_code = 4


class Unsupported(AcceptanceError):
    """This system has no such ability; the requirement stays unproven, with this sentence as the reason.

    `sent`: whether anything that may write had been sent before that was found out.
    """

    exit_code = 3
    sent: bool = True


class Unproven(AcceptanceError):
    """The check could not be carried out honestly (for example: too few samples), so it proves nothing."""

    exit_code = 3


class Refused(AcceptanceError):
    """The CRM refused. `kind` is one of REFUSALS, `status` the HTTP status or 0 on screens, `message` its words."""

    def __init__(self, kind: str, message: str, status: int = 0) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind
        self.message = message
        self.status = status


def unknown(what: str, asked: str, known: Iterable[str], todo: str = "") -> WrongUse:
    """The one sentence for every unknown name: what was asked, what is known, the nearest, what to do next."""
    names = sorted(set(known))
    near = difflib.get_close_matches(asked, names, n=1, cutoff=0.6 if asked.isascii() else 0.5)  # 自已 -> 自己
    hint = f"是不是 {near[0]}？did you mean {near[0]}? " if near else ""
    shown = ", ".join(names[:40]) + (" …" if len(names) > 40 else "")
    return WrongUse(f"没有这个{what}：{asked}（unknown）。{hint}已知 known: {shown or '(none)'}。{todo}".rstrip())
