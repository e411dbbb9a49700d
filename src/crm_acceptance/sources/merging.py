"""Stories into the requirements table: first what would change, then, if wanted, the table anew with all its rows."""

from __future__ import annotations

import csv
import io
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from crm_acceptance import catalogue, sheets
from crm_acceptance.catalogue import KEYS, REQUIREMENT_COLUMNS, REQUIREMENT_HEADINGS
from crm_acceptance.errors import WrongUse
from crm_acceptance.sources.settings import Source
from crm_acceptance.sources.stories import HEADINGS, Story

ORIGIN = "source"
"""The column that says where a row came from: only such rows can be gone there."""
Cells = dict[str, str]


@dataclass(frozen=True)
class Preview:
    """`added`: new rows; `changed`: id -> column -> (before, after); `gone`: ids that came from there and no longer do.

    `rows` is the whole table as it would be, nothing taken away.
    """

    columns: tuple[str, ...]
    rows: tuple[Mapping[str, str], ...]
    added: tuple[Mapping[str, str], ...]
    changed: Mapping[str, Mapping[str, tuple[str, str]]]
    gone: tuple[str, ...]

    @property
    def nothing(self) -> bool:
        """Whether the table says already what the source says."""
        return not (self.added or self.changed or self.gone)


def preview(file: Path, source: Source, found: Sequence[Story]) -> Preview:
    """What taking these stories into `file` means. A file that is not there yet is an empty table.

    WrongUse: the table cannot be read, or a new row lacks a cell that neither story nor defaults give.
    """
    columns, before = _table(file)
    rows = {row["id"]: dict(row) for row in before}
    added, changed = [], {}
    for one in found:
        id = one.cells["id"]
        if id in rows:
            news = _news(rows[id], one.cells)
            if news:
                changed[id] = {name: (rows[id].get(name, ""), said) for name, said in news.items()}
            rows[id] |= {**news, ORIGIN: source.name}
        else:
            rows[id] = {**_complete(source, one), ORIGIN: source.name}
            added.append(rows[id])
    there = {one.cells["id"] for one in found}
    gone = tuple(id for id, row in rows.items() if row.get(ORIGIN) == source.name and id not in there)
    wide = tuple(dict.fromkeys((*columns, *(name for row in rows.values() for name in row))))
    return Preview(wide, tuple(rows.values()), tuple(added), changed, gone)


def _news(row: Mapping[str, str], cells: Mapping[str, str]) -> Cells:
    """What the source says otherwise. New words without an English of their own: the old English holds no longer."""
    found = {name: said for name, said in cells.items() if row.get(name, "") != said}
    stale = "text" in found and "text_en" not in cells and row.get("text_en")
    return {**found, "text_en": ""} if stale else found


def lines(seen: Preview) -> Iterator[str]:
    """What people read before they say yes."""
    for row in seen.added:
        yield f"+ {row['id']}  {row['department']} {row['criticality']} {row['dimension']}  {row['text']}"
    for id, news in seen.changed.items():
        yield f"~ {id}  " + "；".join(
            f"{name}: {before or '（空）'} → {after or '（空）'}" for name, (before, after) in news.items()
        )
    for id in seen.gone:
        yield f"- {id}  来源里已经没有 gone there"


def write(file: Path, seen: Preview, without_gone: bool = False) -> int:
    """Puts the table where it belongs, in one step; the number of rows. WrongUse when it cannot be written."""
    if sheets.is_sheet(file):
        raise WrongUse(
            f"{file.name} 是 Excel 工作簿，导入会丢掉它的格式；请用 --out 写成 .csv，"
            "再在 [tables] requirements 里写上它。"
            "Importing into a workbook would lose its formats: write a CSV with --out."
        )
    rows = [row for row in seen.rows if not (without_gone and row["id"] in seen.gone)]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(seen.columns)
    writer.writerows([row.get(name, "") for name in seen.columns] for row in rows)
    draft = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        draft.write_bytes((_MARK if _marked(file) else b"") + out.getvalue().encode())
        os.replace(draft, file)
    except OSError as refused:
        draft.unlink(missing_ok=True)
        raise WrongUse(f"写不进 {file}：{refused.strerror}。The table cannot be written.") from None
    return len(rows)


_MARK = b"\xef\xbb\xbf"


def _marked(file: Path) -> bool:
    """Whether it is to begin with the mark by which Excel knows UTF-8: it did, was in Excel's GBK, or is new."""
    if not file.is_file():
        return True
    before = file.read_bytes()
    try:
        before.decode("utf-8")
    except UnicodeDecodeError:
        return True
    return before.startswith(_MARK)


def _table(file: Path) -> tuple[tuple[str, ...], list[Cells]]:
    if not file.exists():
        return (*REQUIREMENT_COLUMNS, "text_en"), []
    table = catalogue.read_table(file, REQUIREMENT_COLUMNS, ("text_en",), REQUIREMENT_HEADINGS)
    rows = [{name: _key(name, said) for name, said in row.cells.items()} for row in table.rows]
    doubled = {id for id, count in Counter(row["id"] for row in rows).items() if count > 1}
    if doubled:
        raise WrongUse(
            f"{file.name} 里编号重复：{'、'.join(sorted(doubled))}，先改好再导入。Duplicate ids: mend first."
        )
    return table.columns, rows


def _key(column: str, said: str) -> str:
    return next((key for key, name in KEYS.get(column, {}).items() if said == name), said)


def _where(source: Source) -> str:
    if source.kind == "file":
        return "请在表里补上 fill it in there"
    return f"请在 [sources.{source.name}.fields] 写上它在哪个字段，或在 [sources.{source.name}.defaults] 写一个默认值"


def _complete(source: Source, one: Story) -> Cells:
    cells = {**source.defaults, **one.cells}
    missing = [name for name in REQUIREMENT_COLUMNS if not cells.get(name)]
    if missing:
        raise WrongUse(
            f"{one.key} 是新需求，却没有{'、'.join(HEADINGS[name] for name in missing)}：{_where(source)}。"
            f"A new requirement lacks {', '.join(missing)}."
        )
    return cells
