"""Plain pages fetched over HTTP, by people who are signed in or by nobody: peaks of a site without an API."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from urllib.parse import quote

from crm_acceptance.engines.load.expecting import Answers
from crm_acceptance.errors import Refused, Unsupported
from crm_acceptance.model import Action, Outcome, Person, Site
from crm_acceptance.systems import HasPages, HasRecords, Records, Session, System, taken
from crm_acceptance.systems.flow import Call, Flow

OBJECT = "page"
NOBODY = Person("", "无需登录 nobody", "", "", "")
"""Who opens pages that need no login."""
METHODS = ("GET", "HEAD")
"""Only looking: a form cannot be sent twice without knowing what it says."""

MADE_UP = frozenset({"email", "phone", "company", "priority"})
"""What the records of a peak are filled with and nothing else depends on."""


def asks(verb: str) -> bool:
    """Whether an arrival's verb is a page, such as "GET /orders?rows=25"."""
    return verb.partition(" ")[0] in METHODS


def visit(verb: str) -> Action:
    """The page as an Action."""
    method, _, path = verb.partition(" ")
    return Action("open", OBJECT, options={"method": method, "path": path})


@dataclass(frozen=True)
class Pages:
    """Signs in as `door` does; opens pages itself and leaves every other Action to `door`."""

    door: Records
    system: System | None = None
    answers: Answers = field(default_factory=Answers)

    def login(self, person: Person, password: str) -> Flow[Session]:
        """As the door does."""
        return self.door.login(person, password)

    def logout(self, session: Session) -> Flow[None]:
        """As the door does."""
        return self.door.logout(session)

    def flow(self, session: Session, action: Action) -> Flow[Outcome]:
        """A page that comes is no outcome; one that does not is Refused, and so is being sent elsewhere."""
        if action.object != OBJECT:
            return self.door.flow(session, self._fitting(action))
        return _opened(session, str(action.options["method"]), str(action.options["path"]), self.answers)

    def _fitting(self, action: Action) -> Action:
        """What a peak makes up, without what this CRM does not have."""
        if action.name != "create":
            return action
        needed = action.fields.keys() - MADE_UP
        return replace(action, fields=taken(self.system, action.object, action.fields, needed))


def _opened(session: Session, method: str, path: str, answers: Answers) -> Flow[Outcome]:
    headers = dict(session.headers)
    if session.cookies:
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in session.cookies.items())
    sent = quote(path, safe="/?&=%+,:;@~!$'()*")  # a path may be written in Chinese
    answer = yield Call(method, sent, headers=headers, verb=f"{method} {path.partition('?')[0]}", follow=False)
    accept(answers, f"{method} {path}", answer.status, answer.headers.get("location", "?"), answer.body)
    return None


def accept(answers: Answers, verb: str, status: int, location: str, body: bytes) -> None:
    """Refused when it is no page, or not the one that is expected."""
    if not answers.allows(verb, status):
        refuse(status, location)
    if said := answers.fault(verb, status, body):
        raise Refused("invalid", said, status)


def refuse(status: int, location: str = "?") -> None:
    """Refused when this is no page: sent elsewhere, missing, denied or broken."""
    if 300 <= status < 400:
        raise Refused("expired", f"被转到 {location}（sent elsewhere）", status)
    if status >= 400:
        raise Refused("missing" if status == 404 else "denied", f"HTTP {status}", status)


@dataclass(frozen=True)
class OpenDoor:
    """The door of a site that nobody has described: nobody signs in, and pages are all there is."""

    def login(self, person: Person, password: str) -> Flow[Session]:
        """Sends nothing."""
        return Session(person)
        yield

    def logout(self, session: Session) -> Flow[None]:
        """Sends nothing."""
        return None
        yield

    def flow(self, session: Session, action: Action) -> Flow[Outcome]:
        """Never asked for: a peak without people consists of pages."""
        raise Unsupported(f"没有映射，做不了 {action.verb}。Without a mapping only pages can be asked for.")
        yield


OPEN = Pages(OpenDoor())
"""Pages that need no login."""


def door_of(system: System | None, site: Site, answers: Answers | None = None) -> Records:
    """The door under load: the API, or the login of a site that has pages only; without a system, an open one.
    Unsupported when the system has neither. `answers`: what is expected of pages."""
    known = answers or Answers()
    if system is None:
        return OPEN
    if isinstance(system, HasRecords):
        return Pages(system.records(site), system, known)
    if isinstance(system, HasPages):
        return Pages(system.pages(site), answers=known)
    raise Unsupported(f"{system.title} 没有 API，压不出负载。{system.title} has no API to put under load.")
