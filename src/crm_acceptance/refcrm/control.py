"""The control door: look at and switch defects while the CRM runs. Only with a key; not in the OpenAPI document."""

from __future__ import annotations

import hmac
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, FastAPI, Header, Request
from pydantic import BaseModel, StrictBool

from . import seed
from .defects import DEFECTS, KNOWN, active, switch
from .errors import denied, missing


class Switch(BaseModel):
    """On or off."""

    on: StrictBool


def mount(app: FastAPI, key: str) -> None:
    """Add the control routes; each wants `key` in X-Control-Key."""
    to = APIRouter(prefix="/__control", include_in_schema=False)

    def check(given: str) -> None:
        if not hmac.compare_digest(given.encode(), key.encode()):
            raise denied("X-Control-Key 不正确。")

    @to.get("/defects")
    def listing(x_control_key: str = Header("")) -> list[dict[str, Any]]:
        check(x_control_key)
        return [asdict(defect) | {"on": active(defect.name)} for defect in DEFECTS]

    @to.put("/defects/{name}")
    def put(name: str, body: Switch, x_control_key: str = Header("")) -> dict[str, Any]:
        check(x_control_key)
        if name not in KNOWN:
            raise missing(f"没有缺陷 {name},可用:{'、'.join(KNOWN)}。")
        switch(name, body.on)
        return {"name": name, "on": active(name)}

    @to.post("/reset")
    def reset(request: Request, x_control_key: str = Header("")) -> dict[str, Any]:
        check(x_control_key)
        for defect in DEFECTS:
            switch(defect.name, False)
        seed.again(request.app.state.db, request.app.state.recipe)
        return {"reset": True}

    app.include_router(to)
