"""mapping.toml -> Mapping: read, completed, checked as a whole. Its words: docs/reference/mapping.md. Sends nothing."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping as Table
from pathlib import Path
from typing import Any

from crm_acceptance.errors import WrongUse
from crm_acceptance.systems.rest import (
    lines,
    mapping_auth,
    mapping_calls,
    mapping_lists,
    mapping_objects,
    screens_table,
)
from crm_acceptance.systems.rest.checks import Reading, WrongMapping
from crm_acceptance.systems.rest.checks_whole import check
from crm_acceptance.systems.rest.shape import Mapping

_TABLES: Table[str, str] = {
    "title": "text", "api": "table", "auth": "table", "people": "table", "calls": "table", "objects": "table",
    "paging": "table", "query": "table", "errors": "table", "screens": "table",
}  # fmt: skip
_API: Table[str, str] = {"prefix": "text", "headers": "text table"}


def load(path: Path) -> Mapping:
    """The mapping that the file holds. WrongMapping (a WrongUse) lists every mistake of it, each with its line."""
    return parse(path, _text(path))


def parse(path: Path, text: str) -> Mapping:
    """The mapping in a text that stands, or will stand, in the file `path`."""
    raw = _toml(path, text)
    reading = Reading(lines.read(path.name, text))
    mapping = _mapping(reading, path, raw)
    check(reading, mapping, raw)
    if mapping.screens is not None:
        screens_table.read(reading, mapping.screens, mapping.objects, path)
    if reading.mistakes:
        raise WrongMapping(path.name, reading.mistakes)
    return mapping


def _mapping(reading: Reading, path: Path, raw: dict[str, Any]) -> Mapping:
    table = reading.table("", raw, _TABLES, "表 table")
    api = reading.table("api", table.get("api", {}), _API)
    shared = mapping_calls.calls(reading, "calls", table.get("calls", {}))
    return Mapping(
        file=path, title=table.get("title", path.stem), lines=reading.lines, prefix=api.get("prefix", ""),
        headers=api.get("headers", {}), auth=mapping_auth.auth(reading, table.get("auth", {})),
        people=mapping_auth.people(reading, table.get("people", {})),
        objects=mapping_objects.objects(reading, table.get("objects", {}), shared),
        paging=mapping_lists.paging(reading, table.get("paging", {})),
        query=mapping_lists.query(reading, table.get("query", {})),
        errors=mapping_lists.errors(reading, table.get("errors", {})), screens=table.get("screens"),
    )  # fmt: skip


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as broken:
        line = path.read_bytes()[: broken.start].count(b"\n") + 1
        raise WrongUse(f"{path.name}:{line} 不是 UTF-8 编码，请另存为 UTF-8。Not UTF-8: save it as UTF-8.") from None
    except FileNotFoundError:
        raise WrongUse(
            f"没有这个映射文件：{path}。用 crm-acceptance map 起草一个，或检查 [tables] mapping。"
            "No such mapping file: draft one with `crm-acceptance map`."
        ) from None
    except OSError as refused:
        raise WrongUse(f"读不了映射文件 {path}：{refused.strerror}（cannot be read）。") from None


def _toml(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as broken:
        found = re.search(r"\(at line (\d+)", str(broken))
        line = found.group(1) if found else str(text.count("\n") + 1)
        raise WrongUse(f"{path.name}:{line} 不是正确的 TOML：{broken}。Not valid TOML.") from None
    except RecursionError:
        raise WrongUse(f"{path.name} 里的括号嵌套得太深。Brackets are nested too deeply.") from None
