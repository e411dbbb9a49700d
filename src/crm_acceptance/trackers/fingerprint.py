"""The fingerprint of a root cause: what stays the same of a failure from run to run and from check to check."""

from __future__ import annotations

import hashlib
import re

LENGTH = 12
PREFIX = "crma-"
"""What a fingerprint begins with as a label or in a title."""
_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|「[^」]*」|『[^』]*』|'[^']*'")
_BODY = re.compile(r"\{.*\}|\[.*\]", re.DOTALL)
_STATUS = re.compile(r"\bhttp (\d)(\d)(\d)\b")
_MARK = re.compile(r"\b(?=[0-9_-]*[a-z])(?=[a-z_-]*\d)[0-9a-z_-]{4,}\b")
_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*%?")
_EXAMPLE = re.compile(r"\s*(?:\([^()]*\)|（[^（）]*）|\[[^\[\]]*\])\s*$")
_BARE = re.compile(
    r"^(?:assert(?:ionerror)?|failed|not|in|is|none|true|false|and|or|len|decimal|str|int|set|list|\W|_)*$"
)
_LETTERS = str.maketrans("0123456789", "ghijklmnop")


def fingerprint(system: str, requirement: str, title: str, engine: str, reason: str) -> str:
    """Of one failed check. The same for every example row, record, person's number and mark that may stand in it.

    Checks of one requirement and engine that give the same reason are one root cause, whatever their titles; only a
    reason without words ("assert 2 == 3") needs the title to be told from others.
    """
    said = "\n".join((system, requirement, "" if telling(reason) else titled(title), engine, normal(reason)))
    return hashlib.sha256(said.encode(errors="surrogatepass")).hexdigest()[:LENGTH]  # JSON may hold half a pair


def telling(reason: str) -> bool:
    """Whether the reason says anything beyond an assertion over values."""
    return _BARE.fullmatch(normal(reason)) is None


def label(of: str) -> str:
    """The fingerprint as trackers keep it."""
    return PREFIX + of


def titled(title: str) -> str:
    """A check's title without its example row; the Chinese half where it has two."""
    text = title.partition(" · ")[0]
    while (shorter := _EXAMPLE.sub("", text)) != text and shorter:
        text = shorter
    return normal(text)


def normal(reason: str) -> str:
    """The first line of a reason without values: quoted words, bodies, numbers, ids and marks. HTTP statuses stay."""
    line = next((line.strip() for line in reason.splitlines() if line.strip()), "").lower()
    line = _BODY.sub("{}", _QUOTED.sub("“”", line))
    line = _STATUS.sub(lambda found: f"http {''.join(found.groups()).translate(_LETTERS)}", line)
    return " ".join(_NUMBER.sub("#", _MARK.sub("#", line)).split())[:300]
