"""What can be wrong before there is an AST: encoding, byte order mark, full-width signs, a missing language line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from gherkin.dialect import Dialect

from crm_acceptance.lint.problem import Problem

CHINESE = "zh-CN"
_FENCE = re.compile(r'^\s*("""|```)')


def read(file: Path, shown: str) -> tuple[str | None, tuple[Problem, ...]]:
    """The text, or None and why it cannot be read."""
    try:
        raw = file.read_bytes()
    except OSError as refused:
        return None, (Problem(shown, 1, f"读不了这个文件：{refused.strerror}（cannot be read）。"),)
    if raw.startswith(b"\xef\xbb\xbf"):
        return None, (
            Problem(shown, 1, "文件以 BOM 开头，请另存为不带 BOM 的 UTF-8。Starts with a BOM: save as UTF-8 without."),
        )
    try:
        return raw.decode("utf-8"), ()
    except UnicodeDecodeError as wrong:
        line = raw.count(b"\n", 0, wrong.start) + 1
        return None, (
            Problem(
                shown, line, "不是 UTF-8 编码（可能是 GBK），请另存为 UTF-8。Not UTF-8, perhaps GBK: save as UTF-8."
            ),
        )


def says_anything(text: str) -> bool:
    """Whether there is more than blank lines and comments."""
    return any(line.strip() and not line.lstrip().startswith("#") for line in text.splitlines())


def fullwidth(text: str, shown: str) -> tuple[Problem, ...]:
    """Every full-width ：｜＠ that Gherkin would take for plain text, swallowing what follows."""
    return tuple(_fullwidth(text, shown))


def _fullwidth(text: str, shown: str) -> Iterator[Problem]:
    for number, line in _outside_docstrings(text):
        if re.match(rf"\s*(?:{_headings()})\s*：", line):
            yield Problem(
                shown, number, f"冒号要用半角 “:”，这里是全角 “：”：{line.strip()!r}。Use the half-width colon."
            )
        elif re.match(r"\s*(?:｜|\|[^|]*｜)", line):
            yield Problem(
                shown, number, f"表格竖线要用半角 “|”，这里是全角 “｜”：{line.strip()!r}。Use the half-width bar."
            )
        elif re.match(r"\s*(?:＠|@.*\s＠)", line):
            yield Problem(shown, number, f"标签要用半角 “@”，这里是全角 “＠”：{line.strip()!r}。Use the half-width @.")


def hint(said: str, lines: list[str]) -> str:
    """What a person most likely has to do about a line that does not parse."""
    declared = any(re.match(r"\s*#\s*language\s*:", line) for line in lines[:5])
    if not declared and re.match(rf"(?:{_headings()})\s*[:：]", said) and not said.isascii():
        return f"中文文件的第一行要写 “# language: {CHINESE}”。A Chinese file starts with “# language: {CHINESE}”. "
    return "请检查关键字、冒号、标签和表格的竖线。Check keywords, colons, tags and table bars. "


def reason(said: str) -> str:
    """The parser's own words without its list of a dozen token names."""
    got = re.search(r"got '(.*)'", said)
    return f"did not expect {got.group(1)!r} here" if got else said.splitlines()[-1]


def _outside_docstrings(text: str) -> Iterator[tuple[int, str]]:
    fence = ""
    for number, line in enumerate(text.splitlines(), start=1):
        mark = _FENCE.match(line)
        if fence:
            fence = "" if mark and mark.group(1) == fence else fence
        elif mark:
            fence = mark.group(1)
        else:
            yield number, line


@lru_cache
def _headings() -> str:
    """A pattern of all keywords that end with a colon, Chinese and English."""
    words: list[str] = []
    for name in (CHINESE, "en"):
        told = Dialect.for_name(name)
        for kind in ("feature", "background", "rule", "scenario", "scenario_outline", "examples"):
            words += getattr(told, f"{kind}_keywords")
    return "|".join(re.escape(word) for word in sorted(set(words), key=len, reverse=True))
