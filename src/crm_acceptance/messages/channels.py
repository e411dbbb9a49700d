"""[messages.<name>] of the profile -> channels and their carriers; secrets by name only, found when they are needed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_acceptance import vault
from crm_acceptance.errors import WrongUse, unknown
from crm_acceptance.messages import dingtalk, feishu, mail, wecom
from crm_acceptance.messages.delivery import Carrier
from crm_acceptance.messages.mail import MailCarrier, Post
from crm_acceptance.messages.news import News, key, split
from crm_acceptance.messages.outbox import Item
from crm_acceptance.messages.robot import Door, Robot, RobotCarrier
from crm_acceptance.profile import FILE, Profile
from crm_acceptance.settings import LOOPBACK, Shape, checked, is_safe

ROBOTS: Mapping[str, Robot] = {"wecom": wecom.ROBOT, "dingtalk": dingtalk.ROBOT, "feishu": feishu.ROBOT}
TLS = ("starttls", "ssl", "none")
GUIDE = "docs/guides/messages.md"
_EVERY: Mapping[str, type] = {"kind": str, "departments": list, "link": str}
_MAIL: Mapping[str, type] = {
    "host": str, "port": int, "tls": str, "sender": str, "to": list, "user": str, "secret_env": str, "ca": str,
}  # fmt: skip
SHAPES = {
    "wecom": Shape({**_EVERY, "url_env": str}, ("url_env",)),
    "dingtalk": Shape({**_EVERY, "url_env": str, "secret_env": str}, ("url_env",)),
    "feishu": Shape({**_EVERY, "url_env": str, "secret_env": str}, ("url_env",)),
    "mail": Shape({**_EVERY, **_MAIL}, ("host", "sender", "to")),
}
MANY = 50
"""Receivers of one mail channel; whoever has more has a mailing list."""


@dataclass(frozen=True)
class Channel:
    """One way to people. departments: whose news it carries, empty: everybody's; link: "{run}" stands for the run."""

    name: str
    kind: str
    departments: tuple[str, ...]
    link: str
    told: Mapping[str, Any]

    @property
    def lane(self) -> str:
        """What its limits are counted over: one robot, however many channels lead to it."""
        return f"{self.kind}:{self.told.get('url_env') or self.told.get('host')}"


def channels(profile: Profile, only: str = "") -> tuple[Channel, ...]:
    """Every channel of the profile, or `only` that one. WrongUse: none, an unknown one, or a wrong key."""
    found = {name: _channel(name, told, profile.workspace) for name, told in profile.messages.items()}
    if not found:
        raise WrongUse(
            f"{FILE} 里还没有消息渠道。请加一段 [messages.名字]，kind 是 {' | '.join(SHAPES)}，"
            "见 docs/guides/messages.md。"
            "No channel in the profile yet: add a [messages.NAME] table."
        )
    if only and only not in found:
        raise unknown(f"消息渠道 channel in {FILE} [messages]", only, found)
    return tuple(channel for name, channel in found.items() if only in ("", name))


def _channel(name: str, told: Mapping[str, Any], workspace: Path) -> Channel:
    where = f"messages.{name}"
    kind = str(told.get("kind", ""))
    checked(where, kind, told, SHAPES, GUIDE)
    if kind == "mail":
        _check_mail(where, told)
        told = {**told, "ca": str(workspace / told["ca"]) if told.get("ca") else ""}
    return Channel(name, kind, tuple(told.get("departments", ())), str(told.get("link", "")), told)


def _check_mail(where: str, told: Mapping[str, Any]) -> None:
    tls = told.get("tls", "starttls")
    if tls not in TLS:
        raise unknown(f"加密方式 {where}.tls in {FILE}", str(tls), TLS)
    if tls == "none" and told["host"] not in LOOPBACK:
        raise WrongUse(
            f'{FILE} 里 {where}.tls = "none" 只能用于本机的邮件服务器（only for a server on this machine）。'
        )
    to = told["to"]
    if len(to) > MANY or not all(isinstance(one, str) and "@" in one and one.isprintable() for one in to):
        raise WrongUse(f"{FILE} 里 {where}.to 应当是 1 到 {MANY} 个邮件地址（addresses）；人多请用邮件组。")


def items(channel: Channel, news: News, now: float) -> list[Item]:
    """The news as queued messages: as many parts as the channel's size asks for, for mails one per receiver."""
    if channel.kind == "mail":
        payload = {**mail.written(news, news.title), "at": repr(round(now))}
        return [_item(channel, news, 0, news.title, {**payload, "to": to}, to) for to in channel.told["to"]]
    robot = ROBOTS[channel.kind]
    texts = split(robot.lines(news), robot.size, robot.joint)
    titles = [news.title if len(texts) == 1 else f"{news.title} ({n}/{len(texts)})" for n in range(1, len(texts) + 1)]
    return [
        _item(channel, news, n, title, {"mood": news.mood, "text": text})
        for n, (title, text) in enumerate(zip(titles, texts, strict=True))
    ]


def shown(news: News) -> list[str]:
    """The news as somebody at a terminal reads it."""
    return [news.title, *mail.text(news)]


def _item(channel: Channel, news: News, n: int, title: str, payload: dict[str, str], target: str = "") -> Item:
    return Item(key(channel.name, news, n, target), channel.lane, channel.name, title, payload)


def carrier(channel: Channel, now: Callable[[], float] = time.time) -> Carrier:
    """Who hands over what is queued for this channel."""
    if channel.kind == "mail":
        return MailCarrier(lambda: _post(channel))
    return RobotCarrier(ROBOTS[channel.kind], lambda: _door(channel), now)


def _door(channel: Channel) -> Door | str:
    """The robot's door, or the sentence that says what is missing."""
    names = [channel.told["url_env"], *([channel.told["secret_env"]] if channel.told.get("secret_env") else [])]
    found = [vault.find(name) for name in names]
    for name, value in zip(names, found, strict=True):
        if not value:
            return f"没有环境变量 {name}{vault.where(name)}（is not set）"
    url = str(found[0]).strip()
    if not is_safe(url):
        return f"{names[0]} 里的机器人地址必须以 https:// 开头（must begin with https://）"
    return Door(url, str(found[1]).strip() if len(found) > 1 else "")


def _post(channel: Channel) -> Post | str:
    told = channel.told
    name = str(told.get("secret_env", ""))
    password = vault.find(name) if name else ""
    if password is None:
        return f"没有环境变量 {name}{vault.where(name)}（is not set）"
    if told["ca"] and not Path(told["ca"]).is_file():
        return f"没有证书文件 {told['ca']}（no such file）"
    tls = str(told.get("tls", "starttls"))
    port = int(told.get("port", 465 if tls == "ssl" else 587))
    user = str(told.get("user", told["sender"] if password else ""))
    return Post(told["host"], port, tls, told["sender"], user, password, told["ca"])
