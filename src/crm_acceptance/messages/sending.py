"""Queues news for channels and hands over what is due; what came of it in words and an exit code. Composes nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from crm_acceptance.messages import channels, outbox
from crm_acceptance.messages.channels import Channel
from crm_acceptance.messages.delivery import Carrier, Delivery, deliver
from crm_acceptance.messages.gathering import doubtful
from crm_acceptance.messages.news import News, block
from crm_acceptance.messages.outbox import Item
from crm_acceptance.messages.outcome import Ending
from crm_acceptance.profile import Profile

SENT, WRONG, WAITING = 0, 2, 3
"""Exit codes: all arrived; somebody must mend the profile; something still waits or may not have arrived."""
WORDS = {
    Ending.SENT: "已送达 sent",
    Ending.LATER: "稍后再发 queued",
    Ending.REFUSED: "被拒收，不再重试 refused",
    Ending.UNKNOWN: "不知是否送达 unknown",
}
DOUBT = "上面几条消息可能没有送达，请向发送人确认。These may not have arrived."


@dataclass(frozen=True)
class Told:
    """What came of it: sentences for people, and the exit code."""

    lines: tuple[str, ...]
    exit_code: int


def queue(profile: Profile, told: Mapping[str, News], now: Callable[[], float] = time.time) -> tuple[str, ...]:
    """Writes the news into the outbox, one message per channel; gives the names of channels that had it already."""
    box = outbox.of(profile.workspace, now)
    had = []
    for channel in channels.channels(profile):
        if channel.name in told:
            news = _with_doubts(told[channel.name], box, channel)
            if not box.queue(channels.items(channel, news, now())):
                had.append(channel.name)
    return tuple(had)


def refused(workspace: Path, names: Collection[str]) -> tuple[str, ...]:
    """What these channels refused and nobody has sent again since, one line each: it was never delivered."""
    return tuple(
        f"{item.channel}：被拒 refused：{item.title}（{item.why}）。改好后 once it is mended: "
        f"crm-acceptance notify outbox --again {item.key}"
        for item in _in_state(workspace, names, "refused")
    )


def unsure(workspace: Path, names: Collection[str]) -> tuple[str, ...]:
    """What may not have arrived on these channels, one line each: nobody but a person in the group can know."""
    return tuple(
        f"{item.channel}：不明 unknown：{item.title}（{item.why}）。看一眼群里 look: "
        f"crm-acceptance notify outbox --again {item.key} | --drop {item.key}"
        for item in _in_state(workspace, names, "unknown")
    )


def _in_state(workspace: Path, names: Collection[str], state: str) -> Iterator[Item]:
    return (item for item in outbox.of(workspace).state().of(state) if item.channel in names)


def _with_doubts(news: News, box: outbox.Outbox, channel: Channel) -> News:
    titles = doubtful(box, channel)
    if not titles:
        return news
    return replace(news, blocks=(*news.blocks, block("未确认送达 unconfirmed", [*titles, DOUBT])))


def send(
    profile: Profile,
    only: str = "",
    now: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
    more: Mapping[str, Carrier] | None = None,
) -> Told:
    """Everything that is due, or only what goes to the channel `only`; `more`: carriers that are not channels."""
    known = channels.channels(profile, only) if profile.messages else ()
    carriers = {**{one.name: channels.carrier(one, now) for one in known}, **(more or {})}
    box = outbox.of(profile.workspace, now)
    return told(profile.workspace, deliver(box, carriers, sleep, only))


def told(workspace: Path, done: Delivery) -> Told:
    """What a delivery came to."""
    return Told(tuple(_lines(outbox.of(workspace), done)), _exit_code(done))


def _lines(box: outbox.Outbox, done: Delivery) -> Iterator[str]:
    for item, outcome in done.tried:
        yield f"{item.channel}：{WORDS[outcome.ending]}：{item.title}" + (f"（{outcome.said}）" if outcome.said else "")
    items = box.state().items
    for key, why in done.waiting.items():
        yield f"{items[key].channel}：排队中 queued：{items[key].title}（{why}）"
    if done.waiting or done.ended(Ending.LATER):
        yield "稍后再发：crm-acceptance notify outbox --send（可放进定时任务）。Run it again later, or by cron."
    for item, _ in done.ended(Ending.UNKNOWN):
        yield f"确认没有收到后可重发 send again: crm-acceptance notify outbox --again {item.key}"


def _exit_code(done: Delivery) -> int:
    if done.ended(Ending.REFUSED):
        return WRONG
    return WAITING if done.waiting or done.ended(Ending.LATER) or done.ended(Ending.UNKNOWN) else SENT


def listed(workspace: Path) -> Iterator[str]:
    """One line per thing in the outbox that is not done: what, why, since when."""
    state = outbox.of(workspace).state()
    for item in state.of(*outbox.OPEN, "unknown", "refused"):
        yield f"{item.key}  {_state(item)}  {item.channel}：{item.title}" + (f"（{item.why}）" if item.why else "")
    counted = {name: len(state.of(name)) for name in ("sent", "dropped")}
    yield f"已送达 sent {counted['sent']} · 作废 dropped {counted['dropped']}"


def _state(item: Item) -> str:
    words = {
        "queued": "排队中 queued",
        "sending": "发送中 sending",
        "unknown": "不明 unknown",
        "refused": "被拒 refused",
    }
    return f"{words[item.state]}（已试 {item.tries} 次 tries）"
