"""What is to be told, before anybody knows how: a title and blocks of lines, masked. Reads and sends nothing."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from dataclasses import dataclass

from crm_acceptance import evidence

MOODS = ("good", "warn", "bad", "plain")
_HARMLESS = str.maketrans(
    {"<": "＜", ">": "＞", "[": "［", "]": "］", "`": "'", "*": "＊", "\\": "＼", "|": "｜", "~": "～"}
)
"""What a CRM said must not become a link, a mention (`<@all>`) or markup in somebody's chat."""


@dataclass(frozen=True)
class Block:
    """A heading ("" for none) and its lines."""

    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class News:
    """One message. `topic` is run, daily, weekly or test; `about`: what makes it the same message when told twice.

    mood is one of MOODS; link: where people read more, "" when there is no such place.
    """

    topic: str
    about: str
    title: str
    mood: str
    blocks: tuple[Block, ...]
    link: str = ""


def plain(text: str) -> str:
    """One line, without secrets, personal data and anything that a chat would take for markup or a mention."""
    return one_line(text).translate(_HARMLESS)


def one_line(text: str) -> str:
    """Masked, and without what no protocol carries: control characters and halves of surrogate pairs."""
    whole = "".join(" " if unicodedata.category(one) in ("Cc", "Cs") else one for one in text)
    return evidence.mask(" ".join(whole.split()))


def markdown(news: News) -> list[str]:
    """The lines in the markdown that DingTalk and Feishu share: bold headings, lists, a link."""
    found = []
    for part in news.blocks:
        found += [f"**{part.heading}**"] if part.heading else []
        found += [f"- {line}" for line in part.lines]
    return [*found, f"[查看报告 report]({news.link})"] if news.link else found


def block(heading: str, lines: list[str] | tuple[str, ...]) -> Block:
    """A block whose lines are safe to show."""
    return Block(plain(heading), tuple(plain(line) for line in lines))


def key(channel: str, news: News, number: int, target: str = "") -> str:
    """The idempotency key: the same news for the same channel, part and receiver is one message, whoever asks."""
    said = json.dumps([channel, news.topic, news.about, number, target], ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def split(lines: list[str], limit: int, joint: str = "\n") -> list[str]:
    """The lines in as few texts as fit into `limit` bytes of UTF-8 each, split between lines; longer lines are cut."""
    texts: list[str] = []
    for line in lines:
        for piece in _pieces(line, limit):
            whole = f"{texts[-1]}{joint}{piece}" if texts else piece
            if texts and len(whole.encode()) <= limit:
                texts[-1] = whole
            else:
                texts.append(piece)
    return texts or [""]


def _pieces(line: str, limit: int) -> list[str]:
    """A line that is too long alone, cut between characters."""
    pieces, room = [""], limit
    for character in line:
        width = len(character.encode())
        if width > room:
            pieces.append("")
            room = limit
        pieces[-1] += character
        room -= width
    return pieces
