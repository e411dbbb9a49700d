"""requirements.csv and people.csv -> the nouns, with every mistake listed at once; knows no other table."""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from crm_acceptance import sheets
from crm_acceptance.errors import WrongUse
from crm_acceptance.model import CRITICALITIES, DEPARTMENTS, DIMENSIONS, Person, Requirement
from crm_acceptance.profile import Profile

REQUIREMENT_COLUMNS = ("id", "department", "criticality", "dimension", "text")
PERSON_COLUMNS = ("key", "name", "department", "role", "login")
REQUIREMENT_ID = re.compile(r"[A-Z][A-Z0-9]*-\d+")
"""What a tag must look like to be taken for a requirement id."""
REQUIREMENT_HEADINGS = {
    "编号": "id", "需求编号": "id", "部门": "department", "重要程度": "criticality", "维度": "dimension",
    "需求": "text", "需求内容": "text", "英文": "text_en",
}  # fmt: skip
PERSON_HEADINGS = {
    "标识": "key", "工号": "key", "姓名": "name", "部门": "department", "角色": "role", "登录名": "login",
    "账号": "login", "团队": "team", "小组": "team",
}  # fmt: skip
KEYS = {"department": DEPARTMENTS, "criticality": CRITICALITIES, "dimension": DIMENSIONS}
"""Columns whose cells are one of a few keys; the Chinese name that the report shows is as good as the key."""


@dataclass(frozen=True)
class Catalogue:
    """What is to be proven, and who works here. `notices` should be seen by people, but stop nothing."""

    requirements: Mapping[str, Requirement] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """One line of a table: its number in the file (the header is line 1) and its cells by column."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """A CSV file as text cells, with what was noticed while reading it."""

    file: Path
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    notices: tuple[str, ...] = ()


def load(profile: Profile) -> Catalogue:
    """Both tables of the profile's workspace. WrongUse lists everything that is wrong with them in one go."""
    file = profile.workspace / profile.requirements
    requirements = _keyed(read_table(file, REQUIREMENT_COLUMNS, ("text_en",), REQUIREMENT_HEADINGS))
    people = _people_table(profile.workspace / profile.people)
    problems = [*_requirement_problems(requirements), *_people_problems(people)]
    if problems:
        raise WrongUse("\n".join(problems))
    return Catalogue(
        {row.cells["id"]: _requirement(row) for row in requirements.rows},
        {row.cells["key"]: _person(row) for row in people.rows},
        requirements.notices + people.notices,
    )


def people(file: Path) -> dict[str, Person]:
    """The people table alone, by key; WrongUse lists everything that is wrong with it."""
    table = _people_table(file)
    problems = list(_people_problems(table))
    if problems:
        raise WrongUse("\n".join(problems))
    return {row.cells["key"]: _person(row) for row in table.rows}


def read_table(
    file: Path, required: Sequence[str], optional: Sequence[str] = (), headings: Mapping[str, str] | None = None
) -> Table:
    """A CSV file, or an Excel workbook (.xlsx), with a header row; `headings`: other words for the column names.

    WrongUse: absent, empty, not text, a column missing (the nearest is named), not one sheet.
    """
    known = dict(headings or {})
    lines, start, notices = _content(file, required, known)
    if not lines or not any(cell.strip() for cell in lines[0]):
        raise WrongUse(
            f"{file} 是空的；第一行应为列名 {', '.join(required)}。The file is empty; it needs a header row."
        )
    columns = tuple(known.get(cell.strip(), cell.strip()) for cell in lines[0])
    _check_columns(file, columns, required, optional)
    rows = tuple(_rows(file, columns, lines[1:], start))
    if not rows:
        raise WrongUse(f"{file} 只有列名，没有一行内容。The file has a header but no row.")
    return Table(file, columns, rows, notices)


def _people_table(file: Path) -> Table:
    return _keyed(read_table(file, PERSON_COLUMNS, ("team",), PERSON_HEADINGS))


def _content(
    file: Path, required: Sequence[str], headings: Mapping[str, str]
) -> tuple[list[list[str]], int, tuple[str, ...]]:
    """The heading and everything below it, the number of the line below the heading, and what was noticed."""
    if not sheets.is_sheet(file):
        text, notices = _text(file)
        return _lines(file, text), 2, notices

    def is_heading(line: Sequence[str]) -> bool:
        return {*required} <= {headings.get(cell, cell) for cell in line}

    lines, at = sheets.read(file, is_heading)
    width = max((n for n, cell in enumerate(lines[at], start=1) if cell), default=0) if lines else 0
    return [[*line[:width], *filter(None, line[width:])] for line in lines[at:]], at + 2, ()


def _text(file: Path) -> tuple[str, tuple[str, ...]]:
    try:
        raw = file.read_bytes()
    except FileNotFoundError:
        raise WrongUse(f"找不到 {file}。请检查 acceptance.toml 的 [tables]。No such file.") from None
    except OSError as refused:
        raise WrongUse(f"读不了 {file}：{refused.strerror}（cannot be read）。") from None
    try:
        return raw.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        return _gbk(file, raw)


def _lines(file: Path, text: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(text, newline=""), strict=True))  # else an open quote swallows all below it
    except csv.Error as broken:
        raise WrongUse(
            f"{file} 不是正确的 CSV：{broken}；常见原因是引号没有成对。Not valid CSV: is a quotation mark left open?"
        ) from None


