"""What the plan of a peak already says about its thresholds: which will have too few samples. Runs and refuses nothing.

A peak is not refused for it: its other thresholds may be judged, and the run itself says that this one is unproven.
"""

from __future__ import annotations

from crm_acceptance.engines.load import drift, mixes, shapes
from crm_acceptance.engines.load.figures import fewest, needed
from crm_acceptance.engines.load.peaks import Peak, Threshold


def expected(peak: Peak, threshold: Threshold) -> float:
    """How many Actions the threshold will be about, if all that is planned comes: those that count, of its verb and
    its department; in its window, if it has one, at the highest rate."""
    planned = peak.rate * threshold.window if threshold.window else shapes.area(peak.course, counted=True)
    return planned * mixes.part(peak.mix, threshold.verb, threshold.department)


def doubts(peak: Peak) -> tuple[str, ...]:
    """One sentence for each threshold that the plan leaves without enough samples, to be told before the run."""
    return tuple(said for one in peak.thresholds if (said := _doubt(peak, one)))


def _doubt(peak: Peak, threshold: Threshold) -> str:
    drifting = drift.FEWEST * needed("p95")
    least = drifting if threshold.measure == "drift" else fewest(threshold.measure, threshold.limit)
    if threshold.window:
        least = needed(threshold.measure)
    coming = expected(peak, threshold)
    if coming >= least:
        return ""
    where = f"每 {threshold.window:g} 秒里" if threshold.window else "计入指标的时间里"
    what = " ".join(filter(None, (threshold.department, threshold.verb, threshold.measure)))
    return (
        f"{peak.title}：{what} 至少要 {least} 个样本，{where}大约只来 {coming:.0f} 个，这一项将无法证明；"
        f"请延长时间、提高速率，或换一个百分位。About {coming:.0f} of the {least} samples that it needs will come: "
        "this threshold will stay unproven."
    )
