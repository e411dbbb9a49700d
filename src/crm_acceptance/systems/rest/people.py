"""Who is who at the CRM: person keys to what its records hold, and back. Knows names and ids, asks nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Mapping as Table
from typing import Any

from crm_acceptance.model import Person
from crm_acceptance.systems.rest.places import look
from crm_acceptance.systems.rest.shape import PeopleSpec
from crm_acceptance.systems.rest.templates import MISSING


class Staff:
    """The people table of one site: what [people] says, what the CRM's list told, who has signed in."""

    def __init__(self, spec: PeopleSpec, known: Callable[[], Iterable[Person]]) -> None:
        self.spec = spec
        self.listed = False
        self._known = known
        self._people: dict[str, Person] = {}
        self._asked = False
        self._natives: dict[str, Any] = {}
        self._keys: dict[str, str] = {}
        for key, native in spec.ids.items():
            self._take(key, int(native) if _is_plain_number(native) else native)

    @property
    def wanting(self) -> bool:
        """Whether the CRM's own list of people has to be read before ids can be translated."""
        return self.spec.by == "id" and self.spec.list is not None and not self.listed

    def met(self, person: Person, native: Any = MISSING) -> None:
        """Somebody has signed in; `native` is the id that the CRM told of them, if it did."""
        self._add(person)
        if native is not MISSING and native is not None and self.spec.by == "id":
            self._take(person.key, native)

    def learn(self, rows: Iterable[Any]) -> None:
        """The rows of the CRM's list of people."""
        self._read_known()
        for row in rows:
            id, login = look(row, self.spec.id), look(row, self.spec.login)
            if id is not MISSING and login is not MISSING and login is not None:
                person = self._people.get(str(login))
                self._take(person.key if person else str(login), id)
        self.listed = True

    def native(self, key: Any) -> Any:
        """What the CRM writes for this person key; MISSING when nobody knows. An id of the CRM's own goes through."""
        text = str(key)
        if self.spec.by == "id":
            return self._natives.get(text, self._natives.get(self.key_of(text), MISSING))
        person = self._person(text)
        if person is None or self.spec.by == "key":
            return person.key if person else text
        return person.login if self.spec.by == "login" else person.name

    def key_of(self, native: Any) -> str:
        """The key of the person whom the CRM writes like this; the CRM's own word for strangers."""
        if isinstance(native, Table):
            native = self._inside(native)
        if str(native) in self._keys:
            return self._keys[str(native)]
        person = self._person(str(native))
        return person.key if person else str(native)

    def _inside(self, told: Table[str, Any]) -> Any:
        """The person in an expanded reference: its id, login or name, as [people] points."""
        place = self.spec.id if self.spec.by == "id" else self.spec.by if self.spec.by == "name" else self.spec.login
        for one in (place, self.spec.id, self.spec.login, "id", "name"):
            found = look(told, one)
            if found is not MISSING and found is not None:
                return found
        return dict(told)

    def _take(self, key: str, native: Any) -> None:
        self._natives[key] = native
        self._keys[str(native)] = key

    def _person(self, name: str) -> Person | None:
        self._read_known()
        return self._people.get(name)

    def _read_known(self) -> None:
        if not self._asked:
            self._asked = True
            for person in self._known():
                self._add(person)

    def _add(self, person: Person) -> None:
        self._people |= {person.name: person, person.login: person, person.key: person}


def _is_plain_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and (text == "0" or text[0] != "0") and len(text) < 16
