"""What each requirement and its checks say, as digests, and what differs between two such states; judges nothing.

A requirement's own digest is of its row, wherever it stands in the table; a check's is of what it says
(checks/content.py), whatever it is called. So a moved scenario is no change, and a reworded one is.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

import rfc8785

from crm_acceptance import manifest
from crm_acceptance.model import Expected, Requirement

SHOWN = 3
"""So many changed checks are named in a sentence; the rest is counted."""


@dataclass(frozen=True)
class Contents:
    """`requirements`: id -> SHA-256 of its row. `checks`: id -> node id -> digest of what that check says.

    `departments`: id -> department. `titles`: node id or requirement id -> its words for people; no part of any digest.
    """

    requirements: Mapping[str, str] = field(default_factory=dict)
    checks: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    departments: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Change:
    """What became of one requirement. `row`: "" new gone text. `changed`, `added`, `removed`: titles of checks.

    `words`: its text before and after, where that is another.
    """

    id: str
    row: str = ""
    words: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def __str__(self) -> str:
        said = [_ROWS[self.row] + (f"：{' → '.join(self.words)}" if self.words else "")] if self.row else []
        for what, titles in (("改了 changed", self.changed), ("新增 new", self.added), ("删去 gone", self.removed)):
            if titles and self.row not in ("new", "gone"):
                more = "……" if len(titles) > SHOWN else ""
                said.append(f"检查{what} {len(titles)}：{'、'.join(titles[:SHOWN])}{more}")
        return "；".join(said)


_ROWS = {"new": "新需求 a new requirement", "gone": "需求不见了 it is gone", "text": "需求原文改了 its row was changed"}


def of_run(run_dir: Path) -> Contents:
    """As a run promised it. What its folder does not hold is not there, so that it differs from everything."""
    promised = manifest.read(run_dir)
    return of(promised.requirements, promised.items)


def of(requirements: Iterable[Requirement], items: Iterable[Expected]) -> Contents:
    """Of a table and the checks that were collected, selected or not."""
    rows = {one.id: one for one in requirements}
    checks: dict[str, dict[str, str]] = {id: {} for id in rows}
    titles = {id: one.text for id, one in rows.items()}
    for item in items:
        titles[item.nodeid] = item.title
        for id in item.requirements:
            checks.setdefault(id, {})[item.nodeid] = item.content
    digests = {id: digest(asdict(one)) for id, one in rows.items()}
    return Contents(digests, checks, {id: one.department for id, one in rows.items()}, titles)


def department(contents: Contents, key: str) -> str:
    """One digest for all that a department requires: another exactly when one of its requirements says otherwise."""
    own = sorted(id for id, name in contents.departments.items() if name == key)
    return digest([[id, requirement(contents, id)] for id in own])


def requirement(contents: Contents, id: str) -> str:
    """One digest for a requirement with all its checks, "" when there is no such requirement."""
    row = contents.requirements.get(id)
    return digest([row, sorted(contents.checks.get(id, {}).values())]) if row else ""


def changed(before: Contents, after: Contents) -> dict[str, str]:
    """Id -> what is another, in a sentence; empty when both say the same."""
    return {id: str(change) for id, change in differences(before, after).items()}


def differences(before: Contents, after: Contents) -> dict[str, Change]:
    """Id -> what is another, in the order of `after`, then what is gone."""
    ids = dict.fromkeys((*after.requirements, *before.requirements))
    return {id: _change(id, before, after) for id in ids if requirement(before, id) != requirement(after, id)}


def _change(id: str, before: Contents, after: Contents) -> Change:
    was, now = before.requirements.get(id), after.requirements.get(id)
    row = "" if was == now else "new" if was is None else "gone" if now is None else "text"
    old, new = _only(before, after, id), _only(after, before, id)
    words = tuple(f"“{one.titles[id]}”" for one in (before, after) if id in one.titles)
    return Change(
        id,
        row,
        words if row == "text" and len(set(words)) == 2 else (),
        changed=tuple(after.titles.get(one, one) for one in new if one in old),
        added=tuple(after.titles.get(one, one) for one in new if one not in old),
        removed=tuple(before.titles.get(one, one) for one in old if one not in new),
    )


def _only(here: Contents, there: Contents, id: str) -> tuple[str, ...]:
    """The checks of `here` whose words `there` has not, each word counted as often as it stands."""
    left = Counter(there.checks.get(id, {}).values())
    found = []
    for nodeid, said in here.checks.get(id, {}).items():
        if said and left[said]:
            left[said] -= 1
        else:
            found.append(nodeid)
    return tuple(found)


def digest(said: object) -> str:
    """SHA-256 in hex of plain values: mappings, lists, texts, numbers, as canonical JSON (RFC 8785)."""
    return hashlib.sha256(rfc8785.dumps(said)).hexdigest()  # type: ignore[arg-type]
