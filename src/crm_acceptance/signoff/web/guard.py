"""What keeps strangers out of the page: host, origin, size, token, patience with wrong passphrases; knows no rule."""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from collections import defaultdict
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crm_acceptance.errors import WrongUse

NAMES = ("127.0.0.1", "localhost", "[::1]")
LARGEST = 200_000
"""Bytes of a form."""
TRIES, PAUSE = 5, 300.0
"""So many wrong passphrases for one person, then so many seconds of silence."""
PAGES = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
EVIDENCE = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; form-action 'none'; base-uri 'self'; "
    "frame-ancestors 'none'"
)
"""What a CRM said may stand in a report. It comes from another port, which browsers take for another origin, so that
nothing in it can read or fill in the forms; and it can send nothing anywhere."""


class Guard:
    """ASGI: the pages on one port, the evidence on another; answers 4xx before either hears anything wrong."""

    def __init__(self, pages: ASGIApp, evidence: ASGIApp, evidence_port: int) -> None:
        self._pages, self._evidence, self._port = pages, evidence, evidence_port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        headers = Headers(scope=scope)
        apart = headers.get("host", "").rpartition(":")[2] == str(self._port)
        refused = _refusal(scope["method"], headers)
        if refused:
            answer = PlainTextResponse(refused[1], refused[0])
            await answer(scope, receive, send)
            return

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                _protect(MutableHeaders(scope=message), EVIDENCE if apart else PAGES)
            await send(message)

        await (self._evidence if apart else self._pages)(scope, receive, sealed)


class Token:
    """One secret per process; every form carries it, and no other site can read it."""

    def __init__(self) -> None:
        self.value = secrets.token_urlsafe(32)

    def check(self, given: object) -> None:
        """WrongUse when it is another."""
        if not isinstance(given, str) or not hmac.compare_digest(given.encode(), self.value.encode()):
            raise WrongUse("页面已过期，请刷新后再签。The page is too old: open it again.")


class Patience:
    """Counts wrong passphrases per person, so that nobody tries them all, one after another or at the same moment."""

    def __init__(self) -> None:
        self._wrong: defaultdict[str, list[float]] = defaultdict(list)
        self._lock = threading.Lock()

    def check(self, person: str) -> None:
        """One more try, wrong until it was `right`. WrongUse while there were too many of late."""
        with self._lock:
            since = time.monotonic() - PAUSE
            self._wrong[person] = [at for at in self._wrong[person] if at > since]
            if len(self._wrong[person]) >= TRIES:
                minutes = f"{PAUSE / 60:.0f}"
                raise WrongUse(f"口令错了 {TRIES} 次，请 {minutes} 分钟后再试。Too many wrong passphrases: wait.")
            self._wrong[person].append(time.monotonic())

    def right(self, person: str) -> None:
        """Forgotten."""
        with self._lock:
            self._wrong.pop(person, None)


def _refusal(method: str, headers: Headers) -> tuple[int, str] | None:
    """Another site's name for this address (DNS rebinding), another site's form, a form without end."""
    if urlsplit(f"//{headers.get('host', '')}").netloc.rpartition(":")[0] not in NAMES:
        return 421, "只接受本机地址 this machine only: 127.0.0.1"
    if method in ("GET", "HEAD"):
        return None
    origin, told = headers.get("origin"), headers.get("content-length", "")
    if method != "POST" or headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return 403, "别的网站不能替人签字 not from this page"
    if origin is not None and origin != f"http://{headers.get('host')}":
        return 403, "别的网站不能替人签字 not from this page"
    return None if told.isdigit() and int(told) <= LARGEST else (413, "内容太长 too large")


def _protect(headers: MutableHeaders, policy: str) -> None:
    headers["cache-control"] = "no-store"
    headers["x-content-type-options"] = "nosniff"
    headers["referrer-policy"] = "same-origin"
    headers["content-security-policy"] = policy
