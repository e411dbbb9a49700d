"""The routes that look across object types: search, recent, notifications, a customer's records; bulk and print."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field, create_model

from .. import bulk, finding, notices, printing
from ..defects import active
from ..fields import ObjectType
from ..lists import BIGGEST_PAGE, Asked
from ..objects import OBJECTS
from .bodies import Strict
from .guard import db_of, me_of
from .models import MODELS, Changing
from .routes import answer, binary, declare, router, rows
from .shapes import NO_CONTROLS, Id, in_url


class Hit(BaseModel):
    """One record that was found."""

    object: str
    id: int
    title: str


class Hits(BaseModel):
    """Records of any type."""

    items: list[Hit]
    total: int


class Notice(BaseModel):
    """One thing that happened to a record of the reader's."""

    row: int
    object: str
    id: int
    text: str
    at: str


class Notices(BaseModel):
    """The latest notifications, newest first."""

    items: list[Notice]
    total: int


class SearchQuery(Strict):
    """What to look for."""

    q: Annotated[str, Field(max_length=100, pattern=NO_CONTROLS)] = ""


class PageQuery(Strict):
    """Which page."""

    page: in_url(1, 1_000_000) = 1  # type: ignore[valid-type]
    size: in_url(1, BIGGEST_PAGE) = 20  # type: ignore[valid-type]


class Changed(BaseModel):
    """How many were changed."""

    changed: int


def build() -> APIRouter:
    """Every route of this module; those of one type stand before the ones that take an id."""
    to = router("across")
    _finding(to)
    for name in finding.OF_CUSTOMER:
        _belonging(to, OBJECTS[name])
    for kind in OBJECTS.values():
        if any(f.changeable for f in kind.fields):
            _bulk(to, kind)
    return to


def _finding(to: APIRouter) -> None:
    def search(request: Request, query: SearchQuery) -> Response:
        return rows(finding.search(db_of(request), me_of(request), query.q))

    def recent(request: Request) -> Response:
        return rows(finding.recent(db_of(request), me_of(request), active("recent_of_everybody")))

    def told(request: Request) -> Response:
        return rows(notices.notices(db_of(request), me_of(request)))

    def sheet(request: Request, id: Id) -> Response:
        return HTMLResponse(printing.order(db_of(request), me_of(request), id))

    asked = Annotated[SearchQuery, Query()]
    declare(to, "GET", "/search", "searchEverything", search, Hits, meaning="*.search", query=asked)
    declare(to, "GET", "/recent", "listRecent", recent, Hits, meaning="*.list")
    declare(to, "GET", "/notifications", "listNotifications", told, Notices, meaning="notification.list")
    binary(to, "/orders/{id:int}/print", "printOrder", sheet, "text/html", meaning="order.read")


def _belonging(to: APIRouter, kind: ObjectType) -> None:
    def listing(request: Request, id: Id, query: PageQuery) -> Response:
        asked = Asked(page=query.page, size=query.size)
        return answer(finding.belonging(db_of(request), me_of(request), kind.name, id, asked))

    path, name = f"/customers/{{id:int}}/{kind.plural}", f"listCustomer{kind.plural.capitalize()}"
    asked = Annotated[PageQuery, Query()]
    declare(to, "GET", path, name, listing, MODELS[kind.name].page, 403, 404, query=asked)


def _bulk(to: APIRouter, kind: ObjectType) -> None:
    def change(request: Request, body: Any) -> Response:
        fields: Changing = body.fields
        return answer(bulk.change(db_of(request), me_of(request), kind.name, body.ids, fields.given("version")))

    ids: Any = Annotated[list[Id], Field(min_length=1, max_length=bulk.MOST)]
    model = create_model(
        f"{kind.name.capitalize()}Bulk", __base__=Strict, ids=(ids, ...), fields=(MODELS[kind.name].change, ...)
    )
    name, refusals = f"changeMany{kind.plural.capitalize()}", (403, 404, 409, 413, 415)
    path, what = f"/{kind.plural}/bulk", f"{kind.name}.change"
    declare(to, "POST", path, name, change, Changed, *refusals, meaning=what, body=model)
