"""Records out to CSV and in from CSV (UTF-8 with or without BOM, GBK), row by row. Rules are those of records.py."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Iterator
from typing import Any

from . import drag, mishaps, records, store
from .auth import User
from .db import Database
from .defects import active
from .errors import CrmError, invalid
from .fields import ObjectType
from .lists import Asked, all_rows
from .objects import OBJECTS
from .rights import mask_of

BIGGEST_IMPORT = 5 * 1024 * 1024
MOST_ROWS = 20_000


def export(db: Database, me: User, object: str, asked: Asked) -> bytes:
    """Everything in my scope that matches, as CSV in UTF-8 with BOM; the header holds the field names."""
    drag.exporting()
    limit = asked.size if active("export_stops_at_page") else -1
    found = all_rows(db, me, object, asked, limit)
    if active("export_drops_emoji_rows"):
        found = mishaps.without_rare(found)
    plain = active("mask_missing_in_export")
    names = ["id", *(f.name for f in OBJECTS[object].fields if plain or mask_of(me, object, f.name) != "hidden")]
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(names)
    lines = [[_cell(store.to_record(me, object, row, plain)[name]) for name in names] for row in found]
    writer.writerows(lines)
    if active("export_commas_unquoted"):
        out = io.StringIO(mishaps.unquoted([names, *lines]))
    with db.write() as tx:
        store.audit(tx, me, object, "", "export", "", None, f"{len(found)} rows")
    return out.getvalue().encode("utf-8-sig")


def import_file(db: Database, me: User, object: str, body: bytes) -> dict[str, Any]:
    """Create a record per row. Answers how many, and each rejected row's number (the header is row 1) and reason."""
    store.require(me, "import", object)
    kind = OBJECTS[object]
    lines = list(_lines(kind, _decode(body)))
    if active("import_drops_last_row"):
        lines = lines[:-1]
    created, rejected = 0, []
    with db.write() as tx:
        for number, fields in lines:
            try:
                _add(tx, me, object, fields)
                created += 1
            except CrmError as error:
                if not active("import_swallows_bad_row"):
                    rejected.append({"row": number, "reason": error.message})
        store.audit(tx, me, object, "", "import", "", None, f"{created} rows")
    return {"created": created, "rejected": rejected}


def _add(tx: sqlite3.Connection, me: User, object: str, fields: dict[str, str]) -> None:
    tx.execute("SAVEPOINT line")
    try:
        records.add(tx, me, object, fields)
    except CrmError as error:
        tx.execute("ROLLBACK TO line")
        if error.code != "duplicate" or not active("import_updates_others"):
            raise
        records.overwrite(tx, me, object, fields)
    finally:
        tx.execute("RELEASE line")


def _decode(body: bytes) -> str:
    if len(body) > BIGGEST_IMPORT:
        raise CrmError("too_large", "导入文件不能超过 5 MB。", {"file": "最大 5 MB。"})
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise invalid("文件既不是 UTF-8 也不是 GBK 编码。", {"file": "请另存为 UTF-8 或 GBK 的 CSV。"})


def _lines(kind: ObjectType, text: str) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise invalid(f"不是正确的 CSV:{error}。", {"file": "请检查引号与换行。"}) from None
    if not rows or len(rows) > MOST_ROWS:
        raise invalid(f"CSV 须有表头,最多 {MOST_ROWS} 行。", {"file": "没有表头或行数过多。"})
    names = _columns(kind, rows[0])
    for number, row in enumerate(rows[1:], start=2):
        if any(cell.strip() for cell in row):
            fields = dict(zip(names, row, strict=False))
            yield number, mishaps.as_numbers(fields) if active("import_numbers_lose_zero") else fields


def _columns(kind: ObjectType, header: list[str]) -> list[str]:
    known = {f.name: f.name for f in kind.fields if f.creatable} | {f.zh: f.name for f in kind.fields if f.creatable}
    cells = [cell.strip() for cell in header]
    names = [known.get(cell, "") for cell in cells]
    unknown = [cell for cell, name in zip(cells, names, strict=True) if not name]
    lacking = [f.zh for f in kind.fields if f.required and f.creatable and f.name not in names]
    if unknown or lacking or len(set(names)) < len(names):
        said = f"不认识的列:{'、'.join(unknown) or '无'};缺少的列:{'、'.join(lacking) or '无'}。"
        raise invalid(f"{said}可用的列:{'、'.join(sorted(set(known.values())))}。", {"file": said})
    if active("import_by_position"):
        names.sort(key=[f.name for f in kind.fields].index)
    return names


def _cell(value: Any) -> Any:
    if isinstance(value, str) and active("export_cuts_long_text"):
        value = value[: mishaps.CELL_WIDTH]
    # A cell that a spreadsheet would run as a formula is shown as text instead.
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "@") else value
