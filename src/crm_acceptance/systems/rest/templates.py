"""Texts and tables with {names} in them: filled in, and which names they ask for. Nothing of HTTP or of CRMs.

`{name|filter}` gives the value another form (filters.FILTERS), `{basic login user token}` makes one value of several
(filters.FUNCTIONS). A table's key "..." spreads its value, a table or a list of them, into that table:
{"..." = "{fields}", v = 1}, {"..." = ["{old}", "{fields}"]}, in which the last one has the last word;
an item "...{conditions}" spreads a list into its list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Final

from crm_acceptance.systems.rest.filters import FILTERS, FUNCTIONS

_PIECE = re.compile(r"\{\{|\}\}|\{([\w.\-]+(?: [\w.\-]+)*(?:\|\w+)*)\}|[{}]")
SPREAD = "..."
NULL = "null"
"""`{order|null}`: null where there is no value, for lists in which every place counts."""


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
        return _table(template, names)
    if isinstance(template, list | tuple):
        return [value for one in template for value in _items(one, names) if value is not MISSING]
    return template


def names(template: Any) -> tuple[str, ...]:
    """The names that a template asks for, each once, in their order; dotted ones as they are written."""
    return tuple(dict.fromkeys(_asked(template)))


def whole(template: Any) -> str:
    """The name, when the template is one single {name}; else ""."""
    found = _single(template) if isinstance(template, str) else ""
    return found if found in names(template) else ""


def strange(template: Any) -> tuple[str, ...]:
    """The filters and functions that a template uses and that there are not."""
    asked = [expression.split("|") for expression in _expressions(template)]
    filters = [name for _, *used in asked for name in used if name not in FILTERS]
    return (*filters, *(call.split()[0] for call, *_ in asked if " " in call and call.split()[0] not in FUNCTIONS))


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


def _table(template: Mapping[Any, Any], names: Names) -> dict[str, Any]:
    filled: dict[str, Any] = {}
    for key, value in template.items():
        name, value = _text(str(key), names), fill(value, names)
        if name == SPREAD:
            for one in value if isinstance(value, list) else [value]:
                filled |= one if isinstance(one, Mapping) else {}
        elif name is not MISSING and value is not MISSING:
            filled[str(name)] = value
    return filled


def _items(template: Any, names: Names) -> list[Any]:
    """What one item of a list becomes; "...{conditions}" becomes all of them."""
    if isinstance(template, str) and template.startswith(SPREAD) and _single(template[len(SPREAD) :]):
        value = fill(template[len(SPREAD) :], names)
        return value if isinstance(value, list) else [value]
    return [fill(template, names)]


def _text(text: str, names: Names) -> Any:
    if "{" not in text and "}" not in text:
        return text
    single = _single(text)
    if single:
        return _evaluated(single, names)
    asked = {expression: _evaluated(expression, names) for expression in _expressions(text)}
    if asked and all(value is MISSING for value in asked.values()):
        return MISSING
    return _PIECE.sub(lambda piece: _piece(piece, asked), text)


@cache
def _single(text: str) -> str:
    found = _PIECE.fullmatch(text)
    return (found.group(1) or "") if found else ""


def _evaluated(expression: str, names: Names) -> Any:
    """A name's value, through its filters; MISSING goes through all of them."""
    call, *filters = expression.split("|")
    function, *asked = call.split() if " " in call else ("", call)
    values = [value_of(name, names) for name in asked]
    if any(value is MISSING for value in values):
        return None if NULL in filters else MISSING
    value = FUNCTIONS[function](*values) if function else values[0]
    for name in filters:
        value = FILTERS[name](value)
    return value


def _piece(piece: re.Match[str], values: Mapping[str, Any]) -> str:
    if piece.group(1) is None:
        return piece.group()[:1]
    value = values[piece.group(1)]
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None or value is MISSING else str(value)


def _asked(template: Any) -> Iterator[str]:
    for expression in _expressions(template):
        call = expression.partition("|")[0].split()
        yield from call[1:] if len(call) > 1 else call


def _expressions(template: Any) -> Iterator[str]:
    if isinstance(template, str):
        yield from (piece.group(1) for piece in _PIECE.finditer(template) if piece.group(1))
    elif isinstance(template, Mapping):
        for key, value in template.items():
            yield from _expressions(str(key))
            yield from _expressions(value)
    elif isinstance(template, list | tuple):
        for one in template:
            yield from _expressions(one)
