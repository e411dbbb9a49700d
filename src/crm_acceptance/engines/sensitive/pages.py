"""The way in by the login form of the web pages, found and filled in without a browser. No judgement lives here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from crm_acceptance import evidence
from crm_acceptance.engines.sensitive import crumbs, forms, probe
from crm_acceptance.engines.sensitive.entrances import Entered, Tape
from crm_acceptance.engines.sensitive.probe import Probe
from crm_acceptance.errors import Refused, SiteOutOfReach, Unproven
from crm_acceptance.model import Person, Site
from crm_acceptance.systems.flow import Answer, Call, Send

LOGIN_PAGES = ("/", "/login", "/signin", "/login/", "/accounts/login/", "/user/login", "/auth/login", "/web/login")
HOPS = 6


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
