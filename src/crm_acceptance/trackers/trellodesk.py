"""Trello through py-trello: the mark stands in a card's description, the done list or the archive closes."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import requests
from requests.exceptions import RequestException
from trello import TrelloClient
from trello.exceptions import ResourceUnavailable

from crm_acceptance.trackers.desk import NEEDED, Failed, Issue, Paced, lost, not_json, told
from crm_acceptance.trackers.draft import Draft

P = ParamSpec("P")
T = TypeVar("T")
API = "https://api.trello.com"
MOST = 16_000
"""Characters of a description as JavaScript counts them; Trello takes 16,384."""
PAGE = 1000
"""Cards that Trello gives at once at most."""
GAP = 1 / 8
"""Seconds: 8 requests a second, where 10 are allowed."""


def _asked(ask: Callable[P, T]) -> Callable[P, T]:
    """Every way in which the library says no, as Failed."""

    @wraps(ask)
    def asked(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return ask(*args, **kwargs)
        except ResourceUnavailable as no:
            raise Failed(told(no._status, str(no._msg).partition(" at http")[0])) from None
        except requests.exceptions.JSONDecodeError as odd:
            raise Failed(not_json(odd.doc)) from None
        except RequestException as error:
            raise Failed(lost(error)) from None

    return asked


class TrelloDesk:
    """One list of one board. `done`: the list of what is done, "" to archive; `http`: how requests are sent."""

    lag = 0.0

    def __init__(self, adapter: Paced, http: requests.Session, key: str, token: str, lists: tuple[str, str]) -> None:
        self._adapter = adapter
        self._client: Any = TrelloClient(api_key=key, api_secret=token, http_service=http)
        self._list, self._done = lists

    @_asked
    def find(self, mark: str) -> tuple[Issue, ...]:
        """Every card of the board with the mark, archived ones too: Trello's search lags, its board does not."""
        self._adapter.room(NEEDED)
        board = self._client.fetch_json(f"/lists/{self._list}/board", query_params={"fields": "id"})["id"]
        wanted = {"filter": "all", "fields": "id,desc,closed,idList,shortUrl"}
        cards = self._cards(f"/boards/{board}/cards", wanted)
        return tuple(sorted((self._issue(card) for card in cards if mark in card["desc"]), key=lambda one: one.order))

    def _cards(self, path: str, wanted: dict[str, str]) -> list[dict[str, Any]]:
        """Page by page, the youngest first; ids begin with the time of creation."""
        found: dict[str, dict[str, Any]] = {}
        before: dict[str, str] = {}
        while True:
            asked = {**wanted, "limit": str(PAGE), **before}
            page = {card["id"]: card for card in self._client.fetch_json(path, query_params=asked)}
            fresh = set(page) - set(found)
            found |= page
            if len(page) < PAGE or not fresh:
                return list(found.values())
            before = {"before": min(page)}

    @_asked
    def get(self, key: str) -> Issue | None:
        """By id."""
        try:
            wanted = {"fields": "id,desc,closed,idList,shortUrl"}
            return self._issue(self._client.fetch_json(f"/cards/{key}", query_params=wanted))
        except ResourceUnavailable as no:
            if no._status == 404:
                return None
            raise

    @_asked
    def open(self, draft: Draft) -> Issue:
        """A card on top of the list."""
        text = f"{draft.mark}\n\n{draft.text('**{}**', '- {}')}"
        said = {"idList": self._list, "name": draft.title, "desc": cut(text, MOST), "pos": "top"}
        return self._issue(self._client.fetch_json("/cards", http_method="POST", post_args=said))

    @_asked
    def attach(self, issue: Issue, name: str, body: bytes) -> None:
        """As an attachment of the card."""
        path = f"/cards/{issue.key}/attachments"
        self._client.fetch_json(path, http_method="POST", files={"file": (name, body, "image/png")})

    @_asked
    def comment(self, issue: Issue, words: str) -> None:
        """As a comment."""
        path = f"/cards/{issue.key}/actions/comments"
        self._client.fetch_json(path, http_method="POST", post_args={"text": words})

    @_asked
    def reopen(self, issue: Issue) -> bool:
        """Out of the archive, back to the list."""
        self._changed(issue, {"closed": False, "idList": self._list})
        return True

    @_asked
    def close(self, issue: Issue) -> bool:
        """To the done list, or into the archive."""
        self._changed(issue, {"idList": self._done} if self._done else {"closed": True})
        return True

    def _changed(self, issue: Issue, news: dict[str, Any]) -> None:
        self._client.fetch_json(f"/cards/{issue.key}", http_method="PUT", post_args=news)

    def _issue(self, card: dict[str, Any]) -> Issue:
        still = not card["closed"] and (not self._done or card["idList"] != self._done)
        return Issue(card["id"], still, card.get("shortUrl", ""), card["id"])  # ids begin with the time of creation


def cut(text: str, most: int) -> str:
    """The beginning, in which what lies beyond the 65,536 first characters of Unicode (emoji) counts twice."""
    return text.encode("utf-16-le")[: 2 * most].decode("utf-16-le", "ignore")
