"""One window per person during a sweep: by hand, or with the window's own cookies and without drawing every page."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_plus

from crm_acceptance import evidence
from crm_acceptance.engines.browser import fetched, opened
from crm_acceptance.engines.permissions.eyes import Eyes
from crm_acceptance.engines.permissions.pages import Form, Offered, offered
from crm_acceptance.engines.permissions.voices import Exchange, Heard
from crm_acceptance.errors import SiteOutOfReach, Unproven, Unsupported
from crm_acceptance.model import Action, Person
from crm_acceptance.sending import counted, patiently
from crm_acceptance.systems.flow import Answer, Call

BIG = 4_000_000
"""Bytes of one answer that are looked through."""


@dataclass
class Windows:
    """Everybody's windows at one site, kept for the whole sweep."""

    url: str
    eyes: Eyes

    def by_hand(self, person: Person, action: Action) -> Heard | None:
        """The action through the person's screens; None where these screens have no such thing."""
        try:
            heard = self.eyes.hear(person, action)
        except Unsupported:
            return None
        if not isinstance(heard.outcome, bytes):
            return heard
        asked = str(dict(action.options))  # a file may repeat what was searched for
        file = (Call("GET", f"/{action.verb}", form={"": asked}), Answer(200, {}, heard.outcome[:BIG]))
        return Heard(action, heard.outcome, heard.refusal, (*heard.exchanges, file))

    def start(self, person: Person) -> Heard:
        """The first page, drawn, with everything that its scripts fetch."""
        address = f"{self.url}/"
        return self.eyes.watch(person, Action("read", "*"), lambda page: opened(page, address))

    def here(self, person: Person) -> tuple[str, Offered]:
        """The address at which the person's window stands, below the site, and what the page there offers."""
        page = self.eyes.page(person)
        return str(page.url).removeprefix(self.url), offered(page.content(), page.url)

    def fetch(self, person: Person, path: str) -> Exchange:
        """The answer to the address, scripts not run."""
        return self._sent(person, Call("GET", path), {})

    def post(self, person: Person, form: Form, own: Mapping[str, str]) -> Exchange:
        """Sends the form as it is, but for the hidden values that this window was given itself (CSRF tokens)."""
        fields = {**form.fields, **{name: value for name, value in own.items() if name in form.hidden}}
        call = Call("POST", form.action, form=fields)
        if not form.files:
            return self._sent(person, call, {"form": fields})
        file = {"name": f"{secrets.token_hex(4)}.txt", "mimeType": "text/plain", "buffer": b"x"}
        return self._sent(person, call, {"multipart": {**fields, **dict.fromkeys(form.files, file)}})

    def _sent(self, person: Person, call: Call, body: Mapping[str, Any]) -> Exchange:
        page, url = self.eyes.page(person), self.url + call.path

        def ask() -> tuple[int, dict[str, str], bytes, str]:
            counted()
            return fetched(page, call.method, url, body)

        status, headers, text, where = patiently(ask, lambda given: (given[0], given[1]))
        if status == 429:
            raise Unproven(f"{call.path} 应答 429：站点限流，什么都不能断定。Throttled: nothing is known.")
        if status >= 500:
            raise SiteOutOfReach(f"{call.method} {call.path} 应答 HTTP {status}。The site broke down.")
        answer = Answer(status, headers, text[:BIG], unquote_plus(where))
        evidence.exchange(person.name, call, answer)
        return call, answer
