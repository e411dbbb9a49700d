"""Collects what there is to tell of a run: verdict, signatures, warnings, defects, earlier runs; words nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from crm_acceptance.changes import warning
from crm_acceptance.gate import NONE, Doubts, verdict_of
from crm_acceptance.messages import history, outbox, telling
from crm_acceptance.messages.channels import Channel
from crm_acceptance.messages.news import News
from crm_acceptance.messages.telling import Known
from crm_acceptance.profile import Profile
from crm_acceptance.signoff.standing import Standing, status
from crm_acceptance.trackers import journal

SOON = 3
"""Days before its date at which a condition is spoken of."""
DAYS = {"daily": 1, "weekly": 7}


def known(profile: Profile, run_dir: Path, now: datetime, days: int = 1, doubts: Doubts = NONE) -> Known:
    """Everything of one run at this moment. WrongUse when there is no such run.

    doubts: what the workspace says against the run: nobody is told of a yes that the gate would not give now.
    """
    verdict = verdict_of(run_dir, doubts)
    standings = status(profile, run_dir, now) if profile.signatories else ()
    defects = journal.read(profile.workspace)
    begin = now - timedelta(days=days)
    past = history.span(run_dir.parent, verdict.run.system, begin, now)
    alerts = tuple(alert.sentence for alert in warning.warnings(profile, standings, now))
    warnings = (*alerts, *due_soon(standings, now))
    return Known(verdict, standings, warnings, defects.open(), defects.since(begin), past)


def news(
    topic: str,
    profile: Profile,
    run_dir: Path,
    channels: tuple[Channel, ...],
    now: datetime,
    doubts: Doubts = NONE,
) -> dict[str, News]:
    """Channel name -> what it is told. topic: run, daily, weekly or test; doubts: of the run, as for `known`."""
    if topic == "test":
        return {channel.name: telling.test(now) for channel in channels}
    there = known(profile, run_dir, now, DAYS.get(topic, 1), doubts)
    return {channel.name: _told(topic, there, channel, run_dir, now) for channel in channels}


def _told(topic: str, there: Known, channel: Channel, run_dir: Path, now: datetime) -> News:
    link = channel.link.replace("{run}", run_dir.name)
    if topic == "run":
        return telling.of_run(there, channel.departments, link)
    return telling.report(there, channel.departments, link, now, DAYS[topic])


def doubtful(box: outbox.Outbox, channel: Channel) -> tuple[str, ...]:
    """Titles of what may not have arrived on this channel: whoever reads the next message should know."""
    return tuple(item.title for item in box.state().of("unknown") if item.channel == channel.name)


def due_soon(standings: tuple[Standing, ...], now: datetime) -> Iterator[str]:
    """Conditions whose date is near or past, of signatures that count or would count but for that."""
    for one in standings:
        for signed in one.signatures:
            for condition in signed.signature.conditions if not signed.reasons else ():
                left = (condition.due - now.date()).days
                if left <= SOON:
                    when = f"还有 {left} 天到期 due in {left} d" if left >= 0 else f"已过期 {-left} 天 overdue"
                    yield f"条件：{condition.text}（{condition.owner}，{condition.due}）{when}"
