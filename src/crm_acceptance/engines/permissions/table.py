"""The permission matrix as values: who may do what to whose records; how a file becomes one is in reading."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crm_acceptance.catalogue import Catalogue
from crm_acceptance.errors import WrongUse
from crm_acceptance.model import Person
from crm_acceptance.profile import Profile

OwnObjects = Callable[[str], Collection[str] | None]
"""Fields of an object of the company's own (x_...), () when the system knows no more than its name; None: unknown."""


@dataclass(frozen=True)
class Rule:
    """One cell: people of `role` may do `action` to the records in `scope`; `fields` is field -> treatment."""

    role: str
    action: str
    object: str
    scope: str
    fields: Mapping[str, str] = field(default_factory=dict)
    requirements: tuple[str, ...] = ()
    line: int = 0

    @property
    def cell(self) -> tuple[str, str, str]:
        """What makes a rule unique."""
        return self.role, self.action, self.object

    @property
    def meaning(self) -> tuple[str, tuple[tuple[str, str], ...], tuple[str, ...]]:
        """What it says about its cell, wherever it stands."""
        return self.scope, tuple(sorted(self.fields.items())), self.requirements

    def treated(self, *treatments: str) -> tuple[str, ...]:
        """The fields that get one of these treatments."""
        return tuple(name for name, how in self.fields.items() if how in treatments)


@dataclass(frozen=True)
class Matrix:
    """All rules of a site, in the order of the table."""

    rules: tuple[Rule, ...]

    def find(self, role: str, action: str, kind: str) -> Rule | None:
        """The rule of one cell, or None when the table is silent about it."""
        return self._cells().get((role, action, kind))

    def scope(self, role: str, action: str, kind: str) -> str:
        """The scope of one cell; a silent table grants nothing."""
        rule = self.find(role, action, kind)
        return rule.scope if rule else "none"

    def _cells(self) -> dict[tuple[str, str, str], Rule]:
        cache: dict[tuple[str, str, str], Rule] | None = self.__dict__.get("_found")
        if cache is None:
            cache = {rule.cell: rule for rule in self.rules}
            object.__setattr__(self, "_found", cache)
        return cache


def load(
    path: Path,
    roles: Iterable[str],
    requirements: Iterable[str],
    people: Iterable[Person] = (),
    own: OwnObjects | None = None,
) -> Matrix:
    """The matrix of a CSV file or workbook; `roles` are those of people.csv. WrongUse: every mistake with its line."""
    from crm_acceptance.engines.permissions.reading import Known, read

    known = Known(frozenset(roles), frozenset(requirements), tuple(people), own or (lambda kind: None))
    matrix = read(path, known)
    beside = path.with_suffix(".csv" if path.suffix.lower() == ".xlsx" else ".xlsx")
    if beside != path and beside.is_file():
        _refuse_difference(path, beside, matrix, read(beside, known))
    return matrix


def declared(profile: Profile, catalogue: Catalogue) -> Matrix | None:
    """The profile's matrix; None when this system has no table. WrongUse as load says."""
    path = profile.path("permissions")
    if path is None:
        return None
    people = tuple(catalogue.people.values())
    return load(path, {one.role for one in people}, catalogue.requirements, people, _own_objects(profile))


def _own_objects(profile: Profile) -> OwnObjects:
    """Asks the profile's system, which is looked up only when a table names an object of its own."""

    def fields(kind: str) -> Collection[str] | None:
        from crm_acceptance import systems

        system = systems.find(profile.system, profile.path("mapping"))
        if not any(system.supports(action, kind) for action in ("list", "read", "create")):
            return None
        told = system.fields(kind) if isinstance(system, systems.KnowsFields) else None
        return told or ()

    return fields


def _refuse_difference(path: Path, beside: Path, matrix: Matrix, other: Matrix) -> None:
    here, there = ({rule.cell: rule for rule in one.rules} for one in (matrix, other))
    cells = [cell for cell in {**here, **there} if cell not in here or cell not in there]
    cells += [cell for cell, rule in here.items() if cell in there and there[cell].meaning != rule.meaning]
    if cells:
        shown = "、".join(" ".join(cell) for cell in cells[:3])
        raise WrongUse(
            f"{path.name} 和 {beside.name} 并排放着却不一样（{len(cells)} 格，例如 {shown}），不知道以哪个为准；"
            f"请改成一样，或删掉一个。They differ in {len(cells)} cells: make them alike or remove one."
        )
