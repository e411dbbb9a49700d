"""Feishu/Lark custom bot: signed body, a card. Facts: Feishu open platform, custom bots."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from crm_acceptance.messages.delivery import Pace
from crm_acceptance.messages.news import markdown
from crm_acceptance.messages.outcome import Outcome, sent
from crm_acceptance.messages.robot import Door, Robot, by_code

WAITS = {
    11232: ("发送太快 too many", 60.0),
    11233: ("发送太快 too many", 60.0),
}
SIZE = 14_000
"""Bytes of text: a request may hold 20 KB in all, and JSON adds its own."""
COLOURS = {"good": "green", "warn": "orange", "bad": "red", "plain": "blue"}


def sign(timestamp: int, secret: str) -> str:
    """Base64 of HMAC-SHA256 over nothing, keyed with "timestamp\\nsecret"; seconds."""
    key = f"{timestamp}\n{secret}".encode()
    return base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()


def request(door: Door, title: str, mood: str, text: str, now: float) -> tuple[str, dict[str, Any]]:
    """A card with a coloured head."""
    head = {"title": {"tag": "plain_text", "content": title}, "template": COLOURS.get(mood, "blue")}
    card = {"config": {"wide_screen_mode": True}, "header": head, "elements": [{"tag": "markdown", "content": text}]}
    proof = {"timestamp": str(int(now)), "sign": sign(int(now), door.secret)} if door.secret else {}
    return door.url, {**proof, "msg_type": "interactive", "card": card}


def heard(said: Mapping[str, Any]) -> Outcome:
    """HTTP 200 says nothing: `code` (older: StatusCode) 0 is a yes."""
    code = said.get("code", said.get("StatusCode"))
    return sent() if code == 0 else by_code(code, str(said.get("msg") or said.get("StatusMessage") or ""), WAITS)


ROBOT = Robot(Pace(per_minute=60, per_second=4), SIZE, "\n", markdown, request, heard)
