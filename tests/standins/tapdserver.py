"""A stand-in for TAPD's open API: Basic or Bearer, bugs as forms, 60 a minute, "Hello world" elsewhere."""

from __future__ import annotations

import base64
import re
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from standins.robots import Clock
from standins.serving import Asked, Says, Trouble, serving

USER, PASSWORD, WORKSPACE = "api-user", "api-password", "755"
STATUSES = {"new", "in_progress", "resolved", "closed", "reopened", "rejected"}
KNOWN = {"workspace_id", "id", "title", "description", "severity", "status", "reporter", "current_owner", "module"}


@dataclass
class Tapd:
    """One workspace. `allowed`: the statuses that its workflow lets a program set."""

    clock: Clock
    url: str = ""
    allowed: set[str] = field(default_factory=lambda: set(STATUSES))
    bugs: dict[str, dict[str, str]] = field(default_factory=dict)
    comments: list[dict[str, str]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    came: list[float] = field(default_factory=list)
    trouble: deque[Trouble] = field(default_factory=deque)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, asked: Asked) -> Says:
        """One request."""
        with self.lock:
            if asked.path not in ("/bugs", "/bugs/count", "/comments", "/files/upload_attachment"):
                return Says(200, "Hello world from TAPD API")
            wanted = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
            if asked.headers.get("authorization") != wanted:
                return _error(401, "401 Unauthorized")
            self.came.append(self.clock())
            if len([at for at in self.came if at > self.clock() - 60]) > 60:
                return _error(429, "Too Many Requests")
            return self._answer(asked)

    def _answer(self, asked: Asked) -> Says:
        if asked.path == "/files/upload_attachment":
            return self._upload(asked)
        said = asked.form if asked.method == "POST" else {name: values[0] for name, values in asked.query.items()}
        if said.get("workspace_id") != WORKSPACE:
            return _error(422, "workspace_id is invalid")
        if asked.path == "/comments":
            self.comments.append(said)
            return _good({"Comment": {"id": "1", **said}})
        return self._change(said) if asked.method == "POST" else self._search(said)

    def _search(self, said: dict[str, str]) -> Says:
        if int(said.get("limit", "30")) > 200:
            return _error(422, "limit must not exceed 200")
        id, title = said.get("id", ""), said.get("title", "").lower()
        found = [bug for bug in self.bugs.values() if id in ("", bug["id"]) and title in bug["title"].lower()]
        return _good([{"Bug": bug} for bug in found])

    def _change(self, said: dict[str, str]) -> Says:
        if strange := set(said) - KNOWN:
            return _error(422, f"unknown field {strange}")
        if said.get("status", "new") not in self.allowed:
            return _error(422, "status is not allowed by the workflow")
        if id := said.get("id"):
            if id not in self.bugs:
                return _error(404, "Bug not found")
            self.bugs[id] |= said
            return _good({"Bug": self.bugs[id]})
        if not said.get("title"):
            return _error(422, "title is required")
        id = f"11755{len(self.bugs) + 1:014}"
        self.bugs[id] = {"status": "new", "created": "2026-11-22 10:00:00", **said, "id": id}
        return _good({"Bug": self.bugs[id]})

    def _upload(self, asked: Asked) -> Says:
        parts: dict[str, str] = {
            name.decode(): value.decode()
            for name, value in re.findall(rb'name="(\w+)"\r\n\r\n([^\r]*)\r\n', asked.body)
        }
        if parts.get("type") != "bug" or parts.get("entry_id") not in self.bugs:
            return _error(422, "type and entry_id are required")
        self.files[parts["entry_id"]] = asked.body
        return _good({"Attachment": {"id": "1"}})


def _good(data: Any) -> Says:
    return Says(200, {"status": 1, "data": data, "info": "success"})


def _error(status: int, info: str) -> Says:
    return Says(status, {"status": status, "data": "", "info": info, "meta": {"request_id": "r1"}})


@contextmanager
def tapd_server(clock: Clock) -> Iterator[Tapd]:
    """A TAPD on a free port."""
    made = Tapd(clock)
    with serving(made, made.trouble) as running:
        made.url = running.url
        yield made
