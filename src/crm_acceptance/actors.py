"""People on stage: each acts through one door and looks through another; what they do is in verbs/."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import requests

from crm_acceptance import evidence
from crm_acceptance.errors import Refused, Unproven, Unsupported, unknown
from crm_acceptance.manners import journal
from crm_acceptance.manners.metering import Meter
from crm_acceptance.model import Action, Outcome, Person, Site
from crm_acceptance.sending import http_send, line, unhurried
from crm_acceptance.systems import HasRecords, HasScreens, Records, Screens, Session, System
from crm_acceptance.systems.flow import Answer, Call, Send, perform

Secrets = Callable[[Person], str]
MUTE_ENV = "CRM_ACCEPTANCE_MUTE"
"""Keys of the people whom the site did not let in before the run began."""


def tokens(session: Session) -> list[str]:
    """What proves this login: cookies, and the last word of long headers ("Bearer x" -> "x"; "zh-CN" is no secret)."""
    last_words = [value.split()[-1] for value in session.headers.values() if value.strip()]
    return [
        *session.cookies.values(),
        *(word for word in last_words if len(word) >= 16 and not word.startswith("application/")),
    ]


class Door(Protocol):
    """One way into the CRM for one person: signs in when first used."""

    def do(self, action: Action) -> Outcome: ...

    def sign_out(self) -> None: ...


class Window(Protocol):
    """Where a person's browser page comes from (engines.browser.Scene)."""

    def page(self, site: str, person: str, login: Callable[[Any], None]) -> Any: ...

    def leave(self, person: str) -> None: ...


class RecordsDoor:
    """The API door of one person: one keep-alive connection, one session, signed in again once when it expires."""

    def __init__(self, records: Records, person: Person, password: str, send: Send) -> None:
        self.records = records
        self.person = person
        self._password = password
        self._send = send
        self._session: Session | None = None

    def session(self) -> Session:
        """The session of this person, opened when first needed. Refused("denied") when the password is wrong."""
        if self._session is None:
            self._session = self.sign_in()
        return self._session

    def sign_in(self) -> Session:
        """A session of its own, whatever is held already."""
        session = perform(self.records.login(self.person, self._password), self._send)
        evidence.keep_secret(*tokens(session))
        return session

    def do(self, action: Action) -> Outcome:
        """Carries out the action; an expired session is renewed once, as a person would."""
        try:
            return self.do_with(self.session(), action)
        except Refused as no:
            if no.kind != "expired":
                raise
        self._session = None
        return self.do_with(self.session(), action)

    def do_with(self, session: Session, action: Action) -> Outcome:
        """Carries out the action with exactly this session, expired or not."""
        return journal.performed(
            self.person.key,
            action,
            lambda: unhurried(lambda: perform(self.records.flow(session, action), self._send)),
        )

    def sign_out(self) -> None:
        """Ends the session at the CRM; the next action signs in anew."""
        session, self._session = self.session(), None
        perform(self.records.logout(session), self._send)


class ScreensDoor:
    """The browser door of one person, with a window of that person's own."""

    def __init__(self, screens: Screens, site: Site, person: Person, password: str, window: Window) -> None:
        self.screens = screens
        self.site = site
        self.person = person
        self._password = password
        self._window = window
        self._meter = Meter()

    def page(self) -> Any:
        """The person's page, signed in. Refused when the login page says no."""
        return self._window.page(self.site.url, self.person.key, self._sign_in)

    def do(self, action: Action) -> Outcome:
        """Carries out the action by hand; an expired login is renewed once, as a person would."""
        try:
            return self._done(action)
        except Refused as no:
            if no.kind != "expired":
                raise
        self._window.leave(self.person.key)
        return self._done(action)

    def sign_out(self) -> None:
        """Leaves the CRM by its own button and closes the window."""
        self.screens.logout(self.page())
        self._window.leave(self.person.key)

    def log_out(self) -> None:
        """Leaves the CRM by its own button; the window stays, as somebody else would find it."""
        self.screens.logout(self.page())

    def close(self) -> None:
        """Closes the window, signed in or not; the next one signs in anew."""
        self._window.leave(self.person.key)

    def _done(self, action: Action) -> Outcome:
        page = self.page()
        self._meter.attend(page)
        self._meter.wait()
        try:
            return journal.performed(self.person.key, action, lambda: self.screens.do(page, action))
        finally:
            self._meter.settle()

    def _sign_in(self, page: Any) -> None:
        self._meter.attend(page)
        self.screens.login(page, self.person, self._password)


