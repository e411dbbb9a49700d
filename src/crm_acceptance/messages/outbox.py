"""The outbox: what is to be handed over, written down before it is tried, and what became of it. Sends nothing.

reports/journal/outbox.jsonl (see logbook.py), kinds: queued trying sent later refused unknown again dropped. What
stands there is all the state there is: whoever reads it after a crash knows as much as whoever wrote it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from crm_acceptance import logbook
from crm_acceptance.errors import Unproven, WrongUse
from crm_acceptance.messages.outcome import LONGEST, Ending, Outcome

FILE = "outbox.jsonl"
FIRST_WAIT = 60.0
"""Seconds before the second attempt where nobody said how long to wait; doubled with every further one."""
PATIENCE = 60.0
"""Seconds to wait for somebody else who is sending."""
SLACK = 5.0
"""Seconds by which clocks may differ. What was written later than that from now on was written by another clock."""
OPEN = ("queued", "sending")


@dataclass(frozen=True)
class Item:
    """One thing to hand over. state: queued sending sent refused unknown dropped.

    until: not before, said at `since` (both epoch seconds).
    lane: what its limits are counted over (two channels of one robot share a lane); `payload` is its carrier's own.
    """

    key: str
    lane: str
    channel: str
    title: str
    payload: Mapping[str, Any]
    state: str = "queued"
    why: str = ""
    until: float = 0.0
    tries: int = 0
    since: float = 0.0


@dataclass
class Lane:
    """When the lane was used, and until when it is to be left alone, epoch seconds; `asked`: the other side said so."""

    used: list[float] = field(default_factory=list)
    until: float = 0.0
    since: float = 0.0
    asked: bool = False

    def recent(self, now: float, window: float) -> list[float]:
        """When it was used within the last `window` seconds, oldest first."""
        return sorted(at for at in self.used if now - window < at <= now + SLACK)


@dataclass
class State:
    """Everything in the outbox, oldest first."""

    items: dict[str, Item] = field(default_factory=dict)
    lanes: dict[str, Lane] = field(default_factory=dict)

    def of(self, *states: str) -> tuple[Item, ...]:
        """The items in one of these states."""
        return tuple(item for item in self.items.values() if item.state in states)

    def lane(self, name: str) -> Lane:
        """The lane of that name."""
        return self.lanes.setdefault(name, Lane())


@dataclass(frozen=True)
class Outbox:
    """The outbox of one workspace; `now` tells epoch seconds."""

    file: Path
    now: Callable[[], float] = time.time

    def state(self) -> State:
        """As it stands. Unproven when the file was changed by hand: then nobody knows what was sent."""
        return _folded(self.file, logbook.read(self.file))

    def queue(self, items: Iterable[Item]) -> tuple[Item, ...]:
        """Writes down what is not in it yet, by key; gives what is new."""
        fresh = []
        for item in items:
            with logbook.held(self.file) as book:
                if item.key not in _folded(self.file, book).items:
                    said = {name: getattr(item, name) for name in ("key", "lane", "channel", "title", "payload")}
                    self._add(book, "queued", said)
                    fresh.append(item)
        return tuple(fresh)

    def trying(self, item: Item) -> None:
        """Before the first byte leaves: from now on it may have been taken."""
        self._append("trying", {"key": item.key})

    def ended(self, item: Item, outcome: Outcome) -> None:
        """What became of it. LATER without a wait of its own waits twice as long as the last time."""
        wait = outcome.wait or min(FIRST_WAIT * 2 ** min(item.tries, 10), LONGEST)
        until = {"until": self.now() + wait, "alone": outcome.alone, "asked": outcome.wait > 0}
        more = until if outcome.ending is Ending.LATER else {}
        self._append(outcome.ending.value, {"key": item.key, "why": outcome.said, **more})

    def again(self, key: str) -> Item:
        """Somebody decided that it shall be tried again: at once, but for a wait that the other side asked for."""
        return self._decided("again", key, ("unknown", "refused", "queued", "dropped"))

    def drop(self, key: str) -> Item:
        """Somebody decided that it need not be handed over."""
        return self._decided("dropped", key, ("unknown", "refused", "queued"))

    def _decided(self, kind: str, key: str, states: tuple[str, ...]) -> Item:
        items = self.state().items
        found = [item for name, item in items.items() if key and name.startswith(key)]
        if len(found) != 1:
            known = ", ".join(item.key for item in items.values() if item.state in states) or "(none)"
            raise WrongUse(f"发件箱里没有唯一的这一条：{key}（no such message）。可选 known: {known}。")
        if found[0].state not in states:
            raise WrongUse(f"{found[0].key} 的状态是 {found[0].state}，不能这样处理。Its state does not allow that.")
        self._append(kind, {"key": found[0].key})
        return found[0]

    def _append(self, kind: str, body: Mapping[str, Any]) -> None:
        logbook.append(self.file, kind, {**body, "when": self.now()})

    def _add(self, book: logbook.Logbook, kind: str, body: Mapping[str, Any]) -> None:
        logbook.add(self.file, book, kind, {**body, "when": self.now()})

    @contextmanager
    def sending(self) -> Iterator[None]:
        """One sender at a time, so that nobody sends what another has in hand. WrongUse after a minute of waiting."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(f"{self.file}.sending.lock", timeout=PATIENCE):
                yield
        except Timeout:
            raise WrongUse("另一个程序正在发送，消息已排队。Somebody else is sending; everything is queued.") from None


def left(until: float, since: float, now: float) -> float:
    """Seconds still to wait. A clock that was set back since must not make anybody wait for a year: then none."""
    return min(until - now, LONGEST) if since <= now + SLACK else 0.0


def of(workspace: Path, now: Callable[[], float] = time.time) -> Outbox:
    """The outbox of a workspace."""
    return Outbox(workspace / logbook.FOLDER / FILE, now)


def _folded(file: Path, book: logbook.Logbook) -> State:
    state, problem = State(), next(iter(book.problems), "")
    try:
        for entry in book.entries:
            _apply(state, entry.kind, entry.body)
    except (KeyError, TypeError, ValueError):
        problem = problem or "有一行不是程序写的（a line is not the program's）"
    if problem:
        raise Unproven(
            f"发件箱 {file} 被改动过：{problem}。说不出哪些已经发出，因此什么都不发；请从备份恢复，或把它移开重新开始。"
            "The outbox was changed: nobody knows what was sent, so nothing is. Restore it, or move it away."
        )
    return state


def _apply(state: State, kind: str, body: Mapping[str, Any]) -> None:
    key = str(body["key"])
    if kind == "queued":
        state.items[key] = Item(key, body["lane"], body["channel"], body["title"], body["payload"])
        return
    item = state.items[key]
    why, when, until = str(body.get("why", "")), float(body["when"]), float(body.get("until", 0))
    if kind == "trying":
        state.lane(item.lane).used.append(when)
        item = replace(item, state="sending", tries=item.tries + 1)
    elif kind == Ending.LATER:
        if not body.get("alone"):
            lane = state.lane(item.lane)
            lane.until, lane.since, lane.asked = until, when, bool(body.get("asked"))
        item = replace(item, state="queued", why=why, until=until, since=when)
    elif kind == "again":
        item = replace(item, state="queued", why="", until=0.0)
        lane = state.lane(item.lane)
        lane.until = lane.until if lane.asked else 0.0
    else:
        item = replace(item, state=kind, why=why)
    state.items[key] = item
