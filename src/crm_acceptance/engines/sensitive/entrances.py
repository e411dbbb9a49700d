"""What a way into a site is, and the one by its API, every answer kept word for word. No judgement lives here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from crm_acceptance import evidence
from crm_acceptance.engines.sensitive import crumbs, probe
from crm_acceptance.engines.sensitive.probe import Probe
from crm_acceptance.errors import Refused, SiteOutOfReach, Unproven, Unsupported, WrongUse
from crm_acceptance.model import Action, Page, Person
from crm_acceptance.systems import Records, Session
from crm_acceptance.systems.flow import Answer, Call, Send, perform

LISTED = ("customer", "lead", "opportunity", "ticket", "order", "campaign", "contact", "quote", "payment", "invoice")


@dataclass(frozen=True)
class Exchange:
    """One request and its answer, and who asked ("" : nobody)."""

    who: str
    call: Call
    answer: Answer


@dataclass(frozen=True)
class Entered:
    """One login: the headers and cookies that prove it, and the exchanges that led there."""

    person: Person
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    exchanges: tuple[Exchange, ...]
    session: Session | None = None
    landing: str = "/"

    @property
    def proofs(self) -> tuple[str, ...]:
        """The words that prove it; short ones ("zh-CN", "dark") are no secrets."""
        words = [value.split()[-1] for value in self.headers.values() if value.strip()]
        long = [word for word in words if len(word) >= 16 and "/" not in word[:12]]
        return tuple(dict.fromkeys([*long, *(value for value in self.cookies.values() if len(value) >= 16)]))


class Entrance(Protocol):
    """One way in. `name` is for people."""

    name: str

    def enter(self, person: Person, password: str, planted: Mapping[str, str] | None = None) -> Entered:
        """Signs in, sending the `planted` cookies from the start. Refused("denied") when the site says no."""
        ...

    def probe(self, entered: Entered) -> Probe:
        """A harmless request that shows whether the login is good. Unproven when there is none."""
        ...

    def leave(self, entered: Entered) -> bool:
        """Signs out; False where nobody knows how."""
        ...

    def attempt(self, person: Person, password: str) -> Answer:
        """The site's very answer to this name and password, let in or not."""
        ...


@dataclass
class Tape:
    """Sends and keeps what was said."""

    who: str
    send: Send
    kept: list[Exchange] = field(default_factory=list)
    planted: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, call: Call) -> Answer:
        if self.planted:
            jar = {**self.planted, **crumbs.sent(call.headers)}
            call = replace(call, headers={**call.headers, **crumbs.header(jar)})
        answer = self.send(call)
        evidence.exchange(self.who, call, answer)
        self.kept.append(Exchange(self.who, call, answer))
        return answer


@dataclass
class ApiEntrance:
    """The API's login."""

    records: Records
    send: Send
    name: str = "接口 API"

    def enter(self, person: Person, password: str, planted: Mapping[str, str] | None = None) -> Entered:
        tape = Tape(person.name, self.send, planted=planted or {})
        session = perform(self.records.login(person, password), tape)
        entered = Entered(person, session.headers, dict(session.cookies), tuple(tape.kept), session)
        evidence.keep_secret(*entered.proofs)
        return entered

    def probe(self, entered: Entered) -> Probe:
        assert entered.session is not None
        for exchange in self._looks(entered.session):
            call = exchange.call
            proved = {name: value for name, value in call.headers.items() if entered.headers.get(name) == value}
            if exchange.answer.status < 300 and (proved or crumbs.sent(call.headers)):
                return probe.of(call, proved, crumbs.sent(call.headers), exchange.answer, self.send)
        raise Unproven("没有一个列表能说明会话是否有效。No list tells whether a login is good.")

    def _looks(self, session: Session) -> Iterator[Exchange]:
        for kind in LISTED:
            tape = Tape(session.person.name, self.send)
            try:
                outcome = perform(self.records.flow(session, Action("list", kind, options={"size": 1})), tape)
            except (Refused, Unsupported, SiteOutOfReach):
                continue
            if isinstance(outcome, Page):
                yield from tape.kept

    def leave(self, entered: Entered) -> bool:
        assert entered.session is not None
        try:
            perform(self.records.logout(entered.session), self.send)
        except Unsupported:
            return False
        return True

    def attempt(self, person: Person, password: str) -> Answer:
        tape = Tape(person.name, self.send)
        try:
            perform(self.records.login(person, password), tape)
        except (Refused, WrongUse, SiteOutOfReach):
            if not tape.kept:
                raise
        return tape.kept[-1].answer
