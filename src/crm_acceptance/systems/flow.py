"""Calls described apart from whoever performs them: adapters yield Calls, clients send them and hand back Answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from crm_acceptance.errors import SiteOutOfReach, Unsupported

T = TypeVar("T")


@dataclass(frozen=True)
class Call:
    """One HTTP request to be made. `path` starts with "/" below the site's URL.

    `files` is field -> (file name, body, content type). `follow` False: a redirect is an answer of its own, because
    cookies and the way to a login page are read off it. Cookies travel as a header, never in the connection.
    """

    method: str
    path: str
    params: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, str] | None = None
    files: Mapping[str, tuple[str, bytes, str]] | None = None
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    verb: str = ""
    follow: bool = True


@dataclass(frozen=True)
class Answer:
    """What came back: status, headers (lower-case names), body, and the final URL after redirects."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str = ""

    @property
    def text(self) -> str:
        """The body as UTF-8; bytes that are not UTF-8 are replaced, never an error."""
        return self.body.decode("utf-8", errors="replace")

    def json(self) -> Any:
        """The body as JSON. SiteOutOfReach when it is not JSON (an HTML page, a login redirect, a cut-off body)."""
        try:
            return json.loads(self.body)
        except ValueError:
            kind = self.headers.get("content-type", "?")
            raise SiteOutOfReach(
                f"{self.url} 应答的不是 JSON（HTTP {self.status}, {kind}）：{self.text[:80]!r}。"
                "请检查站点地址，或会话是否被重定向到登录页。Not a JSON answer: check the site's URL and login."
            ) from None


Flow = Generator[Call, Answer, T]
Send = Callable[[Call], Answer]


def perform(flow: Flow[T], send: Send) -> T:
    """Drives `flow` to its end, sending each Call with `send`; returns what the flow returns."""
    wrote = False
    try:
        call = next(flow)
        while True:
            wrote = wrote or call.method not in ("GET", "HEAD")
            call = flow.send(send(call))
    except Unsupported as no:
        no.sent = wrote
        raise
    except StopIteration as end:
        result: T = end.value
        return result
