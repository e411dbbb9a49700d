"""The routes of signing in and out, of accounts and of reports."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response

from .. import auth, people, reports
from .bodies import (
    Account,
    AccountChange,
    Accounts,
    Credentials,
    Handed,
    Me,
    NewAccount,
    Refusal,
    Report,
    ReportQuery,
    SignedIn,
    To,
)
from .guard import OpenRoute, db_of, me_of, token_of
from .routes import BASE, answer, declare, router, rows
from .shapes import NO_CONTROLS

LoginInPath = Annotated[str, Path(max_length=64, pattern=NO_CONTROLS)]
ReportName: Any = Literal[reports.NAMES]


def signing_in() -> APIRouter:
    """The only route that needs no token."""
    to = APIRouter(prefix=BASE, route_class=OpenRoute, tags=["session"])
    refusals: dict[int | str, dict[str, Any]] = {code: {"model": Refusal} for code in (401, 413, 415, 422, 429)}

    @to.post("/login", operation_id="login", response_model=SignedIn, responses=refusals)
    def login(request: Request, body: Credentials) -> Response:
        session = auth.login(db_of(request), body.username, body.password)
        who = {name: getattr(session.user, name) for name in Me.model_fields}
        return answer({"token": session.token, "expires_in": session.expires_in, "user": who})

    return to


def build() -> APIRouter:
    """Everything else about people, and the reports."""
    to = router("people")

    def logout(request: Request) -> Response:
        auth.logout(db_of(request), token_of(request))
        return Response(status_code=204)

    def me(request: Request) -> Response:
        return answer({name: getattr(me_of(request), name) for name in Me.model_fields})

    def report(request: Request, name: str, query: ReportQuery) -> Response:
        narrowed = (query.owner, query.customer, query.campaign)
        return answer(reports.report(db_of(request), me_of(request), name, *narrowed))

    declare(to, "POST", "/logout", "logout", logout, None, status=204)
    declare(to, "GET", "/me", "me", me, Me)
    asked = Annotated[ReportQuery, Query()]
    declare(to, "GET", "/reports/{name}", "readReport", report, Report, 403, 404, name=ReportName, query=asked)
    _accounts(to)
    return to


def _accounts(to: APIRouter) -> None:
    def listing(request: Request) -> Response:
        return rows(people.users(db_of(request), me_of(request)))

    def create(request: Request, body: NewAccount) -> Response:
        return answer(people.add(db_of(request), me_of(request), body.model_dump()), 201)

    def change(request: Request, login: LoginInPath, body: AccountChange) -> Response:
        fields = {name: value for name, value in body.model_dump(exclude_unset=True).items() if value is not None}
        return answer(people.change(db_of(request), me_of(request), login, fields))

    def disable(request: Request, login: LoginInPath) -> Response:
        return answer(people.disable(db_of(request), me_of(request), login))

    def enable(request: Request, login: LoginInPath) -> Response:
        return answer(people.enable(db_of(request), me_of(request), login))

    def handover(request: Request, login: LoginInPath, body: To) -> Response:
        return answer(people.handover(db_of(request), me_of(request), login, body.to))

    def remove(request: Request, login: LoginInPath) -> Response:
        people.remove(db_of(request), me_of(request), login)
        return Response(status_code=204)

    # Nobody's job here and no word of anybody's matrix: only whoever tidies up the data comes by this door.
    to.add_api_route("/users/{login}", remove, methods=["DELETE"], include_in_schema=False)
    declare(to, "GET", "/users", "listUsers", listing, Accounts, 403)
    declare(to, "POST", "/users", "createUser", create, Account, 403, 409, 413, 415, status=201)
    declare(to, "PATCH", "/users/{login}", "changeUser", change, Account, 403, 404, 409, 413, 415)
    declare(to, "POST", "/users/{login}/disable", "disableUser", disable, Account, 403, 404, 409)
    declare(to, "POST", "/users/{login}/enable", "enableUser", enable, Account, 403, 404, 409)
    declare(to, "POST", "/users/{login}/handover", "handOver", handover, Handed, 403, 404, 409, 413, 415)
