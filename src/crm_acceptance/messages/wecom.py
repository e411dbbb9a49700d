"""企业微信 group robot: plain markdown, which alone knows colours. Facts: WeCom developer centre, group robots."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_acceptance.messages.delivery import Pace
from crm_acceptance.messages.news import News
from crm_acceptance.messages.outcome import Outcome, sent
from crm_acceptance.messages.robot import Door, Robot, by_code

WAITS = {
    -1: ("系统繁忙 busy", 60.0),
    45009: ("发送太快 too many", 60.0),
    45033: ("并发太多 too many at once", 60.0),
}
MOST = 4096
"""Bytes of UTF-8 in the whole of one markdown message."""
COLOURS = {"good": "info", "warn": "warning", "bad": "warning", "plain": "comment"}
HEAD = 256
"""Bytes that are kept for the title."""


def lines(news: News) -> list[str]:
    """WeCom's markdown: headings, quotes, links; no lists."""
    found = []
    for block in news.blocks:
        found += [f"**{block.heading}**"] if block.heading else []
        found += [f"> {line}" for line in block.lines]
    return [*found, f"[查看报告 report]({news.link})"] if news.link else found


def request(door: Door, title: str, mood: str, text: str, now: float) -> tuple[str, dict[str, Any]]:
    """The title in the colour of the mood, cut so that the whole fits."""
    short = title.encode()[: HEAD - 48].decode(errors="ignore")
    content = f'### <font color="{COLOURS.get(mood, "comment")}">{short}</font>\n{text}'
    return door.url, {"msgtype": "markdown", "markdown": {"content": content}}


def heard(said: Mapping[str, Any]) -> Outcome:
    """HTTP 200 says nothing: only errcode 0 is a yes."""
    code = said.get("errcode")
    return sent() if code == 0 else by_code(code, str(said.get("errmsg") or ""), WAITS)


ROBOT = Robot(Pace(per_minute=15), MOST - HEAD, "\n", lines, request, heard)
