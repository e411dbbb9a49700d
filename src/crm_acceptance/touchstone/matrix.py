"""A company's own permission matrix at its own site, mistaken on purpose: which mistakes would the suite notice?"""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from rich.console import Console

from crm_acceptance import catalogue, profile, sites
from crm_acceptance.actors import Doors, ScreensDoor, Window
from crm_acceptance.checks.promise import write_json
from crm_acceptance.engines.permissions import table
from crm_acceptance.engines.permissions.flips import (
    BLIND,
    FAILING,
    NOTICED,
    UNPROVEN,
    UNSUPPORTED,
    Flip,
    Told,
    flips,
    sample,
    tried,
)  # fmt: skip
from crm_acceptance.engines.permissions.replay import Replay, replay
from crm_acceptance.errors import WrongUse
from crm_acceptance.manners import pace
from crm_acceptance.manners.guest import JOURNAL, guest
from crm_acceptance.model import Person, Site
from crm_acceptance.profile import Profile
from crm_acceptance.running.folder import fresh
from crm_acceptance.running.interruption import Interrupted, heard
from crm_acceptance.running.preflight import answering
from crm_acceptance.running.tidying import tidy
from crm_acceptance.sending import http_send, line
from crm_acceptance.systems import HasRecords, find
from crm_acceptance.systems.flow import Send

WORDS = (NOTICED, BLIND, UNPROVEN, UNSUPPORTED, FAILING)
MOST_REQUESTS = 50_000
"""Counted and bounded where the profile bounds nothing; each cell costs about a dozen."""
FILE = "flips.json"
TELL_EVERY = 25


@dataclass(frozen=True)
class Asked:
    """Whose matrix, where, and how many mistakes of it (0: all). Empty: as the profile says."""

    workspace: Path
    out: Path
    system: str = ""
    site: str = ""
    cells: int = 200


@dataclass(frozen=True)
class Flipped:
    """What became of every mistake that was tried, of `possible` ones; what the site was asked, what stays there."""

    system: str
    told: tuple[Told, ...]
    possible: int
    requests: int
    left_over: tuple[Mapping[str, str], ...] = ()
    interrupted: bool = False
    folder: Path = Path()

    def count(self, word: str) -> int:
        """How many mistakes ended so."""
        return sum(one.word == word for one in self.told)


def turn_over(asked: Asked, console: Console) -> Flipped:
    """Tries the mistakes with one garden of canaries and removes everything afterwards, as a run does."""
    at = profile.load(asked.workspace, asked.system or None)
    at = profile.at_site(at, asked.site) if asked.site else at
    people = catalogue.load(at)
    matrix = table.declared(at, people)
    if matrix is None:
        raise WrongUse(f"{at.system} 没有权限表（[tables] permissions）。This system has no permission table to flip.")
    sites.guard(at)
    every = tuple(flips(matrix))
    chosen = sample(every, asked.cells)
    folder = fresh(asked.out, f"flips-{at.system}")
    found = _at_the_site(replace(at, budget=at.budget or MOST_REQUESTS), people.people, matrix, chosen, folder, console)
    whole = replace(found, possible=len(every))
    write_json(folder / FILE, as_json(whole))
    return whole


def _at_the_site(
    at: Profile,
    people: Mapping[str, Person],
    matrix: table.Matrix,
    chosen: tuple[Flip, ...],
    folder: Path,
    console: Console,
) -> Flipped:
    told: list[Told] = []
    interrupted = False
    with contextlib.ExitStack() as opened, heard():
        site = opened.enter_context(sites.opened(at))
        answering(site, at.timeout)
        allowance = opened.enter_context(guest(at, site, folder))
        try:
            with contextlib.ExitStack() as doors:
                there = _replay(at, people, matrix, site, doors)
                for one in tried(there, chosen, _progress(len(chosen), console)):
                    told.append(one)  # an interruption keeps what is known
        except Interrupted:
            interrupted = True
        left = _tidied(folder, at, people, site, console)
    # what was not reached is unproven: nobody looked
    rest = chosen[len(told) :]
    told += [Told(flip, UNPROVEN, "已中断，没有试 interrupted before it was tried") for flip in rest]
    return Flipped(at.system, tuple(told), 0, _asked(allowance), left, interrupted, folder)


