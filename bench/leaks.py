"""Leaks found per 1,000 requests and per CPU second: the matrix alone, the net alone, stock schemathesis in two ways.

All four sides meet the same planted leaks of the reference CRM; stock gets at least the seconds that ours took.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from time import perf_counter

from bench.compare import kept
from bench.meter import metered
from bench.stage import REPOSITORY
from crm_acceptance.engines.fuzz.contract import pinned
from crm_acceptance.engines.fuzz.naming import operations
from crm_acceptance.systems import CanLaunch, find
from crm_acceptance.touchstone import stock
from crm_acceptance.touchstone.batches import coloured
from crm_acceptance.touchstone.planted import Planted, every

OURS = ("matrix", "net")
CELL = "security/test_permissions.py::test_nobody_sees_or_does_more_or_less_than_the_table_says"
QUICK = 60.0
"""Seconds of stock in a quick round."""


@dataclass(frozen=True)
class Haul:
    """What one side brought home: names of planted leaks, requests, CPU seconds of the client, wall seconds."""

    caught: tuple[str, ...]
    requests: int
    cpu: float
    wall: float

    @property
    def rates(self) -> dict[str, float]:
        """Leaks per 1,000 requests and per CPU second."""
        per = {"per_1000_requests": 1000 / max(1, self.requests), "per_cpu_second": 1 / max(0.1, self.cpu)}
        return {name: round(len(self.caught) * one, 3) for name, one in per.items()}


def main(quick: bool = False) -> None:
    """All sides in one run; prints the table and keeps every figure in bench/results/."""
    leaks = planted()
    print(f"\nleaks: {len(leaks)} planted at once, every one of them one that an API shows")
    hauls: dict[str, Haul] = {way: _ours(way, leaks) for way in OURS}
    alarms = {way: len(_found(way, ())[0]) for way in (() if quick else OURS)}
    seconds = QUICK if quick else max(60.0, sum(one.wall for one in hauls.values()))
    for way in stock.WAYS:
        figure = stock.measure(leaks, seconds, way)
        hauls[f"stock, {way}"] = Haul(figure.caught, figure.cases, figure.cpu, figure.seconds)
        alarms[f"stock, {way}"] = figure.alarms
    _tell(hauls, alarms, len(leaks))


def planted() -> tuple[Planted, ...]:
    """As many permission leaks as can share a boot: no operation and no requirement's check is touched by two."""
    labels = [one.label for one in operations(pinned(REPOSITORY / "security" / "openapi" / "refcrm.json"))]
    shown = [one for one in every() if one.kind == "permission" and one.paths and one.where and _by_api(one)]
    touched = {one.name: frozenset(_touched(one, labels)) for one in shown}
    return max(coloured(shown, touched), key=len)


def _by_api(defect: Planted) -> bool:
    """Sessions, headers and screens are other engines' business, here as there."""
    return not any("sensitive" in pattern or "screens" in pattern for pattern in defect.where)


def _touched(defect: Planted, labels: Iterable[str]) -> list[str]:
    return [label for label in labels if any(fnmatchcase(label, pattern) for pattern in defect.paths)]


def _ours(way: str, leaks: Sequence[Planted]) -> Haul:
    found, requests, cpu, wall = _found(way, leaks)
    caught = [one.name for one in leaks if any(_speaks(one, way, where, id) for where, id in found)]
    print(f"  {way}: {len(caught)} of {len(leaks)}, {requests} requests, {cpu:.1f} s CPU")
    return Haul(tuple(caught), requests, cpu, wall)


def _speaks(defect: Planted, way: str, where: str, requirement: str) -> bool:
    """The matrix by cell; the net by operation, as generously as stock, but for the requirement."""
    if way == "net":
        return requirement in defect.requirements and bool(_touched(defect, [where]))
    return any(fnmatchcase(f"{CELL}[{where}]", pattern) for pattern in defect.where)


def _found(way: str, leaks: Sequence[Planted]) -> tuple[list[tuple[str, str]], int, float, float]:
    system, password = find("refcrm"), secrets.token_urlsafe(12)
    assert isinstance(system, CanLaunch)
    options = {"size": stock.SIZE, **({"defects": ",".join(one.name for one in leaks)} if leaks else {})}
    with tempfile.TemporaryDirectory() as name, system.launch(password=password, options=options) as site:
        out = Path(name) / "found.json"
        told = {"CRM_ACCEPTANCE_SITE": json.dumps(asdict(site)), "CRM_ACCEPTANCE_PASSWORD": password}
        command = [sys.executable, "-m", "bench.leaks_ours", way, str(out)]
        began = perf_counter()
        cost = metered(command, REPOSITORY, {**os.environ, **told, "PYTHONUTF8": "1"}, Path(name) / "words.log")
        body = json.loads(out.read_text(encoding="utf-8"))
        return [(where, id) for where, id in body["found"]], body["requests"], cost.cpu, perf_counter() - began


def _tell(hauls: Mapping[str, Haul], alarms: Mapping[str, int], planted: int) -> None:
    print(f"\n  {'':<16}{'leaks':>8}{'requests':>10}{'CPU s':>8}{'/1000 req':>11}{'/CPU s':>9}{'false alarms':>14}")
    for name, one in hauls.items():
        rates, said = one.rates, alarms.get(name, "")
        print(
            f"  {name:<16}{len(one.caught):>5}/{planted:<3}{one.requests:>9}{one.cpu:>8.1f}"
            f"{rates['per_1000_requests']:>11.2f}{rates['per_cpu_second']:>9.2f}{said!s:>14}"
        )
    ratios = {
        ours: {name: _ratio(hauls[ours], one) for name, one in hauls.items() if name.startswith("stock")}
        for ours in OURS
    }
    for ours, against in ratios.items():
        for name, told in against.items():
            said = ", ".join(f"{one} x {what}" for what, one in told.items() if one is not None)
            print(f"  {ours} / {name}: {said or 'no ratio, for the other side found nothing'}")
    sides = {name: {**asdict(one), "rates": one.rates} for name, one in hauls.items()}
    kept({"title": "leaks", "planted": planted, "sides": sides, "ratios": ratios, "false_alarms": dict(alarms)})


def _ratio(one: Haul, other: Haul) -> dict[str, float | None]:
    """None: the other side found nothing at all, so there is no ratio."""
    ours, theirs = one.rates, other.rates
    return {what: round(ours[what] / theirs[what], 1) if theirs[what] else None for what in ours}
