"""Hands over what is due in an outbox, one after another, within each lane's limits; knows no vendor."""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from crm_acceptance.messages.outbox import OPEN, Item, Outbox, State, left
from crm_acceptance.messages.outcome import Ending, Outcome, later, unknown

SHORT = 2.0
"""Seconds that are worth waiting for; what must wait longer stays in the outbox."""
BROKEN_OFF = "发送中途程序结束，不知是否已送达 the program ended while sending: nobody knows whether it arrived"


@dataclass(frozen=True)
class Pace:
    """At most so many attempts in any 60 s and in any second; 0: no limit."""

    per_minute: int = 0
    per_second: int = 0


class Carrier(Protocol):
    """Who hands things over on one channel. `repeatable`: the other side recognises what it has got already."""

    @property
    def pace(self) -> Pace:
        """The limits of its lane."""

    @property
    def repeatable(self) -> bool:
        """Whether a second attempt after an unknown ending does no harm."""

    def ready(self) -> str:
        """Why it cannot even try (a secret that is nowhere), or ""."""

    def carry(self, item: Item) -> Outcome:
        """One attempt."""


@dataclass
class Delivery:
    """What happened in one go: each item that was tried, with its outcome; and why others were not tried.

    shut: lane -> why nothing more goes there in this go.
    """

    tried: list[tuple[Item, Outcome]] = field(default_factory=list)
    waiting: dict[str, str] = field(default_factory=dict)
    shut: dict[str, str] = field(default_factory=dict)

    def ended(self, ending: Ending) -> list[tuple[Item, Outcome]]:
        """Those that ended so."""
        return [(item, outcome) for item, outcome in self.tried if outcome.ending is ending]


def deliver(
    box: Outbox,
    carriers: Mapping[str, Carrier],
    sleep: Callable[[float], None] = time.sleep,
    only: str = "",
    every: bool = True,
) -> Delivery:
    """What is due (to the channel `only`), each at most once in this go; the rest stays queued, with the reason.

    every: `carriers` are all that the profile has; else what is for others is left alone.
    """
    told = Delivery()
    with box.sending():
        meant = {item.channel for item in box.state().of(*OPEN) if only in ("", item.channel)}
        meant = meant if every else meant & set(carriers)
        _settle(box, carriers, meant)
        for key in [item.key for item in box.state().of("queued") if item.channel in meant]:
            state = box.state()
            item = state.items[key]
            why = told.shut.get(item.lane) or _blocked(state, item, carriers, box.now, sleep)
            if why:
                told.waiting[key] = why
            else:
                _tried(told, item, _attempt(box, carriers[item.channel], item))
    return told


def _tried(told: Delivery, item: Item, outcome: Outcome) -> None:
    told.tried.append((item, outcome))
    if outcome.shut:
        told.shut[item.lane] = f"先改好再发 mend this first：{outcome.said}"


def _attempt(box: Outbox, carrier: Carrier, item: Item) -> Outcome:
    box.trying(item)
    outcome = carrier.carry(item)
    if outcome.ending is Ending.UNKNOWN and carrier.repeatable:
        outcome = later(outcome.said, outcome.wait, outcome.alone)
    box.ended(item, outcome)
    return outcome


def _settle(box: Outbox, carriers: Mapping[str, Carrier], meant: Container[str]) -> None:
    """Whoever was sending is gone, as we hold the lock: what it had in hand is unknown, or may be tried again."""
    for item in (one for one in box.state().of("sending") if one.channel in meant):
        carrier = carriers.get(item.channel)
        repeatable = carrier is not None and carrier.repeatable
        box.ended(item, later(BROKEN_OFF, 0.001) if repeatable else unknown(BROKEN_OFF))


def _blocked(
    state: State, item: Item, carriers: Mapping[str, Carrier], now: Callable[[], float], sleep: Callable[[float], None]
) -> str:
    """Why it is not this one's turn; a short wait is waited here."""
    carrier = carriers.get(item.channel)
    if carrier is None:
        return f"配置里没有渠道 {item.channel}（no such channel in the profile）"
    if missing := carrier.ready():
        return missing
    wait = max(left(item.until, item.since, now()), _lane_wait(state, item.lane, carrier.pace, now()))
    if wait > SHORT:
        at = time.strftime("%H:%M:%S", time.localtime(now() + wait))
        return f"{at} 之后再发 not before {at}" + (f"：{item.why}" if item.why else "")
    if wait > 0:
        sleep(wait)
    return ""


def _lane_wait(state: State, name: str, pace: Pace, now: float) -> float:
    lane = state.lane(name)
    waits = [left(lane.until, lane.since, now)]
    for most, window in ((pace.per_minute, 60.0), (pace.per_second, 1.0)):
        recent = lane.recent(now, window)
        if most and len(recent) >= most:
            waits.append(recent[-most] + window - now)
    return max(waits)
