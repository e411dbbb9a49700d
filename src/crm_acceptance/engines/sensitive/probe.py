"""Whether a login is good: one harmless request with its proof, held against the same request of nobody."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from crm_acceptance.engines.sensitive import crumbs
from crm_acceptance.errors import Unproven
from crm_acceptance.systems.flow import Answer, Call, Send

_CHANGING = re.compile(r"[A-Za-z0-9+/_=-]{16,}|\d+")
_PASSWORD_BOX = re.compile(r"<input\b[^>]*type\s*=\s*[\"']?password", re.IGNORECASE)


@dataclass(frozen=True)
class Probe:
    """`bare` is the request without proof; `headers` and `cookies` prove the login that `good` was answered to."""

    bare: Call
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    good: Answer
    nobody: Answer

    def ask(
        self, send: Send, headers: Mapping[str, str] | None = None, cookies: Mapping[str, str] | None = None
    ) -> bool:
        """Whether this proof is let in; None: the login's own."""
        proof = self.headers if headers is None else headers
        jar = self.cookies if cookies is None else cookies
        return self.lets_in(send(replace(self.bare, headers={**self.bare.headers, **proof, **crumbs.header(jar)})))

    def lets_in(self, answer: Answer) -> bool:
        """Whether the answer is one to somebody who is signed in."""
        return answer.status == self.good.status and not alike(answer, self.nobody) and not asks_password(answer)


def of(call: Call, headers: Mapping[str, str], cookies: Mapping[str, str], good: Answer, send: Send) -> Probe:
    """The probe made of a request that was answered well. Unproven when nobody gets the same answer."""
    names = {name.lower() for name in (*headers, "cookie")}
    bare = replace(call, headers={k: v for k, v in call.headers.items() if k.lower() not in names}, follow=False)
    nobody = send(bare)
    if nobody.status == good.status and alike(nobody, good):
        raise Unproven(
            f"{call.method} {call.path} 不登录也能看到同样的内容，无法判断会话是否有效。"
            "Nobody gets the same answer, so it does not tell who is signed in."
        )
    return Probe(bare, headers, cookies, good, nobody)


def alike(one: Answer, other: Answer) -> bool:
    """Whether two answers say the same, numbers and tokens apart."""
    return one.status == other.status and plain(one.text) == plain(other.text)


def plain(text: str) -> str:
    """A body without what differs each time."""
    return _CHANGING.sub("#", text)


def asks_password(answer: Answer) -> bool:
    """Whether the page asks for a password."""
    return bool(_PASSWORD_BOX.search(answer.text))
