"""Check: what is known of a pytest item once it is collected. Values only; made in checks/reading.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PHASES = ("scenarios", "security", "load", "fuzz")
"""One pytest process each, in this order."""


@dataclass(frozen=True)
class Check:
    """One check. `labels` go into its Allure result as they are; `example` is its row of Examples, None for Python.

    `content` is the digest of what it says (checks/content.py).
    """

    nodeid: str
    title: str
    requirements: tuple[str, ...]
    engine: str
    phase: str
    path: tuple[str, ...]
    labels: tuple[tuple[str, str], ...]
    markers: frozenset[str]
    description: str = ""
    example: Mapping[str, str] | None = None
    content: str = ""
