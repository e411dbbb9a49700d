"""One peak by itself: the figures and the verdict of `crm-acceptance load`, as load.json tells them; runs nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm_acceptance.engines.load import histograms, merging, report
from crm_acceptance.engines.load.figures import counted, figures, rates, three_digits
from crm_acceptance.engines.load.foreign import May, wrong_answers
from crm_acceptance.engines.load.orders import Measured
from crm_acceptance.engines.load.peaks import Peak, Threshold
from crm_acceptance.engines.load.report import NOT_YET
from crm_acceptance.engines.load.resting import TOLERATED, odd_answers
from crm_acceptance.engines.load.verdict import (
    Verdict,
    judge,
    judge_foreign,
    judge_writes,
    lateness,
    out_of_reach,
    reasons,
)
from crm_acceptance.engines.load.writes import Look, accounts
from crm_acceptance.errors import AcceptanceError, Unproven
from crm_acceptance.model import Person

MET, NOT_MET, UNPROVEN = 0, 1, 3
SHOWN = 20
"""Wrong writes or answers that are named."""


@dataclass(frozen=True)
class Judged:
    """What one threshold came to; `met` is None when nothing can be said."""

    threshold: Threshold
    met: bool | None
    sentence: str
    wrong: tuple[str, ...] = ()
    """A sentence for each write, or answer, that makes it not met."""


@dataclass(frozen=True)
class Single:
    """A peak and what was measured; `reasons` why the run is invalid, none when it is valid; `doubts` why a valid
    one is no pass, whatever its thresholds say."""

    peak: Peak
    measured: Measured
    reasons: tuple[str, ...]
    judged: tuple[Judged, ...]
    out_of_reach: bool = False
    doubts: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 valid and every threshold met (without any: nothing was judged), 1 one of them not met, 3 invalid, unproven
        or doubtful, 4 site out of reach."""
        if self.reasons:
            return 4 if self.out_of_reach else UNPROVEN
        found = [one.met for one in self.judged]
        return NOT_MET if False in found else UNPROVEN if None in found or self.doubts else MET

    @property
    def met(self) -> bool | None:
        """Whether all thresholds are met; None when that cannot be said, or when there are none."""
        found = [one.met for one in self.judged]
        return False if False in found else None if None in found or not found or self.doubts else True


def judged(peak: Peak, measured: Measured, look: Look | None, may: May | None = None) -> Single:
    """The verdict. An invalid run meets no threshold and misses none: nothing can be said about the site. `look` finds
    writes again, `may` is the permission table; None: nobody looked, so what rests on it is unproven."""
    found = reasons(peak, measured)
    if found:
        void = tuple(Judged(one, None, "") for one in peak.thresholds)
        return Single(peak, measured, found, void, bool(out_of_reach(measured)))
    verdicts = tuple(_judged(peak, one, measured, look, may) for one in peak.thresholds)
    return Single(peak, measured, (), verdicts, doubts=tuple(_doubts(peak, measured)))


def _doubts(peak: Peak, measured: Measured) -> Iterator[str]:
    samples = counted(peak, measured)
    failed = [one.error for one in samples if one.error]
    if not peak.thresholds and len(failed) > TOLERATED * len(samples):
        yield (
            f"没有门槛，什么也没有判断；而且 {len(samples)} 次里失败 {len(failed)} 次（例如 {failed[0]}），不能算通过。"
            f"Nothing was judged, and {len(failed)} of {len(samples)} failed: no pass. Say in a threshold on errors "
            "how many may."
        )
    if said := odd_answers(measured):
        yield said


def _judged(peak: Peak, threshold: Threshold, measured: Measured, look: Look | None, may: May | None) -> Judged:
    try:
        found, wrong = _found(peak, threshold, measured, look, may)
    except AcceptanceError as reason:
        return Judged(threshold, None, str(reason))
    return Judged(threshold, found.met, found.sentence, tuple(wrong[:SHOWN]))


