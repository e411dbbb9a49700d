"""What every answer tells a browser for safety: types, copies, frames, scripts, other origins. Decides no right."""

from __future__ import annotations

from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..defects import active

POLICY = "default-src 'none'; frame-ancestors 'none'"
ALWAYS = {"x-content-type-options": "nosniff", "x-frame-options": "DENY"}
UNLESS_SAID = {"referrer-policy": "same-origin", "content-security-policy": POLICY}


class Sealed:
    """The application with these headers on every answer; files of the program itself may be kept by browsers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                _seal(headers, str(scope["path"]).startswith("/static/"))
                _slip(headers, Headers(scope=scope).get("origin", ""))
                message["headers"] = headers.raw
            await send(message)

        await self._app(scope, receive, sealed)


def _seal(headers: MutableHeaders, static: bool) -> None:
    headers.update(ALWAYS)
    for name, value in UNLESS_SAID.items():
        headers.setdefault(name, value)
    if not static:
        headers.setdefault("cache-control", "no-store")


def _policy(headers: MutableHeaders, keep: Callable[[str], bool]) -> None:
    parts = [part.strip() for part in headers["content-security-policy"].split(";")]
    headers["content-security-policy"] = "; ".join(filter(keep, parts))


def _slip(headers: MutableHeaders, origin: str) -> None:
    """What is missing or too much with a defect on."""
    if active("no_store_missing") and headers.get("cache-control") == "no-store":
        headers["cache-control"] = "public, max-age=600"
    if active("nosniff_missing"):
        del headers["x-content-type-options"]
    if active("frames_allowed"):
        del headers["x-frame-options"]
        _policy(headers, lambda part: not part.startswith("frame-"))
    if active("scripts_unrestricted"):
        _policy(headers, lambda part: part.startswith("frame-"))
    if active("version_in_headers"):
        headers["x-powered-by"] = "FastAPI/0.115.2 Python/3.11.7"
    if active("cors_reflects_origin") and origin:
        headers["access-control-allow-origin"] = origin
        headers["access-control-allow-credentials"] = "true"
