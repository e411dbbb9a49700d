"""Whether a run is worth judging, and whether a threshold is met; runs nothing."""

from __future__ import annotations

from dataclasses import dataclass

from crm_acceptance.engines.load.figures import PERCENTILES, figures, needed, percentile, samples_of
from crm_acceptance.engines.load.orders import Measured
from crm_acceptance.engines.load.peaks import MB_PER_MINUTE, Peak, Threshold
from crm_acceptance.engines.load.watch import growth
from crm_acceptance.errors import SiteOutOfReach, Unproven

# A shared build machine hiccups. Beyond these the generator, not the site, has been measured.
LEAST_LATENESS, MOST_LATENESS = 0.01, 0.5
LATENESS_SHARE = 0.25
"""Of the tightest limit in seconds that the peak names: what the generator's own lateness (p95) may be at most."""
CPU_LIMIT = 0.9
"""Of one core: a generator that needs more of its only thread cannot keep its times."""


@dataclass(frozen=True)
class Verdict:
    """What one threshold came to: the figure, whether it holds, and the sentence for people."""

    met: bool
    value: float
    sentence: str


def lateness_limit(peak: Peak) -> float:
    """Seconds by which the generator itself may be late (p95): what can change no verdict of this peak, and little
    enough where no limit is named."""
    timed = [one.limit for one in peak.thresholds if one.measure in PERCENTILES or one.measure == "max"]
    return min(MOST_LATENESS, max(LEAST_LATENESS, LATENESS_SHARE * min(timed, default=0.0)))


def lateness(measured: Measured, share: float) -> float:
    """A percentile of how late the generator itself was: in beginning what somebody was free to begin, and in the
    beats of its heart."""
    late = (*measured.lags, *measured.pulses)
    return percentile(late, share) if late else 0.0


def refuse_invalid(peak: Peak, measured: Measured) -> None:
    """SiteOutOfReach or Unproven with the reason when this run cannot say anything about the site."""
    if measured.unreachable:
        raise SiteOutOfReach(measured.problem)
    if measured.problem:
        raise Unproven(f"高峰没有跑成：{measured.problem}")
    if not measured.samples:
        raise Unproven("高峰里一个请求也没有发出，什么也证明不了。No request was made, so nothing is proven.")
    _refuse_silence(measured)
    late, limit = lateness(measured, 0.95), lateness_limit(peak)
    if late > limit:
        raise Unproven(
            f"本次运行无效 invalid：压测机自己迟到了 {late:.3g} 秒（p95，上限 {limit:.3g}）。"
            "The generator was late, not the site: close other programs or use a stronger machine."
        )
    busy = measured.cpu / measured.wall if measured.wall else 0.0
    if busy > CPU_LIMIT:
        raise Unproven(
            f"本次运行无效 invalid：压测机的处理器用掉了一个核的 {busy:.0%}（上限 {CPU_LIMIT:.0%}）。"
            "The generator was starved of CPU: ask for fewer arrivals or use a stronger machine."
        )


def _refuse_silence(measured: Measured) -> None:
    errors = [one.error for one in measured.samples]
    if all(error.startswith("SiteOutOfReach") for error in errors) and "连不上" in errors[0]:
        raise SiteOutOfReach(errors[0].partition(": ")[2])


def judge(peak: Peak, threshold: Threshold, measured: Measured) -> Verdict:
    """One threshold on latency, errors or memory. Unproven when too few samples stand behind it."""
    if threshold.measure == "memory":
        return _judge_memory(peak, threshold, measured)
    found = figures(samples_of(measured, peak.ramp), threshold.verb)
    value = found.measure(threshold.measure)
    what = f"{threshold.verb or '全部动作 all verbs'} {threshold.measure}"
    if value is None:
        raise Unproven(
            f"{what} 只有 {found.count} 个样本，至少要 {needed(threshold.measure)} 个。"
            "Too few samples for this measure: lengthen the plateau or raise the rate."
        )
    return Verdict(value <= threshold.limit, value, _sentence(peak, threshold, what, value, found.count))


def _judge_memory(peak: Peak, threshold: Threshold, measured: Measured) -> Verdict:
    """The last two thirds of the plateau count: what is filled once at the beginning does not grow."""
    begun = measured.opened + peak.ramp
    value = growth(measured.server, begun + peak.plateau / 3, begun + peak.plateau)
    if value is None:
        raise Unproven(
            "看不到服务器的内存：只有本工具在本机启动的站点才量得到，而且稳定期要有几秒。"
            "The server's memory cannot be seen: only that of a site launched here, over a plateau of some seconds."
        )
    held = "达到 met" if value <= threshold.limit else "没有达到 not met"
    grown, limit = value / MB_PER_MINUTE, threshold.limit / MB_PER_MINUTE
    said = f"服务器内存每分钟增长 memory grows by {grown:.3g} MB/min，上限 {limit:g} MB/min：{held}"
    return Verdict(value <= threshold.limit, value, f"{peak.title}：{said}")


def judge_writes(peak: Peak, threshold: Threshold, measured: Measured, wrong: int) -> Verdict:
    """The threshold on writes, of which `wrong` were lost or doubled."""
    sure = sum(write.acknowledged for write in measured.writes)
    held = "达到 met" if wrong <= threshold.limit else "没有达到 not met"
    said = f"{sure} 笔已确认的写入，丢失或重复 lost or doubled {wrong} 笔，上限 {threshold.limit:g} 笔：{held}"
    return Verdict(wrong <= threshold.limit, wrong, f"{peak.title}：{said}")


def _sentence(peak: Peak, threshold: Threshold, what: str, value: float, count: int) -> str:
    timed = threshold.measure in PERCENTILES or threshold.measure == "max"
    shown = f"{value:.3g} 秒，上限 {threshold.limit:g} 秒" if timed else f"{value:.3%}，上限 {threshold.limit:.3%}"
    held = "达到 met" if value <= threshold.limit else "没有达到 not met"
    return f"{peak.title}：{what} = {shown}（{count} 个样本）：{held}"
