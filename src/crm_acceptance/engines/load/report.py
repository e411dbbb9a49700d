"""A peak's figures as plain data for report and page: what was asked, what came, what it means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_acceptance.engines.load.figures import percentile, samples_of, table, three_digits
from crm_acceptance.engines.load.orders import Measured
from crm_acceptance.engines.load.peaks import Peak
from crm_acceptance.engines.load.verdict import judge, refuse_invalid
from crm_acceptance.errors import AcceptanceError


def summary(peak: Peak, measured: Measured) -> dict[str, Any]:
    """Latencies in milliseconds to three digits, per verb and in total ("" as verb), from the intended start
    (`p95_ms`) and from the actual one (`service_p95_ms`), counted after the ramp; null: too few samples."""
    samples = samples_of(measured, peak.ramp)
    return {
        "peak": peak.name,
        "title": peak.title,
        "asked": {"per_second": peak.rate, "users": peak.users, "ramp_s": peak.ramp, "plateau_s": peak.plateau},
        "valid": _valid(measured),
        "thresholds": [_threshold(peak, one, measured) for one in peak.thresholds if one.measure != "writes"],
        "verbs": table(samples, peak.plateau),
        "generator": _generator(measured),
        "writes": {
            "acknowledged": sum(write.acknowledged for write in measured.writes),
            "tried": len(measured.writes),
        },
        "errors": sorted({one.error for one in samples if one.error})[:20],
        "series": _series(peak, measured),
    }


def _valid(measured: Measured) -> dict[str, Any]:
    try:
        refuse_invalid(measured)
    except AcceptanceError as reason:
        return {"valid": False, "reason": str(reason)}
    return {"valid": True, "reason": ""}


def _threshold(peak: Peak, threshold: Any, measured: Measured) -> dict[str, Any]:
    row = {"requirement": threshold.requirement, "measure": threshold.measure, "verb": threshold.verb}
    try:
        found = judge(peak, threshold, measured)
    except AcceptanceError as reason:
        return {**row, "met": None, "sentence": str(reason)}
    return {**row, "met": found.met, "value": three_digits(found.value), "sentence": found.sentence}


def _generator(measured: Measured) -> Mapping[str, float]:
    late = three_digits(percentile(measured.lags, 0.95) * 1000) if measured.lags else 0.0
    busy = three_digits(measured.cpu / measured.wall) if measured.wall else 0.0
    return {"late_p95_ms": late, "cpu_of_one_core": busy, "wall_s": three_digits(measured.wall)}


def _series(peak: Peak, measured: Measured) -> list[dict[str, Any]]:
    """One row per second of the run, by intended start: how many began, how many failed, the slowest in ms."""
    rows = []
    for second in range(int(peak.ramp + peak.plateau) + 1):
        chosen = [one for one in samples_of(measured) if second <= one.intended < second + 1]
        slowest = max((one.ended - one.intended for one in chosen), default=0.0)
        failed = sum(bool(one.error) for one in chosen)
        rows.append({"s": second, "count": len(chosen), "errors": failed, "max_ms": three_digits(slowest * 1000)})
    return rows
