"""The planted defects: each with its kind, the requirements it breaks, and whether it is on. Each is felt elsewhere."""

from __future__ import annotations

from collections.abc import Iterable

from . import data_loss, everyday, functional, performance, permission, permission_done, permission_seen, safety
from .defect import Defect

__all__ = ["DEFECTS", "KNOWN", "Defect", "active", "switch", "unknown"]

DEFECTS: tuple[Defect, ...] = (
    *functional.DEFECTS,
    *everyday.DEFECTS,
    *permission.DEFECTS,
    *permission_seen.DEFECTS,
    *permission_done.DEFECTS,
    *safety.DEFECTS,
    *data_loss.DEFECTS,
    *performance.DEFECTS,
)
KNOWN = {defect.name: defect for defect in DEFECTS}
_on: set[str] = set()


def active(name: str) -> bool:
    """Whether that defect is switched on now."""
    return name in _on


def switch(name: str, on: bool) -> None:
    """Turn one defect on or off. Raises KeyError for an unknown name."""
    (_on.add if on else _on.discard)(KNOWN[name].name)


def unknown(names: Iterable[str]) -> list[str]:
    """Those of the names that no defect carries."""
    return [name for name in names if name not in KNOWN]
