"""What every API request passes before its handler: size, media type, query, and who it is. No rights here."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from .. import auth
from ..auth import User
from ..db import Database
from ..defects import active
from ..errors import CrmError, invalid, unauthenticated

BIGGEST_BODY = 6 * 1024 * 1024
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class OpenRoute(APIRoute):
    """A route for anybody: checks the form of the request only."""

    def get_route_handler(self) -> Handler:
        """The handler behind the checks."""
        handler, wanted = super().get_route_handler(), self._wanted()

        async def guarded(request: Request) -> Response:
            _check_form(request, wanted)
            self.identify(request)
            return await handler(request)

        return guarded

    def identify(self, request: Request) -> None:
        """Nobody needs to say who they are."""

    def _wanted(self) -> str:
        if self.body_field is None:
            return ""
        return "multipart/form-data" if self.name.startswith(("attach", "import")) else "application/json"


class GuardedRoute(OpenRoute):
    """A route for people with a token; before anything else is looked at."""

    def identify(self, request: Request) -> None:
        """Leave the acting user in request.state.me. Raises unauthenticated."""
        request.state.me = _who(request)


def me_of(request: Request) -> User:
    """The acting user of a guarded request."""
    me: User = request.state.me
    return me


def db_of(request: Request) -> Database:
    """The database that this program serves."""
    db: Database = request.app.state.db
    return db


def _who(request: Request) -> User:
    if (
        active("export_without_login")
        and request.url.path.endswith("/export")
        and "authorization" not in request.headers
    ):
        return User("nobody", "", "executive", "")
    return auth.user_of(db_of(request), token_of(request))


def token_of(request: Request) -> str:
    """The bearer token. Raises unauthenticated when there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise unauthenticated()
    return token.strip()


def _check_form(request: Request, wanted: str) -> None:
    length = request.headers.get("content-length", "0")
    if length.isdigit() and int(length) > BIGGEST_BODY:
        raise CrmError("too_large", "请求体过大,最大 6 MB。")
    sent = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if wanted and sent and sent != wanted:
        raise CrmError("unsupported", f"请求体应为 {wanted}。")
    names = [name for name, _ in request.query_params.multi_items()]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise invalid(f"查询参数重复:{'、'.join(twice)}。", dict.fromkeys(twice, "只能出现一次。"))
