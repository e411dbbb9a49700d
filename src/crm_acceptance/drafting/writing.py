"""Writes a draft as TOML: one line per entry, a comment behind every guess. It guesses nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from crm_acceptance.drafting.drafts import Draft, Entry, Section

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
GUESSED = "# 猜测 guessed: "


def written(draft: Draft, source: str) -> str:
    """The text of the file."""
    lines = [*_head(draft, source)]
    for section in draft.sections:
        if section.entries:
            lines += ["", *_section(section)]
    return "\n".join(lines) + "\n"


def _head(draft: Draft, source: str) -> Iterator[str]:
    yield f"# 映射草稿，由 crm-acceptance map 从 {_plain(source)} 起草。A draft: every guess has a comment; check it."
    yield "# 每个“猜测”请核对，然后 then: crm-acceptance doctor    说明 reference: docs/reference/mapping.md"
    for one in draft.lacks:
        yield f"# 待补 to do: {_plain(one)}"


def _section(section: Section) -> Iterator[str]:
    mark = "# " if section.off else ""
    yield from (f"# {_plain(one)}" for one in section.said)
    if section.header:
        yield f"{mark}[{_dotted(section.header)}]"
    for entry in section.entries:
        yield f"{mark}{_line(entry)}"
        if entry.todo:
            yield f"{mark}# 待补 to do: {_plain(entry.todo)}"


def _line(entry: Entry) -> str:
    """ "key = value  # 猜测 guessed: why"."""
    off = "# " if entry.off else ""
    why = f"  {GUESSED}{_plain(entry.why)}" if entry.why else ""
    return f"{off}{_dotted(entry.key)} = {value(entry.value)}{why}"


def value(told: Any) -> str:
    """A value in TOML, on one line."""
    if isinstance(told, bool):
        return "true" if told else "false"
    if isinstance(told, int | float):
        return repr(told)
    if isinstance(told, dict):
        pairs = ", ".join(f"{_key(str(key))} = {value(one)}" for key, one in told.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(told, list | tuple):
        return f"[{', '.join(map(value, told))}]"
    return text(str(told))


def text(told: str) -> str:
    """A basic string: JSON's escapes are TOML's, but for DEL and lone surrogates."""
    clean = told.encode("utf-8", "replace").decode("utf-8").replace("\x7f", "")
    return json.dumps(clean, ensure_ascii=False)


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else text(name)


def _dotted(header: str) -> str:
    return ".".join(map(_key, header.split(".")))


def _plain(said: str) -> str:
    """A comment stays on its line."""
    return _CONTROL.sub(" ", said.encode("utf-8", "replace").decode("utf-8"))[:240]


def numbered(text_of_file: str, headers: Iterable[str]) -> dict[str, int]:
    """The line (from 1) of each of these tables."""
    wanted = set(headers)
    return {
        line.strip("[]"): number
        for number, line in enumerate(text_of_file.splitlines(), 1)
        if line.startswith("[") and line.strip("[]") in wanted
    }
