"""Requests per CPU second of the client, for a small JSON answer: ours, stock Locust, autocannon, wrk, in one run."""

from __future__ import annotations

import random
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench import load_sides as sides
from bench.compare import kept
from bench.load_sides import PAGE, Place, Said, ToolMissing
from crm_acceptance.engines.load.work import Arrival

TARGET = 2.0
"""Ours against FastHttpUser, at least."""
CONNECTIONS = 10
SHARE = 1.8
"""Ours is given so many arrivals a second, in parts of what FastHttpUser does per CPU second, for as many hands as the
others have connections: those run as fast as they can, ours as its plan says, so the plan has to keep it busy."""
Side = Callable[[float, str], Said | None]


def main(quick: bool = False) -> None:
    """Short and long runs of every side in turn; what both have in common (Python, imports) cancels out."""
    short, long, rounds = (1.0, 3.0, 1) if quick else (2.0, 6.0, 3)
    with tempfile.TemporaryDirectory() as name, sides.site(Path(name) / "site") as place:
        fast = _rate(
            lambda seconds, name: sides.stock(place, "FastHttpUser", CONNECTIONS, seconds, "", name), 1, 2, "x"
        )
        rate = SHARE * fast
        print(f"overhead: ours is given {rate:.0f} arrivals/s")
        sending: list[float] = []
        every: dict[str, Side] = {
            "ours": lambda seconds, name: _ours(place, rate, seconds, name, sending),
            "FastHttpUser": lambda seconds, name: sides.stock(place, "FastHttpUser", CONNECTIONS, seconds, "", name),
            "HttpUser": lambda seconds, name: sides.stock(place, "HttpUser", CONNECTIONS, seconds, "", name),
            "wrk": lambda seconds, name: sides.wrk(place, CONNECTIONS, seconds, name),
            "autocannon": lambda seconds, name: sides.autocannon(place, CONNECTIONS, seconds, name),
        }
        found = _measured(every, short, long, rounds)
    _tell(found, sending, rate, {"short": short, "long": long, "rounds": rounds})


def _ours(place: Place, rate: float, seconds: float, name: str, sending: list[float]) -> Said:
    """All of the process: reading the plan, sending, writing every sample. `sending` is told how many requests a CPU
    second was worth while the clock ran."""
    said, measured = sides.ours(place, _plan(rate, seconds), seconds, CONNECTIONS, name)
    sending.append(said.requests / (measured.health.ran * measured.health.seconds))
    return said


def _measured(every: dict[str, Side], short: float, long: float, rounds: int) -> dict[str, list[float]]:
    """Requests per CPU second of every side in every round; a side that is not there has none."""
    found: dict[str, list[float]] = {}
    for round in range(rounds):
        for name in list(every) if round % 2 == 0 else reversed(every):
            try:
                rate = _rate(every[name], short, long, f"{name}-{round}")
            except ToolMissing as missing:
                print(f"  {name}: {missing}")
                continue
            if rate:
                found.setdefault(name, []).append(rate)
                print(f"  round {round + 1}/{rounds} {name}: {rate:.0f} requests per CPU second")
    return found


def _rate(side: Side, short: float, long: float, name: str) -> float:
    """From the difference of a long run and a short one; 0: not installed."""
    first, second = side(short, f"{name}-short"), side(long, f"{name}-long")
    if first is None or second is None:
        return 0.0
    return (second.requests - first.requests) / (second.cost.cpu - first.cost.cpu)


def _plan(rate: float, seconds: float) -> tuple[Arrival, ...]:
    dice, plan, moment = random.Random(7), [], 0.0
    while (moment := moment + dice.expovariate(rate)) < seconds:
        plan.append(Arrival(moment, f"GET {PAGE}", ""))
    return tuple(plan)


def _tell(found: dict[str, list[float]], sending: list[float], rate: float, plan: dict[str, float]) -> None:
    medians = {name: statistics.median(values) for name, values in found.items()}
    ours = medians["ours"]
    print("\noverhead of the generators, a small JSON answer")
    for name, value in sorted(medians.items(), key=lambda one: -one[1]):
        print(f"  {name:<14}{value:10.0f} requests per CPU second   ours / it: {ours / value:.2f}")
    while_it_runs = statistics.median(sending)
    fast = medians["FastHttpUser"]
    print(f"  ours while the clock runs: {while_it_runs:.0f} ({while_it_runs / fast:.2f} x FastHttpUser)")
    print(f"  target: ours / FastHttpUser at least {TARGET:.1f}")
    ratios = {name: round(ours / value, 3) for name, value in medians.items() if name != "ours"}
    body = {"title": "overhead of the generators", "target": TARGET, "ratios": ratios, "plan": plan}
    kept(body | {"arrivals_per_second": rate, "requests_per_cpu_second": found, "sending": sending})
