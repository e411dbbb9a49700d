"""What one site of a described CRM has told so far, kept for everybody in this process. It sends nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from crm_acceptance.errors import Unsupported, WrongUse
from crm_acceptance.model import Site
from crm_acceptance.systems import Session
from crm_acceptance.systems.rest import shape, templates
from crm_acceptance.systems.rest.people import Staff
from crm_acceptance.systems.rest.places import look
from crm_acceptance.systems.rest.templates import MISSING

MOMENTS = frozenset({"uuid", "now", "timestamp", "timestamp_ms"})
"""Names whose value is another one in every call; headers that hold them are filled in each time."""


@dataclass
class Crm:
    """A described CRM at one site: its mapping, who is who, and what was learnt on the way."""

    mapping: shape.Mapping
    site: Site
    staff: Staff
    paged: set[str] = field(default_factory=set)
    looked_up: dict[tuple[str, str, str], Any] = field(default_factory=dict)
    named: dict[str, frozenset[str]] = field(default_factory=dict)
    columns: dict[str, list[str]] = field(default_factory=dict)
    momentary: Mapping[str, str] = field(init=False)
    _ids: dict[str, type] = field(default_factory=dict)

    def __post_init__(self) -> None:
        sent = {**self.mapping.headers, **self.mapping.auth.headers}
        self.momentary = {name: value for name, value in sent.items() if MOMENTS & set(templates.names(value))}

    def object(self, name: str) -> shape.ObjectSpec:
        """The object of that canonical name; Unsupported names what the mapping lacks."""
        found = self.mapping.objects.get(name)
        if found is None:
            raise Unsupported(
                f"{self.mapping.title} 的映射没有 {name}：在 {self.mapping.file.name} 里写 [objects.{name}]。"
                f"The mapping has no [objects.{name}]."
            )
        return found

    def loosely(self, name: str) -> shape.ObjectSpec:
        """The same; without a description the CRM's own field names stand for themselves."""
        return self.mapping.objects.get(name) or shape.ObjectSpec(name, f"objects.{name}", "")

    def at(self, where: str) -> str:
        """ "mapping.toml:42 [objects.customer.fields] phone", for complaints."""
        return self.mapping.lines.at(where)

    def wrong(self, where: str, sentence: str) -> WrongUse:
        """A complaint about a line of the mapping, which the site's answer brought to light."""
        return WrongUse(f"{self.at(where)}：{sentence}")

    def changed(self, object: str) -> None:
        """Something was written: what was learnt of these records, or of the people, may no longer hold."""
        for key in [key for key in self.looked_up if key[0] == object]:
            self.looked_up.pop(key, None)
        if object == "user":
            self.staff.listed = False

    def id_in(self, object: shape.ObjectSpec, row: Any) -> str:
        """The canonical id of a row: its id as text, several parts quoted and joined by commas; "" without one."""
        parts = [look(row, place) for place in object.id]
        if any(part is MISSING or part is None for part in parts):
            return ""
        if len(parts) > 1:
            return ",".join(quote(str(part), safe="") for part in parts)
        self._ids[object.name] = type(parts[0])
        return str(parts[0])

    def native_id(self, object: str, id: Any) -> Any:
        """A canonical id as the CRM writes it in bodies: a number where its ids are numbers."""
        kind = self._ids.get(object)
        if not isinstance(id, str) or kind is str or not _could_be_number(id):
            return id
        return int(id)

    def id_parts(self, object: shape.ObjectSpec, id: str) -> tuple[str, ...]:
        """The parts of a composite id; the id itself when it is one."""
        return tuple(map(unquote, id.split(","))) if len(object.id) > 1 else (id,)

    def below(self, link: str) -> str:
        """A link of the CRM's own, absolute or not, as a path below the site's address."""
        there, here = urlsplit(link), urlsplit(self.site.url)
        root = here.path.rstrip("/")
        path = there.path or "/"
        if root and (path == root or path.startswith(root + "/")):
            path = path[len(root) :] or "/"
        return path + (f"?{there.query}" if there.query else "")


def _could_be_number(id: str) -> bool:
    return id.isascii() and id.isdigit() and (id == "0" or id[0] != "0") and len(id) < 16


@dataclass
class Standing:
    """What a session remembers beyond its headers and cookies (Session.memory["standing"]); changes while it lives."""

    saved: dict[str, Any] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)
    first_pages: dict[str, tuple[Any, tuple[str, ...]]] = field(default_factory=dict)
    renewals: int = 0
    ended: bool = False
    csrf_old: bool = False
    people_refused: bool = False
    door: threading.Lock = field(default_factory=threading.Lock)


def standing(session: Session) -> Standing:
    """The session's own; a session that was not opened here stands alone."""
    found = session.memory.get("standing")
    return found if isinstance(found, Standing) else Standing()


@dataclass(frozen=True)
class Visit:
    """One person doing one thing: all its calls are counted under `verb`. `names` are further template names."""

    crm: Crm
    session: Session
    verb: str
    names: Mapping[str, Any] = field(default_factory=dict)

    @property
    def standing(self) -> Standing:
        """What the session remembers."""
        return standing(self.session)


def listed(values: Iterable[str]) -> str:
    """Names for people."""
    return ", ".join(values) or "(无 none)"
