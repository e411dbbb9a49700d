"""The FastAPI application: routes, error answers, the control door and, when it is there, the web UI."""

from __future__ import annotations

import importlib
import traceback
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.routing import Match

from .. import control
from ..db import Database
from ..defects import active
from ..errors import CrmError, invalid, missing
from ..objects import OBJECTS
from . import across, actions, hanging, people, records
from .pressure import Pressure
from .sealing import Sealed


def build(db: Database, control_key: str = "", lang: str = "zh") -> FastAPI:
    """The application that serves `db`. `control_key` opens the control door; `lang` is the UI's first language."""
    app = FastAPI(title="Reference CRM", version="1", openapi_url="/openapi.json", docs_url=None, redoc_url=None)
    app.router.redirect_slashes = False
    app.state.db, app.state.lang = db, lang
    app.add_middleware(Pressure, db=db)
    _add_routes(app)
    if control_key:
        control.mount(app, control_key)
    app.add_exception_handler(CrmError, _refused)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(HTTPException, _http)
    _mount_web(app)
    app.add_middleware(Sealed)
    return app


def _add_routes(app: FastAPI) -> None:
    routers = [people.signing_in(), people.build(), hanging.shared(), actions.build(), across.build()]
    for kind in OBJECTS.values():
        # Files first: /leads/export must not be taken for a lead's id.
        routers += [hanging.build(kind), records.build(kind)]
    # Laid flat, not included: a 405 has to name every method that an address takes.
    app.router.routes.extend(route for router in routers for route in router.routes)


def _mount_web(app: FastAPI) -> None:
    try:
        web = importlib.import_module("..web", __package__)
    except ModuleNotFoundError:
        return
    web.mount(app)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, CrmError)
    headers = {"WWW-Authenticate": "Bearer"} if error.status == 401 else {}
    if error.after:
        headers["Retry-After"] = str(error.after)
    if error.code == "invalid" and active("sql_in_errors"):
        error.message += f" sqlite3.OperationalError in: SELECT t.* FROM users t WHERE {request.url.query or 1} LIMIT 1"
    return JSONResponse(error.body(), error.status, headers)


async def _unreadable(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    wrong = {_name(problem["loc"]): str(problem["msg"]) for problem in error.errors()}
    said = "".join(traceback.format_exception(error)) if active("stack_trace_in_errors") else "、".join(wrong)
    return await _refused(request, invalid(f"请求内容不符合要求:{said}。", wrong))


def _name(location: tuple[Any, ...]) -> str:
    # Only the field's own name: what follows tells which of several shapes did not fit.
    parts = [str(part) for part in location if part not in ("body", "query", "path", "header")]
    return parts[0].encode("utf-8", "replace").decode()[:100] if parts else "body"


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        allowed = ", ".join(sorted(_allowed(request)))
        body = CrmError("method", f"这个地址只接受 {allowed}。").body()
        return JSONResponse(body, 405, {"Allow": allowed})
    if error.status_code == 404:
        return await _refused(request, missing("没有这个地址。"))
    # What else the framework refuses is a body that it could not read.
    return await _refused(request, invalid(f"请求体读不出来:{error.detail}", {"body": str(error.detail)}))


def _allowed(request: Request) -> set[str]:
    found: set[str] = set()
    for route in request.app.routes:
        if route.matches(request.scope)[0] is not Match.NONE:
            found |= getattr(route, "methods", None) or set()
    return found
