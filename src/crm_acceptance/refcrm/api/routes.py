"""How a route is declared: one call that says path, models and every status it may answer. No handler lives here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Header, Security
from fastapi.responses import JSONResponse, Response
from fastapi.security import HTTPBearer
from pydantic import BaseModel

from .bodies import Refusal
from .guard import GuardedRoute

BASE = "/api/v1"
MEANING = "x-crm-acceptance"
"""Says in the document what an operation is where its path does not: object and action."""
BEARER = HTTPBearer(auto_error=False, description="The token that POST /api/v1/login answers.")
Key = Annotated[
    str | None,
    Header(alias="Idempotency-Key", pattern=r"^[\x21-\x7e]+$", max_length=200, description="Repeat a write safely."),
]
_REASONS = {
    401: "Not signed in, or not any more",
    403: "The role lacks this right",
    404: "Absent or out of reach",
    409: "The record's state, a duplicate or a newer version forbids it",
    413: "Too large",
    415: "Another media type is needed",
    422: "Invalid",
}


def router(tag: str) -> APIRouter:
    """A router whose routes all need a token."""
    return APIRouter(prefix=BASE, route_class=GuardedRoute, tags=[tag], dependencies=[Security(BEARER)])


def declare(
    to: APIRouter,
    method: str,
    path: str,
    name: str,
    handler: Callable[..., Any],
    model: type[BaseModel] | None,
    /,
    *refusals: int,
    status: int = 200,
    meaning: str = "",
    **annotations: Any,
) -> None:
    """Add a route. `annotations` gives the handler's parameters types that exist at run time only."""
    handler.__annotations__ |= annotations
    handler.__name__ = name
    to.add_api_route(
        path,
        handler,
        methods=[method],
        operation_id=name,
        name=name,
        response_model=model,
        status_code=status,
        responses={code: {"model": Refusal, "description": _REASONS[code]} for code in (401, *refusals, 422)},
        openapi_extra={MEANING: meaning} if meaning else None,
    )


def binary(
    to: APIRouter,
    path: str,
    name: str,
    handler: Callable[..., Any],
    media: str,
    /,
    meaning: str = "",
    **annotations: Any,
) -> None:
    """Add a GET route that answers a file."""
    handler.__annotations__ |= annotations
    handler.__name__ = name
    refused: dict[int | str, dict[str, Any]] = {
        code: {"model": Refusal, "description": _REASONS[code]} for code in (401, 403, 404, 422)
    }
    content = {"description": "The file", "content": {media: {"schema": {"type": "string", "format": "binary"}}}}
    to.add_api_route(
        path,
        handler,
        methods=["GET"],
        operation_id=name,
        name=name,
        response_class=FileAnswer,
        responses=refused | {200: content},
        openapi_extra={MEANING: meaning} if meaning else None,
    )


class FileAnswer(Response):
    """Says nothing about its media type, so that the declared one stands alone in the document."""

    media_type = None


def answer(body: Any, status: int = 200) -> JSONResponse:
    """The body as JSON; the models are declared, not run again over every answer."""
    return JSONResponse(body, status)


def rows(items: list[Any]) -> JSONResponse:
    """A list that is not paged."""
    return JSONResponse({"items": items, "total": len(items)})
