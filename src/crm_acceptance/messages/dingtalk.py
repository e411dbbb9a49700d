"""钉钉 group robot: signed address, markdown, and its 10-minute mute. Facts: DingTalk open platform, custom robots."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus

from crm_acceptance.messages.delivery import Pace
from crm_acceptance.messages.news import markdown
from crm_acceptance.messages.outcome import Outcome, sent
from crm_acceptance.messages.robot import Door, Robot, by_code

MUTE = 600.0
"""Seconds of silence after more than 20 messages in a minute; whoever goes on sending only prolongs it."""
WAITS = {
    -1: ("系统繁忙 busy", 60.0),
    130101: ("发送太快，被禁言 10 分钟 muted", MUTE),
    410100: ("发送太快，被禁言 10 分钟 muted", MUTE),
}
SIZE = 16_000


def sign(timestamp: int, secret: str) -> str:
    """The `sign` parameter, URL-encoded: HMAC-SHA256 keyed with the secret over "timestamp\\nsecret"; milliseconds."""
    said = f"{timestamp}\n{secret}".encode()
    return quote_plus(base64.b64encode(hmac.new(secret.encode(), said, hashlib.sha256).digest()))


def signed(door: Door, now: float) -> str:
    """The address as it is valid for an hour from now."""
    if not door.secret:
        return door.url
    timestamp = round(now * 1000)
    return f"{door.url}{'&' if '?' in door.url else '?'}timestamp={timestamp}&sign={sign(timestamp, door.secret)}"


def request(door: Door, title: str, mood: str, text: str, now: float) -> tuple[str, dict[str, Any]]:
    """Nobody is mentioned: an acceptance report is no reason to ring."""
    body = {"msgtype": "markdown", "markdown": {"title": title, "text": f"### {title}\n\n{text}"}}
    return signed(door, now), {**body, "at": {"isAtAll": False}}


def heard(said: Mapping[str, Any]) -> Outcome:
    """HTTP 200 says nothing: only errcode 0 is a yes."""
    code = said.get("errcode")
    return sent() if code == 0 else by_code(code, str(said.get("errmsg") or ""), WAITS)


ROBOT = Robot(Pace(per_minute=15), SIZE, "\n\n", markdown, request, heard)
