"""The ways into a site, API and login form, each with its answers kept word for word. No judgement lives here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from crm_acceptance import evidence
from crm_acceptance.engines.sensitive import crumbs, forms, probe
from crm_acceptance.engines.sensitive.probe import Probe
from crm_acceptance.errors import Refused, SiteOutOfReach, Unproven, Unsupported, WrongUse
from crm_acceptance.model import Action, Page, Person, Site
from crm_acceptance.systems import Records, Session
from crm_acceptance.systems.flow import Answer, Call, Send, perform

LISTED = ("customer", "lead", "opportunity", "ticket", "order", "campaign", "contact", "quote", "payment", "invoice")
LOGIN_PAGES = ("/", "/login", "/signin", "/login/", "/accounts/login/", "/user/login", "/auth/login", "/web/login")
HOPS = 6


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


@dataclass
class FormEntrance:
    """The login form of the web pages, filled in without a browser."""

    site: Site
    send: Send
    page: str
    name: str = "登录页 login page"

    def enter(self, person: Person, password: str, planted: Mapping[str, str] | None = None) -> Entered:
        tape = Tape(person.name, self.send)
        answer, jar, at = self._submit(tape, person, password, planted or {})
        answer, jar, at = walked(self.site, tape, answer, jar, at)
        if answer.status >= 400 or probe.asks_password(answer):
            raise Refused("denied", f"登录页没有放行 not let in: HTTP {answer.status}", answer.status)
        entered = Entered(person, {}, jar, tuple(tape.kept), None, at)
        evidence.keep_secret(*entered.proofs)
        return entered

    def probe(self, entered: Entered) -> Probe:
        call = Call("GET", entered.landing, follow=False)
        good = self.send(replace(call, headers=crumbs.header(entered.cookies)))
        return probe.of(call, {}, entered.cookies, good, self.send)

    def leave(self, entered: Entered) -> bool:
        page = self.send(_get(entered.landing, entered.cookies))
        form = forms.leaving(page.text)
        target = forms.below(self.site, entered.landing, form.action) if form else None
        if form is None or target is None:
            return False
        headers = {"Referer": f"{self.site.url}{entered.landing}", **crumbs.header(entered.cookies)}
        call = Call(form.method, target, form=form.fields or None, headers=headers, verb="logout", follow=False)
        answer = self.send(call if form.method == "POST" else replace(call, form=None))
        if answer.status == 405:  # a link that a script turns into a form
            answer = self.send(replace(call, method="POST", form=forms.hidden(page.text)))
        # A page that asks once more, or an error, is no sign-out that could be blamed.
        return 300 <= answer.status < 400 or bool(crumbs.set_by(answer)) or probe.asks_password(answer)

    def attempt(self, person: Person, password: str) -> Answer:
        tape = Tape(person.name, self.send)
        answer, jar, at = self._submit(tape, person, password, {})
        return walked(self.site, tape, answer, jar, at)[0]

    def _submit(
        self, tape: Tape, person: Person, password: str, planted: Mapping[str, str]
    ) -> tuple[Answer, dict[str, str], str]:
        page, jar, at = walked(self.site, tape, tape(_get(self.page, planted)), dict(planted), self.page)
        form = forms.login_form(page.text)
        target = forms.below(self.site, at, form.action or at) if form else None
        if form is None or target is None:
            raise Unproven(f"{self.page} 不再显示登录表单。The login page no longer shows its form.")
        jar |= planted  # whoever plants a cookie can do so again after the site took it away
        headers = {"Referer": f"{self.site.url}{at}", **crumbs.header(jar)}
        sent = form.filled(person.login, password)
        answer = tape(Call("POST", target, form=sent, headers=headers, verb="login", follow=False))
        return answer, crumbs.held(jar, answer), target


def walked(
    site: Site, send: Send, answer: Answer, jar: Mapping[str, str], at: str
) -> tuple[Answer, dict[str, str], str]:
    """The page behind redirects within the site, the cookies held there, and its path."""
    jar = crumbs.held(jar, answer)
    for _ in range(HOPS):
        where = answer.headers.get("location", "")
        path = forms.below(site, at, where) if where and 300 <= answer.status < 400 else None
        if path is None:
            break
        at, answer = path, send(_get(path, jar))
        jar = crumbs.held(jar, answer)
    return answer, dict(jar), at


def _get(path: str, jar: Mapping[str, str]) -> Call:
    return Call("GET", path, headers=crumbs.header(jar), follow=False)


def login_page(site: Site, send: Send, told: str = "") -> str:
    """The path of the page with the login form; "" when the site shows none."""
    for path in (told,) if told else LOGIN_PAGES:
        try:
            answer, _, at = walked(site, send, send(_get(path, {})), {}, path)
        except SiteOutOfReach:
            continue
        form = forms.login_form(answer.text)
        if form is not None and forms.below(site, at, form.action or at) is not None:
            return path
    return ""


Sender = Callable[[], Send]
"""A connection of its own each time."""
