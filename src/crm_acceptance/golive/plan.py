"""[golive] of the profile -> the phases in order, each with its scope and its entry gate; knows no journal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from crm_acceptance.errors import WrongUse, unknown
from crm_acceptance.model import DEPARTMENTS
from crm_acceptance.profile import FILE, Profile

DRILL_DAYS, FRESH_DAYS = 30, 7
"""How long a rollback drill counts, and a figure from the live system, when nobody says otherwise."""
_GOLIVE = ("deciders", "drill_days", "phase")
_PHASE = (
    "name", "title", "departments", "people", "conditional", "adoption", "new_defects_per_day", "fresh_days", "live",
)  # fmt: skip
_LIVE = ("at_least", "at_most")


@dataclass(frozen=True)
class Limit:
    """What a figure of the live system must be: at least, at most, or both."""

    at_least: float | None = None
    at_most: float | None = None

    def holds(self, value: float) -> bool:
        """Whether the figure may stand."""
        low = self.at_least is None or value >= self.at_least
        return low and (self.at_most is None or value <= self.at_most)

    def __str__(self) -> str:
        low = [f">= {self.at_least:g}"] if self.at_least is not None else []
        return " ".join([*low, *([f"<= {self.at_most:g}"] if self.at_most is not None else [])])


@dataclass(frozen=True)
class Phase:
    """One phase. `people`: keys, () for everybody of its departments; `conditional`: whether a conditional signature is
    enough; the figures of `limits` (adoption among them) and the defect arrival are those of the phase before."""

    name: str
    title: str
    departments: tuple[str, ...]
    people: tuple[str, ...] = ()
    conditional: bool = False
    new_defects_per_day: float | None = None
    fresh_days: float = FRESH_DAYS
    limits: Mapping[str, Limit] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """All phases in order, who decides, and how many days a rollback drill counts."""

    phases: tuple[Phase, ...]
    deciders: tuple[str, ...]
    drill_days: float = DRILL_DAYS

    def find(self, name: str) -> Phase:
        """The phase of that name. WrongUse names those that there are."""
        found = next((one for one in self.phases if one.name == name), None)
        if found is None:
            raise unknown("阶段 phase", name, [one.name for one in self.phases])
        return found

    def before(self, phase: Phase) -> Phase | None:
        """The phase before it; None for the first."""
        at = self.phases.index(phase)
        return self.phases[at - 1] if at else None


def plan(profile: Profile, people: Mapping[str, Any]) -> Plan:
    """The plan of the profile. `people`: keys of people.csv. WrongUse: there is none, or what in it is wrong."""
    table = profile.golive
    if not table:
        raise WrongUse(
            f"{FILE} 里没有上线计划 [golive]，写法见 docs/guides/zh/分阶段上线.md。No go-live plan in the profile."
        )
    if not isinstance(table, dict):
        raise WrongUse(f"{FILE} 的 golive 应当是表 [golive]。It must be a table.")
    _keys("golive", table, _GOLIVE)
    rows = table.get("phase", [])
    if not isinstance(rows, list) or not rows:
        raise WrongUse(f"{FILE} 的 [golive] 至少要有一段 [[golive.phase]]。At least one phase is needed.")
    phases = tuple(_phase(f"golive.phase {n}", row, people) for n, row in enumerate(rows, 1))
    names = [one.name for one in phases]
    if len(set(names)) < len(names):
        raise WrongUse(f"{FILE} 的上线阶段重名：{', '.join(names)}。Two phases of one name.")
    deciders = _list("golive", table, "deciders", people)
    if not deciders:
        raise WrongUse(f'{FILE} 的 [golive] 要写明谁决定：deciders = ["..."]。Say who decides: deciders.')
    return Plan(phases, deciders, _days("golive", table, "drill_days", DRILL_DAYS))


def _phase(where: str, row: Any, people: Mapping[str, Any]) -> Phase:
    if not isinstance(row, dict):
        raise WrongUse(f"{FILE} 的 {where} 应当是表 [[golive.phase]]。It must be a table.")
    _keys(where, row, _PHASE)
    name = row.get("name")
    if not isinstance(name, str) or not name.strip():
        raise WrongUse(f"{FILE} 的 {where} 没有 name。The phase has no name.")
    departments = _list(where, row, "departments", DEPARTMENTS)
    if not departments:
        raise WrongUse(f"{FILE} 的 {where} 没有写 departments：哪些部门上线。Say which departments go live.")
    return Phase(
        *(name, str(row.get("title") or name), departments, _list(where, row, "people", people)),
        conditional=row.get("conditional") is True,
        new_defects_per_day=_number(where, row, "new_defects_per_day", None),
        fresh_days=_days(where, row, "fresh_days", FRESH_DAYS),
        limits=_limits(where, row),
    )


def _limits(where: str, row: Mapping[str, Any]) -> dict[str, Limit]:
    live = row.get("live", {})
    if not isinstance(live, dict):
        raise WrongUse(f"{FILE} 的 {where}.live 应当是表，例如 p95_ms = {{ at_most = 2000 }}。It must be a table.")
    found = {str(name): _limit(f"{where}.live.{name}", told) for name, told in live.items()}
    adoption = _number(where, row, "adoption", None)
    if adoption is not None and not 0 < adoption <= 1:
        raise WrongUse(f"{FILE} 的 {where}.adoption 在 0 到 1 之间，例如 0.8。A share between 0 and 1.")
    return found if adoption is None else {"adoption": Limit(at_least=adoption), **found}


def _limit(where: str, told: Any) -> Limit:
    if not isinstance(told, dict) or not told:
        raise WrongUse(f"{FILE} 的 {where} 要写 at_least 或 at_most。Give at_least or at_most.")
    _keys(where, told, _LIVE)
    return Limit(_number(where, told, "at_least", None), _number(where, told, "at_most", None))


def _list(where: str, row: Mapping[str, Any], key: str, known: Mapping[str, Any]) -> tuple[str, ...]:
    told: Sequence[Any] = row.get(key, [])
    if not isinstance(told, list):
        raise WrongUse(f"{FILE} 的 {where}.{key} 应当是列表。It must be a list.")
    for name in told:
        if not isinstance(name, str) or name not in known:
            raise unknown(f"{key}（{FILE} {where}）", str(name), known)
    return tuple(told)


def _number(where: str, row: Mapping[str, Any], key: str, default: float | None) -> float | None:
    told = row.get(key, default)
    if told is None:
        return None
    if not isinstance(told, int | float) or isinstance(told, bool) or not 0 <= told < float("inf"):
        raise WrongUse(f"{FILE} 的 {where}.{key} 要写 0 或更大的数，现在是 {told!r}。A number of 0 or more.")
    return float(told)


def _days(where: str, row: Mapping[str, Any], key: str, default: float) -> float:
    told = _number(where, row, key, default)
    if not told:
        raise WrongUse(f"{FILE} 的 {where}.{key} 要大于 0，否则永远是过期的。More than 0 days.")
    return told


def _keys(where: str, row: Mapping[str, Any], known: Sequence[str]) -> None:
    for key in row:
        if key not in known:
            raise unknown(f"配置项 key in {FILE} [{where}]", key, known)
