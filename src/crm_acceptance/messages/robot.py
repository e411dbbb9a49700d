"""A robot of a group chat: what its maker's module says of it, one attempt over HTTP, and what that attempt means."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests
from requests.exceptions import ConnectionError, ConnectTimeout, RequestException
from urllib3.exceptions import MaxRetryError, NameResolutionError, NewConnectionError

from crm_acceptance import evidence
from crm_acceptance.messages.delivery import Pace
from crm_acceptance.messages.news import News
from crm_acceptance.messages.outbox import Item
from crm_acceptance.messages.outcome import Outcome, later, refused, unknown
from crm_acceptance.settings import is_here

TIMEOUT = (10.0, 30.0)
"""Seconds to connect, and to wait for the answer."""


@dataclass(frozen=True)
class Door:
    """Where a robot is spoken to. Both are secrets; `secret` is "" for a robot without a signature."""

    url: str
    secret: str = ""


@dataclass(frozen=True)
class Robot:
    """What a maker's robot bears and says. `size`: bytes of UTF-8 in one text; `joint`: what parts two lines.

    lines: news as lines of its markup; request: (door, title, mood, text, now) -> address and JSON body;
    heard: the JSON answer -> outcome.
    """

    pace: Pace
    size: int
    joint: str
    lines: Callable[[News], list[str]]
    request: Callable[[Door, str, str, str, float], tuple[str, dict[str, Any]]]
    heard: Callable[[Mapping[str, Any]], Outcome]


@dataclass(frozen=True)
class RobotCarrier:
    """Carries queued texts to one robot. After a lost answer a second attempt might be a second message."""

    robot: Robot
    door: Callable[[], Door | str]
    now: Callable[[], float] = time.time
    repeatable: bool = False

    @property
    def pace(self) -> Pace:
        """The robot's."""
        return self.robot.pace

    def ready(self) -> str:
        """Why there is no way to it, or ""."""
        door = self.door()
        return door if isinstance(door, str) else ""

    def carry(self, item: Item) -> Outcome:
        """One POST."""
        door = self.door()
        if isinstance(door, str):
            return later(door)
        body = item.payload
        url, asked = self.robot.request(door, item.title, body["mood"], body["text"], self.now())
        return posted(url, asked, self.robot.heard)


def posted(url: str, body: Mapping[str, Any], heard: Callable[[Mapping[str, Any]], Outcome]) -> Outcome:
    """One attempt over HTTP, without redirects: an address that moved is not the robot's."""
    raw = json.dumps(body, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json; charset=utf-8"}
    with requests.Session() as session:
        session.trust_env = not is_here(url)
        try:
            answer = session.post(url, data=raw, headers=headers, timeout=TIMEOUT, allow_redirects=False)
        except RequestException as lost:
            return lost_way(lost)
    return answered(answer, heard)


def lost_way(lost: RequestException) -> Outcome:
    """No answer: surely not sent where no connection came about, else nobody knows."""
    why = type(lost).__name__
    if isinstance(lost, ValueError):  # an address that is none
        return refused(f"机器人地址不对 not an address ({why})")
    if isinstance(lost, ConnectTimeout) or (isinstance(lost, ConnectionError) and _never_connected(lost)):
        return later(f"连不上 cannot be reached ({why})")
    return unknown(f"已发送，应答丢失，不知是否送达 sent, but the answer was lost ({why})")


def _never_connected(lost: ConnectionError) -> bool:
    cause: Any = lost.args[0] if lost.args else None
    if isinstance(cause, MaxRetryError):
        cause = cause.reason
    refused_at_door = isinstance(cause, NewConnectionError | NameResolutionError)
    return refused_at_door or isinstance(lost, requests.exceptions.ProxyError | requests.exceptions.SSLError)


def answered(answer: requests.Response, heard: Callable[[Mapping[str, Any]], Outcome]) -> Outcome:
    """What an HTTP answer means: the status first where it speaks for itself, then what the robot says."""
    status = answer.status_code
    if status in (502, 504):
        return unknown(f"HTTP {status}：网关没有等到应答，不知是否送达 the gateway heard no answer: nobody knows")
    if status == 429 or status >= 500:
        return later(f"HTTP {status}", retry_after(answer))
    try:
        said = answer.json()
    except ValueError:
        said = None
    if isinstance(said, dict):
        return heard(said)
    if status in (200, 201, 202):
        return later(f"HTTP {status}，但应答不是 JSON，不是机器人在回答 not the robot's answer: {_excerpt(answer)}")
    return refused(f"HTTP {status}：{_excerpt(answer)}")


def _excerpt(answer: requests.Response) -> str:
    return evidence.mask(" ".join(answer.text[:200].split()))[:80]


def retry_after(answer: requests.Response) -> float:
    """Seconds that the answer asks to wait (Retry-After, or Feishu's x-ogw-ratelimit-reset); 0: unsaid."""
    told = (answer.headers.get("Retry-After") or answer.headers.get("x-ogw-ratelimit-reset") or "").strip()
    if told.isascii() and told.isdigit():
        return float(told)
    until, now = _moment(told), _moment(answer.headers.get("Date", "")) or datetime.now(UTC)
    return max(0.0, (until - now).total_seconds()) if until else 0.0


def _moment(told: str) -> datetime | None:
    """An HTTP date. What the answer calls now counts, not this machine's clock."""
    try:
        found = parsedate_to_datetime(told)
    except (ValueError, TypeError, IndexError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def by_code(code: Any, words: str, table: Mapping[int, tuple[str, float]]) -> Outcome:
    """A robot's error: those of `table` may be tried again after so many seconds, all others need somebody."""
    said = f"errcode {code}：{evidence.mask(words)[:160]}"
    if isinstance(code, int) and code in table:
        name, wait = table[code]
        return later(f"{name} {said}", wait)
    return refused(said)
