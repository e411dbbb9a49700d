"""The stock tool's figure beside ours, on the same defects with the same time. How it is measured is stock.py's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from crm_acceptance.errors import AcceptanceError
from crm_acceptance.touchstone.figure import Figure
from crm_acceptance.touchstone.planted import Planted

WAYS = ("login", "peers")
KIND = "permission"
"""What a schema fuzzer could notice at all; it is not asked about slowness or business rules."""
SEED = 1
MOST_SECONDS = 900.0
"""It gets the seconds that our own boots took, one process each, up to a quarter of an hour."""


def beside(figure: Figure, tell: Callable[[str], None]) -> Figure:
    """The figure with the stock tool's; without where there is nothing to compare, or no way to measure it."""
    defects = tuple(one.defect for one in figure.outcomes if one.defect.kind == KIND)
    if figure.interrupted or not defects:
        tell("没有原版工具的数字：没有测权限类缺陷。No stock figure: no permission defect was measured.")
        return figure
    try:
        from crm_acceptance.touchstone.stock import measure
    except ImportError as missing:
        tell(f"没有原版工具的数字（no stock figure）：{missing}")
        return figure
    seconds = min(MOST_SECONDS, figure.kind_seconds.get(KIND, 0.0))
    told = {way: _told(measure, defects, seconds, way, tell) for way in WAYS}
    return replace(figure, stock={way: one for way, one in told.items() if one} or None)


def _told(
    measure: Callable[..., Any], defects: tuple[Planted, ...], seconds: float, way: str, tell: Callable[[str], None]
) -> dict[str, Any] | None:
    tell(f"schemathesis run --checks all（{way}），{seconds:.0f} s …")
    try:
        found = measure(defects, seconds, way, SEED)
    except AcceptanceError as told:
        tell(f"没有原版工具的数字（no stock figure, {way}）：{told}")
        return None
    names = {one.name for one in defects} & set(found.caught)
    return {
        "kinds": {KIND: {"planted": len(defects), "caught": len(names)}},
        "caught": sorted(names),
        "seconds": round(found.seconds, 1),
        "cases": found.cases,
    }
