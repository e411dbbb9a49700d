"""The figure of a touchstone: recall and false alarms per kind, as JSON, as a table, as an exit code. Runs nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from crm_acceptance.strength import AIM, AIMS, Kind
from crm_acceptance.touchstone.judging import CAUGHT, MISSED, UNPROVEN, Outcome

BY_DIMENSION: Mapping[str, str] = {"security": "permission", "performance": "performance", "abnormal": "data-loss"}
"""Whose false alarm a check is: that of the kind whose defects its requirement's dimension is there to find."""
OTHERWISE = "functional"
NAMED = 3
"""So many checks that noticed a defect are named in the JSON."""
REACHED, SHORT, UNKNOWN = 0, 1, 3


@dataclass(frozen=True)
class Figure:
    """What one touchstone found. `alarms`: check -> kind, on clean boots; `beside`: the same, of planted ones.

    `silent`: what could not speak on the clean CRM. `spill`: defect -> requirements it disproves without naming them.
    `whole_kinds`: the kinds of which every defect was planted. `kind_seconds`: of each kind's planted boots together.
    """

    suite: str
    version: str
    at: str
    outcomes: tuple[Outcome, ...]
    alarms: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, str] = field(default_factory=dict)
    silent: tuple[str, ...] = ()
    spill: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    stock: Mapping[str, Any] | None = None
    seeds: int = 1
    boots: int = 0
    seconds: float = 0.0
    requests: int = 0
    interrupted: bool = False
    whole_kinds: tuple[str, ...] = ()
    kind_seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def kinds(self) -> dict[str, Kind]:
        """Per kind, in the order of the defects."""
        return {kind: self._kind(kind) for kind in dict.fromkeys(one.defect.kind for one in self.outcomes)}

    def _kind(self, kind: str) -> Kind:
        own = [one for one in self.outcomes if one.defect.kind == kind]
        alarms = [check for check, of in {**self.alarms, **self.beside}.items() if of == kind]
        return Kind(
            planted=len(own),
            caught=sum(one.word == CAUGHT for one in own),
            missed=tuple(one.defect.name for one in own if one.word == MISSED),
            unproven={one.defect.name: one.reason for one in own if one.word == UNPROVEN},
            false_alarms=len(alarms),
            false_alarm_checks=tuple(alarms),
            at=self.at,
        )


def kind_of(requirements: Iterable[str], dimensions: Mapping[str, str]) -> str:
    """The kind of a check by its requirements' dimensions; the first that says one."""
    known = (BY_DIMENSION.get(dimensions.get(id, "")) for id in requirements)
    return next(filter(None, known), OTHERWISE)


def exit_code(figure: Figure) -> int:
    """0: every aim is reached and nothing cried wolf. 1: certainly not. 3: something could not be run, so who knows."""
    if figure.interrupted:
        return UNKNOWN
    if figure.alarms or figure.beside or any(_short(name, kind) for name, kind in figure.kinds.items()):
        return SHORT
    return UNKNOWN if figure.silent or any(kind.unproven for kind in figure.kinds.values()) else REACHED


def aim(kind: str) -> float:
    """The recall that the kind must reach."""
    return AIMS.get(kind, AIM)


def _short(name: str, kind: Kind) -> bool:
    """Whether the aim is out of reach, even if all that is unproven were caught."""
    return kind.caught + len(kind.unproven) < aim(name) * kind.planted


def as_json(figure: Figure) -> dict[str, Any]:
    """The shape of docs/reference/touchstone.md."""
    return {
        "kinds": {name: _as_json(name, kind) for name, kind in figure.kinds.items()},
        "clean": {
            "seeds": figure.seeds,
            "false_alarms": {kind: list(figure.alarms.values()).count(kind) for kind in _all_kinds(figure)},
            "false_alarm_checks": list(figure.alarms),
            "unproven": list(figure.silent),
        },
        "stock": figure.stock,
        "defects": {one.defect.name: _told(one) for one in figure.outcomes},
        "spill": {name: list(ids) for name, ids in figure.spill.items()},
        "suite": figure.suite,
        "version": figure.version,
        "at": figure.at,
        "boots": figure.boots,
        "seconds": round(figure.seconds, 1),
        "requests": figure.requests,
        "interrupted": figure.interrupted,
        "exit_code": exit_code(figure),
    }


def _as_json(name: str, kind: Kind) -> dict[str, Any]:
    body = asdict(kind)
    return {**body, "unproven": dict(kind.unproven), "recall": round(kind.recall, 4), "aim": aim(name)}


def _told(one: Outcome) -> dict[str, Any]:
    return {"kind": one.defect.kind, "outcome": one.word, "by": list(one.by[:NAMED]), "reason": one.reason}


def _all_kinds(figure: Figure) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*figure.kinds, *figure.alarms.values())))


def kept(figure: Figure, before: Mapping[str, Any]) -> dict[str, Any]:
    """What reports/touchstone.json shall say: kinds measured whole now, and others of the same suite as before."""
    body = as_json(figure)
    same = before.get("suite") == figure.suite and isinstance(before.get("kinds"), dict)
    kinds = dict(before["kinds"]) if same else {}
    kinds |= {name: one for name, one in body["kinds"].items() if name in figure.whole_kinds}
    stock = body["stock"] or (before.get("stock") if same else None)
    return {**body, "kinds": kinds, "stock": stock}
