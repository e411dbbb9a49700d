"""All mistakes of one mapping file, collected with their lines; types and known names. What is checked: checks_*.py."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from crm_acceptance.errors import WrongUse
from crm_acceptance.systems.rest.shape import Lines


@dataclass(frozen=True)
class Mistake:
    """One thing that is wrong: its dotted place, its line (None: the file has none for it), one sentence."""

    where: str
    line: int | None
    sentence: str
    place: str

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence}"


class WrongMapping(WrongUse):
    """A mapping file that cannot be worked with; its message lists every mistake with its line."""

    def __init__(self, file: str, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = tuple(sorted(mistakes, key=lambda one: one.line or 0))
        listed = "\n".join(f"  {one}" for one in self.mistakes)
        super().__init__(f"映射文件 {file} 有 {len(self.mistakes)} 处错误（mistakes）：\n{listed}")


def _is_texts(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and all(isinstance(one, str) for one in value))


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


KINDS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "text": (lambda value: isinstance(value, str), "文字 a text"),
    "texts": (_is_texts, "文字或文字的列表 a text or a list of texts"),
    "number": (_is_number, "整数 a whole number"),
    "flag": (lambda value: isinstance(value, bool), "true 或 false"),
    "table": (lambda value: isinstance(value, dict), "表 a table"),
    "text table": (
        lambda value: isinstance(value, dict) and all(isinstance(one, str) for one in value.values()),
        "值都是文字的表 a table of texts",
    ),
    "list": (lambda value: isinstance(value, list), "列表 a list"),
    "any": (lambda value: True, ""),
}
_SAID = {
    str: "文字 text",
    bool: "true/false",
    int: "整数 number",
    float: "小数 number",
    list: "列表 list",
    dict: "表 table",
}


@dataclass
class Reading:
    """One reading of one file: goes on after a mistake, so that all of them are found."""

    lines: Lines
    mistakes: list[Mistake] = field(default_factory=list)

    def wrong(self, where: str, sentence: str) -> None:
        """Writes down a mistake at that dotted place; the same one only once."""
        mistake = Mistake(where, self.lines.of(where), sentence, self.lines.at(where))
        if mistake not in self.mistakes:
            self.mistakes.append(mistake)

    def unknown(self, where: str, what: str, asked: str, known: Iterable[str], hint: str = "") -> None:
        """Writes down an unknown name, with the nearest known one."""
        self.wrong(where, unknown_name(what, asked, known) + hint)

    def table(self, where: str, raw: Any, keys: Mapping[str, str], what: str = "配置项 key") -> dict[str, Any]:
        """The entries of a table that are known and of their kind (KINDS); the rest are mistakes."""
        if not isinstance(raw, dict):
            self.wrong(where, f"这里应当是表（must be a table），现在是 {said(raw)}。")
            return {}
        right: dict[str, Any] = {}
        for key, value in raw.items():
            place = f"{where}.{key}" if where else key
            if key not in keys:
                self.unknown(place, what, key, keys)
            elif self.fits(place, value, keys[key]):
                right[key] = value
        return right

    def fits(self, where: str, value: Any, kind: str) -> bool:
        """Whether the value is of that kind; a mistake when not."""
        right, name = KINDS[kind]
        if not right(value):
            self.wrong(where, f"应当是{name}，现在是 {said(value)}（wrong type of value）。")
        return right(value)

    def one_of(self, where: str, what: str, value: str, known: Iterable[str]) -> bool:
        """Whether the value is one of the known; a mistake when not."""
        names = tuple(known)
        if value not in names:
            self.unknown(where, what, value, names)
        return value in names


def texts(value: Any) -> tuple[str, ...]:
    """ "a" or ["a", "b"] as a tuple."""
    return (value,) if isinstance(value, str) else tuple(value)


def said(value: Any) -> str:
    """What kind of value that is, for people."""
    return _SAID.get(type(value), type(value).__name__)


def unknown_name(what: str, asked: str, known: Iterable[str]) -> str:
    """ "没有这个...: x. 是不是 y? known: ..."."""
    names = sorted(set(known))
    near = nearest(asked, names)
    hint = f"是不是 {near}？did you mean {near}? " if near else ""
    shown = ", ".join(names[:30]) + (" …" if len(names) > 30 else "")
    return f"没有这个{what}：{asked}（unknown）。{hint}已知 known: {shown or '(none)'}。"


def nearest(asked: str, known: Iterable[str]) -> str:
    """The known name most like the asked one; "" when none is."""
    found = difflib.get_close_matches(asked.lower(), list(known), n=1, cutoff=0.5)
    return found[0] if found else ""
