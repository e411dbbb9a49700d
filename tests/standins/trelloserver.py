"""A stand-in for Trello's API v1: key and token, cards of a board, its limit per token and texts of error. No test."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from standins.robots import Clock
from standins.serving import Asked, Says, Trouble, serving

KEY, TOKEN = "trello-toy-key", "trello-toy-token"
BOARD, TODO, DONE = "b0a2d", "a11ist", "d0ne"
BADGES = {"checkItems": 0, "checkItemsChecked": 0, "description": True, "comments": 0, "attachments": 0, "votes": 0}


@dataclass
class Trello:
    """One board with two lists; 100 requests in 10 s per token, and `fastest`: the most in any second so far."""

    clock: Clock
    url: str = ""
    cards: dict[str, dict[str, Any]] = field(default_factory=dict)
    comments: list[tuple[str, str]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    came: list[float] = field(default_factory=list)
    trouble: deque[Trouble] = field(default_factory=deque)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def fastest(self) -> int:
        """The most requests that came within any second."""
        return max((len([at for at in self.came if end - 1 < at <= end]) for end in self.came), default=0)

    def __call__(self, asked: Asked) -> Says:
        """One request."""
        with self.lock:
            if asked.one("key") != KEY:
                return Says(401, "invalid key")
            if asked.one("token") != TOKEN:
                return Says(401, "invalid token")
            self.came.append(self.clock())
            if len([at for at in self.came if at > self.clock() - 10]) > 100:
                return Says(429, {"message": "Rate limit exceeded", "error": "API_TOKEN_LIMIT_EXCEEDED"})
            return self._answer(asked, asked.path.removeprefix("/1/").strip("/").split("/"))

    def _answer(self, asked: Asked, path: list[str]) -> Says:
        match (asked.method, *path):
            case ("GET", "lists", ("a11ist" | "d0ne")):
                return Says(200, {"id": path[1], "name": "list", "closed": False, "idBoard": BOARD, "pos": 1})
            case ("GET", "lists", ("a11ist" | "d0ne"), "board") | ("GET", "boards", "b0a2d"):
                told = {"name": "CRM", "desc": "", "closed": False, "url": "https://trello.example/b/x"}
                return Says(200, {"id": BOARD, **told})
            case ("GET", "boards", "b0a2d", "cards"):
                wanted = asked.one("filter") == "all"
                found = [card for card in self.cards.values() if wanted or not card["closed"]]
                older = [card for card in reversed(found) if card["id"] < asked.one("before", "z")]
                return Says(200, older[: min(int(asked.one("limit", "1000")), 1000)])
            case ("POST", "cards"):
                return self._create(asked.json)
            case (_, "cards", id, *rest) if id in self.cards:
                return self._card(asked, self.cards[id], rest)
            case _:
                return Says(404, "The requested resource was not found.")

    def _create(self, said: dict[str, Any]) -> Says:
        if said.get("idList") not in (TODO, DONE):
            return Says(400, "invalid value for idList")
        if len(said.get("desc", "").encode("utf-16-le")) > 2 * 16_384:
            return Says(400, "invalid value for desc")
        id = f"{len(self.cards):024x}"
        card = {"id": id, "name": said["name"], "desc": said["desc"], "idList": said["idList"], "closed": False}
        more = {
            "shortUrl": f"https://trello.example/c/{id[-4:]}",
            "url": "x",
            "idShort": 1,
            "badges": BADGES,
            "due": None,
            "dueComplete": False,
        }
        rest = {"dateLastActivity": "2026-11-22T10:00:00.000Z", "labels": [], "idMembers": [], "idLabels": [],
                "idBoard": BOARD, "pos": 1, "shortLink": id[-4:], "subscribed": False, "idChecklists": []}  # fmt: skip
        self.cards[id] = {**card, **more, **rest}
        return Says(200, self.cards[id])

    def _card(self, asked: Asked, card: dict[str, Any], rest: list[str]) -> Says:
        match (asked.method, *rest):
            case ("GET",):
                return Says(200, card)
            case ("PUT",):
                card |= asked.json
                return Says(200, card)
            case ("PUT", ("closed" | "idList") as name):
                card[name] = asked.json["value"]
                return Says(200, card)
            case ("POST", "actions", "comments"):
                self.comments.append((card["id"], asked.json["text"]))
                return Says(200, {"id": "c1", "data": {"text": asked.json["text"]}})
            case ("POST", "attachments"):
                self.files[card["id"]] = asked.body
                return Says(200, {"id": "f1", "bytes": len(asked.body)})
            case _:
                return Says(404, "Cannot do that")


@contextmanager
def trello_server(clock: Clock) -> Iterator[Trello]:
    """A Trello on a free port."""
    made = Trello(clock)
    with serving(made, made.trouble) as running:
        made.url = running.url
        yield made
