"""A workspace with one channel to a stand-in, an outbox and news for it. No test lives here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from standins.robots import Clock, Group, group

from crm_acceptance.messages import channels, outbox
from crm_acceptance.messages.delivery import Delivery, deliver
from crm_acceptance.messages.news import News, block
from crm_acceptance.messages.outbox import Item, Outbox
from crm_acceptance.messages.outcome import Ending
from crm_acceptance.profile import Profile

SECRET = "SECxyz"
KINDS = ("dingtalk", "wecom", "feishu")


def news(about: str = "run-1", lines: tuple[str, ...] = ("销售：可以上线",), title: str = "CRM 验收结果") -> News:
    """A message of a few lines."""
    return News("run", about, title, "good", (block("各部门结论", lines),), "https://ci.example/run-1/index.html")


@dataclass
class Stage:
    """One channel, its stand-in, and the outbox."""

    profile: Profile
    clock: Clock
    there: Group
    names: list[str] = field(default_factory=lambda: ["team"])

    @property
    def box(self) -> Outbox:
        """The outbox as somebody new opens it."""
        return outbox.of(self.profile.workspace, self.clock)

    def queue(self, *said: News) -> tuple[Item, ...]:
        """Queues the news for every channel."""
        return tuple(
            item
            for channel in channels.channels(self.profile)
            for one in said
            for item in self.box.queue(channels.items(channel, one, self.clock()))
        )

    def send(self) -> Delivery:
        """One go of a new sender."""
        carriers = {one.name: channels.carrier(one, self.clock) for one in channels.channels(self.profile)}
        return deliver(self.box, carriers, self.clock.sleep)

    def endings(self) -> list[Ending]:
        """How what was tried in one go ended."""
        return [outcome.ending for _, outcome in self.send().tried]

    def states(self) -> list[str]:
        """The state of every item, oldest first."""
        return [item.state for item in self.box.state().items.values()]


@contextmanager
def stage(kind: str, folder: Path, patch: pytest.MonkeyPatch, secret: str = SECRET) -> Iterator[Stage]:
    """A channel of this kind; its robot asks for a signature where its kind has one."""
    signed = kind != "wecom"
    clock = Clock()
    with group(kind, clock, secret if signed else "") as there:
        patch.setenv("TEAM_URL", there.url)
        patch.setenv("TEAM_SECRET", secret)
        told = {"kind": kind, "url_env": "TEAM_URL", **({"secret_env": "TEAM_SECRET"} if signed else {})}
        yield Stage(Profile(folder, messages={"team": told}), clock, there)
