"""permissions.csv -> Matrix: who may do what to whose records; loud about every word it does not know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from crm_acceptance.catalogue import read_table
from crm_acceptance.engines.permissions.vocabulary import OBJECT_FIELDS, SCOPES, TREATMENTS, actions_of
from crm_acceptance.errors import WrongUse, unknown

COLUMNS = ("role", "action", "object", "scope", "fields", "requirement")


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


def load(path: Path, roles: Iterable[str], requirements: Iterable[str]) -> Matrix:
    """The matrix of a CSV file; `roles` are those of people.csv. WrongUse names the line and what is known."""
    known_roles, known_requirements = set(roles), set(requirements)
    seen: dict[tuple[str, str, str], Rule] = {}
    for row in read_table(path, COLUMNS).rows:
        for rule in _rules(path, row.line, row.cells, known_roles, known_requirements):
            _refuse_contradiction(path, rule, seen.get(rule.cell))
            seen[rule.cell] = rule
    return Matrix(tuple(seen.values()))


def _rules(path: Path, line: int, row: Mapping[str, str], roles: set[str], requirements: set[str]) -> Iterator[Rule]:
    where = f"（{path.name} 第 {line} 行 line {line}）"
    scope = _known("范围 scope", row["scope"], SCOPES, where)
    wanted = tuple(
        _known("需求编号 requirement", one, requirements, where) for one in _split(row["requirement"], where)
    )
    for role, action, kind in product(*(_split(row[column], where) for column in COLUMNS[:3])):
        _known("角色 role（people.csv 里没有人担任 nobody in people.csv has it）", role, roles, where)
        _known("对象 object", kind, OBJECT_FIELDS, where)
        _known(f"动作 action（对象 {kind}）", action, actions_of(kind), where)
        yield Rule(role, action, kind, scope, _fields(row["fields"], kind, where), wanted, line)


def _fields(text: str, kind: str, where: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.replace("；", ";").split(";"))):
        name, colon, how = part.replace("：", ":").partition(":")
        if not colon:
            raise WrongUse(f"字段要写成 字段:处理，例如 phone:masked；这里是 {part!r}{where}。Write field:treatment.")
        _known(f"字段 field（对象 {kind}）", name.strip(), OBJECT_FIELDS[kind], where)
        _known("字段处理 treatment", how.strip(), TREATMENTS, where)
        if found.setdefault(name.strip(), how.strip()) != how.strip():
            raise WrongUse(f"字段 {name} 写了两种处理，互相矛盾{where}。A field with two treatments: keep one.")
    return found


def _refuse_contradiction(path: Path, rule: Rule, other: Rule | None) -> None:
    if other is None:
        return
    same = (rule.scope, rule.fields, rule.requirements) == (other.scope, other.fields, other.requirements)
    raise WrongUse(
        f"{path.name} 第 {other.line} 行和第 {rule.line} 行{'重复' if same else '互相矛盾'}："
        f"{rule.role} {rule.action} {rule.object}（{other.scope} / {rule.scope}）。"
        f"{'Written twice' if same else 'Contradiction'}: keep one of the lines."
    )


def _split(text: str, where: str) -> list[str]:
    parts = [part.strip() for part in text.replace("｜", "|").split("|")]
    if not all(parts):
        raise WrongUse(f"有一格是空的或者多了一个 |{where}。An empty cell or a stray |: fill it in or remove it.")
    return parts


def _known(what: str, asked: str, known: Iterable[str], where: str) -> str:
    known = list(known)
    if asked not in known:
        raise unknown(what, asked, known, where)
    return asked
