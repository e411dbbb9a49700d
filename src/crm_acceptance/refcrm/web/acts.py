"""What happens when a button on a record's page is pressed: one service call, then on to where the work goes on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from .. import deals, records, sales, tickets, timeline
from ..errors import CrmError, invalid
from ..fields import ObjectType
from ..objects import OBJECTS
from .deeds import KINDS
from .detail import record_page
from .door import Visit, go, page
from .render import texts

Act = Callable[[Visit, str], Mapping[str, Any] | None]


def _convert(visit: Visit, _object: str) -> Mapping[str, Any]:
    amount, name = visit.form.get("amount"), visit.form.get("opportunity_name")
    return sales.convert(visit.db, visit.me, visit.id, amount=amount or None, opportunity_name=name or None)


def _assign(visit: Visit, object: str) -> Mapping[str, Any]:
    work = tickets.assign if object == "ticket" else sales.assign_lead
    return work(visit.db, visit.me, visit.id, visit.form.get("to", ""))


ACTS: Mapping[str, Act] = {
    "convert": _convert,
    "assign": _assign,
    "transfer": lambda v, object: sales.transfer(v.db, v.me, object, v.id, v.form.get("to", "")),
    "claim": lambda v, _: sales.claim(v.db, v.me, v.id),
    "release": lambda v, _: sales.release(v.db, v.me, v.id),
    "advance": lambda v, _: sales.advance(v.db, v.me, v.id, v.form.get("stage", "")),
    "submit": lambda v, _: deals.submit(v.db, v.me, v.id),
    "approve": lambda v, _: deals.approve(v.db, v.me, v.id),
    "reject": lambda v, _: deals.reject(v.db, v.me, v.id, v.form.get("reason", "")),
    "order": lambda v, _: deals.make_order(v.db, v.me, v.id),
    "confirm": lambda v, _: deals.confirm(v.db, v.me, v.id),
    "cancel": lambda v, _: deals.cancel(v.db, v.me, v.id),
    "resolve": lambda v, _: tickets.resolve(v.db, v.me, v.id, v.form.get("resolution", "")),
    "close": lambda v, _: tickets.close(v.db, v.me, v.id),
    "delete": lambda v, object: records.delete(v.db, v.me, object, v.id),
    "followups": lambda v, object: timeline.follow(v.db, v.me, object, v.id, v.form.get("text", "")),
}


def routes() -> list[BaseRoute]:
    """The pages of this room."""
    wanted = [(OBJECTS[name], deed.name) for deed in KINDS for name in deed.objects]
    wanted += [(kind, "followups") for kind in OBJECTS.values()]
    made: list[BaseRoute] = [_route(kind, name, partial(act, kind, name)) for kind, name in wanted]
    return made + [_route(kind, "attachments", partial(attach, kind)) for kind in OBJECTS.values()]


def _route(kind: ObjectType, name: str, work: Callable[[Visit], Response]) -> BaseRoute:
    return page(f"/{kind.plural}/{{id:int}}/{name}", work, "POST")


def act(kind: ObjectType, name: str, visit: Visit) -> Response:
    """Does it; a refusal is shown on the record's page."""
    try:
        made = ACTS[name](visit, kind.name)
    except CrmError as error:
        return _refused(kind, visit, error)
    return go(_where(kind, name, visit, made or {}), "deleted" if name == "delete" else "acted")


def attach(kind: ObjectType, visit: Visit) -> Response:
    """Takes a file."""
    try:
        if "file" not in visit.files or not visit.files["file"].name:
            raise invalid(texts(visit).need_file)
        file = visit.files["file"]
        timeline.attach(visit.db, visit.me, kind.name, visit.id, file.name, file.body)
    except CrmError as error:
        return _refused(kind, visit, error)
    return go(f"/{kind.plural}/{visit.id}", "acted")


def _where(kind: ObjectType, name: str, visit: Visit, made: Mapping[str, Any]) -> str:
    """A converted lead goes on as a customer, an ordered quote as an order; what was given away leads to the list."""
    if name == "convert":
        return f"/customers/{made['customer']}"
    if name == "order":
        return f"/orders/{made['id']}"
    return f"/{kind.plural}" if name == "delete" or not _mine(kind, visit) else f"/{kind.plural}/{visit.id}"


def _mine(kind: ObjectType, visit: Visit) -> bool:
    try:
        records.read(visit.db, visit.me, kind.name, visit.id)
    except CrmError:
        return False
    return True


def _refused(kind: ObjectType, visit: Visit, error: CrmError) -> Response:
    """The record's page with the refusal; when the record itself is not for this person, the refusal alone."""
    if not _mine(kind, visit):
        raise error
    return record_page(kind, visit, error)
