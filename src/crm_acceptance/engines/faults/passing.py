"""Passes one request on to the CRM and its answer back, rewriting only what a proxy must; faults are strike.py's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import urllib3
from urllib3.util import SKIP_HEADER

from crm_acceptance.engines.faults.strike import Headers, Request

HOP = frozenset(
    {
        *("connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization"),
        *("te", "trailer", "transfer-encoding", "upgrade", "content-length", "expect"),
    }
)
"""Headers that belong to one connection (RFC 9110, 7.6.1), and the length, which is told anew."""
UNWANTED = frozenset({"strict-transport-security", "alt-svc"})
"""What would lead a browser past the proxy."""
PLACES = ("location", "content-location", "refresh")
CONNECT, READ = 15.0, 300.0
CHUNK = 65536


@dataclass(frozen=True)
class Target:
    """The CRM behind the proxy: `origin` without a path, the pool of connections to it."""

    origin: str
    pool: urllib3.PoolManager

    @property
    def secure(self) -> bool:
        """Whether it speaks TLS, which the proxy does not."""
        return self.origin.startswith("https:")


def target(url: str, ca: str = "") -> Target:
    """The CRM at that URL; `ca` is the path of its own certificate."""
    parts = urlsplit(url)
    pool = urllib3.PoolManager(maxsize=64, **({"ca_certs": ca} if ca else {}))  # type: ignore[arg-type]
    return Target(f"{parts.scheme}://{parts.netloc}", pool)


def ask(to: Target, request: Request, front: str) -> urllib3.BaseHTTPResponse:
    """The CRM's answer, its body still unread and as it was encoded. `front` is the proxy's own origin."""
    headers = urllib3.HTTPHeaderDict()
    for name, value in request.headers:
        if name.lower() not in HOP and name.lower() != "host":
            headers.add(name, value.replace(front, to.origin) if name.lower() in ("origin", "referer") else value)
    for name in ("Accept-Encoding", "User-Agent"):
        if name not in headers:
            headers[name] = SKIP_HEADER
    return to.pool.urlopen(
        request.method, to.origin + request.path, body=request.body or None, headers=headers,
        preload_content=False, decode_content=False, redirect=False, retries=False,
        timeout=urllib3.Timeout(connect=CONNECT, read=READ),
    )  # fmt: skip


def headers_back(to: Target, answer: urllib3.BaseHTTPResponse, front: str) -> Headers:
    """The answer's headers as the client may have them: addresses lead to the proxy, cookies are its own."""
    return tuple(_back(to, answer, front))


def _back(to: Target, answer: urllib3.BaseHTTPResponse, front: str) -> Iterator[tuple[str, str]]:
    for name, value in answer.headers.iteritems():
        low = name.lower()
        if low in HOP or low in UNWANTED:
            continue
        if low in PLACES:
            value = value.replace(to.origin, front)
        elif low == "set-cookie":
            value = _cookie(value, to.secure)
        elif low == "content-security-policy" and to.secure:
            value = value.replace("upgrade-insecure-requests", "")
        yield name, value


def _cookie(value: str, secure: bool) -> str:
    """Without the CRM's domain; without Secure, and what needs it, where the proxy has taken TLS off."""
    value = re.sub(r"(?i);\s*domain=[^;]*", "", value)
    return re.sub(r"(?i);\s*(?:secure|samesite=none|partitioned)(?=;|$)", "", value) if secure else value
