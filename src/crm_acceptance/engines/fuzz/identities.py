"""People as schemathesis' authentication providers, and what sends cases as one of them; judges nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from schemathesis import Case
from schemathesis.auths import AuthContext, CachingAuthProvider

from crm_acceptance.errors import SiteOutOfReach
from crm_acceptance.sending import counted, patiently
from crm_acceptance.systems import Session
from crm_acceptance.systems.flow import Answer, Call

AnyCase = Case[Any]
Proof = Mapping[str, str]
"""The headers that prove who is speaking."""
BOUND = 10.0
"""Seconds that one generated request may take."""
HOUR = 3600
RENEWALS = 3
"""Logins that are renewed because of a 401 before 401 is taken for this site's way of saying no."""


@dataclass
class Identity:
    """One person as schemathesis knows them: an AuthProvider. `sign_in` brings headers that prove a fresh login."""

    sign_in: Callable[[], Proof]

    def get(self, case: AnyCase, context: AuthContext, /) -> Proof:
        """The proof; schemathesis' cache around this provider keeps it."""
        return self.sign_in()

    def set(self, case: AnyCase, data: Proof, context: AuthContext, /) -> None:
        """Puts the proof on a case of its own."""
        case.headers.update(data)


@dataclass
class Sender:
    """Sends cases as one identity: `headers` prove who it is, `who` is the person's key, "" for a stranger.

    With `renew`, the proof comes from there instead, and once more after a 401: a login that has died in the meantime
    would make every answer a refusal, and every leak invisible. `verify` is what requests takes.
    """

    url: str
    headers: Proof = field(default_factory=dict)
    who: str = ""
    verify: str | bool = True
    session: requests.Session = field(default_factory=requests.Session)
    renew: Callable[[], Proof] | None = None
    _provider: CachingAuthProvider[Proof] | None = None
    _refused: int = 0

    def __post_init__(self) -> None:
        if self.renew is not None:
            self._provider = CachingAuthProvider(Identity(self.renew), refresh_interval=HOUR)

    def send(self, case: AnyCase) -> tuple[Any, Answer]:
        """The case's answer, once as schemathesis checks it and once as the oracle reads it."""
        response = self._patiently(case)
        if response.status_code == 401 and self._provider is not None and self._refused < RENEWALS:
            self._provider.invalidate()
            response = self._patiently(case)
            self._refused = self._refused + 1 if response.status_code == 401 else 0
        return response, answer_of(response, case)

    def spelt(self, case: AnyCase, method: str, behind: str) -> Answer:
        """The answer to another spelling of the case's address: that method, and something behind its path."""
        counted()
        address = self.url + case.formatted_path + behind
        reply = self.session.request(
            method,
            address,
            params=dict(case.query or {}),
            headers=dict(self.proof(case)),
            timeout=BOUND,
            allow_redirects=False,
            verify=self.verify,
        )
        plain = {name.lower(): value for name, value in reply.headers.items()}
        return Answer(reply.status_code, plain, reply.content, case.path)

    def proof(self, case: AnyCase) -> Proof:
        """The headers of whoever is speaking."""
        if self._provider is None:
            return self.headers
        context = AuthContext(operation=case.operation, app=None)
        return self._provider.get(case, context) or {}

    def _patiently(self, case: AnyCase) -> Any:
        try:
            return patiently(lambda: self._once(case), _said)
        except requests.RequestException as error:
            raise SiteOutOfReach(
                f"{case.method} {case.path}（{type(error).__name__}）：{BOUND:g} 秒内没有应答或连接中断。No answer."
            ) from None

    def _once(self, case: AnyCase) -> Any:
        """The proof travels beside the case and not on it: the next identity sends the same case."""
        counted()
        return case.call(
            base_url=self.url,
            headers=dict(self.proof(case)),
            session=self.session,
            timeout=BOUND,
            allow_redirects=False,
            verify=self.verify,
        )


def proof_of(session: Session) -> dict[str, str]:
    """The headers that prove a login."""
    cookies = "; ".join(f"{name}={value}" for name, value in session.cookies.items())
    return {**session.headers, **({"Cookie": cookies} if cookies else {})}


def answer_of(response: Any, case: AnyCase) -> Answer:
    """A response of schemathesis as the oracle reads it."""
    plain = {name.lower(): ", ".join(values) for name, values in response.headers.items()}
    return Answer(response.status_code, plain, response.content or b"", case.path)


def call_of(case: AnyCase) -> Call:
    """What the case sent, for the oracle: values that were in the request are an echo."""
    body = repr(case.body).encode() if case.body is not None else b""
    return Call(case.method, case.formatted_path, params=dict(case.query or {}), body=body)


def _said(response: Any) -> tuple[int, Mapping[str, str]]:
    return response.status_code, {name: values[0] for name, values in response.headers.items() if values}
