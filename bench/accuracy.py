"""A scripted site with known stalls: what each generator says p50 to p99.9 were, beside what they truly were."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench import load_sides as sides
from bench.compare import kept
from bench.load_sides import PAGE, QUANTILES, Said, at
from bench.load_site import stalls, takes
from crm_acceptance.engines.load import health
from crm_acceptance.engines.load.orders import Measured
from crm_acceptance.engines.load.work import Arrival

RATES = (50, 200, 500)
PART, MILLISECONDS = 0.05, 0.005
"""A quantile is right within a twentieth of the truth, or within 5 ms."""
HANDS = 4000


def main(quick: bool = False) -> None:
    """Every rate, every side, one after the other, each at a site of its own."""
    seconds = 5.0 if quick else 20.0
    freezes = "; ".join(f"{begin:g}-{end:g} s" for begin, end in stalls(seconds))
    print(f"accuracy: {seconds:g} s per run, the site freezes {freezes}")
    truth = _everybody(seconds)
    rows = [row for rate in RATES for row in _at(rate, seconds, truth)]
    kept({"title": "accuracy of the generators", "seconds": seconds, "stalls": stalls(seconds), "rows": rows})


def _at(rate: int, seconds: float, truth: Mapping[str, float]) -> list[dict[str, Any]]:
    connections = max(1, round(rate * truth["p50"]))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with sides.site(folder / "ours", seconds) as place:
            said, measured = sides.ours(place, plan(rate, seconds), seconds, HANDS, "ours")
        found = [_row("ours", rate, said, _ours(measured, place.saw()["first"], seconds), place)]
        found[-1] |= {"invalid": health.complaint(measured.health), "cpu": measured.health.ran}
        with sides.site(folder / "stock", seconds) as place:
            stock = sides.stock(place, "FastHttpUser", rate, seconds, "1", "stock")
        found.append(_row("Locust FastHttpUser, constant_throughput", rate, stock, truth, place))
        with sides.site(folder / "wrk", seconds) as place:
            wrk = sides.wrk(place, connections, seconds, "wrk")
        if wrk is not None:
            found.append(_row(f"wrk, {connections} connections", rate, wrk, truth, place))
    for row in found:
        _show(row)
    return found


def plan(rate: int, seconds: float) -> tuple[Arrival, ...]:
    dice, plan, moment = random.Random(rate), [], 0.0
    while (moment := moment + dice.expovariate(rate)) < seconds:
        plan.append(Arrival(moment, f"GET {PAGE}", ""))
    return tuple(plan)


def _ours(measured: Measured, first: float, seconds: float) -> dict[str, float]:
    """The true quantiles of these very arrivals: what the script says of each one's intended start."""
    waits = sorted(takes(measured.opened + one.intended - first, seconds) for one in measured.samples)
    return {name: at(waits, share) for name, share in QUANTILES.items()}


def _everybody(seconds: float) -> dict[str, float]:
    """Those of whoever comes at any moment of the run."""
    waits = sorted(takes(n / 1000, seconds) for n in range(int(seconds * 1000)))
    return {name: at(waits, share) for name, share in QUANTILES.items()}


def _row(side: str, rate: int, said: Said, truth: Mapping[str, float], place: sides.Place) -> dict[str, Any]:
    quantiles = {}
    for name, true in truth.items():
        off = said.seconds[name] - true
        right = abs(off) <= max(MILLISECONDS, PART * true)
        quantiles[name] = {"true_ms": true * 1000, "said_ms": said.seconds[name] * 1000, "right": right}
    return {
        "side": side,
        "rate": rate,
        "requests": said.requests,
        "quantiles": quantiles,
        "site_late_p99_ms": place.saw()["late_p99_ms"],
    }


def _show(row: Mapping[str, Any]) -> None:
    print(f"\n  {row['rate']}/s {row['side']}: {row['requests']} requests{'  INVALID' if row.get('invalid') else ''}")
    for name, one in row["quantiles"].items():
        off = one["said_ms"] - one["true_ms"]
        part = off / one["true_ms"]
        print(
            f"    {name:<5}{one['said_ms']:9.1f} ms, truly {one['true_ms']:8.1f}: {off:+9.1f} ms {part:+8.1%}"
            f"  {'right' if one['right'] else 'WRONG'}"
        )