@dataclass(frozen=True)
class Actor:
    """A person on stage. `acting` is the door under test; `looking` is the API where there is one."""

    person: Person
    acting: Door
    looking: Door

    def act(self, action: Action) -> Outcome:
        """Does it through the door under test."""
        return self.acting.do(action)

    def look(self, action: Action) -> Outcome:
        """Looks through the other door, so that a screen is not believed about itself."""
        return self.looking.do(action)

    @property
    def records(self) -> RecordsDoor:
        """The API door, for what only an API can do (sending twice, two at once); Unsupported without one."""
        for door in (self.looking, self.acting):
            if isinstance(door, RecordsDoor):
                return door
        raise Unsupported("这个系统没有接口，此项检查做不了。This system has no API, which this check needs.")


@dataclass
class Doors:
    """The API doors of everybody at one site, kept for the whole run: one login per person and process."""

    system: System
    site: Site
    secrets: Secrets
    timeout: float = 15.0
    _open: dict[str, RecordsDoor] = field(default_factory=dict)
    _lines: list[requests.Session] = field(default_factory=list)

    @property
    def screens_only(self) -> bool:
        """Whether everything has to be done by hand, in scenarios without @ui too, because there is no API."""
        return not isinstance(self.system, HasRecords)

    def records(self, person: Person) -> RecordsDoor | None:
        """This person's API door; None when the system has no API."""
        if not isinstance(self.system, HasRecords):
            return None
        if person.key not in self._open:
            self._open[person.key] = self.another(person)
        return self._open[person.key]

    def another(self, person: Person) -> RecordsDoor:
        """A further API door with a connection of its own, as a second window of the same person would be."""
        if not isinstance(self.system, HasRecords):
            raise Unsupported(f"{self.system.title} 没有接口。{self.system.title} has no API.")
        connection = line(self.site)
        self._lines.append(connection)
        send = remembered(person.name, http_send(connection, self.site, self.timeout))
        return RecordsDoor(self.system.records(self.site), person, self.secrets(person), send)

    def screens(self, person: Person, window: Window) -> ScreensDoor:
        """This person's browser door; Unsupported when the system has no screens that we know."""
        if not isinstance(self.system, HasScreens):
            raise Unsupported(f"{self.system.title} 没有可用的界面描述。{self.system.title} has no screens described.")
        return ScreensDoor(self.system.screens(self.site), self.site, person, self.secrets(person), window)

    def close(self) -> None:
        """Closes the connections; sessions at the CRM end by themselves."""
        for connection in self._lines:
            connection.close()


def remembered(who: str, send: Send) -> Send:
    """The same Send, with every exchange kept to explain a failure."""

    def sending(call: Call) -> Answer:
        answer = send(call)
        evidence.exchange(who, call, answer)
        return answer

    return sending


class Cast:
    """Everybody who may appear, by key, name or login; each comes on stage when first called."""

    def __init__(
        self,
        people: Iterable[Person],
        doors: Doors,
        window: Callable[[], Window] | None = None,
        setting_up: Callable[[], bool] = lambda: False,
    ) -> None:
        self.doors = doors
        self._setting_up = setting_up
        self._window = window
        self._people: dict[str, Person] = {}
        for person in people:
            self.add(person)

    def add(self, person: Person) -> Person:
        """One more person, for example an account that a scenario has just opened."""
        self._people |= {person.key: person, person.name: person, person.login: person}
        return person

    def person(self, who: str) -> Person:
        """The person of that key, name or login; WrongUse names the known ones."""
        if who not in self._people:
            names = {person.name for person in self._people.values()}
            raise unknown(
                "人员 person", who, names, "请在 fixtures/people.csv 中添加。Add them to fixtures/people.csv."
            )
        return self._people[who]

    def __getitem__(self, who: str) -> Actor:
        person = self.person(who)
        if person.key in os.environ.get(MUTE_ENV, "").split():  # or a login that failed would look like a refusal
            raise Unproven(f"{person.name}登录不了，这项检查做不了。The site does not let {person.key} in: unproven.")
        records = self.doors.records(person)
        if self._window is None or (records and self._setting_up()):
            if records is None:
                raise Unsupported(
                    "这个系统没有接口，只能在页面上操作，而这里没有浏览器。It has no API, and here is no browser."
                )
            return Actor(person, records, records)
        screens = self.doors.screens(person, self._window())
        return Actor(person, screens, records or screens)

    @property
    def people(self) -> Mapping[str, Person]:
        """All known names."""
        return self._people
