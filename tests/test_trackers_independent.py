"""Somebody else's clients work with the stand-ins as with the real thing, so that those are not only our own idea."""

from __future__ import annotations

import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
from atlassian import Jira
from jira import JIRA, JIRAError
from requests.adapters import HTTPAdapter
from standins import jiraserver, trelloserver
from standins.robots import Clock
from trello import TrelloClient
from trello.exceptions import Unauthorized

FIELDS = {
    "project": {"key": "CRM"}, "issuetype": {"name": "Bug"}, "summary": "x", "description": "y", "labels": ["a-1"],
}  # fmt: skip


@pytest.mark.parametrize("cloud", [False, True])
def test_the_jira_library_files_finds_moves_and_attaches(cloud: bool, tmp_path: Path) -> None:
    with jiraserver.jira_server(cloud) as there:
        token = {"basic_auth": (jiraserver.USER, jiraserver.TOKEN)} if cloud else {"token_auth": jiraserver.TOKEN}
        client = JIRA(there.url, **token, max_retries=0)
        fields = {
            "project": {"key": "CRM"},
            "issuetype": {"name": "Bug"},
            "summary": "x",
            "description": "y",
            "labels": ["a-1"],
        }
        made = client.create_issue(fields=fields)
        (found,) = client.search_issues('project = "CRM" AND labels = "a-1" ORDER BY created ASC')
        assert found.key == made.key and found.fields.status.statusCategory.key == "new"
        client.transition_issue(made, "to Done")
        client.add_comment(made, "fertig")
        (tmp_path / "x.png").write_bytes(b"png")
        client.add_attachment(made, str(tmp_path / "x.png"))
        assert client.issue(made.key).fields.status.statusCategory.key == "done"
        with pytest.raises(JIRAError) as wrong:
            client.create_issue(fields={**fields, "labels": ["two words"]})
        assert wrong.value.status_code == 400 and "spaces" in wrong.value.text


class Redirected(HTTPAdapter):
    """py-trello's address is fixed: this sends its requests to the stand-in."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base

    def send(self, request: requests.PreparedRequest, *args: object, **more: object) -> requests.Response:
        parts = urlsplit(str(request.url))
        request.url = f"{self.base}{parts.path}?{parts.query}"
        return super().send(request, *args, **more)  # type: ignore[arg-type]


def client(there: trelloserver.Trello, token: str) -> TrelloClient:
    http = requests.Session()
    http.trust_env = False
    http.mount("https://", Redirected(there.url))
    return TrelloClient(api_key=trelloserver.KEY, api_secret=token, http_service=http)


def test_py_trello_adds_finds_comments_attaches_and_archives() -> None:
    with trelloserver.trello_server(Clock(time.time())) as there:
        board = client(there, trelloserver.TOKEN).get_board(trelloserver.BOARD)
        made = client(there, trelloserver.TOKEN).get_list(trelloserver.TODO).add_card("x", desc="crma-1")
        made.comment("fertig")
        made.attach(name="x.png", mimeType="image/png", file=b"png")
        made.set_closed(True)
        (found,) = board.all_cards()
        assert found.closed and found.desc == "crma-1" and board.open_cards() == []
        assert there.comments == [(made.id, "fertig")] and b"png" in there.files[made.id]


def test_py_trello_is_refused_with_a_wrong_token() -> None:
    with trelloserver.trello_server(Clock(time.time())) as there, pytest.raises(Unauthorized, match="invalid token"):
        client(there, "wrong").get_board(trelloserver.BOARD)


def test_the_atlassian_library_files_finds_and_moves() -> None:
    with jiraserver.jira_server() as there:
        other = Jira(url=there.url, token=jiraserver.TOKEN)
        fields = FIELDS
        assert other.create_issue(fields=fields)["key"] == "CRM-1"
        assert other.jql('project = "CRM" AND labels = "a-1" ORDER BY created ASC')["total"] == 1
        other.set_issue_status("CRM-1", "Done")
        other.issue_add_comment("CRM-1", "fertig")
        assert there.statuses() == ["Done"] and there.issues["CRM-1"]["comments"] == ["fertig"]
        with pytest.raises(requests.HTTPError):
            Jira(url=there.url, token="wrong").create_issue(fields=fields)
