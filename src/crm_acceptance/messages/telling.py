"""A judged run, its signatures, defects and warnings as one message per channel; reads no file and sends nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crm_acceptance.gate import Verdict
from crm_acceptance.gate.matrix import Finding
from crm_acceptance.gate.verdict import Department
from crm_acceptance.messages.history import Span
from crm_acceptance.messages.news import Block, News, block
from crm_acceptance.model import DEPARTMENTS, Proof
from crm_acceptance.page.words import CRITICALITIES, DECISIONS, SENTENCES, Both, named
from crm_acceptance.signoff.standing import Standing
from crm_acceptance.trackers.journal import Filed

SHOWN = 10
"""Requirements, defects, names that one block lists; the rest is counted."""
MOODS = {"go": "good", "conditional": "warn", "unproven": "warn", "no-go": "bad"}
STATES = {
    "missing": "待签 not signed yet",
    "void": "签字已失效 void",
    "expired": "条件已过期 condition past its date",
    "refused": "拒签 refused",
}
YESES = {"yes": "已签：同意 yes", "conditional": "已签：有条件同意 conditional yes"}


@dataclass(frozen=True)
class Known:
    """What there is to tell. `standings` is empty where nobody is named to sign; `warnings` are sentences.

    open: defects that are not closed; moved: those opened, reopened or closed within the span of a report.
    """

    verdict: Verdict
    standings: tuple[Standing, ...] = ()
    warnings: tuple[str, ...] = ()
    open: tuple[Filed, ...] = ()
    moved: tuple[Filed, ...] = ()
    past: Span = field(default_factory=lambda: Span((), None))


def of_run(known: Known, departments: tuple[str, ...], link: str) -> News:
    """What one run decided; the same again while nothing changed."""
    verdict = known.verdict
    blocks = _blocks(
        ("结论 decision", _decision(verdict)),
        ("各部门 departments", _departments(known, departments)),
        ("被推翻的需求 disproven", _disproven(verdict, departments)),
        ("等待签字 sign-off", _asks(known.standings, departments)),
        ("预警 early warnings", known.warnings),
        ("未关闭的关键缺陷 open critical defects", _critical(known.open, departments)),
    )
    said = hashlib.sha256(repr(blocks).encode()).hexdigest()[:12]
    title = f"CRM 验收：{_word(verdict)}（{verdict.run.system}）"
    return News("run", f"{verdict.run.id}/{said}", title, _mood(known), blocks, link)


def report(known: Known, departments: tuple[str, ...], link: str, now: datetime, days: int) -> News:
    """日报 (days 1) or 周报 (days 7): one per channel and day or week, whoever asks for it."""
    verdict, daily = known.verdict, days == 1
    topic, name, when = ("daily", "日报", f"{now:%m-%d}") if daily else ("weekly", "周报", _week(now))
    about = f"{verdict.run.system}/{now:%Y-%m-%d}" if daily else f"{verdict.run.system}/{now:%G-W%V}"
    blocks = _blocks(
        ("最近一次结论 latest decision", _decision(verdict)),
        ("各部门 departments", _departments(known, departments)),
        (f"这段时间的变化 since {'yesterday' if daily else 'last week'}", _changes(known.past)),
        ("被推翻的需求 disproven", _disproven(verdict, departments)),
        ("缺陷 defects", _defects(known, departments)),
        ("签字 sign-off", _asks(known.standings, departments)),
        ("预警 early warnings", known.warnings),
    )
    return News(topic, about, f"CRM 验收{name} {when}：{_word(verdict)}", _mood(known), blocks, link)


def test(now: datetime) -> News:
    """Whether a channel works; a new one every minute."""
    lines = ("如果看到这条消息，说明这个渠道可用。This channel works.", f"{now:%Y-%m-%d %H:%M}")
    return News("test", f"{now:%Y-%m-%d %H:%M}", "CRM 验收：测试消息", "plain", (block("", lines),))


def _week(now: datetime) -> str:
    return f"{now - timedelta(days=6):%m-%d} 至 {now:%m-%d}"


def _word(verdict: Verdict) -> str:
    return _both(DECISIONS[verdict.decision.value])


def _both(term: Both) -> str:
    return f"{term.zh} {term.en}"


def _mood(known: Known) -> str:
    mood = MOODS[known.verdict.decision.value]
    return "warn" if mood == "good" and known.warnings else mood


def _blocks(*told: tuple[str, Iterable[str]]) -> tuple[Block, ...]:
    """Those that have something to say."""
    return tuple(block(heading, lines) for heading, given in told if (lines := list(given)))


def _decision(verdict: Verdict) -> list[str]:
    count = verdict.count
    figures = f"需求 {count.total} 条：已证明 {count.proven}，被推翻 {count.disproven}，待证明 {count.unproven}"
    troubles = [f"运行不完整 the run is not whole：{one}" for one in verdict.problems[:3]]
    return [SENTENCES[verdict.decision.value].zh, figures, f"运行 run {verdict.run.id}", *troubles]


def _departments(known: Known, departments: tuple[str, ...]) -> list[str]:
    signed = {one.department: one for one in known.standings}
    own = [one for one in known.verdict.departments if not departments or one.key in departments]
    return [_department(one, signed.get(one.key)) for one in own]


def _department(one: Department, standing: Standing | None) -> str:
    count = one.count
    word = named(DECISIONS, count.decision.value).zh
    figures = f"已证明 {count.proven} / {count.total}"
    figures += f"，被推翻 {count.disproven}" if count.disproven else ""
    figures += f"，待证明 {count.unproven}" if count.unproven else ""
    if not one.needed:
        return f"{one.name}：{word}（{figures}） · 不计入 not counted"
    return f"{one.name}：{word}（{figures}）" + (f" · {_standing(standing)}" if standing else "")


def _standing(one: Standing) -> str:
    if one.state == "valid":
        return YESES.get(one.answer or "", one.answer or "")
    return f"{STATES.get(one.state, one.state)} {one.hands}/{one.needed}"


def _disproven(verdict: Verdict, departments: tuple[str, ...]) -> list[str]:
    found = [one for one in verdict.findings if one.proof is Proof.DISPROVEN and _of(one, departments)]
    return _first([_finding(one) for one in found], "条需求 more")


def _of(one: Finding, departments: tuple[str, ...]) -> bool:
    return not departments or one.requirement.department in departments


def _finding(one: Finding) -> str:
    what = one.requirement
    failed = [check for check in one.checks if check.proof is Proof.DISPROVEN]
    reason = failed[0].reason[:120] if failed else ""
    more = f"（{len(failed)} 项检查）" if len(failed) > 1 else ""
    level = named(CRITICALITIES, what.criticality).zh
    return f"{what.id} {DEPARTMENTS.get(what.department, what.department)}·{level}：{what.text}{more}。{reason}"


def _first(lines: list[str], more: str) -> list[str]:
    rest = len(lines) - SHOWN
    return [*lines[:SHOWN], *([f"另有 {rest} {more}"] if rest > 0 else [])]


def _asks(standings: Iterable[Standing], departments: tuple[str, ...]) -> list[str]:
    """Who is waited for, with the reason; what is signed and stands is not asked for again."""
    waited = [one for one in standings if one.counted and one.state != "valid"]
    return [_ask(one) for one in waited if not departments or one.department in departments]


def _ask(one: Standing) -> str:
    name = DEPARTMENTS.get(one.department, one.department)
    why = f"：{'；'.join(one.reasons[:2])}" if one.reasons and one.state != "missing" else ""
    how = "，结论出来后请签字" if one.decision in ("no-go", "unproven") else "，请签字 please sign"
    return f"{name}：{STATES.get(one.state, one.state)} {one.hands}/{one.needed}{why}{how}"


def _changes(past: Span) -> list[str]:
    if not past.runs:
        return ["没有运行 no run"]
    names: Mapping[str, str] = {decision: both.zh for decision, both in DECISIONS.items()}
    runs = [f"{run.finished:%m-%d %H:%M} {names.get(run.decision, run.decision)}（{run.id}）" for run in past.runs]
    worse, better = past.changes()
    lines = [f"运行 {len(runs)} 次 runs", *_first(runs[::-1], "次运行 more")]
    lines += [f"新被推翻 newly disproven：{', '.join(worse[:SHOWN])}（{len(worse)}）"] if worse else []
    return [*lines, *([f"恢复 proven again：{', '.join(better[:SHOWN])}（{len(better)}）"] if better else [])]


def _defects(known: Known, departments: tuple[str, ...]) -> list[str]:
    own = [one for one in known.moved if not departments or one.department in departments]
    counted = {state: len([one for one in own if one.state == state]) for state in ("opened", "reopened", "closed")}
    lines = [f"新开 {counted['opened']}，重开 {counted['reopened']}，关闭 {counted['closed']}"] if own else []
    still = [one for one in known.open if not departments or one.department in departments]
    return [*lines, *([f"未关闭 open：{len(still)}"] if still else []), *_critical(known.open, departments)]


def _critical(filed: Iterable[Filed], departments: tuple[str, ...]) -> list[str]:
    own = [one for one in filed if one.criticality == "critical"]
    own = [one for one in own if not departments or one.department in departments]
    return _first([f"{one.key} {one.requirement}：{one.title}" for one in own], "个 more")
