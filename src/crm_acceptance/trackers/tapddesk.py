"""TAPD over plain HTTP (no client library serves): the mark stands in a bug's title, its status opens and closes."""

from __future__ import annotations

from html import escape
from typing import Any

import requests
from requests.exceptions import RequestException

from crm_acceptance.messages.outcome import refused
from crm_acceptance.trackers.desk import NEEDED, Failed, Issue, Paced, checked, lost, not_json, told
from crm_acceptance.trackers.draft import Draft

API = "https://api.tapd.cn"
PER_MINUTE = 50
"""Requests, where 60 are allowed."""
CLOSED = ("closed", "rejected")
NOT_THERE = "Hello world"
"""How TAPD answers, with 200, an address that it does not know."""


class TapdDesk:
    """One workspace of TAPD; `http` has its credentials and its pace."""

    lag = 0.0

    def __init__(self, adapter: Paced, http: requests.Session, url: str, workspace: str, reporter: str) -> None:
        self._adapter, self._http, self._url = adapter, http, url
        self._workspace, self._reporter = workspace, reporter

    def find(self, mark: str) -> tuple[Issue, ...]:
        """Bugs whose title holds the mark; TAPD searches titles loosely, so that is looked at again here."""
        self._adapter.room(NEEDED)
        asked = {"title": mark, "limit": "200", "fields": "id,title,status,created"}
        found = [one["Bug"] for one in self._asked("GET", "/bugs", params=asked)]
        return tuple(sorted((self._issue(bug) for bug in found if mark in bug["title"]), key=lambda one: one.order))

    def get(self, key: str) -> Issue | None:
        """By id."""
        found = self._asked("GET", "/bugs", params={"id": key, "fields": "id,title,status,created"})
        return next((self._issue(one["Bug"]) for one in found), None)

    def open(self, draft: Draft) -> Issue:
        """A bug; its description is HTML."""
        lines = [f"<h3>{escape(heading)}</h3>" + "".join(f"<p>{escape(one)}</p>" for one in own)
                 for heading, own in draft.parts]  # fmt: skip
        said = {
            "title": f"{draft.title[:150]} {draft.mark}",
            "description": "\n".join(lines),
            "severity": "serious" if draft.critical else "normal",
            **({"reporter": self._reporter} if self._reporter else {}),
        }
        return self._issue(self._asked("POST", "/bugs", data=said)["Bug"])

    def attach(self, issue: Issue, name: str, body: bytes) -> None:
        """As an attachment of the bug."""
        said = {"type": "bug", "entry_id": issue.key}
        self._asked("POST", "/files/upload_attachment", data=said, files={"file": (name, body, "image/png")})

    def comment(self, issue: Issue, words: str) -> None:
        """As a comment."""
        said = {"entry_type": "bug", "entry_id": issue.key, "description": escape(words)}
        self._asked("POST", "/comments", data={**said, **({"author": self._reporter} if self._reporter else {})})

    def reopen(self, issue: Issue) -> bool:
        """To status reopened; a workflow that does not know it says 422."""
        return self._moved(issue, "reopened")

    def close(self, issue: Issue) -> bool:
        """To status closed; a workflow that does not allow it says 422."""
        return self._moved(issue, "closed")

    def _moved(self, issue: Issue, status: str) -> bool:
        try:
            self._asked("POST", "/bugs", data={"id": issue.key, "status": status})
        except Failed as no:
            if "HTTP 422" in no.outcome.said:
                return False
            raise
        return True

    def _asked(self, method: str, path: str, **more: Any) -> Any:
        """The `data` of the answer. HTTP 200 says nothing: only status 1 is a yes."""
        where = "data" if method == "POST" else "params"
        more[where] = {"workspace_id": self._workspace, **more.get(where, {})}
        try:
            answer = self._http.request(method, f"{self._url}{path}", **more)
        except RequestException as error:
            raise Failed(lost(error)) from None
        if answer.ok and answer.text.startswith(NOT_THERE):
            raise Failed(refused(f"地址不对：{path} 不是 TAPD 的接口 no such address at TAPD: {answer.text[:60]}"))
        said = checked(answer)
        if not isinstance(said, dict) or "status" not in said:
            raise Failed(not_json(answer.text))
        if said.get("status") != 1:
            code = said.get("status")
            raise Failed(told(code if isinstance(code, int) and code >= 400 else 422, str(said.get("info") or "")))
        return said["data"]

    def _issue(self, bug: dict[str, Any]) -> Issue:
        key = str(bug["id"])
        url = f"https://www.tapd.cn/{self._workspace}/bugtrace/bugs/view?bug_id={key}"
        return Issue(key, str(bug.get("status", "new")) not in CLOSED, url, f"{bug.get('created', '')}/{key.zfill(24)}")
