"""The routes of the special actions: convert, assign, claim, approve, order, resolve and their like."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from .. import deals, sales, tickets
from ..answers import once
from .bodies import Conversion, Converted, DuplicateQuery, Duplicates, Reason, Resolution, Stage, To
from .guard import db_of, me_of
from .models import MODELS
from .routes import Key, answer, declare, router, rows
from .shapes import Id

_REFUSALS = (403, 404, 409, 413, 415)


def build() -> APIRouter:
    """Every special action's route."""
    to = router("actions")
    _leads(to)
    _customers(to)
    _with_body(to)
    for path, name, object, act in _WITHOUT_BODY:
        _plain(to, path, name, object, act)
    return to


def _leads(to: APIRouter) -> None:
    def convert(request: Request, id: Id, body: Conversion, key: Key = None) -> Response:
        db, me, given = db_of(request), me_of(request), body.model_dump()
        work = once(db, me, key, "lead.convert", {"id": id, **given}, lambda: dict(sales.convert(db, me, id, **given)))
        return answer(work, 201)

    declare(to, "POST", "/leads/{id:int}/convert", "convertLead", convert, Converted, *_REFUSALS, status=201)


def _customers(to: APIRouter) -> None:
    def duplicates(request: Request, query: DuplicateQuery) -> Response:
        return rows(sales.duplicates(db_of(request), me_of(request), query.name, query.phone))

    asked = Annotated[DuplicateQuery, Query()]
    declare(to, "GET", "/customers/duplicates", "findDuplicates", duplicates, Duplicates, 403, query=asked)


def _with_body(to: APIRouter) -> None:
    def assign_lead(request: Request, id: Id, body: To) -> Response:
        return answer(sales.assign_lead(db_of(request), me_of(request), id, body.to))

    def advance(request: Request, id: Id, body: Stage) -> Response:
        return answer(sales.advance(db_of(request), me_of(request), id, body.stage))

    def reject(request: Request, id: Id, body: Reason) -> Response:
        return answer(deals.reject(db_of(request), me_of(request), id, body.reason))

    def assign(request: Request, id: Id, body: To) -> Response:
        return answer(tickets.assign(db_of(request), me_of(request), id, body.to))

    def resolve(request: Request, id: Id, body: Resolution) -> Response:
        return answer(tickets.resolve(db_of(request), me_of(request), id, body.resolution))

    for path, name, object, handler in (
        ("/leads/{id:int}/assign", "assignLead", "lead", assign_lead),
        ("/opportunities/{id:int}/advance", "advanceOpportunity", "opportunity", advance),
        ("/quotes/{id:int}/reject", "rejectQuote", "quote", reject),
        ("/tickets/{id:int}/assign", "assignTicket", "ticket", assign),
        ("/tickets/{id:int}/resolve", "resolveTicket", "ticket", resolve),
    ):
        declare(to, "POST", path, name, handler, MODELS[object].record, *_REFUSALS)


def _plain(to: APIRouter, path: str, name: str, object: str, act: Callable[..., dict[str, Any]]) -> None:
    status = 201 if name == "orderQuote" else 200

    def handler(request: Request, id: Id, key: Key = None) -> Response:
        db, me = db_of(request), me_of(request)
        return answer(once(db, me, key, f"{object}.{name}", {"id": id}, lambda: act(db, me, id)), status)

    declare(to, "POST", path, name, handler, MODELS[object].record, 403, 404, 409, status=status)


_WITHOUT_BODY: tuple[tuple[str, str, str, Callable[..., dict[str, Any]]], ...] = (
    ("/customers/{id:int}/claim", "claimCustomer", "customer", sales.claim),
    ("/customers/{id:int}/release", "releaseCustomer", "customer", sales.release),
    ("/quotes/{id:int}/submit", "submitQuote", "quote", deals.submit),
    ("/quotes/{id:int}/approve", "approveQuote", "quote", deals.approve),
    ("/quotes/{id:int}/order", "orderQuote", "order", deals.make_order),
    ("/orders/{id:int}/confirm", "confirmOrder", "order", deals.confirm),
    ("/orders/{id:int}/cancel", "cancelOrder", "order", deals.cancel),
    ("/tickets/{id:int}/close", "closeTicket", "ticket", tickets.close),
)