def _gbk(file: Path, raw: bytes) -> tuple[str, tuple[str, ...]]:
    try:
        text = raw.decode("gb18030")
    except UnicodeDecodeError:
        raise WrongUse(
            f"{file} 既不是 UTF-8 也不是 GBK。请在 Excel 里“另存为 → CSV UTF-8（逗号分隔）”。"
            "Neither UTF-8 nor GBK: in Excel, save as CSV UTF-8."
        ) from None
    notice = (
        f"{file.name} 是 GBK 编码，已按 GBK 读取；建议在 Excel 里“另存为 → CSV UTF-8”。Read as GBK; better: CSV UTF-8."
    )
    return text, (notice,)


def _check_columns(file: Path, columns: Sequence[str], required: Sequence[str], optional: Sequence[str]) -> None:
    doubled = sorted({name for name in columns if name and columns.count(name) > 1})
    if doubled:
        raise WrongUse(f"{file} 的列名重复：{', '.join(doubled)}。Column named twice.")
    missing = [name for name in required if name not in columns]
    extra = [name for name in columns if name not in {*required, *optional}]
    near = {name: difflib.get_close_matches(name, extra, n=1, cutoff=0.6) for name in (*missing, *optional)}
    misspelt = [name for name in optional if name not in columns and near[name]]
    if not missing and not misspelt:
        return
    said = "；".join(
        f"{name}" + (f"（是不是写成了 {near[name][0]}？）" if near[name] else "") for name in [*missing, *misspelt]
    )
    known = ", ".join((*required, *optional))
    raise WrongUse(
        f"{file} 缺少列（missing or misspelt column）：{said}。已有 found: {', '.join(columns)}；应有 known: {known}。"
    )


def _rows(file: Path, columns: Sequence[str], lines: Sequence[Sequence[str]], start: int) -> Iterator[Row]:
    for number, cells in enumerate(lines, start=start):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(columns):
            raise WrongUse(
                f"{file} 第 {number} 行有 {len(cells)} 格，列名有 {len(columns)} 个；内容含逗号时请加引号。"
                f"Line {number} has {len(cells)} cells for {len(columns)} columns: quote cells that hold a comma."
            )
        yield Row(number, {name: cell.strip() for name, cell in zip(columns, cells, strict=True)})


def _keyed(table: Table) -> Table:
    """The same table with keys where people wrote names: 市场 or 市场部 for marketing, 功能 for functional."""
    rows = (
        Row(
            row.line,
            {column: _key(KEYS[column], cell) if column in KEYS else cell for column, cell in row.cells.items()},
        )
        for row in table.rows
    )
    return replace(table, rows=tuple(rows))


def _key(known: Mapping[str, str], said: str) -> str:
    """Unchanged when it is neither a key nor a name: the check after this says so, with what was written."""
    bare = said.removesuffix("部").removesuffix("测试")
    return next((key for key, name in known.items() if bare and bare == name.removesuffix("测试")), said)


def _requirement_problems(table: Table) -> Iterator[str]:
    yield from _doubles(table, "id")
    for row in table.rows:
        where = f"{table.file.name}:{row.line}"
        if not REQUIREMENT_ID.fullmatch(row.cells["id"]):
            yield f"{where}: 编号应像 SALES-001：{row.cells['id']!r}。An id looks like SALES-001."
        yield from _choice(where, "部门 department", row.cells["department"], DEPARTMENTS)
        yield from _choice(where, "重要程度 criticality", row.cells["criticality"], CRITICALITIES)
        yield from _choice(where, "维度 dimension", row.cells["dimension"], DIMENSIONS)
        if not row.cells["text"]:
            yield f"{where}: 需求没有写内容（text is empty）。"


def _people_problems(table: Table) -> Iterator[str]:
    for column in ("key", "name", "login"):
        yield from _doubles(table, column)
    for row in table.rows:
        where = f"{table.file.name}:{row.line}"
        yield from _choice(where, "部门 department", row.cells["department"], DEPARTMENTS)
        yield from (f"{where}: {name} 不能为空（is empty）。" for name in PERSON_COLUMNS if not row.cells[name])


def _doubles(table: Table, column: str) -> Iterator[str]:
    seen: dict[str, int] = {}
    for row in table.rows:
        value = row.cells[column]
        if value in seen:
            where = f"{table.file.name}:{row.line}"
            yield f"{where}: {column} 重复 duplicate {column}: {value}（第 {seen[value]} 行已有 first on that line）。"
        seen.setdefault(value, row.line)


def _choice(where: str, what: str, said: str, known: Mapping[str, str]) -> Iterator[str]:
    if said in known:
        return
    near = difflib.get_close_matches(said, list(known), n=1)
    hint = f"是不是 {near[0]}？" if near else ""
    both = (f"{key} {known[key]}" for key in known)
    yield f"{where}: 没有这个{what}：{said!r}（unknown）。{hint}已知 known: {', '.join(both)}。"


def _requirement(row: Row) -> Requirement:
    cells = row.cells
    return Requirement(
        cells["id"],
        cells["department"],
        cells["criticality"],
        cells["dimension"],
        cells["text"],
        cells.get("text_en", ""),
    )


def _person(row: Row) -> Person:
    cells = row.cells
    return Person(
        cells["key"], cells["name"], cells["department"], cells["role"], cells["login"], cells.get("team", "")
    )
