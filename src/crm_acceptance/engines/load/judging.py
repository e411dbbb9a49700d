"""Whether one threshold is met by what was measured; whether the run may be judged at all is verdict.py's."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from crm_acceptance.engines.load import drift, schedule, server
from crm_acceptance.engines.load.figures import PERCENTILES, fewest, figures, needed, percentile, spans_of
from crm_acceptance.engines.load.limits import MB_PER_MINUTE, Threshold
from crm_acceptance.engines.load.orders import Measured, Sample
from crm_acceptance.engines.load.peaks import Peak
from crm_acceptance.engines.load.resting import concerned, doubted
from crm_acceptance.engines.load.rolling import concerns, too_many, what
from crm_acceptance.engines.load.windowed import worst
from crm_acceptance.engines.load.work import Arrival
from crm_acceptance.engines.load.writes import Accounts
from crm_acceptance.errors import Unproven

MET, NOT_MET = "达到 met", "没有达到 not met"
MS_PER_MINUTE = 0.001 / 60
"""Seconds of p95 per second in one millisecond per minute."""


@dataclass(frozen=True)
class Verdict:
    """What one threshold came to: the figure, whether it holds, and the sentence for people."""

    met: bool
    value: float
    sentence: str


def judge(peak: Peak, threshold: Threshold, measured: Measured) -> Verdict:
    """One threshold on latency, errors, throughput, drift or memory. Unproven when too little stands behind it, or when
    it is met only because of failures; of a run that was stopped early, everything but what is not met already,
    whatever would have come."""
    found = _found(peak, threshold, measured)
    if found.met:
        doubted(peak, threshold, measured)
    return found


def _found(peak: Peak, threshold: Threshold, measured: Measured) -> Verdict:
    if threshold.measure == "memory":
        return _memory(peak, threshold, measured)
    if threshold.measure.startswith(server.PREFIX):
        return _of_server(peak, threshold, measured)
    return _of_samples(peak, threshold, measured, concerned(peak, threshold, measured))


def _of_samples(peak: Peak, threshold: Threshold, measured: Measured, samples: Sequence[Sample]) -> Verdict:
    if threshold.window:
        return _windowed(peak, threshold, measured, samples)
    if threshold.measure == "throughput":
        return _throughput(peak, threshold, measured)
    if threshold.measure == "drift":
        return _drift(peak, threshold, measured, samples)
    return _whole(peak, threshold, measured, samples)


def _whole(peak: Peak, threshold: Threshold, measured: Measured, samples: Sequence[Sample]) -> Verdict:
    """A percentile, the slowest, or the share of errors over all that counts."""
    found = figures(samples)
    value = found.measure(threshold.measure)
    if measured.stopped:
        return _already(peak, threshold, measured, samples)
    if value is None:
        timed = threshold.measure in PERCENTILES
        if timed and peak.think and (slow := _prevented(peak, threshold, measured, samples)):
            return slow
        raise Unproven(
            f"{what(threshold)} 只有 {found.count} 个样本，至少要 {needed(threshold.measure)} 个。"
            "Too few samples for this measure: lengthen the plateau or raise the rate."
        )
    met = value <= threshold.limit
    if met and found.count < (least := fewest(threshold.measure, threshold.limit)):
        raise Unproven(
            f"{what(threshold)} 只有 {found.count} 个样本，至少要 {least} 个才看得出 {threshold.limit:.3%}。"
            "Too few samples for so small a share: lengthen the plateau or raise the rate."
        )
    if met and threshold.measure != "errors" and found.errors == found.count:
        raise Unproven(
            f"{what(threshold)}：{found.count} 次全部失败，失败得快不算快。All failed: a quick refusal is no speed."
        )
    return Verdict(met, value, _sentence(peak, threshold, value, f"{found.count} 个样本 samples", met))


def _prevented(peak: Peak, threshold: Threshold, measured: Measured, samples: Sequence[Sample]) -> Verdict | None:
    """Not met, when a site so slow that its people had no time to do enough has missed the limit more often than all
    that is lacking could mend; None when it has not, or when too little was planned anyway."""
    least = needed(threshold.measure)
    late = sorted(one.ended - one.intended for one in samples)
    padded = [0.0] * (least - len(late)) + late
    value = percentile(padded, PERCENTILES[threshold.measure])
    if value <= threshold.limit or _planned(peak, threshold, measured) < least:
        return None
    said = f"太慢，只做成 {len(late)} 件，再多做到 {least} 件也来不及 too slow to do more than {len(late)}"
    return Verdict(False, value, _sentence(peak, threshold, value, said, False))


def _already(peak: Peak, threshold: Threshold, measured: Measured, samples: Sequence[Sample]) -> Verdict:
    """What was not met before the run was stopped and could not have been mended by all that was still planned."""
    timed = threshold.measure != "errors"
    bad = sum(one.ended - one.intended > threshold.limit if timed else bool(one.error) for one in samples)
    whole = max(len(samples), _planned(peak, threshold, measured))
    known = threshold.measure == "max" or not peak.think
    value = figures(samples).measure(threshold.measure)
    if known and bad and value is not None and too_many(threshold.measure, threshold.limit, whole, bad):
        return Verdict(False, value, _sentence(peak, threshold, value, f"{len(samples)} 个样本 samples", False))
    raise Unproven(f"{what(threshold)}：高峰提前停止，没有跑完。The peak was stopped early, so this is not known.")


def _planned(peak: Peak, threshold: Threshold, measured: Measured) -> int:
    spans = peak.counted_from()
    return sum(any(begin <= one.at < end for begin, end in spans) for one in _plan(peak, threshold, measured))


def _plan(peak: Peak, threshold: Threshold, measured: Measured) -> list[Arrival]:
    """What was to come of it, in order of time."""
    departments = measured.departments
    return [one for one in schedule.arrivals(peak) if concerns(threshold, one.verb, one.person, departments)]


def _windowed(peak: Peak, threshold: Threshold, measured: Measured, samples: Sequence[Sample]) -> Verdict:
    planned = [one.at for one in _plan(peak, threshold, measured)] if peak.think else []
    found = worst(threshold, samples, spans_of(peak, measured), measured.departments, planned)
    if found is not None and _missed(threshold, found.value):
        when = f"第 {found.begin} 到 {found.end} 秒 seconds {found.begin} to {found.end}，{found.count} 个样本 samples"
        return Verdict(False, found.value, _sentence(peak, threshold, found.value, when, False))
    if stopped_by(threshold, measured):
        return Verdict(False, found.value if found else math.nan, f"{peak.title}：{measured.stopped}")
    if measured.stopped:
        raise Unproven(f"{what(threshold)}：高峰提前停止，没有跑完。The peak was stopped early, so this is not known.")
    if found is None:
        raise Unproven(
            f"{what(threshold)}：没有一段 {threshold.window:g} 秒里的样本够多（至少 {needed(threshold.measure)} 个）。"
            f"No stretch of {threshold.window:g} s holds samples enough: lengthen the plateau or raise the rate."
        )
    when = f"最差的 {threshold.window:g} 秒 the worst of {found.judged} windows，第 {found.begin} 秒起 from second"
    return Verdict(True, found.value, _sentence(peak, threshold, found.value, when, True))


def _missed(threshold: Threshold, value: float) -> bool:
    return value < threshold.limit if threshold.measure == "throughput" else value > threshold.limit


def stopped_by(threshold: Threshold, measured: Measured) -> bool:
    """Whether it was this threshold that ended the run early."""
    return threshold.window > 0 and measured.stopped.startswith(f"{what(threshold)}：")


def _throughput(peak: Peak, threshold: Threshold, measured: Measured) -> Verdict:
    """Actions acknowledged per second of all that counts, by the time of their answer, whenever they were intended."""
    spans = peak.counted_from()
    span = sum(end - begin for begin, end in spans)
    done = sum(
        not one.error and concerns(threshold, one.verb, one.person, measured.departments)
        and any(begin <= one.ended < end for begin, end in spans)
        for one in measured.samples
    )  # fmt: skip
    value = done / span if span else 0.0
    met = value >= threshold.limit
    if measured.stopped and not met:
        raise Unproven(f"{what(threshold)}：高峰提前停止，没有跑完。The peak was stopped early, so this is not known.")
    return Verdict(met, value, _sentence(peak, threshold, value, f"{done} 件得到确认 acknowledged", met))


def _drift(peak: Peak, threshold: Threshold, measured: Measured, samples: Sequence[Sample]) -> Verdict:
    found = drift.slope(drift.p95_points(samples))
    if found is None:
        raise Unproven(
            f"{what(threshold)} 只有 {len(samples)} 个样本，至少要 {drift.FEWEST * needed('p95')} 个才看得出趋势。"
            "Too short a soak for a trend of its p95: lengthen it or raise the rate."
        )
    return _creeping(peak, threshold, found, f"{what(threshold)} 的 p95 每分钟变化 changes by", MS_PER_MINUTE, "ms/min")


def _memory(peak: Peak, threshold: Threshold, measured: Measured) -> Verdict:
    """The last two thirds of what counts: what is filled once at the beginning does not grow."""
    spans = spans_of(peak, measured)
    begin, end = (spans[0][0], spans[-1][1]) if spans else (0.0, 0.0)
    since, until = measured.opened + begin + (end - begin) / 3, measured.opened + end
    points = [(one.at, one.memory) for one in measured.server if since <= one.at <= until]
    found = drift.slope(drift.blocks(points))
    if found is None:
        raise Unproven(
            "看不到服务器的内存：只有本工具在本机启动的站点才量得到，而且稳定期要有几秒。"
            "The server's memory cannot be seen: only that of a site launched here, over a plateau of some seconds."
        )
    if server.gone_for_long([at for at, _ in points], until - since):
        raise Unproven(
            "服务器的内存有一半以上的时间没有看到，它的进程可能中途没了。"
            "The server's memory was not seen for more than half of the time: its process may have gone."
        )
    return _creeping(peak, threshold, found, "服务器内存每分钟增长 memory grows by", MB_PER_MINUTE, "MB/min")


def _of_server(peak: Peak, threshold: Threshold, measured: Measured) -> Verdict:
    """A figure that the server tells of itself, for 95 % of the time that counts."""
    value, limit, least = server.value_of(peak, threshold, measured), threshold.limit, threshold.least
    met = value >= limit if least else value <= limit
    side, bound = ("不低于 at least", "下限") if least else ("不高于 at most", "上限")
    told = f"服务器 {threshold.measure} 95 % 的时间{side} {value:.3g}，{bound} {limit:g}"
    return Verdict(met, value, f"{peak.title}：{told}：{MET if met else NOT_MET}")


def _creeping(
    peak: Peak, threshold: Threshold, found: drift.Slope, said: str, unit: float, name: str
) -> Verdict:  # fmt: skip
    """Not met when even the lower bound is over the limit, met when even the upper one is not: noise disproves nothing,
    and proves nothing."""
    low, value, high, limit = (one / unit for one in (found.low, found.value, found.high, threshold.limit))
    told = f"{peak.title}：{said} {value:.3g} {name}（95 %：{low:.3g} 至 to {high:.3g}），上限 {limit:g} {name}"
    if found.low <= threshold.limit < found.high:
        raise Unproven(f"{told}：太短或太乱，看不出来。Too short or too noisy to tell: lengthen the soak.")
    met = found.high <= threshold.limit
    return Verdict(met, found.value, f"{told}：{MET if met else NOT_MET}")


def judge_writes(peak: Peak, threshold: Threshold, measured: Measured, found: Accounts) -> Verdict:
    """The threshold on writes that were lost or doubled. Unproven when it is met of a peak that was not borne."""
    met = len(found.wrong) <= threshold.limit
    if met:
        doubted(peak, threshold, measured)
    lost = f"丢失或重复 lost or doubled {len(found.wrong)} 笔，上限 {threshold.limit:g} 笔"
    said = f"{found.acknowledged} 笔已确认的写入，{lost}"
    if found.unanswered:
        said += f"；另有 {found.unanswered} 笔没有得到确认 not acknowledged，其中 {found.there} 笔在 are there"
    return Verdict(met, len(found.wrong), f"{peak.title}：{said}：{MET if met else NOT_MET}")


def judge_foreign(
    peak: Peak, threshold: Threshold, measured: Measured, wrong: Sequence[str], looked: int
) -> Verdict:  # fmt: skip
    """The threshold on answers with somebody else's data, of which `looked` were looked into. Unproven as above."""
    met = len(wrong) <= threshold.limit
    if met:
        doubted(peak, threshold, measured)
    said = f"抽查了 {looked} 个回答 answers looked into，带有别人数据 with somebody else's data {len(wrong)} 个"
    return Verdict(met, len(wrong), f"{peak.title}：{said}，上限 {threshold.limit:g} 个：{MET if met else NOT_MET}")


def _sentence(peak: Peak, threshold: Threshold, value: float, beside: str, met: bool) -> str:
    if threshold.measure == "throughput":
        shown = f"{value:.3g} /s，下限 {threshold.limit:g} /s"
    elif threshold.measure in PERCENTILES or threshold.measure == "max":
        shown = f"{value:.3g} 秒，上限 {threshold.limit:g} 秒"
    else:
        shown = f"{value:.3%}，上限 {threshold.limit:.3%}"
    held = f"任何 {threshold.window:g} 秒内 over any {threshold.window:g} s " if threshold.window else ""
    return f"{peak.title}：{held}{what(threshold)} = {shown}（{beside}）：{MET if met else NOT_MET}"
