"""Ids: one that nobody has in the shape of one that somebody has, and those next to it; sends nothing."""

from __future__ import annotations

import re
import secrets

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_PARTS = re.compile(r"[A-Za-z0-9]+")
COUNTED = 9
"""Digits of numbers up to which an id is taken for a counted one; longer ones hold a time or a machine."""


def absent_like(id: str) -> str:
    """An id of the same shape that no record has: numbers, UUIDs, drawn letters, SO-2026-0012, "sale,12".

    Only the last part is changed: what stands before it (a tenant, a table, a year) may be what makes it well-formed.
    """
    if _UUID.fullmatch(id):  # version and variant stay, or the id would be malformed rather than absent
        return "".join(_same_kind(char) if at not in (14, 19) else char for at, char in enumerate(id))
    parts = list(_PARTS.finditer(id))
    if not parts:
        return id + secrets.token_hex(3)
    last = next((part for part in reversed(parts) if any(map(str.isdigit, part[0]))), parts[-1])
    return id[: last.start()] + _other(last[0], alone=last[0] == id) + id[last.end() :]


def neighbours(id: str) -> tuple[str, ...]:
    """The ids before and after a counted one: what somebody who tries numbers tries first; () for any other."""
    if not id.isdigit() or len(id) > COUNTED or id.startswith("0"):
        return ()
    return tuple(str(number) for number in (int(id) - 1, int(id) + 1) if number > 0)


def _other(part: str, alone: bool) -> str:
    if part.isdigit() and alone and len(part) <= COUNTED:  # far above what is counted, and still a 32-bit number
        return str(900_000_000 + secrets.randbelow(99_999_999))
    kept = min(len(part) // 3, 8) if len(part) > COUNTED else 0
    drawn = part[:kept] + "".join(map(_same_kind, part[kept:]))
    if part.isdigit() and not alone:  # a number in a row: the far end of it
        drawn = "9" + drawn[1:] if len(part) > 1 else drawn
        drawn = f"9{drawn}7" if len(part) <= 2 else drawn
    return drawn if drawn != part else _other(part + "7", alone)


def _same_kind(char: str) -> str:
    if char.isdigit():
        return secrets.choice("0123456789")
    if char in "abcdef" or char in "ABCDEF":
        return secrets.choice("abcdef" if char.islower() else "ABCDEF")
    if char.isalpha():
        return secrets.choice("ghjkmnpqrstuvwxyz" if char.islower() else "GHJKMNPQRSTUVWXYZ")
    return char
