"""How strong the suite has proved, as the page shows it: rows per kind, and whether they are about this suite."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from crm_acceptance import strength
from crm_acceptance.page.words import Both, named

KINDS: Mapping[str, Both] = {
    "permission": Both("权限泄露", "Permission leaks"),
    "functional": Both("功能错误", "Functional"),
    "data-loss": Both("数据丢失", "Data loss"),
    "performance": Both("性能问题", "Performance"),
}
WAYS: Mapping[str, Both] = {
    "login": Both("原版工具（登录）", "Stock tool, login"),
    "peers": Both("原版工具（两人）", "Stock tool, peers"),
}
DIGITS = 12
"""So much of a digest is shown; nobody compares more by eye."""


@dataclass(frozen=True)
class Row:
    """One kind of planted defects. reached: the recall is what it must be. stock: the stock tool's figure by way."""

    name: Both
    planted: int
    caught: int
    recall: str
    reached: bool
    missed: tuple[str, ...]
    unproven: tuple[str, ...]
    alarms: int
    stock: tuple[str, ...]
    when: str


@dataclass(frozen=True)
class Shown:
    """No rows: it has not been measured. stale: it was measured on another suite than the one that ran."""

    rows: tuple[Row, ...] = ()
    ways: tuple[Both, ...] = ()
    suite: str = ""
    stale: bool = False


def read(run_dir: Path, suite: str) -> Shown:
    """What the run folder brought along. A run that does not say its suite cannot claim the figure either."""
    kept = strength.read(run_dir / strength.FILE)
    if kept is None:
        return Shown()
    ways = [way for way in WAYS if way in kept.stock]
    order = {kind: number for number, kind in enumerate(strength.KINDS)}
    rows = [
        _row(name, kind, kept, ways) for name, kind in sorted(kept.kinds.items(), key=lambda one: order.get(one[0], 9))
    ]
    return Shown(tuple(rows), tuple(WAYS[way] for way in ways), kept.suite[:DIGITS], not suite or kept.suite != suite)


def _row(name: str, kind: strength.Kind, kept: strength.Strength, ways: list[str]) -> Row:
    return Row(
        name=named(KINDS, name),
        planted=kind.planted,
        caught=kind.caught,
        recall=f"{kind.recall:.1%}",
        reached=kind.recall >= strength.AIMS.get(name, strength.AIM),
        missed=kind.missed,
        unproven=tuple(kind.unproven),
        alarms=kind.false_alarms,
        stock=tuple(_stock(kept.stock[way], name) for way in ways),
        when=_when(kind.at or kept.at),
    )


def _stock(figures: Mapping[str, Any], kind: str) -> str:
    kinds = figures.get("kinds")
    one = kinds.get(kind) if isinstance(kinds, Mapping) else None
    return f"{one.get('caught')} / {one.get('planted')}" if isinstance(one, Mapping) else "–"


def _when(moment: str) -> str:
    try:
        return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return moment or "?"
