"""A permission table -> Matrix, with every mistake told at once and by its line; what the rules mean is in table."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path

from crm_acceptance.catalogue import Row, read_table
from crm_acceptance.engines.permissions import words
from crm_acceptance.engines.permissions.table import Matrix, OwnObjects, Rule
from crm_acceptance.engines.permissions.vocabulary import OBJECT_FIELDS, SCOPES, TREATMENTS, actions_of, is_own
from crm_acceptance.errors import WrongUse, unknown
from crm_acceptance.model import Person
from crm_acceptance.vocabulary import ROLES

COLUMNS = ("role", "action", "object", "scope", "fields", "requirement")
SHOWN = 40
"""Mistakes told at once; a table with more has one cause, and the rest says nothing new."""


@dataclass(frozen=True)
class Known:
    """What a table may name beside the vocabulary. `people` empty: nobody asks who is in which team."""

    roles: Collection[str]
    requirements: Collection[str]
    people: tuple[Person, ...]
    own: OwnObjects


@dataclass
class Reading:
    """One table being read: the rules so far and everything that is wrong."""

    path: Path
    known: Known
    rules: dict[tuple[str, str, str], Rule] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    _clashes: dict[tuple[int, int], list[tuple[Rule, Rule]]] = field(default_factory=dict)

    def row(self, row: Row) -> None:
        """Every rule of one line, as far as its words are known."""
        where = f"（{self.path.name} 第 {row.line} 行 line {row.line}）"
        filled = [cell for cell in row.cells.values() if cell]
        if len(filled) == 1:
            self.say(
                f"这一行只有一格有内容：{filled[0]}{where}。说明请写在表头上面，或写在另一张工作表里。"
                "One filled cell is no row: put remarks above the heading or on another sheet."
            )
            return
        scope = self.word("范围 scope", row.cells["scope"], SCOPES, words.SCOPE_WORDS, where)
        wanted = [
            self.word("需求编号 requirement", one, self.known.requirements, {}, where)
            for one in self.split("需求编号 requirement", row.cells["requirement"], where)
        ]
        roles = [self.role(one, scope, where) for one in self.split("角色 role", row.cells["role"], where)]
        cells = list(self.cells(row, where))
        for role, (action, kind, treatments) in product(roles, cells):
            self.keep(Rule(role, action, kind, scope, treatments, tuple(wanted), row.line))

    def cells(self, row: Row, where: str) -> Iterator[tuple[str, str, dict[str, str]]]:
        """(action, object, treatments of its fields)."""
        for said in self.split("对象 object", row.cells["object"], where):
            kind = words.meant(said, OBJECT_FIELDS, words.KINDS)
            fields = self.fields_of(kind, said, where)
            if fields is None:
                continue
            treatments = self.treatments(row.cells["fields"], kind, fields, where)
            for one in self.split("动作 action", row.cells["action"], where):
                action = self.word(f"动作 action（对象 {kind}）", one, actions_of(kind), words.ACTIONS, where)
                yield action, kind, treatments

    def fields_of(self, kind: str, said: str, where: str) -> Collection[str] | None:
        """The object's fields, () when any name will do; None, with the mistake told, when nobody knows the object."""
        if kind in OBJECT_FIELDS:
            return OBJECT_FIELDS[kind]
        found = self.known.own(kind) if is_own(kind) else None
        if found is None:
            hint = (
                "自己的对象以 x_ 开头，并且要写在映射文件里（own ones begin with x_ and stand in the mapping file）。"
            )
            self.wrong(unknown("对象 object", said, _as_said(said, OBJECT_FIELDS, words.KINDS), hint + where))
        return found

    def role(self, said: str, scope: str, where: str) -> str:
        """The role's key. A role that the vocabulary knows but nobody has is another mistake than a strange word."""
        key = words.meant(said, self.known.roles, words.ROLE_WORDS)
        if key not in self.known.roles:
            todo = f"people.csv 里没有人担任这个角色（nobody in people.csv has it）{where}"
            what = "角色 role" if ROLES.get(said, said) not in ROLES.values() else "角色的人 person with the role"
            self.wrong(unknown(what, said, _as_said(said, self.known.roles, words.ROLE_WORDS), todo))
        elif scope == "team" and self.known.people:
            self.teams(key, where)
        return key

    def teams(self, role: str, where: str) -> None:
        """A row about teams needs to know who is in which."""
        lost = [one.name for one in self.known.people if one.role == role and not one.team]
        if lost:
            self.say(
                f"范围是 team，但 people.csv 的 team 一列没有写 {'、'.join(lost)}（{role}）属于哪个团队{where}。"
                "Scope team needs the column `team` in people.csv for this role."
            )

    def treatments(self, text: str, kind: str, fields: Collection[str], where: str) -> dict[str, str]:
        """field:treatment, separated by semicolons, as a mapping."""
        found: dict[str, str] = {}
        for part in filter(None, (part.strip() for part in re.split(r"[;；\n、，,]", text))):
            name, colon, how = (one.strip() for one in re.sub("[：=]", ":", part).partition(":"))
            if not colon:
                self.say(
                    f"字段要写成 字段:处理，例如 手机:掩码 phone:masked；这里是 {part!r}{where}。Write field:treatment."
                )
                continue
            name = self.word(f"字段 field（对象 {kind}）", name, fields, words.FIELD_WORDS, where) if fields else name
            how = self.word("字段处理 treatment", how, TREATMENTS, words.TREATMENT_WORDS, where)
            if found.setdefault(name, how) != how:
                self.say(f"字段 {name} 写了两种处理，互相矛盾{where}。A field with two treatments: keep one.")
        return found

    def split(self, what: str, text: str, where: str) -> list[str]:
        """The words of a cell that holds several."""
        parts = [part.strip() for part in re.split(r"[|｜、，,\n]", text)]
        if not all(parts):
            self.say(f"{what} 是空的，或者多了一个 |{where}。An empty cell or a stray |: fill it in or remove it.")
        return [part for part in parts if part]

    def word(self, what: str, said: str, known: Iterable[str], table: Mapping[str, str], where: str) -> str:
        """The key that the word means; the mistake is told when it means none."""
        names = list(known)
        key = words.meant(said, names, table)
        if not said:
            self.say(f"{what} 是空的{where}。An empty cell: fill it in. 已知 known: {', '.join(_both(names, table))}。")
        elif key not in names:
            self.wrong(unknown(what, said, _as_said(said, names, table), where))
        return key

    def keep(self, rule: Rule) -> None:
        """One rule per cell; a second one is a repetition or a contradiction."""
        other = self.rules.setdefault(rule.cell, rule)
        if other is not rule:
            self._clashes.setdefault((other.line, rule.line), []).append((other, rule))

    def clashes(self) -> Iterator[str]:
        """One sentence per pair of lines, whatever number of cells they share."""
        for (first, second), pairs in self._clashes.items():
            against = [pair for pair in pairs if pair[0].meaning != pair[1].meaning]
            other, rule = (against or pairs)[0]
            more = f"等 {len(pairs)} 格" if len(pairs) > 1 else ""
            yield (
                f"{self.path.name} 第 {first} 行和第 {second} 行{'互相矛盾' if against else '重复'}："
                f"{_people_say(rule)}（{' '.join(rule.cell)}）{more}：{_difference(other, rule)}。"
                f"{'Contradiction' if against else 'Written twice'}: keep one of the lines."
            )

    def wrong(self, told: WrongUse) -> None:
        """Writes the mistake down."""
        self.say(str(told))

    def say(self, sentence: str) -> None:
        """Writes the sentence down, once."""
        if sentence not in self.problems:
            self.problems.append(sentence)


