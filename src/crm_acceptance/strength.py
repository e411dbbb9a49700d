"""How strong a suite has proved, as reports/touchstone.json keeps it, and which suite that was. Measures nothing."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crm_acceptance import __version__

FILE = "touchstone.json"
SUITE = ("features", "steps", "security", "load", "conftest.py")
"""What of a workspace makes a suite; whoever changes any of it has another suite, whose strength nobody knows."""
KINDS = ("permission", "functional", "data-loss", "performance")
AIMS: Mapping[str, float] = {"permission": 0.95}
AIM = 0.9
"""The recall that a kind must reach which AIMS does not name."""


@dataclass(frozen=True)
class Kind:
    """One kind of planted defects: `caught + missed + unproven = planted`. `at`: when it was measured, ISO."""

    planted: int
    caught: int
    missed: tuple[str, ...] = ()
    unproven: Mapping[str, str] = field(default_factory=dict)
    false_alarms: int = 0
    false_alarm_checks: tuple[str, ...] = ()
    at: str = ""

    @property
    def recall(self) -> float:
        """The share that was caught; what is unproven was not caught."""
        return self.caught / self.planted if self.planted else 0.0


@dataclass(frozen=True)
class Strength:
    """A kept figure: of which suite, when, and per kind. `stock`: the stock tool's own, by way (login, peers)."""

    suite: str
    at: str
    kinds: Mapping[str, Kind]
    stock: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    seeds: int = 0


def digest(workspace: Path, version: str = __version__) -> str:
    """The suite of a workspace and the program that runs it, as one SHA-256 in hex."""
    whole = hashlib.sha256(version.encode())
    for file in _files(workspace):
        inside = hashlib.sha256(file.read_bytes()).hexdigest()
        whole.update(f"\n{file.relative_to(workspace).as_posix()} {inside}".encode())
    return whole.hexdigest()


def _files(workspace: Path) -> Iterator[Path]:
    for name in SUITE:
        place = workspace / name
        found = sorted(place.rglob("*"), key=lambda one: one.as_posix()) if place.is_dir() else [place]
        yield from (one for one in found if one.is_file() and _of_the_suite(one.relative_to(workspace)))


def _of_the_suite(name: Path) -> bool:
    """Not what Python, an editor or an operating system left there."""
    hidden = any(part.startswith((".", "__pycache__", "~$")) for part in name.parts)
    return not hidden and name.suffix != ".pyc"


def read(file: Path) -> Strength | None:
    """What is kept there; None when nothing is, or nothing that can be read: then it has not been measured."""
    try:
        return _read(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def write(file: Path, body: Mapping[str, Any]) -> None:
    """Keeps a figure, in one piece. OSError when the folder cannot be written."""
    draft = file.with_name(f".{file.name}.{os.getpid()}.part")
    file.parent.mkdir(parents=True, exist_ok=True)
    draft.write_text(json.dumps(body, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    os.replace(draft, file)


def _read(body: Mapping[str, Any]) -> Strength:
    kinds = {str(name): _kind(one) for name, one in body["kinds"].items()}
    stock = {str(way): dict(one) for way, one in (body.get("stock") or {}).items()}
    seeds = int((body.get("clean") or {}).get("seeds") or 0)
    return Strength(str(body["suite"]), str(body.get("at") or ""), kinds, stock, seeds)


def _kind(body: Mapping[str, Any]) -> Kind:
    kind = Kind(
        int(body["planted"]),
        int(body["caught"]),
        tuple(map(str, body.get("missed") or ())),
        {str(name): str(why) for name, why in (body.get("unproven") or {}).items()},
        int(body["false_alarms"]),
        tuple(map(str, body.get("false_alarm_checks") or ())),
        str(body.get("at") or ""),
    )
    if kind.caught + len(kind.missed) + len(kind.unproven) != kind.planted:
        raise ValueError("caught, missed and unproven do not add up")
    return kind
