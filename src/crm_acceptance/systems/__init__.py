"""What a CRM product must offer (one method) and may offer (abilities apart); systems are found by entry point."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Protocol, cast, runtime_checkable

from crm_acceptance.errors import unknown
from crm_acceptance.model import Action, Outcome, Person, Site
from crm_acceptance.systems.flow import Flow

GROUP = "crm_acceptance.systems"


@dataclass(frozen=True)
class Session:
    """One person's login at one site: the headers and cookies that prove it, and what else the adapter remembers."""

    person: Person
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    memory: Mapping[str, Any] = field(default_factory=dict)


class Records(Protocol):
    """The API door. Each flow raises Refused when the CRM says no and Unsupported when the CRM has no such thing."""

    def login(self, person: Person, password: str) -> Flow[Session]: ...

    def logout(self, session: Session) -> Flow[None]: ...

    def flow(self, session: Session, action: Action) -> Flow[Outcome]: ...


class Screens(Protocol):
    """The browser door: `page` is a Playwright page. Same Actions, same Outcomes, same Refused and Unsupported."""

    def login(self, page: Any, person: Person, password: str) -> None: ...

    def logout(self, page: Any) -> None: ...

    def do(self, page: Any, action: Action) -> Outcome: ...


@runtime_checkable
class System(Protocol):
    """A CRM product. `title` is its name for people."""

    name: str
    title: str

    def supports(self, action: str, object: str) -> bool:
        """Whether any door can do this, so that plans and reports can say so beforehand."""
        ...


@runtime_checkable
class HasRecords(Protocol):
    """A system with an API."""

    def records(self, site: Site) -> Records: ...


@runtime_checkable
class HasScreens(Protocol):
    """A system with a user interface in the browser."""

    def screens(self, site: Site) -> Screens: ...


@runtime_checkable
class HasPages(Protocol):
    """A system without an API whose pages can be fetched over HTTP after a login: enough to put it under load."""

    def pages(self, site: Site) -> Records:
        """Only its login and logout are used."""
        ...


@runtime_checkable
class KnowsFields(Protocol):
    """A system that can tell which canonical fields it takes, for records that the harness makes up by itself."""

    def fields(self, object: str) -> Collection[str] | None:
        """What may be written of it; None when nobody knows."""
        ...


@runtime_checkable
class CanLaunch(Protocol):
    """A system that the program itself can install and start on 127.0.0.1; leaving the context stops it."""

    def launch(
        self, *, port: int = 0, password: str = "", options: Mapping[str, str] | None = None
    ) -> AbstractContextManager[Site]: ...


def find(name: str, mapping: Path | None = None) -> System:
    """The system of that name, built in or installed by a company; or described by a mapping file, whatever its name.

    WrongUse names the known ones, or every line of the mapping file that is wrong.
    """
    if mapping is not None:
        from crm_acceptance.systems.rest import described

        return described(name, mapping)
    found = {point.name: point for point in entry_points(group=GROUP)}
    if name not in found:
        hint = "没有适配器的 CRM 用映射文件描述：[tables] mapping。A CRM without an adapter: describe it by a mapping."
        raise unknown("系统 system", name, found, hint)
    return cast(System, found[name].load())


def taken(system: object, object: str, fields: Mapping[str, Any], needed: Collection[str]) -> dict[str, Any]:
    """Of fields that the harness made up: what the CRM has, and what is needed, whether it has it or not."""
    known = system.fields(object) if isinstance(system, KnowsFields) else None
    return {name: value for name, value in fields.items() if known is None or name in known or name in needed}


def names() -> list[str]:
    """All installed systems, sorted."""
    return sorted(point.name for point in entry_points(group=GROUP))
