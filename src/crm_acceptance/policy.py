"""What a company demands of its gate beyond the rules that nobody can switch off: as values; decides nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm_acceptance.errors import WrongUse, unknown
from crm_acceptance.model import CRITICALITIES, DEPARTMENTS, DIMENSIONS

COUNTED = ("proven_ratio", "disproven", "unproven")
"""Measures over requirements: the share that is proven (0 to 1), and how many are not."""
TOLD = ("recall", "false_alarms", "open_critical_defects", "drill_age_days", "migration_difference")
"""Measures over what the run was told when it ended: its `facts`."""
PASSING = ("open_critical_defects", "drill_age_days", "migration_difference")
"""Those of them that go on changing after a run, so that whoever signs later must look again."""
MEASURES = (*COUNTED, *TOLD)
OTHERWISE = ("no-go", "unproven", "conditional")
PROOFS = ("disproven", "unproven")
TOLERABLE = tuple(name for name in CRITICALITIES if name != "critical")
_SCOPE = ("departments", "dimensions", "criticality")
_RULE = ("name", "measure", "at_least", "at_most", "otherwise", "kind", *_SCOPE)
_TOLERATE = ("name", "proof", "at_most", *_SCOPE)


@dataclass(frozen=True)
class Scope:
    """Which requirements are meant; an empty tuple means every one."""

    departments: tuple[str, ...] = ()
    dimensions: tuple[str, ...] = ()
    criticality: tuple[str, ...] = ()

    def holds(self, department: str, dimension: str, criticality: str) -> bool:
        """Whether such a requirement is meant."""
        asked = zip(
            (self.departments, self.dimensions, self.criticality), (department, dimension, criticality), strict=True
        )
        return all(not names or name in names for names, name in asked)


@dataclass(frozen=True)
class Condition:
    """One [[gate.rule]]: the measure must be at least or at most so much, or the decision is `otherwise`.

    kind: of planted defects, for recall and false_alarms; "": every kind that was measured.
    """

    name: str
    measure: str
    at_least: float | None
    at_most: float | None
    otherwise: str
    scope: Scope = Scope()
    kind: str = ""


@dataclass(frozen=True)
class Tolerance:
    """One [[gate.tolerate]]: in each department up to `at_most` such requirements only make it a conditional yes."""

    name: str
    proof: str
    at_most: int
    scope: Scope


@dataclass(frozen=True)
class Policy:
    """What [gate] says beside whose yes is needed. Empty: everything must be proven."""

    conditions: tuple[Condition, ...] = ()
    tolerances: tuple[Tolerance, ...] = ()


def read(rules: Any, tolerate: Any) -> Policy:
    """The policy from the rows of the profile, or of run.json. WrongUse names the row, and what is known."""
    return Policy(
        tuple(_condition(f"[[gate.rule]] {n}", row) for n, row in enumerate(_rows("rule", rules), 1)),
        tuple(_tolerance(f"[[gate.tolerate]] {n}", row) for n, row in enumerate(_rows("tolerate", tolerate), 1)),
    )


def _rows(name: str, rows: Any) -> Sequence[Mapping[str, Any]]:
    if not isinstance(rows, list | tuple) or not all(isinstance(row, Mapping) for row in rows):
        raise WrongUse(f"gate.{name} 要写成 [[gate.{name}]] 一段一段的。Write it as [[gate.{name}]] tables.")
    return rows


def _condition(where: str, row: Mapping[str, Any]) -> Condition:
    _keys(where, row, _RULE)
    measure, otherwise = _word(where, row, "measure", MEASURES), _word(where, row, "otherwise", OTHERWISE, "no-go")
    least, most = _number(where, row, "at_least"), _number(where, row, "at_most")
    if (least is None) == (most is None):
        raise WrongUse(f"{where} 要写 at_least 或 at_most，只写一个。Give at_least or at_most, one of them.")
    if measure == "proven_ratio" and any(limit is not None and limit > 1 for limit in (least, most)):
        raise WrongUse(f"{where} 的 proven_ratio 在 0 到 1 之间，例如 0.95。A ratio lies between 0 and 1.")
    name = str(row.get("name") or f"{measure}-{'at-least' if most is None else 'at-most'}")
    return Condition(name, measure, least, most, otherwise, _scope(where, row), str(row.get("kind") or ""))


def _tolerance(where: str, row: Mapping[str, Any]) -> Tolerance:
    _keys(where, row, _TOLERATE)
    scope = _scope(where, row)
    if not scope.criticality or "critical" in scope.criticality:
        raise WrongUse(
            f"{where} 要写明 criticality，而且不能是 critical：关键需求不能有条件通过。"
            f"Say which criticality, of {', '.join(TOLERABLE)}: what is critical is never tolerated."
        )
    most = row.get("at_most")
    if not isinstance(most, int) or isinstance(most, bool) or most < 1:
        raise WrongUse(f"{where} 的 at_most 是每个部门最多几条，至少 1，现在是 {most!r}。A count of 1 or more.")
    proof = _word(where, row, "proof", PROOFS)
    return Tolerance(str(row.get("name") or f"tolerate-{proof}"), proof, most, scope)


def _scope(where: str, row: Mapping[str, Any]) -> Scope:
    known = {"departments": DEPARTMENTS, "dimensions": DIMENSIONS, "criticality": CRITICALITIES}
    return Scope(**{name: _names(where, row, name, words) for name, words in known.items()})


def _names(where: str, row: Mapping[str, Any], key: str, known: Mapping[str, str]) -> tuple[str, ...]:
    said = row.get(key, ())
    if not isinstance(said, list | tuple):
        raise WrongUse(f'{where} 的 {key} 是列表，例如 ["{next(iter(known))}"]。{key} is a list.')
    for word in said:
        if word not in known:
            raise unknown(f"{key}（{where}）", str(word), known)
    return tuple(said)


def _word(where: str, row: Mapping[str, Any], key: str, known: Sequence[str], default: str = "") -> str:
    said = row.get(key, default)
    if said not in known:
        raise unknown(f"{key}（{where}）", str(said), known)
    return str(said)


def _number(where: str, row: Mapping[str, Any], key: str) -> float | None:
    said = row.get(key)
    if said is None:
        return None
    if not isinstance(said, int | float) or isinstance(said, bool) or not 0 <= said < float("inf"):
        raise WrongUse(f"{where} 的 {key} 要写 0 或更大的数，现在是 {said!r}。A number of 0 or more.")
    return float(said)


def _keys(where: str, row: Mapping[str, Any], known: Sequence[str]) -> None:
    for key in row:
        if key not in known:
            raise unknown(f"配置项 key（{where}）", key, known)
