"""People speaking to the site by its API, with every answer kept word for word for the oracle; no judgement here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from crm_acceptance import evidence
from crm_acceptance.actors import tokens
from crm_acceptance.engines.permissions.wording import deed, who
from crm_acceptance.errors import Refused, SiteOutOfReach, Unproven
from crm_acceptance.manners import journal
from crm_acceptance.model import Action, Outcome, Person
from crm_acceptance.sending import unhurried
from crm_acceptance.systems import Records, Session
from crm_acceptance.systems.flow import Answer, Call, Send, perform

Exchange = tuple[Call, Answer]
Alter = Callable[[Call], Call]


@dataclass(frozen=True)
class Heard:
    """What one action brought: the outcome or the refusal, and every exchange behind it."""

    action: Action
    outcome: Outcome
    refusal: Refused | None
    exchanges: tuple[Exchange, ...] = ()


class Hearing(Protocol):
    """How people act at a site while the oracle listens: by its API (Voices) or by hand (eyes.Eyes)."""

    def hear(self, person: Person, action: Action) -> Heard: ...

    def session(self, person: Person) -> Session: ...

    def fresh_session(self, person: Person) -> Session: ...


class Voices:
    """One login per person, opened when first needed and kept. `send` gives each person a client of their own."""

    def __init__(self, records: Records, password: Callable[[Person], str], send: Callable[[Person], Send]) -> None:
        self.records = records
        self._password = password
        self._send = send
        self._clients: dict[str, Send] = {}
        self._sessions: dict[str, Session] = {}
        self._mute: dict[str, str] = {}
        self._hired: dict[str, str] = {}
        self.logins: dict[str, tuple[Exchange, ...]] = {}

    def adopt(self, person: Person, password: str) -> None:
        """Somebody whose account was made for the purpose: its password is known here only."""
        self._hired[person.key] = password

    def client(self, person: Person) -> Send:
        """The person's own HTTP client."""
        return self._clients.setdefault(person.key, self._send(person))

    def session(self, person: Person) -> Session:
        """The person's login. Unproven when the site does not let them in: their cells prove nothing, others go on."""
        if person.key in self._mute:
            raise Unproven(self._mute[person.key])
        if person.key not in self._sessions:
            self._sessions[person.key] = self.fresh_session(person)
        return self._sessions[person.key]

    def fresh_session(self, person: Person) -> Session:
        """A login of its own, for checks that end it."""
        try:
            return self.enter(person)
        except Refused as no:
            reason = f"{who(person)}登录失败：{no}。This person cannot log in, so the role is unproven."
            self._mute[person.key] = reason
            raise Unproven(reason) from no

    def enter(self, person: Person) -> Session:
        """Tries to sign in, which may be what must fail: Refused goes through. Unproven when the site is too busy."""
        kept: list[Exchange] = []
        password = self._hired.get(person.key) or self._password(person)
        try:
            session = unhurried(
                lambda: perform(self.records.login(person, password), _listening(self.client(person), kept))
            )
        except Refused as no:
            if _busy(no):
                raise Unproven(f"站点限流，{who(person)}没有登录成：{no}。Throttled: nothing is known.") from no
            raise
        evidence.keep_secret(*tokens(session))
        self.logins[person.key] = tuple(kept)
        return session

    def leave(self, person: Person, session: Session) -> None:
        """Signs out of exactly this session."""
        perform(self.records.logout(session), self.client(person))

    def hear(self, person: Person, action: Action) -> Heard:
        """Does the action as the person. Refusals are part of what is heard; Unsupported and outages are raised."""
        return self._heard(action, lambda kept: self._do(person, action, kept))

    def hear_with(self, person: Person, session: Session, action: Action) -> Heard:
        """The same with exactly this session: one that has expired is refused, not renewed."""
        return self._heard(action, lambda kept: self._perform(person, session, action, kept))

    def altered(self, person: Person, action: Action, alter: Alter) -> Heard:
        """The same with every request altered before it is sent, as a forger would."""
        session = self.session(person)
        return self._heard(action, lambda kept: self._perform(person, session, action, kept, alter))

    def _heard(self, action: Action, do: Callable[[list[Exchange]], Outcome]) -> Heard:
        kept: list[Exchange] = []
        try:
            outcome = do(kept)
        except Refused as no:
            if _busy(no) or (kept and kept[-1][1].status == 429):
                raise Unproven(f"站点限流，“{deed(action)}”没有做成：{no}。Throttled: nothing is known.") from no
            return Heard(action, None, no, tuple(kept))
        return Heard(action, outcome, None, tuple(kept))

    def _do(self, person: Person, action: Action, kept: list[Exchange]) -> Outcome:
        try:
            return self._perform(person, self.session(person), action, kept)
        except Refused as no:
            if no.kind != "expired":
                raise
            self._sessions.pop(person.key, None)
            return self._perform(person, self.session(person), action, kept)

    def _perform(
        self, person: Person, session: Session, action: Action, kept: list[Exchange], alter: Alter = lambda call: call
    ) -> Outcome:
        send = _listening(self.client(person), kept, alter)
        return journal.performed(
            person.key, action, lambda: unhurried(lambda: perform(self.records.flow(session, action), send))
        )


def _busy(no: Refused) -> bool:
    return no.kind == "throttled" or no.status == 429


def _listening(send: Send, kept: list[Exchange], alter: Alter = lambda call: call) -> Send:
    def listening(call: Call) -> Answer:
        sent = alter(call)
        answer = send(sent)
        kept.append((sent, answer))
        if answer.status >= 500:
            raise SiteOutOfReach(f"{call.method} {call.path} 应答 HTTP {answer.status}：{answer.text[:80]!r}。")
        return answer

    return listening
