"""One site as the checks of this room share it: its people, its ways in, what is declared. Lives for one process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from crm_acceptance.engines.sensitive.declared import Declared
from crm_acceptance.engines.sensitive.entrances import ApiEntrance, Entered, Entrance
from crm_acceptance.engines.sensitive.pages import FormEntrance, login_page
from crm_acceptance.errors import Refused, Unproven, WrongUse
from crm_acceptance.model import Person, Site
from crm_acceptance.sending import http_send, line
from crm_acceptance.systems import HasRecords, Records, System
from crm_acceptance.systems.flow import Send


@dataclass
class Ground:
    """A site with everything that its checks need; logins are made when they are first asked for."""

    system: System
    site: Site
    people: Sequence[Person]
    password: Callable[[Person], str]
    declared: Declared = field(default_factory=Declared)
    timeout: float = 15.0

    @cached_property
    def send(self) -> Send:
        """Patient: a busy site is asked again."""
        return http_send(line(self.site), self.site, self.timeout)

    @cached_property
    def rash(self) -> Send:
        """Takes the first answer, "too many requests" too."""
        return http_send(line(self.site), self.site, self.timeout, patient=False)

    @cached_property
    def records(self) -> Records | None:
        """The API door, where there is one."""
        return self.system.records(self.site) if isinstance(self.system, HasRecords) else None

    @cached_property
    def form(self) -> str:
        """The path of the page with a login form, "" where there is none."""
        return login_page(self.site, self.send, self.declared.page)

    def entrances(self, rash: bool = False) -> list[Entrance]:
        """Every way in that lets the first person in. Unproven when there is none."""
        return [entrance for entrance in self._found(rash) if entrance.name in self.entered]

    @cached_property
    def entered(self) -> dict[str, Entered]:
        """One login of the first person by every way in that works, kept for everybody to look at."""
        entered: dict[str, Entered] = {}
        refused: list[str] = []
        for entrance in self._found(False):
            for person in self.people[:3]:
                try:
                    entered[entrance.name] = entrance.enter(person, self.password(person))
                    break
                except (Refused, WrongUse, Unproven) as no:
                    refused.append(f"{entrance.name} {person.name}: {no}")
        if not entered:
            said = "；".join(refused) or "既没有接口，首页上也没有登录表单 neither an API nor a login form"
            raise Unproven(f"没有人能登录，敏感数据检查做不了：{said}。Nobody can sign in: {self.site.url}.")
        return entered

    def without_session(self, entrance: Entrance) -> bool:
        """Whether every request carries the password or key itself, so that there is no session to look at."""
        entered = self.entered[entrance.name]
        password = self.password(entered.person)
        proof = [value for name, value in entered.headers.items() if name.lower() != "accept"]
        return any(value.startswith("Basic ") or password in value for value in proof) and not entered.cookies

    def sessions(self) -> list[Entrance]:
        """The ways in that open a session. Unproven when the password itself travels with every request."""
        found = [entrance for entrance in self.entrances() if not self.without_session(entrance)]
        if not found:
            raise Unproven(
                "每次请求都带着密码或固定的密钥，没有会话，谈不上换新和到期。"
                "Every request carries the password or a fixed key: there is no session to be renewed or to end."
            )
        return found

    def _found(self, rash: bool) -> Iterator[Entrance]:
        send = self.rash if rash else self.send
        if self.records is not None:
            yield ApiEntrance(self.records, send)
        if self.form:
            yield FormEntrance(self.site, send, self.form)
