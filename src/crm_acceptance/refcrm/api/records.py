"""The routes that every object type has: list, count, sum, create, read, change, delete, transfer."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from .. import finding, lists, records, sales, store
from ..answers import once
from ..defects import active
from ..fields import ObjectType
from ..lists import Asked
from .bodies import Count, Sum, To
from .guard import db_of, me_of
from .models import MODELS, Changing
from .routes import Key, answer, declare, router
from .shapes import Id

_HOW = {"q", "sort", "page", "size", "pool", "field"}


def asked(query: BaseModel) -> Asked:
    """The service's form of a list's query."""
    sent = query.model_dump(exclude_unset=True)
    how: dict[str, Any] = {name: sent[name] for name in ("q", "sort", "page", "size") if sent.get(name) is not None}
    where = {name: value for name, value in sent.items() if name not in _HOW and value is not None}
    return Asked(**how, where=where, pool=sent.get("pool") == "true")


def build(kind: ObjectType) -> APIRouter:
    """The routes of one object type that look at many records, and those that handle one."""
    to = router(kind.name)
    _looking(to, kind)
    _writing(to, kind)
    return to


def _plural(kind: ObjectType) -> str:
    return kind.plural.capitalize()


def _looking(to: APIRouter, kind: ObjectType) -> None:
    models, path = MODELS[kind.name], f"/{kind.plural}"

    def listing(request: Request, query: Any) -> Response:
        return answer(lists.listing(db_of(request), me_of(request), kind.name, asked(query)))

    def count(request: Request, query: Any) -> Response:
        return answer({"count": lists.count(db_of(request), me_of(request), kind.name, asked(query))})

    def total(request: Request, query: Any) -> Response:
        amount = lists.total(db_of(request), me_of(request), kind.name, query.field, asked(query))
        return answer({"field": query.field, "sum": amount})

    listed, filtered = Annotated[models.list_query, Query()], Annotated[models.query, Query()]
    declare(to, "GET", path, f"list{_plural(kind)}", listing, models.page, 403, query=listed)
    declare(to, "GET", f"{path}/count", f"count{_plural(kind)}", count, Count, 403, query=filtered)
    if kind.money:
        summed: Any = Annotated[models.sum_query, Query()]
        declare(to, "GET", f"{path}/sum", f"sum{_plural(kind)}", total, Sum, 403, query=summed)


def _writing(to: APIRouter, kind: ObjectType) -> None:
    models, path, name = MODELS[kind.name], f"/{kind.plural}", kind.name.capitalize()

    def create(request: Request, body: Changing, key: Key = None) -> Response:
        db, me, fields = db_of(request), me_of(request), body.given("force")
        force = bool(getattr(body, "force", False))
        made = once(
            db, me, key, f"{kind.name}.create", fields, lambda: records.create(db, me, kind.name, fields, force)
        )
        told = answer(made, 201)
        if active("address_tells_phone") and made.get("phone"):
            told.headers["Location"] = f"/{kind.plural}?phone={made['phone']}"
        return told

    def read(request: Request, id: Id, expand: Any = None) -> Response:
        db, me = db_of(request), me_of(request)
        record = records.read(db, me, kind.name, id)
        if kind.name == "customer" and active("mask_on_screen_only"):
            record = store.to_record(me, kind.name, store.raw(db.conn, kind.name, id), plain=True)
        return answer(finding.expanded(db, me, record) if expand else record)

    def change(request: Request, id: Id, body: Any) -> Response:
        version = body.version if "version" in body.model_fields_set else None
        return answer(records.change(db_of(request), me_of(request), kind.name, id, body.given("version"), version))

    def delete(request: Request, id: Id) -> Response:
        records.delete(db_of(request), me_of(request), kind.name, id)
        return Response(status_code=204)

    def transfer(request: Request, id: Id, body: To) -> Response:
        return answer(sales.transfer(db_of(request), me_of(request), kind.name, id, body.to))

    writes = (403, 404, 409, 413, 415)
    declare(to, "POST", path, f"create{name}", create, models.record, *writes, status=201, body=models.new)
    if "transfer" in kind.actions:
        declare(to, "POST", f"{path}/{{id:int}}/transfer", f"transfer{name}", transfer, models.record, *writes)
    beside: Any = Literal[("customer",) if "customer" in models.record.model_fields else ("-",)]
    declare(to, "GET", f"{path}/{{id:int}}", f"read{name}", read, models.whole, 403, 404, expand=beside | None)
    declare(to, "PATCH", f"{path}/{{id:int}}", f"change{name}", change, models.record, *writes, body=models.change)
    declare(to, "DELETE", f"{path}/{{id:int}}", f"delete{name}", delete, None, 403, 404, 409, status=204)
