"""A peak's figures as plain data for report and page: what was asked, what came, what it means."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from crm_acceptance.engines.load import series, server
from crm_acceptance.engines.load.figures import counted, rates, table, three_digits
from crm_acceptance.engines.load.orders import Measured, Sample
from crm_acceptance.engines.load.peaks import Peak, Threshold
from crm_acceptance.engines.load.verdict import Verdict, judge, lateness, refuse_invalid
from crm_acceptance.errors import AcceptanceError

NOT_YET = "写入没有回查 the writes have not been looked for"
AFTERWARDS = {"writes": NOT_YET, "foreign": "回答里有没有别人的数据还没有看 the answers have not been compared"}
"""What is judged with the help of the site or the permission table, after the peak."""


def summary(peak: Peak, measured: Measured) -> dict[str, Any]:
    """Latencies in milliseconds to three digits, per verb and in total ("" as verb), from the intended start
    (`p95_ms`) and from the actual one (`service_p95_ms`), counted after the ramp; null: too few samples."""
    valid = _valid(peak, measured)
    samples = counted(peak, measured)
    return {
        "peak": peak.name,
        "title": peak.title,
        "approval": measured.approval,
        "asked": {"per_second": peak.rate, "users": peak.users, "ramp_s": peak.ramp, "plateau_s": peak.plateau},
        "valid": valid,
        "thresholds": [
            _threshold(peak, one, measured) if valid["valid"] else _void(peak, one) for one in peak.thresholds
        ],
        "verbs": table(samples, rates(peak, measured, lambda one: one.verb)),
        "departments": _departments(peak, measured, samples),
        "generator": _generator(measured),
        "server": server_of(peak, measured),
        "writes": {
            "acknowledged": sum(write.acknowledged for write in measured.writes),
            "tried": len(measured.writes),
        },
        "errors": sorted({one.error for one in samples if one.error})[:20],
        "stopped": measured.stopped,
        **over_time(peak, measured),
    }


def _departments(peak: Peak, measured: Measured, samples: Sequence[Sample]) -> list[dict[str, Any]]:
    """The same figures per department; nobody's pages belong to none."""
    known = [replace(one, verb=measured.departments.get(one.person, "")) for one in samples]
    done = rates(peak, measured, lambda one: measured.departments.get(one.person, ""))
    rows = table([one for one in known if one.verb], done)[1:]
    return [{"department": row["verb"], **{key: row[key] for key in row if key != "verb"}} for row in rows]


def _valid(peak: Peak, measured: Measured) -> dict[str, Any]:
    try:
        refuse_invalid(peak, measured)
    except AcceptanceError as reason:
        return {"valid": False, "reason": str(reason)}
    return {"valid": True, "reason": ""}


def with_verdict(told: Mapping[str, Any], threshold: Threshold, found: Verdict) -> dict[str, Any]:
    """The summary with the threshold's line as it was found later; writes are looked for after the peak only."""
    asked = _asked(threshold)
    rows = [one for one in told["thresholds"] if any(one[key] != asked[key] for key in asked)]
    return {**told, "thresholds": [*rows, _found(threshold, found)]}


def _threshold(peak: Peak, threshold: Threshold, measured: Measured) -> dict[str, Any]:
    if threshold.measure in AFTERWARDS:
        return {**_asked(threshold), "met": None, "sentence": f"{peak.title}：{AFTERWARDS[threshold.measure]}"}
    try:
        return _found(threshold, judge(peak, threshold, measured))
    except AcceptanceError as reason:
        return {**_asked(threshold), "met": None, "sentence": str(reason)}


def _void(peak: Peak, threshold: Threshold) -> dict[str, Any]:
    """An invalid run meets no threshold and misses none, whatever its figures look like."""
    named = " ".join(filter(None, (threshold.department, threshold.verb, threshold.measure)))
    said = f"{peak.title}：{named} 没有结论，本次运行无效 not judged: the run is invalid"
    return {**_asked(threshold), "met": None, "sentence": said}


def _found(threshold: Threshold, found: Verdict) -> dict[str, Any]:
    value = three_digits(found.value) if math.isfinite(found.value) else None
    return {**_asked(threshold), "met": found.met, "value": value, "sentence": found.sentence}


def _asked(threshold: Threshold) -> dict[str, Any]:
    return {
        "requirement": threshold.requirement,
        "measure": threshold.measure,
        "verb": threshold.verb,
        "department": threshold.department,
        "window": threshold.window,
        "limit": threshold.limit,
    }


def _generator(measured: Measured) -> Mapping[str, float]:
    late = three_digits(lateness(measured, 0.95) * 1000)
    busy = three_digits(measured.cpu / measured.wall) if measured.wall else 0.0
    return {"late_p95_ms": late, "cpu_of_one_core": busy, "wall_s": three_digits(measured.wall)}


def server_of(peak: Peak, measured: Measured) -> Mapping[str, Any]:
    """Its memory at the end and its processor use, when the server is ours to look at; then every figure in short."""
    found = server.told(peak, measured)
    if len(measured.server) < 2:
        return found
    first, last = measured.server[0], measured.server[-1]
    busy = (last.cpu - first.cpu) / (last.at - first.at)
    memory = three_digits(last.memory / 2**20)
    return {"server_memory_mb": memory, "server_cpu_of_one_core": three_digits(busy), **found}


def people(peak: Peak, rows: Sequence[series.Second]) -> dict[str, Any]:
    """How many worked: hands at most, seconds of thinking (0: nobody waits), and what was under way at a time."""
    busy = [row.busy for row in rows]
    mean = three_digits(sum(busy) / len(busy)) if busy else 0.0
    return {"users": peak.users, "think_s": peak.think, "busy_mean": mean, "busy_max": max(busy, default=0.0)}


def over_time(peak: Peak, measured: Measured) -> dict[str, Any]:
    """What load.json tells of the course: rows, people, stretches without an answer, names of the pictures' files."""
    rows = series.seconds(peak, measured)
    return {
        "people": people(peak, rows),
        "stalls": [
            {"from_s": three_digits(begin), "to_s": three_digits(end)} for begin, end in series.stalls(measured)
        ],
        "series": list(series.told(rows)),
    }