def _found(
    peak: Peak, threshold: Threshold, measured: Measured, look: Look | None, may: May | None
) -> tuple[Verdict, Sequence[str]]:
    if threshold.measure == "foreign":
        wrong, looked = wrong_answers(measured, may or (lambda *_: None))
        return judge_foreign(peak, threshold, measured, wrong, looked), wrong
    if threshold.measure != "writes":
        return judge(peak, threshold, measured), ()
    if look is None:
        raise Unproven(f"{peak.title}：{NOT_YET}")
    kept = accounts(measured, look)
    return judge_writes(peak, threshold, measured, kept), kept.wrong


def told(single: Single, site: str, people: Sequence[Person]) -> dict[str, Any]:
    """load.json. Latencies in milliseconds, counted after the ramp; null where too few samples stand behind one."""
    peak, measured = single.peak, single.measured
    return {
        "peak": peak.name,
        "title": peak.title,
        "site": site,
        "approval": measured.approval,
        "verdict": "invalid" if single.reasons else "valid",
        "reasons": list(single.reasons),
        "doubts": list(single.doubts),
        "thresholds_met": single.met,
        "thresholds": [_asked(one) for one in single.judged],
        **_latencies(peak, measured, people),
        "schedule_lag_p99_ms": three_digits(lateness(measured, 0.99) * 1000),
        "generator_cpu": three_digits(measured.cpu / measured.wall) if measured.wall else 0.0,
        "seconds": three_digits(measured.wall),
        "stopped": measured.stopped,
        "workers": merging.told(measured.workers),
        "server": report.server_of(peak, measured),
        **report.over_time(peak, measured),
    }


def told_in_short(single: Single) -> str:
    """The figures in one line for people."""
    peak, measured = single.peak, single.measured
    samples = counted(peak, measured)
    found, done = figures(samples), sum(rates(peak, measured, lambda one: one.verb).values())
    timed = [(name, found.measure(name)) for name in ("p50", "p95", "p99", "max")]
    shown = [f"{name} {'–' if value is None else f'{three_digits(value * 1000):g} ms'}" for name, value in timed]
    return f"共 {found.count} 次 in all · 出错 errors {found.errors} · 每秒完成 done/s {done:.3g} · {' · '.join(shown)}"


def _latencies(peak: Peak, measured: Measured, people: Sequence[Person]) -> dict[str, Any]:
    per_verb, per_department = kept(peak, measured, people)
    total = histograms.merged(per_verb.values())
    department = {one.key: one.department for one in people}
    by_verb = rates(peak, measured, lambda one: one.verb)
    by_department = rates(peak, measured, lambda one: department.get(one.person, ""))
    return {
        "total": histograms.told(total, sum(by_verb.values())),
        "verbs": {verb: histograms.told(one, by_verb.get(verb, 0.0)) for verb, one in per_verb.items()},
        "departments": {
            name: histograms.told(one, by_department.get(name, 0.0)) for name, one in per_department.items() if name
        },
    }


Kept = dict[str, histograms.Latencies]


def kept(peak: Peak, measured: Measured, people: Sequence[Person]) -> tuple[Kept, Kept]:
    """Histograms per verb and per department ("" for pages that need no login)."""
    department = {one.key: one.department for one in people}
    samples = counted(peak, measured)
    per_verb = histograms.by(samples, lambda one: one.verb)
    return per_verb, histograms.by(samples, lambda one: department.get(one.person, ""))


def _asked(one: Judged) -> Mapping[str, Any]:
    asked = one.threshold
    return {
        "requirement": asked.requirement,
        "measure": asked.measure,
        "verb": asked.verb,
        "department": asked.department,
        "window": asked.window,
        "limit": asked.limit,
        "met": one.met,
        "sentence": one.sentence,
        **({"wrong": list(one.wrong)} if one.wrong else {}),
    }
