"""What happened in one second, per verb, in fixed buckets: small enough for each line of the live file, and adds up."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from crm_acceptance.engines.load.orders import Sample

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds: upper ends of the buckets; one more holds all that took longer."""


def tallies(ended: Iterable[Sample]) -> dict[str, Any]:
    """verb -> {"errors": how many, "seconds": their latencies added up, "extremes": [least, most], "buckets": how many
    in each}, from the intended start."""
    found: dict[str, Any] = {}
    for one in ended:
        tally = found.get(one.verb) or found.setdefault(one.verb, nothing())
        took = one.ended - one.intended
        tally["errors"] += bool(one.error)
        tally["seconds"] += took
        tally["extremes"] = _extremes([*tally["extremes"], took])
        tally["buckets"][bisect_left(BOUNDS, took)] += 1
    return found


def nothing() -> dict[str, Any]:
    """A verb that nobody has done yet."""
    return {"errors": 0, "seconds": 0.0, "extremes": [], "buckets": [0] * (len(BOUNDS) + 1)}


def add(whole: dict[str, Any], more: Mapping[str, Any]) -> None:
    """Adds the tallies of another second."""
    for verb, one in more.items():
        into = whole.setdefault(verb, nothing())
        into["errors"] += one["errors"]
        into["seconds"] += one["seconds"]
        into["extremes"] = _extremes([*into["extremes"], *one["extremes"]])
        into["buckets"] = [a + b for a, b in zip(into["buckets"], one["buckets"], strict=True)]


def _extremes(values: Sequence[float]) -> list[float]:
    return [min(values), max(values)] if values else []
