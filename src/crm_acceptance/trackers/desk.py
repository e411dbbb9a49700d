"""What every tracker can be asked, what its HTTP answers mean, and a session that keeps its pace. Knows no tracker."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import RequestException

from crm_acceptance import evidence
from crm_acceptance.messages.outcome import Outcome, later, refused
from crm_acceptance.messages.robot import TIMEOUT, retry_after
from crm_acceptance.settings import LOOPBACK
from crm_acceptance.trackers.draft import Draft

NEEDED = 8
"""Requests that one issue may take at most: nothing is begun that could not be ended within the limit."""


@dataclass(frozen=True)
class Issue:
    """An issue as its tracker has it. `key` is what people call it by; `order`: the smaller is the older."""

    key: str
    open: bool
    url: str = ""
    order: str = ""


class Desk(Protocol):
    """One tracker. Every method raises Failed when the tracker does not do it.

    lag: seconds after which `find` surely knows an issue that was opened.
    """

    lag: float

    def find(self, mark: str) -> tuple[Issue, ...]:
        """Every issue with that mark, the oldest first."""

    def get(self, key: str) -> Issue | None:
        """The issue of that key; None when it is gone."""

    def open(self, draft: Draft) -> Issue:
        """A new issue."""

    def attach(self, issue: Issue, name: str, body: bytes) -> None:
        """A picture."""

    def comment(self, issue: Issue, words: str) -> None:
        """A remark."""

    def reopen(self, issue: Issue) -> bool:
        """Whether it could be opened again; False: its workflow does not allow that."""

    def close(self, issue: Issue) -> bool:
        """Whether it could be closed; False: its workflow does not allow that."""


class Failed(Exception):
    """The tracker did not do it; `outcome` says whether trying again makes sense."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.said)
        self.outcome = outcome


def told(status: int, text: str, wait: float = 0.0) -> Outcome:
    """What an answer that is no yes means. All may be tried again safely: whoever files looks first what is there."""
    said = evidence.mask(" ".join(text.split()))[:160]
    meanings = {
        401: "密钥或令牌不对 wrong key or token",
        403: "没有权限 no permission",
        404: "没有这个项目、看板或地址 no such project, board or address",
        409: "有人同时在改 changed by somebody else at the same time",
        429: "请求太快 too many requests",
    }
    meaning = meanings.get(status, "内容不被接受 not accepted" if 400 <= status < 500 else "服务器出错 server error")
    words = f"HTTP {status} {meaning}：{said}"
    again = status in (408, 409, 423, 425, 429) or status >= 500
    return later(words, wait, alone=status == 409) if again else refused(words, shut=status == 401)


def not_json(text: str) -> Outcome:
    """HTTP 200 with something else: a login page, a proxy."""
    said = evidence.mask(" ".join(text.split()))[:80]
    return later(f"应答不是 JSON，不是缺陷系统在回答 not the tracker's answer: {said}")


NO_ANSWER = "没有应答 no answer"


def lost(error: RequestException) -> Outcome:
    """No answer. Whoever tries again looks first what is there, so nothing is filed twice."""
    return later(f"{NO_ANSWER} ({type(error).__name__})")


class Paced(HTTPAdapter):
    """Sends to `base` instead of the address asked for ("" : as asked), waits between requests, stops at the limit.

    gap: seconds between two requests; most: in any 60 s, 0 for no limit. Beyond it Failed says how long to wait.
    """

    def __init__(
        self,
        base: str = "",
        gap: float = 0.0,
        most: int = 0,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__()
        self._base, self._gap, self._most, self._now, self._sleep = base.rstrip("/"), gap, most, now, sleep
        self._used: deque[float] = deque([now()] if gap else (), maxlen=max(most, 1))  # another may just have asked

    def room(self, needed: int) -> None:
        """Failed when not so many requests fit into the running minute."""
        recent = [at for at in self._used if at > self._now() - 60]
        if self._most and len(recent) + needed > self._most:
            wait = recent[len(recent) + needed - self._most - 1] + 60 - self._now()
            raise Failed(later(f"每分钟只能 {self._most} 个请求，排队 the limit of a minute", max(wait, 1.0)))

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """One request in its turn."""
        self.room(1)
        if self._used and self._gap:
            self._sleep(max(0.0, self._used[-1] + self._gap - self._now()))
        self._used.append(self._now())
        if self._base and request.url:
            parts = urlsplit(request.url)
            request.url = f"{self._base}{parts.path}" + (f"?{parts.query}" if parts.query else "")
        kwargs["timeout"] = kwargs.get("timeout") or TIMEOUT
        return super().send(request, *args, **kwargs)


def session(adapter: Paced, host: str) -> requests.Session:
    """A session through that adapter; a proxy of the environment is not asked for this machine."""
    made = requests.Session()
    made.trust_env = host not in LOOPBACK
    made.mount("https://", adapter)
    made.mount("http://", adapter)
    return made


def checked(answer: requests.Response) -> Any:
    """The JSON of a good answer; Failed otherwise."""
    if not answer.ok:
        raise Failed(told(answer.status_code, answer.text, retry_after(answer)))
    try:
        return answer.json()
    except ValueError:
        raise Failed(not_json(answer.text)) from None