def _as_said(said: str, names: Iterable[str], table: Mapping[str, str]) -> list[str]:
    """The known names as whoever wrote `said` would write them: keys for a key, Chinese for a Chinese word."""
    return list(names) if said.isascii() else [words.chinese(name, table) for name in names]


def _both(names: Iterable[str], table: Mapping[str, str]) -> list[str]:
    return [f"{words.chinese(name, table)} {name}" if name in table.values() else name for name in names]


def _people_say(rule: Rule) -> str:
    tables = (words.ROLE_WORDS, words.ACTIONS, words.KINDS)
    return " ".join(words.chinese(key, table) for key, table in zip(rule.cell, tables, strict=True))


def _difference(first: Rule, second: Rule) -> str:
    """What tells two rules about one cell apart, the widest thing first."""
    if first.scope != second.scope:
        return f"{first.scope} / {second.scope}"
    if first.fields != second.fields:
        both = [";".join(f"{name}:{how}" for name, how in one.fields.items()) or "-" for one in (first, second)]
        return " / ".join(both)
    return " / ".join(dict.fromkeys("|".join(one.requirements) for one in (first, second)))


def read(path: Path, known: Known) -> Matrix:
    """The matrix of one file. WrongUse lists every mistake, a line each."""
    reading = Reading(path, known)
    for row in read_table(path, COLUMNS, headings=words.HEADINGS).rows:
        reading.row(row)
    problems = [*reading.problems, *reading.clashes()]
    if problems:
        more = [f"……还有 {len(problems) - SHOWN} 处 and {len(problems) - SHOWN} more"] * (len(problems) > SHOWN)
        raise WrongUse("\n".join([*problems[:SHOWN], *more]))
    return Matrix(tuple(reading.rules.values()))
