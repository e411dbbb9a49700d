"""Stand-ins for the group robots of 钉钉, 企业微信 and Feishu: signature, address, limits, shapes. No test lives here.

Written from the makers' documents, not from our senders; what of them an independent client confirms stands in
docs/reference/messages.md. `trouble` holds what the next answers shall be instead: a status, HTML, "cut", ...
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from standins.serving import Asked, Says, Trouble, serving


@dataclass
class Clock:
    """A clock that tests turn; also a `sleep` that turns it."""

    now: float = 1_795_335_000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        """Time goes by at once."""
        self.now += seconds


@dataclass
class Group:
    """A chat group with its robot: what it was sent and showed, and when."""

    clock: Clock
    secret: str = ""
    token: str = "toy-token"
    keyword: str = ""
    url: str = ""
    shown: list[dict[str, Any]] = field(default_factory=list)
    came: list[float] = field(default_factory=list)
    muted_until: float = 0.0
    trouble: deque[Trouble] = field(default_factory=deque)

    def recent(self, window: float) -> int:
        """How many came within the last `window` seconds, this one included."""
        return len([at for at in self.came if at > self.clock() - window])


def _said(code: int, words: str) -> Says:
    return Says(200, {"errcode": code, "errmsg": words})


def dingtalk(group: Group) -> Callable[[Asked], Says]:
    """POST /robot/send?access_token&timestamp&sign."""

    def answer(asked: Asked) -> Says:
        if asked.path != "/robot/send" or asked.method != "POST":
            return Says(404, "<html>404</html>")
        if asked.one("access_token") != group.token:
            return _said(300005, "token is not exist")
        if "application/json" not in asked.headers.get("content-type", ""):
            return _said(43004, "无效的HTTP HEADER Content-Type，具体错误信息: 无效的HTTP HEADER Content-Type")
        if wrong := _dingtalk_sign(group, asked):
            return _said(310000, wrong)
        return _dingtalk_limits(group, asked)

    return answer


def _dingtalk_sign(group: Group, asked: Asked) -> str:
    if not group.secret:
        return ""
    timestamp = asked.one("timestamp")
    if not timestamp.isdigit() or abs(int(timestamp) / 1000 - group.clock()) > 3600:
        return "invalid timestamp"
    wanted = hmac.new(group.secret.encode(), f"{timestamp}\n{group.secret}".encode(), "sha256").digest()
    return "" if asked.one("sign") == base64.b64encode(wanted).decode() else "sign not match"


def _dingtalk_limits(group: Group, asked: Asked) -> Says:
    body = asked.json
    said = json.dumps(body, ensure_ascii=False)
    if group.keyword and group.keyword not in said:
        return _said(310000, "keywords not in content")
    group.came.append(group.clock())
    if group.recent(60) > 20:
        group.muted_until = group.clock() + 600
    if group.clock() < group.muted_until:
        return _said(410100, "发送速度太快而限流")
    inner = body.get(body.get("msgtype"), {})
    if body.get("msgtype") == "markdown" and not (inner.get("title") and inner.get("text")):
        return _said(40035, "缺少参数 markdown.title 或 markdown.text")
    if len(said.encode()) > 20_000:
        return _said(460101, "消息内容太长")
    group.shown.append(body)
    return _said(0, "ok")


def wecom(group: Group) -> Callable[[Asked], Says]:
    """POST /cgi-bin/webhook/send?key."""

    def answer(asked: Asked) -> Says:
        if asked.path != "/cgi-bin/webhook/send":
            return Says(404, "")
        if asked.one("key") != group.token:
            return _said(93000, "invalid webhook url, hint: [1795335003], from ip: 127.0.0.1")
        body = asked.json
        kind = body.get("msgtype")
        content = body.get(kind, {}).get("content", "")
        if kind not in ("text", "markdown", "markdown_v2"):
            return _said(40008, "invalid message type")
        if not content:
            return _said(44004, "empty content")
        if len(content.encode()) > {"text": 2048}.get(kind, 4096):
            return _said(40058, f"{kind}.content exceed max length 4096. invalid Request Parameter")
        group.came.append(group.clock())
        if group.recent(60) > 20:
            return _said(45009, "api freq out of limit")
        group.shown.append(body)
        return _said(0, "ok")

    return answer


def feishu(group: Group) -> Callable[[Asked], Says]:
    """POST /open-apis/bot/v2/hook/<token>."""

    def says(code: int, words: str, status: int = 200) -> Says:
        return Says(status, {"code": code, "msg": words, "data": {}})

    def answer(asked: Asked) -> Says:
        if asked.path != f"/open-apis/bot/v2/hook/{group.token}":
            return says(19001, "param invalid: incoming webhook access token invalid", 400)
        body = asked.json
        if group.secret and not _feishu_signed(group, body):
            return says(19021, "sign match fail or timestamp is not within one hour from current time")
        if len(asked.body) > 20_480 or body.get("msg_type") not in ("text", "post", "interactive"):
            return says(9499, "Bad Request")
        group.came.append(group.clock())
        if group.recent(60) > 100 or group.recent(1) > 5:
            return says(11232, "create message trigger system frequency limit")
        card = body.get("card", {})
        if body["msg_type"] == "interactive" and not (card.get("elements") or card.get("body", {}).get("elements")):
            return says(11246, "card content is empty")
        group.shown.append(body)
        return Says(200, {"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"})

    return answer


def _feishu_signed(group: Group, body: dict[str, Any]) -> bool:
    timestamp = str(body.get("timestamp", ""))
    if not timestamp.isdigit() or abs(int(timestamp) - group.clock()) > 3600:
        return False
    made = hmac.new(f"{timestamp}\n{group.secret}".encode(), digestmod=hashlib.sha256).digest()
    return body.get("sign") == base64.b64encode(made).decode()


ADDRESSES = {
    "dingtalk": "/robot/send?access_token={}",
    "wecom": "/cgi-bin/webhook/send?key={}",
    "feishu": "/open-apis/bot/v2/hook/{}",
}
DIALECTS = {"dingtalk": dingtalk, "wecom": wecom, "feishu": feishu}


@contextmanager
def group(kind: str, clock: Clock, secret: str = "") -> Iterator[Group]:
    """A group of this kind on a free port."""
    made = Group(clock, secret)
    with serving(DIALECTS[kind](made), made.trouble) as running:
        made.url = running.url + ADDRESSES[kind].format(made.token)
        yield made
