"""Carries one queued defect to its tracker: looks first what is there, then opens, reopens or closes; once only."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crm_acceptance.messages.delivery import BROKEN_OFF, Carrier, Pace
from crm_acceptance.messages.outbox import Item
from crm_acceptance.messages.outcome import Outcome, later, sent
from crm_acceptance.profile import Profile
from crm_acceptance.trackers import journal
from crm_acceptance.trackers import trackers as trackers_
from crm_acceptance.trackers.desk import NO_ANSWER, Desk, Failed, Issue
from crm_acceptance.trackers.draft import Draft, drafted
from crm_acceptance.trackers.journal import CLOSED, COMMENTED, OPENED, REOPENED, Filed
from crm_acceptance.trackers.trackers import Tracker

UNLIMITED = Pace()
ODD = (KeyError, IndexError, TypeError, AttributeError, ValueError)
"""What reading an answer comes to that is JSON, but not as documented: it must not stop everybody else's turn."""
BACK = "又出现了：运行 {} 再次证明不符合。It is back: run {} shows it again."
PROVEN = "已证明：运行 {} 中需求 {} 的全部检查通过。Proven: every check of it passed."
NO_WAY = "（工作流不允许自动改状态，请手工处理 please change the status by hand）"


@dataclass
class TrackerCarrier:
    """One tracker. A second attempt does no harm, as every attempt looks first."""

    workspace: Path
    tracker: Tracker
    now: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep
    pace: Pace = UNLIMITED
    repeatable: bool = True
    _desk: Desk | None = field(default=None)

    def ready(self) -> str:
        """Why it cannot be asked, or ""."""
        return trackers_.missing(self.tracker)

    def carry(self, item: Item) -> Outcome:
        """One issue opened, reopened or closed, and the journal told."""
        try:
            said = self._done(item)
        except Failed as no:
            return no.outcome
        except ODD as odd:
            return later(f"应答不是文档里的样子 an answer of another shape ({type(odd).__name__}: {odd})")
        return sent(said)

    def _done(self, item: Item) -> str:
        if self._desk is None:
            self._desk = trackers_.desk(self.tracker, self.now, self.sleep)
        filed = _filed(item.payload["filed"], self.now())
        had = journal.read(self.workspace).filed.get((self.tracker.name, filed.fingerprint))
        if item.payload["action"] == "close":
            return self._closed(self._desk, filed, had)
        return self._opened(self._desk, filed, had, item)

    def _opened(self, desk: Desk, filed: Filed, had: Filed | None, item: Item) -> str:
        draft, tried = drafted(item.payload["draft"]), item.tries > 0
        there = _there(desk, draft.mark, had)
        if not there:
            self._let_it_be_found(desk, item)
            return self._new(desk, filed, draft)
        running = next((issue for issue in there if issue.open), None)
        if running is None:
            own = next((issue for issue in there if had and issue.key == had.key), there[-1])
            return self._back(desk, filed, had, own)
        adopted = had.adopted if had else not tried  # after an attempt that was cut off, what is there is ours
        if had is None or not had.open or had.key != running.key:
            self._write(filed, OPENED, running, adopted)
        return f"{running.key} 已经在跟踪 is tracked already"

    def _let_it_be_found(self, desk: Desk, item: Item) -> None:
        """What the last attempt may have opened can be unknown to a search that lags: then it waits for it."""
        cut = item.why == BROKEN_OFF or item.why.startswith(NO_ANSWER)
        wait = item.since + desk.lag - self.now()
        if cut and wait > 0:
            raise Failed(later("上次可能已经登记，等搜索跟上 waiting until the search would know it", wait, alone=True))

    def _new(self, desk: Desk, filed: Filed, draft: Draft) -> str:
        made = desk.open(draft)
        self._write(filed, OPENED, made)
        note = self._pictured(desk, made, draft)
        order = [one.key for one in desk.find(draft.mark) if one.open]
        if made.key in order and order[0] != made.key:
            return self._doubled(desk, filed, made, order[0])
        return f"{made.key} {made.url}{note}"

    def _pictured(self, desk: Desk, made: Issue, draft: Draft) -> str:
        """The picture is worth having, but no reason to file the issue again."""
        file = self.workspace / draft.picture
        if not draft.picture or not file.is_file():
            return ""
        try:
            desk.attach(made, f"{draft.mark}.png", file.read_bytes())
        except (Failed, OSError) as no:
            return f"（图片没有附上 the picture was not attached：{no}）"
        return ""

    def _doubled(self, desk: Desk, filed: Filed, made: Issue, older: str) -> str:
        """Somebody else filed it in the same moment: ours, the younger, goes."""
        there = desk.get(older) or Issue(older, True)
        self._write(filed, OPENED, there, adopted=True)
        desk.close(made)
        note = _remark(desk, made, f"重复，见 {older}。A duplicate of {older}.")
        return f"{older} 已经在跟踪，{made.key} 作为重复关闭 closed as a duplicate{note}"

    def _back(self, desk: Desk, filed: Filed, had: Filed | None, issue: Issue) -> str:
        way = "" if desk.reopen(issue) else NO_WAY
        self._write(filed, REOPENED, issue, had.adopted if had else True)
        note = _remark(desk, issue, BACK.format(filed.run, filed.run) + way)
        return f"{issue.key} 重新打开 reopened{way}{note}"

    def _closed(self, desk: Desk, filed: Filed, had: Filed | None) -> str:
        """What this workspace did not open gets a remark only."""
        if had is None or had.state == CLOSED:
            return "没有要关闭的 nothing to close"
        issue = desk.get(had.key)
        if issue is None or not issue.open:
            self._write(filed, CLOSED, issue or Issue(had.key, False, had.url), had.adopted)
            return f"{had.key} 已经关闭或删除 closed or gone already"
        if had.state == COMMENTED:  # said once is enough
            return f"{had.key} 已证明，还没有人关闭 proven, and nobody has closed it yet"
        moved = not had.adopted and desk.close(issue)
        self._write(filed, CLOSED if moved else COMMENTED, issue, had.adopted)
        way = "" if moved or had.adopted else NO_WAY
        note = _remark(desk, issue, PROVEN.format(filed.run, filed.requirement) + way)
        return f"{issue.key} {'已关闭 closed' if moved else '已写说明，未关闭 commented, not closed'}{note}"

    def _write(self, filed: Filed, state: str, issue: Issue, adopted: bool = False) -> None:
        at = datetime.fromtimestamp(self.now(), UTC)
        news = replace(filed, state=state, key=issue.key, url=issue.url, adopted=adopted, at=at)
        journal.write(self.workspace, news)


def _remark(desk: Desk, issue: Issue, words: str) -> str:
    """A remark is worth having, but no reason to do again what is done."""
    try:
        desk.comment(issue, words)
    except Failed as no:
        return f"（说明没有写上 the remark was not written：{no}）"
    return ""


def _there(desk: Desk, mark: str, had: Filed | None) -> tuple[Issue, ...]:
    """What the search finds, and what the journal knows of though the search may lag."""
    found = desk.find(mark)
    if found or had is None:
        return found
    known = desk.get(had.key)
    return (known,) if known else ()


def _filed(body: Mapping[str, Any], now: float) -> Filed:
    listed: dict[str, Any] = {name: tuple(body.get(name, ())) for name in ("requirements", "departments")}
    return Filed(**{**body, **listed, "state": OPENED, "at": datetime.fromtimestamp(now, UTC)})


def carriers(
    profile: Profile, now: Callable[[], float] = time.time, sleep: Callable[[float], None] = time.sleep
) -> dict[str, Carrier]:
    """Every tracker of the profile as a carrier, by its name in the outbox."""
    if not profile.trackers:
        return {}
    return {one.lane: TrackerCarrier(profile.workspace, one, now, sleep) for one in trackers_.trackers(profile)}
