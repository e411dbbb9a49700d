"""The permission table as people write it: Chinese headings and words, cell by cell; what they mean is in reading."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from crm_acceptance.engines.permissions import words

_TABLES: Mapping[str, Mapping[str, str]] = {
    "role": words.ROLE_WORDS,
    "action": words.ACTIONS,
    "object": words.KINDS,
    "scope": words.SCOPE_WORDS,
}
SCOPES = tuple(words.chinese(key, words.SCOPE_WORDS) for key in dict.fromkeys(words.SCOPE_WORDS.values()))
"""What may stand in the column of scopes, for a list to choose from."""


def headings(columns: Iterable[str]) -> list[str]:
    """角色, 动作, 对象 ..."""
    return [words.chinese(name, words.HEADINGS) for name in columns]


def line(cells: Mapping[str, str], columns: Iterable[str]) -> list[str]:
    """One row; a word that people have no Chinese word for (an id, x_contract) stays as it is."""
    return [_fields(cells[name]) if name == "fields" else _cell(name, cells[name]) for name in columns]


def _cell(column: str, text: str) -> str:
    table = _TABLES.get(column, {})
    return "、".join(
        words.chinese(words.meant(one, table.values(), table), table) for one in _split(text, "[|｜、，,\n]")
    )


def _fields(text: str) -> str:
    return "；".join(_field(part) for part in _split(text, r"[;；\n、，,]"))


def _field(part: str) -> str:
    name, colon, how = (one.strip() for one in re.sub("[：=]", ":", part).partition(":"))
    both = ((name, words.FIELD_WORDS), (how, words.TREATMENT_WORDS))
    said = [words.chinese(words.meant(one, table.values(), table), table) for one, table in both]
    return f"{said[0]}{'：' if colon else ''}{said[1]}"


def _split(text: str, at: str) -> Iterator[str]:
    return filter(None, (one.strip() for one in re.split(at, text)))
