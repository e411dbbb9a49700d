"""Cost per scenario of several sides, from the difference between a short and a long run; writes bench/results/."""

from __future__ import annotations

import json
import os
import platform
import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.meter import Cost

RESULTS = Path(__file__).parent / "results"
Side = Callable[[int, str], Cost]
"""Runs that many scenarios, under a name for its files."""


@dataclass(frozen=True)
class Plan:
    """short, long: scenarios per run; what is common to both runs (imports, browser start, log-in) cancels out."""

    short: int
    long: int
    rounds: int


@dataclass(frozen=True)
class Figures:
    """Milliseconds per scenario, one value per round."""

    cpu: tuple[float, ...]
    wall: tuple[float, ...]

    def median(self, what: str) -> float:
        """The median over the rounds of "cpu" or "wall"."""
        return statistics.median(getattr(self, what))


def measured(sides: Mapping[str, Side], plan: Plan, say: Callable[[str], object] = print) -> dict[str, Figures]:
    """Every side in every round, in turn and in alternating order, so that a busy minute hits all of them."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in sides}
    for round in range(plan.rounds):
        names = list(sides) if round % 2 == 0 else list(reversed(sides))
        for name in names:
            found[name].append(_per_scenario(sides[name], plan, f"{name}-{round}"))
            say(f"  round {round + 1}/{plan.rounds} {name}: {found[name][-1][0]:.1f} ms CPU per scenario")
    return {name: Figures(*map(tuple, zip(*values, strict=True))) for name, values in found.items()}


def _per_scenario(side: Side, plan: Plan, name: str) -> tuple[float, float]:
    short, long = side(plan.short, f"{name}-short"), side(plan.long, f"{name}-long")
    more = plan.long - plan.short
    return (long.cpu - short.cpu) * 1000 / more, (long.wall - short.wall) * 1000 / more


def told(title: str, ours: str, figures: Mapping[str, Figures], target: float, plan: Plan) -> dict[str, Any]:
    """Print the ratios of `ours` to every other side, and keep them with every single value in bench/results/."""
    print(f"\n{title}")
    for name, one in figures.items():
        print(f"  {name:<24}{one.median('cpu'):8.1f} ms CPU  {one.median('wall'):8.1f} ms wall per scenario")
    others = [name for name in figures if name != ours]
    ratios = {what: {name: _ratio(figures, ours, name, what) for name in others} for what in ("cpu", "wall")}
    for name in others:
        said = "" if name != others[0] else f"   target at most {target:.2f}"
        print(f"  {ours} / {name}: {ratios['cpu'][name]:.2f} CPU, {ratios['wall'][name]:.2f} wall{said}")
    body = {"title": title, "target": target, "against": others[0], "ratios": ratios, "plan": vars(plan)}
    return kept(body | {"ms_per_scenario": {name: vars(one) for name, one in figures.items()}})


def _ratio(figures: Mapping[str, Figures], ours: str, other: str, what: str) -> float:
    return round(figures[ours].median(what) / figures[other].median(what), 3)


def kept(body: dict[str, Any]) -> dict[str, Any]:
    """Write the figures to bench/results/ with time and machine."""
    now = datetime.now(UTC)
    machine = {"cpus": os.cpu_count(), "load": os.getloadavg(), "python": platform.python_version()}
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{body['title'].split()[0].lower()}-{now:%Y%m%d-%H%M%S}.json"
    whole = {"when": now.isoformat(timespec="seconds"), "machine": machine, **body}
    file.write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"  {file.relative_to(RESULTS.parent.parent)}")
    return whole