def _replay(
    at: Profile, people: Mapping[str, Person], matrix: table.Matrix, site: Site, opened: contextlib.ExitStack
) -> Replay:
    system = find(at.system, at.path("mapping"))

    def password(person: Person) -> str:
        return sites.password_of(at, person)

    def send(person: Person) -> Send:
        return http_send(line(site), site, at.timeout)

    @cache
    def window() -> Window:
        from crm_acceptance.engines.browser import Browser

        browser = Browser(tracing=False, ca=site.ca)
        opened.callback(browser.close)
        return opened.enter_context(browser.scene())

    def door(person: Person) -> ScreensDoor:
        return Doors(system, site, password, at.timeout).screens(person, window())

    return replay(
        system, site, matrix, people.values(), password, send, None if isinstance(system, HasRecords) else door
    )


def _progress(total: int, console: Console) -> Callable[[Told], None]:
    seen: Counter[str] = Counter()

    def tell(told: Told) -> None:
        seen[told.word] += 1
        if sum(seen.values()) % TELL_EVERY == 0 or sum(seen.values()) == total:
            said = "，".join(f"{word} {seen[word]}" for word in WORDS if seen[word])
            console.print(f"{sum(seen.values())}/{total} {said}", highlight=False)

    return tell


def _tidied(
    folder: Path, at: Profile, people: Mapping[str, Person], site: Site, console: Console
) -> tuple[Mapping[str, str], ...]:
    """Where there is a journal; a CRM that was launched here is gone with everything in it."""
    if not (folder / JOURNAL).is_dir():
        return ()
    noted = tidy(folder / JOURNAL, at, people.values(), site, console, thorough=False)
    return tuple(noted["left_over"])


def _asked(allowance: pace.Allowance) -> int:
    return allowance.used().requests


def as_json(found: Flipped) -> dict[str, Any]:
    """Counts in all and per role and object; every flip that was not noticed, with its reason."""
    return {
        "system": found.system,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "possible": found.possible,
        "tried": len(found.told),
        **{word: found.count(word) for word in WORDS},
        "by_role_and_object": by_place(found),
        "not_noticed": [_as_json(one) for one in found.told if one.word != NOTICED],
        "requests": found.requests,
        "left_over": list(found.left_over),
        "interrupted": found.interrupted,
        "exit_code": exit_code(found),
    }


def by_place(found: Flipped) -> dict[str, dict[str, dict[str, int]]]:
    """Role -> object -> how many ended how; only the words that occur."""
    places: dict[str, dict[str, Counter[str]]] = {}
    for one in found.told:
        rule = one.flip.rule
        places.setdefault(rule.role, {}).setdefault(rule.object, Counter())[one.word] += 1
    return {role: {kind: dict(words) for kind, words in kinds.items()} for role, kinds in places.items()}


def _as_json(one: Told) -> dict[str, Any]:
    rule = one.flip.rule
    return {
        "role": rule.role, "action": rule.action, "object": rule.object, "line": rule.line,
        "flip": one.flip.what, "outcome": one.word, "reason": one.reason,
    }  # fmt: skip


def exit_code(found: Flipped) -> int:
    """0: every mistake tried would be noticed. 1: some would not, or the table is refuted as it stands. 3: unknown."""
    if found.interrupted:
        return 3
    if found.count(BLIND) or found.count(FAILING):
        return 1
    return 3 if found.count(NOTICED) < len(found.told) or not found.told else 0


def dumped(found: Flipped) -> str:
    """The JSON as text."""
    return json.dumps(as_json(found), ensure_ascii=False, indent=1)
