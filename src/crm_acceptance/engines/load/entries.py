"""Single entries of a TOML table: of the right kind, more than zero, with known keys, or one clear sentence."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from crm_acceptance.errors import WrongUse, unknown

Table = Mapping[str, Any]
_KIND = {
    int: "整数 whole number",
    float: "数 number",
    str: "文字 text",
    list: "列表 list",
    dict: "表 table",
    bool: "true 或 false",
}


def keys(where: str, table: Table, known: Iterable[str]) -> None:
    """WrongUse for the first key that is not known."""
    names = set(known)
    for key in table:
        if key not in names:
            raise unknown(f"配置项 key（{where}）", key, names)


def value(where: str, table: Table, key: str, kind: type, default: Any = None) -> Any:
    """The entry as `kind` (a whole number is a number, too). WrongUse when it is absent without `default`, or other."""
    found = table.get(key, default)
    if found is None:
        raise WrongUse(f"{where} 缺少 {key}。The key {key} is missing.")
    fits = isinstance(found, int | float) if kind is float else isinstance(found, kind)
    if not fits or (isinstance(found, bool) and kind is not bool):
        raise WrongUse(f"{where} 的 {key} 应当是{_KIND[kind]}，这里是 {found!r}。Wrong kind of value.")
    return found


def quantity(where: str, table: Table, key: str, read: Callable[[str, str], float], default: Any = None) -> float:
    """A number, or a text that `read` makes one of ("每秒 8 个"); more than zero and no infinity."""
    found = table.get(key, default)
    if isinstance(found, str):
        return positive(where, key, read(f"{where} 的 {key}", found))
    return float(positive(where, key, value(where, table, key, float, default)))


def positive(where: str, key: str, found: float) -> float:
    """WrongUse unless it is more than zero and no bigger than numbers are."""
    if not -sys.float_info.max <= found <= sys.float_info.max:
        raise WrongUse(f"{where} 的 {key} 必须是有限的数。It must be a finite number.")
    if found <= 0:
        raise WrongUse(f"{where} 的 {key} 必须大于零，这里是 {found:g}。It must be more than zero.")
    return found


def rows(where: str, table: Table, key: str) -> list[Table]:
    """A list of tables with at least one in it."""
    found = table.get(key, [])
    if not isinstance(found, list) or not found or not all(isinstance(row, dict) for row in found):
        raise WrongUse(f"{where} 至少要有一段 [[….{key}]]，否则什么也证明不了。At least one {key} is needed.")
    return found
