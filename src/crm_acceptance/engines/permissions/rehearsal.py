"""A site that is none: every request is answered from memory by a CRM that keeps the matrix, and counted.

A rehearsed replay is word for word the real one, so what it sends is what the real one will send. It proves nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

from crm_acceptance.engines.permissions.garden import Canary, Chorus, Garden
from crm_acceptance.engines.permissions.imagined import Imagined
from crm_acceptance.engines.permissions.replay import Replay
from crm_acceptance.engines.permissions.staff import Staff
from crm_acceptance.engines.permissions.table import Matrix
from crm_acceptance.engines.permissions.voices import Voices
from crm_acceptance.errors import Refused, Unsupported
from crm_acceptance.model import Action, Outcome, Page, Person, Record
from crm_acceptance.systems import KnowsFields, Session, System
from crm_acceptance.systems.flow import Answer, Call, Flow, Send

PASSWORD = "rehearsed"
T = TypeVar("T")
_GIVES = {"convert": "customer", "order": "order", "attach": "attachment"}


class Rehearsal:
    """The imaginary site. `system`: the real one, asked what it can do; without it everything can be done."""

    def __init__(self, matrix: Matrix, people: Iterable[Person], system: System | None = None) -> None:
        everybody = tuple(people)
        self.crm = Imagined(matrix, everybody)
        self.system = system
        self.name = "rehearsal"
        self.title = system.title if system else "假想的 CRM Imaginary CRM"
        self.sent = self.lasting = 0
        self._sessions: dict[str, tuple[Person, Any]] = {}
        self._pending: Action | None = None

    def supports(self, action: str, object: str) -> bool:
        """What the real system supports."""
        return self.system is None or self.system.supports(action, object)

    def fields(self, object: str) -> Collection[str] | None:
        """The fields that the real system takes."""
        return self.system.fields(object) if isinstance(self.system, KnowsFields) else None

    def login(self, person: Person, password: str) -> Flow[Session]:
        """One request; an account that was disabled, or has another password, is not let in."""
        yield Call("POST", "/login")
        account = self.crm.accounts.get(person.login)
        if account is None or not account["active"] or account.get("password", password) != password:
            raise Refused("denied", "用户名或密码不对", 401)
        token = f"t{self.sent}"
        self._sessions[token] = (person, account.get("password"))
        return Session(person, {"x-token": token})

    def logout(self, session: Session) -> Flow[None]:
        """One request."""
        yield Call("POST", "/logout")
        self._sessions.pop(session.headers["x-token"], None)

    def flow(self, session: Session, action: Action) -> Flow[Outcome]:
        """One request per action; what it says is what the oracle takes for an echo."""
        if not self.supports(action.name, action.object):
            raise Unsupported(f"{self.title} 没有 {action.verb}。There is no {action.verb}.")
        said = {"id": action.id, "fields": dict(action.fields), "options": dict(action.options)}
        self._pending = action
        answer = yield Call("POST", f"/{action.object}/{action.name}", json=said, headers=session.headers)
        if answer.status != 200:
            told = answer.json()
            raise Refused(told["kind"], told["message"], answer.status)
        return _outcome(action, answer)

    def send(self, person: Person) -> Send:
        """Answers from memory."""
        return self._answer

    def _answer(self, call: Call) -> Answer:
        self.sent += 1
        self.lasting += call.path == "/login"
        if call.path in ("/login", "/logout") or self._pending is None:
            return Answer(200, {}, b"{}")
        person, password = self._sessions.get(call.headers["x-token"], (None, None))
        action, self._pending = self._pending, None
        try:
            if call.json["fields"].keys() != action.fields.keys():
                raise Refused("invalid", "不认识的字段", 422)
            return Answer(200, {}, _body(self.crm.done(self._alive(person, password), action)))
        except Refused as no:
            return Answer(no.status, {}, _body({"kind": no.kind, "message": no.message}))

    def _alive(self, person: Person | None, password: Any) -> Person:
        """A session ends with the account, and with the password that it was opened with."""
        account = self.crm.accounts.get(person.login) if person else None
        if person is None or account is None or not account["active"] or account.get("password") != password:
            raise Refused("expired", "请重新登录", 401)
        return person


class _Garden(Garden):
    """Tells the site which requests plant what serves every later cell."""

    _depth = 0

    def canary(self, kind: str, owner: Person) -> Canary:
        return self._lasting(lambda: super(_Garden, self).canary(kind, owner))

    def chorus(self, kind: str, owner: Person) -> Chorus:
        return self._lasting(lambda: super(_Garden, self).chorus(kind, owner))

    def spare_parent(self, kind: str, owner: Person) -> str:
        return self._lasting(lambda: super(_Garden, self).spare_parent(kind, owner))

    def victim(self, kind: str, owner: Person, purpose: str, make: Callable[[], Canary]) -> Canary:
        return self._lasting(lambda: super(_Garden, self).victim(kind, owner, purpose, make))

    def _lasting(self, plant: Callable[[], T]) -> T:
        site, self._depth = self.system, self._depth + 1
        assert isinstance(site, Rehearsal)
        before = site.sent - site.lasting
        try:
            return plant()
        finally:
            self._depth -= 1
            if not self._depth:
                site.lasting += site.sent - site.lasting - before


def rehearsed(
    matrix: Matrix, people: Iterable[Person], system: System | None = None, kept: Matrix | None = None
) -> Replay:
    """A replay of the matrix at an imaginary site that keeps `kept` (the same matrix unless told otherwise).

    `replay.garden.system` is the Rehearsal, whose `sent` counts requests.
    """
    everybody = tuple(people)
    site = Rehearsal(kept or matrix, everybody, system)
    voices = Voices(site, lambda person: PASSWORD, site.send)
    return Replay(_Garden(site, voices, Staff(everybody, matrix)))


def _body(found: Any) -> bytes:
    return found.encode() if isinstance(found, str) else json.dumps(found, default=str, ensure_ascii=False).encode()


def _outcome(action: Action, answer: Answer) -> Outcome:
    if action.name in ("export", "download"):
        return answer.body
    body = answer.json()
    if action.name in ("count", "sum"):
        return int(body["figure"]) if action.name == "count" else Decimal(body["figure"])
    if isinstance(body, Mapping) and "items" in body:
        rows = tuple(Record(action.object, str(row["id"]), row) for row in body["items"])
        return Page(rows, body["total"])
    if action.name == "import" or action.object == "report":
        return dict(body)
    return Record(_GIVES.get(action.name, action.object), str(body["id"]), body) if body else None
