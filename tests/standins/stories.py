"""Stand-ins for where requirements are written: Jira's search in pages, TAPD's stories; both want a login. No test."""

from __future__ import annotations

import base64
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from standins.serving import Asked, Says, Trouble, serving

TOKEN, USER, PASSWORD, WORKSPACE = "stories-toy-token", "robot@example.com", "toy-password", "755"
FEWEST = 2
"""So many issues a page at most, whatever is asked for: Jira decides that itself."""


@dataclass
class Stories:
    """One of both. `rows`: raw fields by key. `claimed`: says so many more than it has."""

    kind: str
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    url: str = ""
    claimed: int = 0
    trouble: deque[Trouble] = field(default_factory=deque)
    asked: list[Asked] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Says:
        """One request."""
        self.asked.append(asked)
        return self._tapd(asked) if self.kind == "tapd" else self._jira(asked)

    def _jira(self, asked: Asked) -> Says:
        cloud = self.kind == "cloud"
        if asked.path == "/rest/api/2/serverInfo":
            told = {"version": "9.12.0", "versionNumbers": [9, 12, 0], "deploymentType": "Cloud" if cloud else "Server"}
            return Says(200, {"baseUrl": self.url, **told})
        basic = "Basic " + base64.b64encode(f"{USER}:{TOKEN}".encode()).decode()
        if asked.headers.get("authorization") != (basic if cloud else f"Bearer {TOKEN}"):
            return Says(401, "<html>Unauthorized (401)</html>", (("WWW-Authenticate", "OAuth realm=x"),))
        if asked.path == "/rest/api/2/field":
            return Says(200, [])
        if asked.path != ("/rest/api/2/search/jql" if cloud else "/rest/api/2/search"):
            return Says(410 if cloud else 404, {"errorMessages": ["The requested API has been removed"], "errors": {}})
        if "project" not in asked.one("jql"):
            return Says(400, {"errorMessages": [f"Error in the JQL Query: {asked.one('jql')}"], "errors": {}})
        return self._page(asked, cloud)

    def _page(self, asked: Asked, cloud: bool) -> Says:
        token = asked.query.get("nextPageToken", ["0"])[0] if cloud else asked.query.get("startAt", ["0"])[0]
        start, many = int(token), min(FEWEST, int(asked.one("maxResults")))
        wanted = set(",".join(asked.query.get("fields", ["*all"])).split(","))
        keys = list(self.rows)[start : start + many]
        issues = [{"id": key, "key": key, "fields": self._kept(key, wanted)} for key in keys]
        last = start + many >= len(self.rows)
        if cloud:
            return Says(
                200, {"issues": issues, "isLast": last, **({} if last else {"nextPageToken": str(start + many)})}
            )
        told = {"startAt": start, "maxResults": many, "total": len(self.rows) + self.claimed}
        return Says(200, {"issues": issues, **told})

    def _kept(self, key: str, wanted: set[str]) -> dict[str, Any]:
        return {name: said for name, said in self.rows[key].items() if name in wanted or "*all" in wanted}

    def _tapd(self, asked: Asked) -> Says:
        if asked.path not in ("/stories", "/stories/count"):
            return Says(200, "Hello world from TAPD API")
        basic = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if asked.headers.get("authorization") != basic:
            return _refused(401, "401 Unauthorized")
        if asked.one("workspace_id") != WORKSPACE or int(asked.query.get("limit", ["30"])[0]) > 200:
            return _refused(422, "workspace_id or limit is invalid")
        status = asked.query.get("status", [""])[0]
        found = {id: row for id, row in self.rows.items() if status in ("", row.get("status"))}
        if asked.path == "/stories/count":
            return Says(200, {"status": 1, "data": {"count": len(found) + self.claimed}, "info": "success"})
        size, page = int(asked.one("limit")), int(asked.one("page"))
        wanted = set(asked.one("fields").split(","))
        rows = [{"id": id, **self._kept(id, wanted)} for id in sorted(found)[(page - 1) * size : page * size]]
        return Says(200, {"status": 1, "data": [{"Story": row} for row in rows], "info": "success"})


def _refused(status: int, info: str) -> Says:
    return Says(status, {"status": status, "data": "", "info": info, "meta": {"request_id": "r1"}})


@contextmanager
def stories(kind: str) -> Iterator[Stories]:
    """A "server", a "cloud" or a "tapd" on a free port."""
    made = Stories(kind)
    with serving(made, made.trouble) as running:
        made.url = running.url
        yield made
