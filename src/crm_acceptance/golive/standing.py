"""Where every phase stands, and what keeps the next one shut; writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from crm_acceptance import logbook
from crm_acceptance.golive import records
from crm_acceptance.golive.plan import Phase, Plan
from crm_acceptance.logbook import Logbook
from crm_acceptance.signoff import Standing as Signoff

DONE, LIVE, READY, BLOCKED = "done", "live", "ready", "blocked"
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Standing:
    """One phase: `state` done live ready blocked; `reasons` why it cannot be entered; `said`: the last decision's."""

    phase: Phase
    state: str
    reasons: tuple[str, ...] = ()
    entered: str = ""
    said: str = ""


@dataclass(frozen=True)
class Facts:
    """What is known: both journals, what the departments signed, and what time it is (with an offset)."""

    journal: Logbook
    defects: Logbook
    signed: Mapping[str, Signoff]
    now: datetime

    @property
    def broken(self) -> tuple[str, ...]:
        """Why nothing that is written can be believed."""
        return (*self.journal.problems, *self.defects.problems)


def facts(workspace: Path, signed: Iterable[Signoff], now: datetime) -> Facts:
    """Reads the journals of the workspace."""
    defects = logbook.read(workspace / logbook.FOLDER / "defects.jsonl")
    return Facts(logbook.read(records.journal(workspace)), defects, {one.department: one for one in signed}, now)


def standings(plan: Plan, known: Facts) -> tuple[Standing, ...]:
    """Every phase in order."""
    return tuple(_standing(plan, phase, known) for phase in plan.phases)


def _standing(plan: Plan, phase: Phase, known: Facts) -> Standing:
    began, answer, reason = _history(phase, known.journal)
    if began:
        return Standing(phase, DONE if answer == "continue" else LIVE, (), began, reason)
    why = tuple(why for rule in ENTRY for why in rule(plan, phase, known))
    return Standing(phase, BLOCKED if why else READY, why, "", reason)


def _history(phase: Phase, journal: Logbook) -> tuple[str, str, str]:
    """When it was last entered and what was decided since. Whoever was rolled back must enter anew."""
    began = answer = reason = ""
    for entry in journal.of("entered", "decided"):
        if entry.body.get("phase") != phase.name:
            continue
        if entry.kind == "entered":
            began, answer, reason = entry.at, "", ""
        else:
            answer, reason = str(entry.body.get("answer")), str(entry.body.get("reason"))
    if answer == "rollback":
        return "", answer, f"上次已回滚 rolled back: {reason}"
    return began, answer, reason


def _journals(plan: Plan, phase: Phase, known: Facts) -> Iterator[str]:
    for problem in known.broken:
        yield f"台账被改动过，什么也不能相信 a journal was changed: {problem}"


def _before(plan: Plan, phase: Phase, known: Facts) -> Iterator[str]:
    before = plan.before(phase)
    if before is None:
        return
    began, answer, _ = _history(before, known.journal)
    if not began:
        yield f"上一阶段「{before.title}」还没有开始 the phase before has not begun"
    elif answer != "continue":
        yield f"上一阶段「{before.title}」还没有决定继续 nobody decided to continue after the phase before"


def _signatures(plan: Plan, phase: Phase, known: Facts) -> Iterator[str]:
    for key in phase.departments:
        found = known.signed.get(key)
        if found is None or found.state != "valid":
            why = found.reasons[0] if found and found.reasons else "没有签字 nothing was signed"
            yield f"{key} 没有有效的签字 no valid signature：{why}"
        elif found.answer == "conditional" and not phase.conditional:
            yield f"{key} 只是有条件通过，这一阶段要无条件 signed with conditions only"


def _drilled(plan: Plan, phase: Phase, known: Facts) -> Iterator[str]:
    drills = known.journal.of("drill")
    if not drills:
        yield "回滚从来没有演练过 the rollback was never rehearsed: crm-acceptance golive drill"
        return
    last = drills[-1].body
    passed = records.age(str(last.get("ended")), known.now)
    if last.get("ok") is not True:
        yield f"最近一次回滚演练没有成功 the last drill failed：{last.get('what')}"
    elif passed is None or passed > DAY * plan.drill_days:
        yield f"回滚演练已过期（超过 {plan.drill_days:g} 天）the rollback drill has expired"


def _live(plan: Plan, phase: Phase, known: Facts) -> Iterator[str]:
    """Figures of the phase before, since it began, and fresh."""
    before = plan.before(phase)
    if before is None:
        return
    began, _, _ = _history(before, known.journal)
    for name, limit in phase.limits.items():
        figures = [one for one in known.journal.of("figure") if _is_of(one.body, before, name) and one.at >= began]
        if not began or not figures:
            yield f"没有「{before.title}」阶段的数字 {name} nobody recorded this figure"
            continue
        value, taken = figures[-1].body.get("value"), records.age(figures[-1].at, known.now)
        if taken is None or taken > DAY * phase.fresh_days:
            yield f"{name} 的数字太旧（超过 {phase.fresh_days:g} 天）the figure is stale"
        elif not isinstance(value, int | float) or not limit.holds(value):
            yield f"{name} 是 {value}，应为 expected {limit}"


def _is_of(body: Mapping[str, object], phase: Phase, name: str) -> bool:
    return body.get("phase") == phase.name and body.get("name") == name


def _arrival(plan: Plan, phase: Phase, known: Facts) -> Iterator[str]:
    before, most = plan.before(phase), phase.new_defects_per_day
    if before is None or most is None:
        return
    began, _, _ = _history(before, known.journal)
    lasted = records.age(began, known.now) if began else None
    if lasted is None:
        yield "上一阶段没有开始，不知道每天新增多少缺陷 the defect arrival is not known"
        return
    if not any(one.at >= began for one in known.defects.entries):
        yield (
            f"「{before.title}」开始以后没有人核对过缺陷，不知道每天新增多少：crm-acceptance defects file "
            "nobody compared a run with the trackers since it began: the defect arrival is not known"
        )
        return
    moved = (one for one in known.defects.of("opened", "reopened") if one.at >= began and _own(one.body, before))
    fresh = {(one.body.get("fingerprint"), one.kind, one.body.get("run")) for one in moved}  # in how many trackers ever
    daily = len(fresh) / max(1.0, lasted / DAY)
    if daily > most:
        yield f"每天新增 {daily:.2g} 个缺陷，最多 {most:g} 个 too many new defects a day"


def _own(body: Mapping[str, object], phase: Phase) -> bool:
    told = body.get("departments")
    concerned = told if isinstance(told, list) and told else [body.get("department")]
    return any(one in phase.departments for one in concerned)


ENTRY: tuple[Callable[[Plan, Phase, Facts], Iterator[str]], ...] = (
    _journals, _before, _signatures, _drilled, _live, _arrival,
)  # fmt: skip
"""What must hold before a phase may begin; a new condition is one more function."""
