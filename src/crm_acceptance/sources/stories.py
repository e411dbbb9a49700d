"""A story as it stands elsewhere -> the cells of a requirement; what does not fit is told, nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

from crm_acceptance.catalogue import KEYS, REQUIREMENT_ID
from crm_acceptance.errors import WrongUse
from crm_acceptance.sources.settings import Source

CHOICES = tuple(KEYS)
HEADINGS = {"id": "编号", "department": "部门", "criticality": "重要程度", "dimension": "维度", "text": "需求"}
"""How a column is called in Chinese."""
MOST = 20
"""Mistakes told at once."""
_TAG = re.compile(r"</?[a-zA-Z][\w-]*(?:\s[^<>]*)?/?>")
"""What stands between < and > in an amount ("< 100 and > 50") is no tag."""


@dataclass(frozen=True)
class Story:
    """`key`: how people call it there; `cells`: column -> text, only for columns that the source speaks about."""

    key: str
    cells: Mapping[str, str]


def story(source: Source, key: str, id: str, fields: Mapping[str, Any]) -> Story:
    """From the story's raw fields. `id` is used where no field of the source's own holds one."""
    said = {column: _text(fields.get(name), source.kind == "tapd") for column, name in source.fields.items()}
    cells = {column: source.values.get(text, text) for column, text in said.items() if text}
    return Story(key, {column: _key(column, text) for column, text in {"id": id, **cells}.items()})


def checked(source: Source, found: Sequence[Story]) -> tuple[Story, ...]:
    """The same when every one can be a requirement. WrongUse tells every mistake in one go; none at all is one, too."""
    if not found:
        raise WrongUse(
            f"{source.name} 一条需求也没有给出；为免误删，什么也不改。请检查 JQL、筛选条件和权限。"
            "No story came: nothing is changed; check the query and the rights."
        )
    told = [*(one for each in found for one in _mistakes(source, each)), *_doubles(found)]
    if told:
        more = f"\n…… 共 {len(told)} 处 in all" if len(told) > MOST else ""
        raise WrongUse("\n".join(told[:MOST]) + more)
    return tuple(found)


def _mistakes(source: Source, one: Story) -> Iterator[str]:
    cells = {**source.defaults, **one.cells}
    if not REQUIREMENT_ID.fullmatch(cells["id"]):
        yield f"{one.key}：编号应像 SALES-001，这里是 {cells['id']!r}。An id looks like SALES-001."
    if not cells.get("text"):
        yield f"{one.key}：没有内容（text is empty）。"
    for column in CHOICES:
        said = cells.get(column, "")
        if column in one.cells and said not in KEYS[column]:
            known = "、".join(f"{name} {key}" for key, name in KEYS[column].items())
            yield (
                f"{one.key}：{HEADINGS[column]} {column} 是 {said!r}，不认识（unknown）。"
                f"{_advice(source)}；已知 known: {known}。"
            )


def _advice(source: Source) -> str:
    if source.kind == "file":
        return "请在表里改好 mend the table"
    return f"请在 [sources.{source.name}.values] 里写上它的意思"


def _doubles(found: Sequence[Story]) -> Iterator[str]:
    seen: dict[str, str] = {}
    for one in found:
        id = one.cells["id"]
        if id in seen:
            yield f"{one.key} 和 {seen[id]} 的编号都是 {id}（duplicate id）。"
        seen.setdefault(id, one.key)


def _text(value: Any, html: bool = False) -> str:
    """A field as text: plain, an option or user ({"value": …}, {"name": …}), a list of them; HTML without its tags.

    All of a list: whoever chose two departments is told that this is none, not given the first.
    """
    if isinstance(value, Mapping):
        return _text(next((value[name] for name in ("value", "name", "displayName") if value.get(name)), ""), html)
    if isinstance(value, list):
        return " ".join(filter(None, (_text(one, html) for one in value)))
    text = str(value) if value is not None else ""
    return " ".join((unescape(_TAG.sub(" ", text)) if html else text).split())


def _key(column: str, said: str) -> str:
    """市场 or 市场部 is marketing, as in the table."""
    if column not in KEYS:
        return said
    bare = said.removesuffix("部").removesuffix("测试")
    return next((key for key, name in KEYS[column].items() if bare and bare == name.removesuffix("测试")), said)
