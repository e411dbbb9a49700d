"""A stand-in for Jira's REST API v2: labels, JQL, transitions by workflow, attachments, errors. No test here."""

from __future__ import annotations

import base64
import re
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from standins.serving import Asked, Says, Trouble, serving

TOKEN, USER = "jira-toy-token", "robot@example.com"
JQL = re.compile(r'project = "(\w+)" AND labels = "([\w-]+)" ORDER BY created ASC')
CATEGORIES = {"Open": "new", "In Progress": "indeterminate", "Done": "done", "Reopened": "new"}
WORKFLOW = {"Open": ("In Progress", "Done"), "In Progress": ("Done",), "Done": ("Reopened",), "Reopened": ("Done",)}
IDS = {"In Progress": "4", "Done": "5", "Reopened": "3"}


@dataclass
class Jira:
    """One Jira with one project. `cloud`: its search is elsewhere; `workflow`: status -> statuses it may go to."""

    cloud: bool = False
    url: str = ""
    workflow: dict[str, tuple[str, ...]] = field(default_factory=lambda: dict(WORKFLOW))
    issues: dict[str, dict[str, Any]] = field(default_factory=dict)
    trouble: deque[Trouble] = field(default_factory=deque)
    asked: list[Asked] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def statuses(self) -> list[str]:
        """The status of every issue, oldest first."""
        return [issue["status"] for issue in self.issues.values()]

    def __call__(self, asked: Asked) -> Says:
        """One request."""
        with self.lock:
            self.asked.append(asked)
            if asked.path == "/rest/api/2/serverInfo":
                kind = "Cloud" if self.cloud else "Server"
                return Says(
                    200,
                    {"baseUrl": self.url, "version": "9.12.0", "versionNumbers": [9, 12, 0], "deploymentType": kind},
                )
            if not self._known(asked):
                return Says(401, "<html>Unauthorized (401)</html>", (("WWW-Authenticate", "OAuth realm=x"),))
            return self._answer(asked, asked.path.removeprefix("/rest/api/2/").split("/"))

    def _known(self, asked: Asked) -> bool:
        basic = "Basic " + base64.b64encode(f"{USER}:{TOKEN}".encode()).decode()
        return asked.headers.get("authorization") == (basic if self.cloud else f"Bearer {TOKEN}")

    def _answer(self, asked: Asked, path: list[str]) -> Says:
        match (asked.method, *path):
            case ("GET", "search"):
                return _error(410, "The requested API has been removed") if self.cloud else self._search(asked)
            case ("GET", "search", "jql"):
                return self._search(asked) if self.cloud else _error(404, "null for uri")
            case ("GET", "field"):
                return Says(200, [])
            case ("POST", "issue"):
                return self._create(asked.json["fields"])
            case (_, "issue", key, *rest) if key in self.issues:
                return self._issue(asked, key, rest)
            case _:
                return _error(404, "Issue Does Not Exist")

    def _search(self, asked: Asked) -> Says:
        told = JQL.fullmatch(asked.one("jql"))
        if told is None:
            return _error(400, f"Error in the JQL Query: {asked.one('jql')}")
        found = [self._shown(key) for key, one in self.issues.items() if told.group(2) in one["labels"]]
        more = {"isLast": True} if self.cloud else {"startAt": 0, "maxResults": 50, "total": len(found)}
        return Says(200, {"issues": found, **more})

    def _shown(self, key: str) -> dict[str, Any]:
        one = self.issues[key]
        status = {"name": one["status"], "statusCategory": {"key": CATEGORIES[one["status"]]}}
        fields = {"status": status, "created": one["created"], "labels": one["labels"], "summary": one["summary"]}
        return {"id": key, "key": key, "self": f"{self.url}/rest/api/2/issue/{key}", "fields": fields}

    def _create(self, fields: dict[str, Any]) -> Says:
        wrong = {}
        if fields.get("project", {}).get("key") != "CRM":
            wrong["project"] = "project is required"
        if fields.get("issuetype", {}).get("name") != "Bug":
            wrong["issuetype"] = "The issue type selected is invalid."
        if len(fields.get("summary", "")) > 255 or "\n" in fields.get("summary", "\n"):
            wrong["summary"] = "The summary is invalid because it contains newline characters."
        if len(fields.get("description", "").encode("utf-16-le")) > 2 * 32_767:
            wrong["description"] = "The entered text is too long. It exceeds the allowed limit of 32,767 characters."
        if any(" " in label for label in fields.get("labels", ())):
            wrong["labels"] = "The label contains spaces which is invalid."
        if wrong:
            return Says(400, {"errorMessages": [], "errors": wrong})
        key = f"CRM-{len(self.issues) + 1}"
        made = {
            "status": "Open",
            "created": f"2026-11-22T10:00:{len(self.issues):02}.000+0000",
            "comments": [],
            "files": {},
        }
        self.issues[key] = {**made, **{name: fields[name] for name in ("summary", "description", "labels")}}
        return Says(201, {"id": key, "key": key, "self": f"{self.url}/rest/api/2/issue/{key}"})

    def _issue(self, asked: Asked, key: str, rest: list[str]) -> Says:
        issue = self.issues[key]
        ways = self.workflow[issue["status"]]
        match (asked.method, *rest):
            case ("GET",):
                return Says(200, self._shown(key))
            case ("GET", "transitions"):
                told = [{"id": IDS[to], "name": f"to {to}", "to": _status(to)} for to in ways]
                return Says(200, {"transitions": told})
            case ("POST", "transitions"):
                wanted = {IDS[to]: to for to in ways}.get(str(asked.json["transition"]["id"]))
                if wanted is None:
                    return _error(400, "It seems that you have tried to perform an illegal workflow operation.")
                issue["status"] = wanted
                return Says(204)
            case ("POST", "comment"):
                issue["comments"].append(asked.json["body"])
                return Says(201, {"id": "1", "body": asked.json["body"]})
            case ("POST", "attachments"):
                if asked.headers.get("x-atlassian-token") != "no-check":
                    return Says(403, "XSRF check failed")
                name = re.search(rb'filename="([^"]+)"', asked.body)
                issue["files"][name.group(1).decode() if name else "?"] = asked.body
                return Says(200, [{"id": "1", "filename": "x.png", "size": len(asked.body), "self": "x"}])
            case _:
                return _error(405, "Method Not Allowed")


def _status(name: str) -> dict[str, Any]:
    return {"name": name, "statusCategory": {"key": CATEGORIES[name]}}


def _error(status: int, words: str) -> Says:
    return Says(status, {"errorMessages": [words], "errors": {}})


@contextmanager
def jira_server(cloud: bool = False) -> Iterator[Jira]:
    """A Jira on a free port."""
    made = Jira(cloud)
    with serving(made, made.trouble) as running:
        made.url = running.url
        yield made
