"""Texts and tables with {names} in them: filled in, and which names they ask for. Nothing of HTTP or of CRMs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

_PIECE = re.compile(r"\{\{|\}\}|\{([\w.\-]+)\}|[{}]")


class _Missing:
    """The one value that means: there is no value."""

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Final = _Missing()
Names = Callable[[str], Any]


def fill(template: Any, names: Names) -> Any:
    """The template with its names filled in; tables and lists are filled inside, keys of tables, too.

    A text that is one single {name} becomes that value with its type. MISSING when none of the text's names has a
    value; such keys and items are left out of their table or list. `names` answers MISSING for what it has not.
    """
    if isinstance(template, str):
        return _text(template, names)
    if isinstance(template, Mapping):
        pairs = ((_text(str(key), names), fill(value, names)) for key, value in template.items())
        return {str(key): value for key, value in pairs if key is not MISSING and value is not MISSING}
    if isinstance(template, list | tuple):
        return [value for value in (fill(one, names) for one in template) if value is not MISSING]
    return template


def names(template: Any) -> tuple[str, ...]:
    """The names that a template asks for, each once, in their order; dotted ones as they are written."""
    return tuple(dict.fromkeys(_asked(template)))


def whole(template: Any) -> str:
    """The name, when the template is one single {name}; else ""."""
    found = _PIECE.fullmatch(template) if isinstance(template, str) else None
    return (found.group(1) or "") if found else ""


def open_braces(text: str) -> bool:
    """Whether a brace in the text is neither part of a {name} nor doubled."""
    return any(piece.group() in ("{", "}") for piece in _PIECE.finditer(text))


def value_of(name: str, names: Names) -> Any:
    """The value of a name; of "a.b" when only "a" is known: what "b" is in it. MISSING when there is none."""
    found = names(name)
    head, dot, rest = name.rpartition(".")
    if found is not MISSING or not dot:
        return found
    return inside(value_of(head, names), rest)


def inside(value: Any, key: str) -> Any:
    """`key` of a table, a list (by number) or a record (its id or a field of it); MISSING when it is not there."""
    if isinstance(value, Mapping):
        return value.get(key, MISSING)
    if isinstance(value, list | tuple):
        return value[int(key)] if key.isdigit() and int(key) < len(value) else MISSING
    if key == "id":
        return getattr(value, "id", MISSING)
    return inside(value.fields, key) if hasattr(value, "fields") else MISSING


def _text(text: str, names: Names) -> Any:
    single = whole(text)
    if single:
        return value_of(single, names)
    asked = {name: value_of(name, names) for name in _asked(text)}
    if asked and all(value is MISSING for value in asked.values()):
        return MISSING
    return _PIECE.sub(lambda piece: _piece(piece, asked), text)


def _piece(piece: re.Match[str], values: Mapping[str, Any]) -> str:
    if piece.group(1) is None:
        return piece.group()[:1]
    value = values[piece.group(1)]
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None or value is MISSING else str(value)


def _asked(template: Any) -> Iterator[str]:
    if isinstance(template, str):
        yield from (piece.group(1) for piece in _PIECE.finditer(template) if piece.group(1))
    elif isinstance(template, Mapping):
        for key, value in template.items():
            yield from _asked(str(key))
            yield from _asked(value)
    elif isinstance(template, list | tuple):
        for one in template:
            yield from _asked(one)
