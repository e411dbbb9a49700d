"""The people who clean up: whose door opens which kind of record, remembered so that nobody is refused for ever."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from crm_acceptance.actors import Door, Doors, Window
from crm_acceptance.errors import AcceptanceError, Refused, SiteOutOfReach, Unsupported
from crm_acceptance.model import Action, Outcome, Person

TIRED = 3
"""After so many refusals without a success a person is not asked for that kind of thing any more."""


@dataclass(frozen=True)
class Tried:
    """What became of an attempt: it was done, with this outcome, or these were the refusals, as (kind, words)."""

    done: bool = False
    outcome: Outcome = None
    refusals: tuple[tuple[str, str], ...] = ()

    @property
    def missing(self) -> bool:
        """Whether nobody sees the record, and somebody who may look at such records says that it is not there."""
        return not self.done and any(kind == "missing" for kind, _ in self.refusals)

    @property
    def reason(self) -> str:
        """Why it was not done: what says most, a conflict before a mere "you may not"; "" when it was."""
        if self.done:
            return ""
        ranked = sorted(self.refusals, key=lambda one: ("missing", "denied").index(one[0]) if one[0] in PLAIN else 2)
        return ranked[-1][1] if ranked else "没有人可以试 nobody to try it"


PLAIN = ("missing", "denied")


class Hands:
    """Tries an action as one person after another. `cleaner`: the key of somebody who is asked to delete first."""

    def __init__(
        self,
        people: Iterable[Person],
        doors: Doors,
        window: Callable[[], Window] | None = None,
        cleaner: str = "",
    ) -> None:
        self._people = {person.key: person for person in people}
        self._doors, self._window = doors, window
        self.cleaner = cleaner
        self._refused: Counter[tuple[str, str]] = Counter()
        self._able: dict[str, list[str]] = {}
        self._saw: set[tuple[str, str, str | None]] = set()
        self._out: dict[str, str] = {}
        self._last: dict[str, tuple[str, str]] = {}

    def attempt(self, action: Action, first: Iterable[str] = ()) -> Tried:
        """Done as soon as somebody may. A conflict ends it: the others would meet it as well."""
        refusals: list[tuple[str, str]] = []
        for person in self._order(action.verb, first):
            try:
                outcome = self._door(person).do(action)
            except Unsupported as lacking:
                return Tried(refusals=(("unsupported", str(lacking)),))
            except Refused as no:
                self._note(person, action.verb, no)
                refusals.append((self._meaning(person, action, no), f"{person.name}: {no}"))
                if no.kind in ("conflict", "invalid"):
                    break
            else:
                self._able.setdefault(action.verb, []).insert(0, person.key)
                self._saw.add((person.key, action.object, action.id))
                return Tried(True, outcome)
        return Tried(refusals=tuple(refusals) or tuple(filter(None, [self._last.get(action.verb)])))

    def _meaning(self, person: Person, action: Action, no: Refused) -> str:
        """Some CRMs say "you may not" of what is not there, too: to whom could see it a moment ago, it is gone."""
        gone = no.kind == "denied" and action.name == "read" and (person.key, action.object, action.id) in self._saw
        return "missing" if gone else no.kind

    def _order(self, verb: str, first: Iterable[str]) -> Iterator[Person]:
        """Those who are named, then those who could before, then the rest; without those who never can."""
        keys = dict.fromkeys([*first, *self._able.get(verb, ())[:1], *self._people])
        for key in keys:
            if key in self._people and key not in self._out and self._refused[key, verb] < TIRED:
                yield self._people[key]

    def _note(self, person: Person, verb: str, no: Refused) -> None:
        self._last[verb] = (no.kind, f"{person.name}: {no}")
        if no.kind == "denied" and person.key not in self._able.get(verb, ()):
            self._refused[person.key, verb] += 1

    def _door(self, person: Person) -> Door:
        door: Any = self._doors.records(person)
        if door is not None:
            return door  # type: ignore[no-any-return]
        if self._window is None:
            raise Unsupported("这个系统没有接口，也没有浏览器可用。No API and no browser.")
        return self._doors.screens(person, self._window())

    def present(self) -> list[str]:
        """Signs everybody in; one sentence for each who is kept out. SiteOutOfReach when the site is gone."""
        for person in self._people.values():
            door = self._doors.records(person)
            if door is None:
                return []
            try:
                door.session()
            except SiteOutOfReach:
                raise
            except AcceptanceError as kept_out:
                self._out[person.key] = f"{person.name}（{person.login}）：{kept_out}"
        return list(self._out.values())
