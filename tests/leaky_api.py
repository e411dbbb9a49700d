"""A small CRM with a real API and an OpenAPI document, and the classic leaks to be switched on. No test lives here."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Annotated, Any

import uvicorn
from fastapi import FastAPI, Header, HTTPException
from plain_mapping import PLAIN
from pydantic import BaseModel

from crm_acceptance.model import Person

PEOPLE = (
    Person("ann", "安", "sales", "rep", "ann"),
    Person("bob", "波", "sales", "rep", "bob"),
    Person("may", "梅", "service", "agent", "may"),
)
ROWS = """role,action,object,scope,fields,requirement
rep,read|list|create|change,customer,own,,SEC-002
rep,delete,customer,none,,SEC-005
rep,tamper,customer,own,owner:read-only,SEC-013
agent,read|list,customer,all,phone:masked,SEC-006
agent,create|change|delete,customer,none,,SEC-005
"""
REQUIREMENTS = ("SEC-002", "SEC-005", "SEC-006", "SEC-013")
MAPPING = """
title = "Leaky CRM"
[auth]
kind = "api_key"
"""
Key = Annotated[str, Header(alias="X-API-Key")]


class Fields(BaseModel):
    """What a request may say of a customer."""

    name: str | None = None
    phone: str | None = None
    owner: str | None = None


class Customer(BaseModel):
    """What an answer says of a customer."""

    id: str
    name: str = ""
    phone: str = ""
    owner: str = ""


class Customers(BaseModel):
    """A list of them."""

    items: list[Customer]
    total: int


class Many(BaseModel):
    """Several at once."""

    ids: list[str]
    fields: Fields


def app(leaks: frozenset[str], asked: list[str]) -> FastAPI:  # noqa: C901 one function per operation
    """The CRM; `asked` is told every request."""
    made, rows, numbers = FastAPI(), dict[str, dict[str, Any]](), count(1)

    def who(key: str) -> str:
        if key.removeprefix("key-") not in {one.login for one in PEOPLE}:
            raise HTTPException(401, "who are you")
        return key.removeprefix("key-")

    def shown(me: str, row: dict[str, Any], leak: str = "") -> dict[str, Any]:
        plain = me != "may" or leak in leaks
        return row if plain else {**row, "phone": row["phone"][:3] + "****"}

    def found(me: str, id: str, leak: str) -> dict[str, Any]:
        row = rows.get(id)
        if row is None or (me not in ("may", row["owner"]) and leak not in leaks):
            raise HTTPException(404, "no such customer")
        return row

    def taken(me: str, row: dict[str, Any], fields: Fields) -> None:
        if me == "may":
            raise HTTPException(403, "not yours to change")
        given = fields.model_dump(exclude_none=True)
        row.update(given if "assign" in leaks else {name: one for name, one in given.items() if name != "owner"})

    @made.middleware("http")
    async def note(request: Any, go_on: Any) -> Any:
        asked.append(f"{request.method} {request.url.path}")
        return await go_on(request)

    @made.get("/customers", response_model=Customers)
    def list_customers(x_api_key: Key = "", q: str = "") -> dict[str, Any]:
        me = who(x_api_key)
        mine = [shown(me, row, "excess") for row in rows.values() if me in ("may", row["owner"]) and q in row["name"]]
        return {"items": mine, "total": len(mine)}

    @made.post("/customers", status_code=201, response_model=Customer)
    def create_customer(fields: Fields, x_api_key: Key = "") -> dict[str, Any]:
        me = who(x_api_key)
        row = {"id": str(next(numbers)), "name": "", "phone": "", "owner": me}
        taken(me, row, fields)
        return rows.setdefault(row["id"], {**row, "owner": me})

    @made.get("/customers/{id}", response_model=Customer)
    def read_customer(id: str, x_api_key: Key = "") -> dict[str, Any]:
        me = who(x_api_key)
        return shown(me, found(me, id, "read"))

    @made.patch("/customers/{id}", response_model=Customer)
    def change_customer(id: str, fields: Fields, x_api_key: Key = "") -> dict[str, Any]:
        me = who(x_api_key)
        row = found(me, id, "write")
        taken(me, row, fields)
        return {"id": id} if row["owner"] != me else row

    @made.delete("/customers/{id}", status_code=204)
    def delete_customer(id: str, x_api_key: Key = "") -> None:
        me = who(x_api_key)
        found(me, id, "function")
        if "function" not in leaks:
            raise HTTPException(403, "ask the administrator")
        del rows[id]

    @made.get("/dashboard")
    def dashboard(x_api_key: Key = "") -> list[dict[str, Any]]:
        me = who(x_api_key)
        return [shown(me, row) for row in rows.values() if me in ("may", row["owner"]) or "dashboard" in leaks]

    @made.get("/finder")
    def finder(keyword: str, x_api_key: Key = "") -> list[str]:
        me = who(x_api_key)
        hits = [row for row in rows.values() if keyword in row["name"]]
        return [shown(me, row)["phone"] for row in hits if me in ("may", row["owner"]) or "finder" in leaks]

    @made.get("/customers/{id}/card", response_model=Customer)
    def card(id: str, x_api_key: Key = "") -> dict[str, Any]:
        me = who(x_api_key)
        return shown(me, found(me, id, "card"))

    @made.post("/customers/rewrite")
    def rewrite(many: Many, x_api_key: Key = "") -> int:
        me = who(x_api_key)
        for id in many.ids:
            taken(me, found(me, id, "rewrite"), many.fields)
        return len(many.ids)

    return made


@contextmanager
def leaky(folder: Path, *leaks: str) -> Iterator[tuple[str, list[str], Path, Path]]:
    """Address, what was asked so far, the mapping file and the matrix of a CRM with these leaks."""
    asked: list[str] = []
    (folder / "mapping.toml").write_text(MAPPING + PLAIN, encoding="utf-8")
    (folder / "permissions.csv").write_text(ROWS, encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        free.listen(64)
        server = uvicorn.Server(
            uvicorn.Config(app(frozenset(leaks), asked), log_level="error", lifespan="off", timeout_graceful_shutdown=0)
        )
        thread = threading.Thread(target=server.run, args=([free],), daemon=True)
        thread.start()
        try:
            yield (
                f"http://127.0.0.1:{free.getsockname()[1]}",
                asked,
                folder / "mapping.toml",
                folder / "permissions.csv",
            )
        finally:
            server.should_exit = True
            thread.join()
