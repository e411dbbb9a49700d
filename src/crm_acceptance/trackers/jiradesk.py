"""Jira Server, Data Center and Cloud through the jira library: labels find an issue, transitions open and close it."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from jira import JIRA, JIRAError
from jira.resources import Issue as JiraIssue
from requests.exceptions import JSONDecodeError, RequestException

from crm_acceptance.messages.robot import TIMEOUT, retry_after
from crm_acceptance.settings import is_here
from crm_acceptance.trackers.desk import Failed, Issue, lost, not_json, told
from crm_acceptance.trackers.draft import Draft

P = ParamSpec("P")
T = TypeVar("T")
DONE = "done"
"""Jira's own key of the status category in which nothing is left to do, whatever a company calls its statuses."""
FIELDS = "status,created"


def plain(text: str) -> str:
    """What a CRM said must be no mention, picture or macro in Jira's markup."""
    return re.sub(r"([\[{!\\])", r"\\\1", text)


def _asked(ask: Callable[P, T]) -> Callable[P, T]:
    """Every way in which the library says no, as Failed."""

    @wraps(ask)
    def asked(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return ask(*args, **kwargs)
        except JIRAError as no:
            wait = retry_after(no.response) if no.response is not None else 0.0
            raise Failed(told(no.status_code or 500, str(no.text or ""), wait)) from None
        except JSONDecodeError as odd:  # HTML with 200
            raise Failed(not_json(odd.doc)) from None
        except RequestException as error:
            raise Failed(lost(error)) from None

    return asked


class JiraDesk:
    """One project of one Jira. `user` "" with a personal access token (Server), else with an API token (Cloud)."""

    lag = 30.0

    def __init__(self, url: str, project: str, user: str, token: str, more: Mapping[str, Any]) -> None:
        self._url, self._project, self._user, self._token, self._more = url, project, user, token, more
        self._jira: JIRA | None = None

    @property
    def jira(self) -> JIRA:
        """The connection; made when it is first needed. The library's own retries would wait in silence: none."""
        if self._jira is None:
            auth: dict[str, Any] = {"token_auth": self._token}
            if self._user:
                auth = {"basic_auth": (self._user, self._token)}
            made = JIRA(self._url, **auth, max_retries=0, timeout=TIMEOUT, get_server_info=False)
            made._session.trust_env = not is_here(self._url)
            info: Any = made.server_info()  # also whether this is Cloud, whose search is another
            if not isinstance(info, dict):
                raise Failed(not_json(str(info)))
            made.deploymentType = info.get("deploymentType")
            made._version = tuple(info.get("versionNumbers", (8, 4, 0)))
            self._jira = made
        return self._jira

    @_asked
    def find(self, mark: str) -> tuple[Issue, ...]:
        """By label; Jira's search may lag a few seconds behind what was just written."""
        jql = f'project = "{self._project}" AND labels = "{mark}" ORDER BY created ASC'
        found: Any = self.jira.search_issues(jql, fields=FIELDS, maxResults=50, json_result=True)
        return tuple(self._issue(one["key"], one["fields"]) for one in found["issues"])

    @_asked
    def get(self, key: str) -> Issue | None:
        """By key, which does not lag."""
        try:
            found = self.jira.issue(key, fields=FIELDS)
        except JIRAError as no:
            if no.status_code == 404:
                return None
            raise
        return self._issue(found.key, found.raw["fields"])

    @_asked
    def open(self, draft: Draft) -> Issue:
        """A bug of the project (or what `issue_type` says)."""
        fields: dict[str, Any] = {
            "project": {"key": self._project},
            "issuetype": {"name": self._more.get("issue_type", "Bug")},
            "summary": draft.title[:250],
            "description": draft.text("h3. {}", "* {}", plain),
            "labels": list(draft.labels),
            **self._more.get("fields", {}),
        }
        made: JiraIssue = self.jira.create_issue(fields=fields, prefetch=False)
        return Issue(made.key, True, f"{self._url}/browse/{made.key}")

    @_asked
    def attach(self, issue: Issue, name: str, body: bytes) -> None:
        """As a file of the issue."""
        self.jira.add_attachment(issue.key, io.BytesIO(body), filename=name)

    @_asked
    def comment(self, issue: Issue, words: str) -> None:
        """As a comment."""
        self.jira.add_comment(issue.key, words)

    @_asked
    def reopen(self, issue: Issue) -> bool:
        """By the transition that `reopen` names, or the first that leads out of "done"."""
        return self._moved(issue, str(self._more.get("reopen", "")), done=False)

    @_asked
    def close(self, issue: Issue) -> bool:
        """By the transition that `close` names, or the first that leads to "done"."""
        return self._moved(issue, str(self._more.get("close", "")), done=True)

    def _moved(self, issue: Issue, named: str, done: bool) -> bool:
        ways: Any = self.jira.transitions(issue.key)
        for way in ways:
            category = way.get("to", {}).get("statusCategory", {}).get("key")
            if way["name"] == named if named else category and (category == DONE) is done:
                self.jira.transition_issue(issue.key, way["id"])
                return True
        return False

    def _issue(self, key: str, fields: Mapping[str, Any]) -> Issue:
        category = fields["status"].get("statusCategory", {}).get("key")
        return Issue(key, category != DONE, f"{self._url}/browse/{key}", str(fields.get("created", "")))
