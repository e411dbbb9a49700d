"""Tables of fixtures/ that a peak's verbs take their data from: read and refused here, used by work.py."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import InvalidOperation
from pathlib import Path

from crm_acceptance import catalogue, vocabulary
from crm_acceptance.engines.load import entries
from crm_acceptance.engines.load.entries import Table
from crm_acceptance.engines.load.work import FED
from crm_acceptance.errors import WrongUse, unknown

Rows = tuple[Mapping[str, str], ...]
TAKES = {"cycle": False, "轮流": False, "sample": True, "随机": True}


def read(where: str, table: Table, verb: str, folder: Path) -> tuple[Rows, bool]:
    """The rows of `data`, by canonical field, and whether any is drawn each time (`take`). No `data`: no rows."""
    if "data" not in table:
        if "take" in table:
            raise WrongUse(f"{where}：写了 take，没有写 data。A take without data.")
        return (), False
    take = entries.value(where, table, "take", str, "cycle")
    if take not in TAKES:
        raise unknown(f"取法 take（{where}）", take, TAKES)
    if verb not in FED:
        raise WrongUse(f"{where}：{verb} 不用数据；可以用的 known: {', '.join(sorted(FED))}。This verb takes no data.")
    return _rows(where, _found(where, entries.value(where, table, "data", str), folder), verb), TAKES[take]


def _found(where: str, name: str, folder: Path) -> Path:
    """In fixtures/ beside or below the folder of the peaks, else in that folder; never anywhere else."""
    if not name or Path(name).is_absolute() or ".." in Path(name).parts:
        raise WrongUse(f"{where}：data 只写 fixtures/ 里的文件名，这里是 {name!r}。Name a file in fixtures/.")
    places = (folder.parent / "fixtures", folder / "fixtures", folder)
    found = next((place / name for place in places if (place / name).is_file()), None)
    if found is None:
        raise WrongUse(f"{where}：fixtures/ 里没有 {name}。No such file in fixtures/.")
    return found


def _rows(where: str, file: Path, verb: str) -> Rows:
    """A search needs one column that can be looked for, and may have others: one table serves many verbs."""
    used = FED[verb]
    allowed = {*vocabulary.FIELDS.values()} if verb.endswith(".search") else {*used}
    words = {word: field for word, field in vocabulary.FIELDS.items() if field in allowed}
    read = catalogue.read_table(file, (), (), words)
    for column in read.columns:
        if column not in allowed:
            raise unknown(f"列 column（{where}，{file.name}）", column, allowed)
    if not set(read.columns) & set(used):
        raise WrongUse(f"{where}：{file.name} 里没有 {verb} 用得上的列；known: {', '.join(used)}。No column to use.")
    for row in read.rows:
        _check_numbers(f"{file.name} 第 {row.line} 行 line {row.line}", row.cells)
    return tuple({name: cell for name, cell in row.cells.items() if cell and name in used} for row in read.rows)


def _check_numbers(where: str, cells: Mapping[str, str]) -> None:
    for name, cell in cells.items():
        if cell and name in vocabulary.MONEY and not _is_money(cell):
            raise WrongUse(f"{where}：{name} 应当是大于零的金额，这里是 {cell}。It must be an amount above 0.")
        if cell and name in vocabulary.NUMBERS and not (cell.isascii() and cell.isdigit() and int(cell)):
            raise WrongUse(f"{where}：{name} 应当是大于零的整数，这里是 {cell}。It must be a whole number above 0.")


def _is_money(cell: str) -> bool:
    try:
        found = vocabulary.money(cell)
    except InvalidOperation:
        return False
    return found.is_finite() and found > 0
