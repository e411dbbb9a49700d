"""Early warning: too much change, overdue signatures, rising defects; thresholds from [warning] of the profile."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from crm_acceptance import contents, logbook, manifest
from crm_acceptance.changes import book as books
from crm_acceptance.changes import signed
from crm_acceptance.changes.asking import same
from crm_acceptance.changes.runs import latest
from crm_acceptance.errors import WrongUse, unknown
from crm_acceptance.model import DEPARTMENTS
from crm_acceptance.profile import FILE, Profile

CHURN, OVERDUE, DEFECTS, JOURNAL = "churn", "overdue", "defects", "journal"
DEFECTS_FILE = "defects.jsonl"
WEEK = timedelta(days=7)
ANSWERED = ("valid", "refused")
"""States of a department that has answered, with yes or with no."""
FEW = 3
"""Fewer new defects than this in a week are no rise, whatever there was before."""


class Stands(Protocol):
    """What is asked of a department's standing in the sign-off."""

    @property
    def department(self) -> str: ...
    @property
    def state(self) -> str: ...


@dataclass(frozen=True)
class Limits:
    """[warning]: requirements changed in seven days and department; new defects in seven days; and how many times as
    many as in the seven days before."""

    churn_per_week: float = 5
    defects_per_week: float = 10
    defects_rising: float = 1.5


@dataclass(frozen=True)
class Alert:
    """One thing to look at. `kind`: churn overdue defects journal; `department` is a key, "" for none in particular."""

    kind: str
    department: str
    sentence: str
    value: float = 0
    limit: float = 0

    def __str__(self) -> str:
        return self.sentence


def warnings(profile: Profile, standings: Iterable[Stands], now: datetime) -> tuple[Alert, ...]:
    """Everything worth a warning at `now` (with an offset); `standings` of the latest run, () when there is none."""
    limits = read(profile)
    return (
        *_broken(profile),
        *_churning(profile, limits, now),
        *_late(profile, {one.department: one.state for one in standings}, now.astimezone().date()),
        *_defects(profile, limits, now),
    )


def read(profile: Profile) -> Limits:
    """The thresholds. WrongUse names a wrong key or value."""
    said: Mapping[str, Any] = profile.warning
    known = Limits.__dataclass_fields__
    if not isinstance(said, dict):
        raise WrongUse(f"{FILE} 里的 warning 应当是一个表：[warning]。It must be a table.")
    for key, value in said.items():
        if key not in known:
            raise unknown(f"配置项 key in {FILE} [warning]", key, known)
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise WrongUse(f"{FILE} 里 warning.{key} 应当是 0 或更大的数：{value!r}。It must be a number, 0 or more.")
    return Limits(**said)


def churn(profile: Profile) -> dict[str, dict[str, int]]:
    """ISO week ("2026-W47") -> department -> how many requirements were asked to be changed, whatever was decided."""
    found: dict[str, dict[str, int]] = {}
    for at, department in _asked(profile):
        week = "{}-W{:02}".format(*at.astimezone().isocalendar()[:2])
        found.setdefault(week, {}).setdefault(department, 0)
        found[week][department] += 1
    return dict(sorted(found.items()))


def _asked(profile: Profile) -> Iterator[tuple[datetime, str]]:
    """When, and whose, for every requirement of every request; and those that the last run had and nobody asked for."""
    book = signed.read(profile)
    for request in book.requests:
        own = {**book.agreed.departments, **request.after.departments}
        yield from ((datetime.fromisoformat(request.at), own.get(id, "")) for id in request.what)
    run = latest(profile.workspace / "reports", profile.system)
    if run is None or book.baseline is None:
        return
    ran = contents.of_run(run)
    at = datetime.fromtimestamp((manifest.read(run).run.started or 0) / 1000).astimezone()
    for id in contents.changed(book.agreed, ran):
        asked = any(same(one.after, ran, id) for one in book.requests if id in one.what)
        if not asked and not book.once_agreed(id, ran):
            yield at, ran.departments.get(id) or book.agreed.departments.get(id, "")


def _churning(profile: Profile, limits: Limits, now: datetime) -> Iterator[Alert]:
    count = Counter(department for at, department in _asked(profile) if now - WEEK < at)  # the future: a wrong clock
    for key, value in sorted(count.items()):
        if value > limits.churn_per_week:
            yield Alert(
                CHURN,
                key,
                f"需求变更过多：{_name(key)}最近 7 天变更 {value} 条需求，上限 {limits.churn_per_week:g} 条。"
                f"Too many changes: {value} requirements of {key} in 7 days.",
                value,
                limits.churn_per_week,
            )


def due(profile: Profile) -> dict[str, date]:
    """Department -> the day by which it should have signed. WrongUse when it is no date."""
    told = {key: one.get("due") for key, one in profile.signatories.items() if isinstance(one, dict) and "due" in one}
    return {key: _day(key, said) for key, said in told.items()}


def _day(key: str, said: Any) -> date:
    try:
        day = said if isinstance(said, date) else date.fromisoformat(str(said))
        return day.date() if isinstance(day, datetime) else day
    except ValueError:
        raise WrongUse(
            f'{FILE} 里 signatories.{key}.due 应当是日期，例如 "2026-12-01"；这里是 {said!r}。It must be a date.'
        ) from None


def _late(profile: Profile, states: Mapping[str, str], today: date) -> Iterator[Alert]:
    for key, day in due(profile).items():
        if day < today and states.get(key) not in ANSWERED:
            days = (today - day).days
            yield Alert(
                OVERDUE,
                key,
                f"逾期未签：{_name(key)}应在 {day.isoformat()} 前签字，已过 {days} 天。"
                f"Overdue: {key} should have signed {days} days ago.",
                days,
            )


def _defects(profile: Profile, limits: Limits, now: datetime) -> Iterator[Alert]:
    entries = logbook.read(_journal(profile)).of("opened", "reopened")
    dated = [(datetime.fromisoformat(one.at), str(one.body.get("department") or "")) for one in entries]
    recent = Counter(key for at, key in dated if now - WEEK < at)
    before = Counter(key for at, key in dated if now - 2 * WEEK < at <= now - WEEK)
    for key, value in sorted(recent.items()):
        rising = value >= FEW and value > before[key] * limits.defects_rising
        if value > limits.defects_per_week or (before[key] and rising):
            yield Alert(
                DEFECTS,
                key,
                f"缺陷上升：{_name(key)}最近 7 天新增 {value} 个缺陷，前 7 天 {before[key]} 个"
                f"（上限 {limits.defects_per_week:g} 个或 {limits.defects_rising:g} 倍）。"
                f"Defects are rising: {value} of {key} in 7 days, {before[key]} in the 7 before.",
                value,
                limits.defects_per_week,
            )


def _broken(profile: Profile) -> Iterator[Alert]:
    for path in (books.path(profile.workspace), _journal(profile)):
        for problem in logbook.read(path).problems:
            said = f"记录被改动过：{path.name} {problem}。请从备份恢复。A journal was edited by hand."
            yield Alert(JOURNAL, "", said)


def _journal(profile: Profile) -> Path:
    return profile.workspace / logbook.FOLDER / DEFECTS_FILE


def _name(key: str) -> str:
    return DEPARTMENTS.get(key, key or "（未分部门）")
