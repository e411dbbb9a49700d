"""When being met says nothing: a figure that rests on failures, or on a peak that was not run to its end. What is not
met stays not met; computes no figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import inf

from crm_acceptance.engines.load import server
from crm_acceptance.engines.load.figures import PERCENTILES, counted, spans_of
from crm_acceptance.engines.load.limits import Threshold
from crm_acceptance.engines.load.orders import Measured, Sample
from crm_acceptance.engines.load.peaks import Peak
from crm_acceptance.engines.load.rolling import concerns, too_many, what
from crm_acceptance.engines.load.windowed import worst
from crm_acceptance.errors import Unproven

TOLERATED = 0.01
"""Of what counts: so much may fail where no threshold on errors says how much. A site that refuses more was never
under the load that is asked about: it lost nothing, leaked nothing and was quick because it did nothing."""
ODD = 0.1
"""Of the answers that were looked into: more that look like errors are no pass until somebody says what is right."""
_UNTIMED = ("max", "drift", "memory", "writes", "foreign")


def concerned(peak: Peak, threshold: Threshold, measured: Measured) -> list[Sample]:
    """The Actions that count for it."""
    return [
        one
        for one in counted(peak, measured)
        if concerns(threshold, one.verb, one.person, measured.departments)
    ]  # fmt: skip


def doubted(peak: Peak, threshold: Threshold, measured: Measured) -> None:
    """Of a threshold that is met: Unproven when that says nothing about the site."""
    if said := odd_answers(measured):
        raise Unproven(f"{what(threshold)}：{said}")
    samples = concerned(peak, threshold, measured)
    failed = sum(bool(one.error) for one in samples)
    if failed and _rests(peak, threshold, measured, samples, failed):
        asked = "比 errors 门槛允许的多" if _borne(peak, threshold) else "请加一条 errors 门槛"
        raise Unproven(
            f"{what(threshold)}：{len(samples)} 次中失败 {failed} 次，失败得快不算快，没做成的也不算没出事；{asked}。"
            f"{failed} failed: a quick refusal is no speed, and what was refused proves nothing. Say in a threshold on "
            "errors how many may fail."
        )
    if measured.stopped and threshold.measure != "throughput":
        raise Unproven(f"{what(threshold)}：高峰提前停止，没有跑完。The peak was stopped early, so this is not known.")


def odd_answers(measured: Measured) -> str:
    """Why the answers to pages of which nothing is expected are no pages; "" when they are, or nobody looked."""
    looked, odd = len(measured.odd), [one for one in measured.odd if one]
    if len(odd) <= ODD * looked:
        return ""
    return (
        f"抽查了 {looked} 个应答，{len(odd)} 个状态正常而内容像是出错（例如 {odd[0]}），不能算通过："
        f"请用 expect 写明什么样的应答才对。{len(odd)} of {looked} answers look like errors though their status is "
        "fine: no pass. Say with `expect` what a right answer is."
    )


def _borne(peak: Peak, threshold: Threshold) -> list[float]:
    """What thresholds on errors allow of those Actions, each alone or among others."""
    return [
        one.limit
        for one in peak.thresholds
        if one.measure == "errors"
        and one.verb in ("", threshold.verb)
        and one.department in ("", threshold.department)
    ]  # fmt: skip


def _rests(peak: Peak, threshold: Threshold, measured: Measured, samples: Sequence[Sample], failed: int) -> bool:
    borne = _borne(peak, threshold)
    if threshold.measure in _UNTIMED or threshold.measure.startswith(server.PREFIX):
        return failed > max(borne, default=TOLERATED) * len(samples)
    if threshold.measure not in PERCENTILES:
        return False
    if threshold.window:
        return not borne and _in_a_window(peak, threshold, measured, samples)
    bad = sum(bool(one.error) or one.ended - one.intended > threshold.limit for one in samples)
    decided = too_many(threshold.measure, threshold.limit, len(samples), bad)
    return decided and failed > max(borne, default=0.0) * len(samples)


def _in_a_window(peak: Peak, threshold: Threshold, measured: Measured, samples: Sequence[Sample]) -> bool:
    """Whether a window would miss it if what failed had taken for ever."""
    slow = [replace(one, ended=inf) if one.error else one for one in samples]
    found = worst(threshold, slow, spans_of(peak, measured), measured.departments)
    return found is not None and found.value > threshold.limit
