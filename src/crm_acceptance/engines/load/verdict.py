"""Whether a run is worth judging, with all reasons why not; whether a threshold is met is judging.py's."""

from __future__ import annotations

from collections.abc import Iterator

from crm_acceptance.engines.load.figures import PERCENTILES, percentile
from crm_acceptance.engines.load.health import complaint
from crm_acceptance.engines.load.judging import Verdict as Verdict
from crm_acceptance.engines.load.judging import judge as judge
from crm_acceptance.engines.load.judging import judge_foreign as judge_foreign
from crm_acceptance.engines.load.judging import judge_writes as judge_writes
from crm_acceptance.engines.load.judging import stopped_by
from crm_acceptance.engines.load.orders import Measured
from crm_acceptance.engines.load.peaks import Peak
from crm_acceptance.errors import SiteOutOfReach, Unproven

# A shared build machine hiccups. Beyond these the generator, not the site, has been measured.
LEAST_LATENESS, MOST_LATENESS = 0.01, 0.5
LATENESS_SHARE = 0.25
"""Of the tightest limit in seconds that the peak names: what the generator's own lateness (p95) may be at most."""
CPU_LIMIT = 0.9
"""Of one core: a generator that needs more of its only thread cannot keep its times."""


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
    """SiteOutOfReach or Unproven with all reasons why this run cannot say anything about the site."""
    if gone := out_of_reach(measured):
        raise SiteOutOfReach(gone)
    if found := reasons(peak, measured):
        raise Unproven("；".join(found))


def out_of_reach(measured: Measured) -> str:
    """Why nobody got through to the site at all; "" when somebody did."""
    if measured.unreachable:
        return measured.problem
    errors = [one.error for one in measured.samples]
    shut = any(word in (errors or [""])[0] for word in ("连不上", "证书不被信任"))
    silent = shut and all(error.startswith("SiteOutOfReach") for error in errors)
    return errors[0].partition(": ")[2] if silent else ""


def reasons(peak: Peak, measured: Measured) -> tuple[str, ...]:
    """Everything that makes the run invalid, one sentence each, the plainest first; () for one that may be judged.
    A run that a threshold ended early is not among them: it is judged, and that threshold is not met."""
    if gone := out_of_reach(measured):
        return (gone,)
    return tuple(_reasons(peak, measured))


def ours(peak: Peak, measured: Measured) -> tuple[str, ...]:
    """The same when nothing but our own generator (its lateness, its processor) is to blame; else ()."""
    found = reasons(peak, measured)
    blamed = tuple(_generator(peak, measured)) if measured.samples else ()
    return found if found == blamed else ()


def _reasons(peak: Peak, measured: Measured) -> Iterator[str]:
    if measured.problem:
        yield f"高峰没有跑成：{measured.problem}"
    yield from (one for one in measured.lost if one != measured.problem)
    if measured.stopped and not any(stopped_by(one, measured) for one in peak.thresholds):
        yield f"本次运行无效 invalid：高峰没有跑完 not run to its end：{measured.stopped}"
    if not measured.samples and not measured.problem:
        yield "高峰里一个请求也没有发出，什么也证明不了。No request was made, so nothing is proven."
    if measured.samples and not peak.thresholds and all(one.error for one in measured.samples):
        yield (
            f"{len(measured.samples)} 个请求没有一个成功，什么也证明不了 not one request succeeded："
            f"{measured.samples[0].error}"
        )
    if measured.samples:
        yield from _generator(peak, measured)


def _generator(peak: Peak, measured: Measured) -> Iterator[str]:
    """What was measured of the generator instead of the site."""
    late, limit = lateness(measured, 0.95), lateness_limit(peak)
    if late > limit:
        yield (
            f"本次运行无效 invalid：压测机自己迟到了 {late:.3g} 秒（p95，上限 {limit:.3g}）。"
            "The generator was late, not the site: close other programs or use a stronger machine."
        )
    busy = measured.cpu / measured.wall if measured.wall else 0.0
    if busy > CPU_LIMIT:
        yield (
            f"本次运行无效 invalid：压测机的处理器用掉了一个核的 {busy:.0%}（上限 {CPU_LIMIT:.0%}）。"
            "The generator was starved of CPU: ask for fewer arrivals or use a stronger machine."
        )
    if ill := complaint(measured.health):
        yield ill
