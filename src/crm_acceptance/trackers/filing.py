"""What a judged run means for the trackers: which root causes to open, which to close; queued, then carried. Asks no
tracker itself."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from crm_acceptance import chain, changes, logbook
from crm_acceptance.errors import Unproven, WrongUse
from crm_acceptance.gate import Verdict, verdict_of
from crm_acceptance.messages import outbox
from crm_acceptance.messages.delivery import Delivery, deliver
from crm_acceptance.messages.outbox import Item
from crm_acceptance.model import Proof
from crm_acceptance.profile import Profile
from crm_acceptance.trackers import journal
from crm_acceptance.trackers.carrying import carriers
from crm_acceptance.trackers.causes import Cause, causes
from crm_acceptance.trackers.draft import draft, shown
from crm_acceptance.trackers.journal import OPENED, Filed, Filings
from crm_acceptance.trackers.trackers import Tracker, trackers

PATIENCE = 120.0
"""Seconds to wait for another run that files."""


@dataclass(frozen=True)
class Plan:
    """What is to be done for one run. told: sentences about what is left alone, and why.

    outlived: whether the run proves what an earlier one wanted to open and could not.
    """

    items: tuple[Item, ...]
    told: tuple[str, ...] = ()
    outlived: Callable[[Mapping[str, Any]], bool] = lambda filed: False


@dataclass(frozen=True)
class _Run:
    verdict: Verdict
    folder: Path
    profile: Profile
    filings: Filings
    head: str
    unapproved: frozenset[str] = frozenset()

    @property
    def started(self) -> int:
        return self.verdict.run.started or 0

    @property
    def proven(self) -> set[str]:
        """Ids; what nobody allowed to be changed proves nothing."""
        found = {one.requirement.id for one in self.verdict.findings if one.proof is Proof.PROVEN}
        return found - self.unapproved


def plan(profile: Profile, run_dir: Path, only: str = "") -> Plan:
    """What the run means. WrongUse: no such run, no tracker; Unproven: a broken journal, or a run with faults."""
    verdict, filings = verdict_of(run_dir), journal.read(profile.workspace)
    if filings.problems:
        raise Unproven(
            f"{filings.problems[0]}。说不出哪些是本程序开的，因此什么都不动；请从备份恢复。Restore it first."
        )
    if verdict.run.faults:
        raise Unproven(
            "这次运行前面有故障代理，它的失败不是 CRM 的缺陷。A fault proxy stood before it: nothing is filed."
        )
    unapproved = frozenset(changes.unapproved(profile, run_dir))
    run = _Run(verdict, run_dir, profile, filings, chain.read(run_dir).head, unapproved)
    found = causes(verdict, run_dir)
    where = trackers(profile, only)
    items = [*_opening(run, found, where), *_closing(run, found, where)]
    return Plan(tuple(items), tuple(_told(run, found, where)), _outlived(run, found))


def _outlived(run: _Run, found: tuple[Cause, ...]) -> Callable[[Mapping[str, Any]], bool]:
    """Whether what still waits to be opened is proven by now, so that nobody need hear of it."""
    still, proven = {cause.fingerprint for cause in found}, set() if run.verdict.problems else run.proven

    def outlived(filed: Mapping[str, Any]) -> bool:
        required = set(filed.get("requirements") or [filed.get("requirement", "?")])
        earlier = filed.get("system") == run.verdict.run.system and filed.get("seen", 0) < run.started
        return earlier and filed.get("fingerprint") not in still and required <= proven

    return outlived


def _opening(run: _Run, found: tuple[Cause, ...], where: tuple[Tracker, ...]) -> Iterator[Item]:
    for cause in found:
        for tracker in where:
            if _wanted(tracker, cause.departments) and not _newer(run, tracker, cause.fingerprint):
                yield _open_item(run, cause, tracker)


def _closing(run: _Run, found: tuple[Cause, ...], where: tuple[Tracker, ...]) -> Iterator[Item]:
    """Only what this run proves, and only when the run is whole: whatever is silent closes nothing."""
    proven, names = run.proven, {one.name: one for one in where}
    still = {cause.fingerprint for cause in found}
    for filed in run.filings.unclosed() if not run.verdict.problems else ():
        mine = filed.tracker in names and filed.system == run.verdict.run.system and filed.fingerprint not in still
        if mine and proven.issuperset(filed.requirements or (filed.requirement,)) and filed.seen <= run.started:
            yield _item(run, names[filed.tracker], "close", {**filed.body(), **_of_run(run)}, filed.title, {})


def _wanted(tracker: Tracker, departments: tuple[str, ...]) -> bool:
    return not tracker.departments or bool(set(tracker.departments) & set(departments))


def _newer(run: _Run, tracker: Tracker, fingerprint: str) -> bool:
    """Whether a later run has spoken of it: then this one is history."""
    had = run.filings.filed.get((tracker.name, fingerprint))
    return had is not None and had.seen > run.started


def _of_run(run: _Run) -> dict[str, Any]:
    return {"run": run.verdict.run.id, "seen": run.started}


def _open_item(run: _Run, cause: Cause, tracker: Tracker) -> Item:
    one, made = cause.requirement, draft(cause, run.folder, run.profile.workspace, run.head)
    filed = Filed(
        tracker.name, cause.fingerprint, "", OPENED, datetime.fromtimestamp(0, UTC), run.verdict.run.system,
        one.id, one.department, one.criticality, made.title,
        requirements=tuple(each.id for each in cause.requirements), departments=cause.departments,
        run=run.verdict.run.id, seen=run.started,
    )  # fmt: skip
    return _item(run, tracker, "open", filed.body(), made.title, made.payload())


def _item(run: _Run, tracker: Tracker, action: str, filed: dict[str, Any], title: str, made: dict[str, Any]) -> Item:
    said = json.dumps([tracker.name, filed["fingerprint"], action, run.verdict.run.id])
    key = hashlib.sha256(said.encode()).hexdigest()[:16]
    words = {"open": "缺陷 defect", "close": "关闭缺陷 close"}[action]
    return Item(key, tracker.lane, tracker.lane, f"{words}：{title}", {"action": action, "filed": filed, "draft": made})


def _told(run: _Run, found: tuple[Cause, ...], where: tuple[Tracker, ...]) -> Iterator[str]:
    if run.verdict.problems and run.filings.open():
        yield f"运行不完整，因此不关闭任何缺陷 the run is not whole, so nothing is closed：{run.verdict.problems[0]}"
    for cause in found:
        if not any(_wanted(tracker, cause.departments) for tracker in where):
            name = cause.requirement.department
            yield f"{cause.requirement.id}：没有缺陷系统收部门 {name} 的缺陷 no tracker takes this department's"
        for tracker in where:
            if _newer(run, tracker, cause.fingerprint):
                yield f"{cause.requirement.id}：更晚的运行已经处理过 a later run has spoken of it ({tracker.name})"


def file(
    profile: Profile,
    run_dir: Path,
    only: str = "",
    now: Callable[[], float] = time.time,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[Plan, Delivery]:
    """Queues what the run means and carries what is due. Two runs at once take turns."""
    lock = profile.workspace / logbook.FOLDER / f"{journal.FILE}.filing.lock"
    lock.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(lock, timeout=PATIENCE):
            made, box = plan(profile, run_dir, only), outbox.of(profile.workspace, now)
            _forget(box, made)
            box.queue(made.items)
            _revive(box, made)
            done = deliver(box, carriers(profile, now, sleep), sleep, every=False)
            if not only and _settled(profile, run_dir, box, made):
                journal.looked(profile, run_dir.name)
            return made, done
    except Timeout:
        raise WrongUse("另一次登记缺陷还在进行，请稍后再试。Another filing is going on: try again.") from None


def _settled(profile: Profile, run_dir: Path, box: outbox.Outbox, made: Plan) -> bool:
    """Whether the journal now says of every root cause of a whole run what became of it: then silence is good news."""
    verdict, items = verdict_of(run_dir), box.state().items
    mine = verdict.run.system == profile.system and not verdict.problems
    return mine and all(items[item.key].state == "sent" for item in made.items)


def _forget(box: outbox.Outbox, made: Plan) -> None:
    """What still waits to be done for a root cause gives way to what is known now."""
    news = {(item.lane, item.payload["filed"]["fingerprint"]): item for item in made.items}
    for item in box.state().of("queued", "refused"):
        filed = item.payload.get("filed", {})
        newer = news.get((item.lane, filed.get("fingerprint", "")))
        opens = newer is None and item.payload.get("action") == "open"
        if (newer is not None and newer.key != item.key) or (opens and made.outlived(filed)):
            box.drop(item.key)


def _revive(box: outbox.Outbox, made: Plan) -> None:
    """What was refused (a wrong token) is tried again when somebody files again."""
    refused = {item.key for item in box.state().of("refused")}
    for item in made.items:
        if item.key in refused:
            box.again(item.key)


def shown_plan(made: Plan) -> Iterator[str]:
    """What would be done, for people."""
    for item in made.items:
        checks = next((heading for heading, _ in item.payload["draft"].get("parts", ()) if "checks" in heading), "")
        yield f"{item.lane}：{shown(item.title)}" + (f"，{checks}" if checks else "")
    yield from made.told
