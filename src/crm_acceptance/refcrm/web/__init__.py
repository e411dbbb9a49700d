"""The web UI of the reference CRM: pages and forms on the service functions; decides no right and no rule itself."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from starlette.routing import BaseRoute, Mount
from starlette.staticfiles import StaticFiles

from . import acts, admin, detail, edit, files, home, insight, lists

ROOMS = (home, admin, insight, files, lists, edit, detail, acts)


def mount(app: FastAPI) -> None:
    """Adds every page to `app`, whose `state.db` must be the Database by the first request."""
    static = Mount("/static", StaticFiles(directory=Path(__file__).parent / "static"))
    pages: list[BaseRoute] = [static, *(route for room in ROOMS for route in room.routes())]
    app.router.routes.extend(pages)
