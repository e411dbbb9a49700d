"""What a draft consists of: entries with their reasons, in sections. It guesses and writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Entry:
    """One line of the file. `why` becomes its comment; `off`: the line is offered commented out.

    `todo` is what somebody has to fill in: a comment line below.
    """

    key: str
    value: Any
    why: str = ""
    off: bool = False
    todo: str = ""


@dataclass(frozen=True)
class Section:
    """One table of the file; `off`: the whole of it is commented out. `said` stands above it."""

    header: str
    entries: tuple[Entry, ...]
    said: tuple[str, ...] = ()
    off: bool = False


@dataclass(frozen=True)
class CallDraft:
    """How one verb is called. `table` is what stands in the file; `sure` is False for a mere convention."""

    verb: str
    table: Mapping[str, Any]
    why: str
    sure: bool = True


@dataclass(frozen=True)
class FieldDraft:
    """One field; `table` is what stands in the file behind its name: a text (short form) or a table.

    `numeric`: the document says it is a number, or an object or a list with an id.
    """

    name: str
    path: str
    write: str
    table: Any
    why: str
    sure: float
    choices: Mapping[str, Any] = field(default_factory=dict)
    required: bool = False
    numeric: bool = False


@dataclass(frozen=True)
class ObjectDraft:
    """One canonical object as far as the document tells; `missing` says what it does not tell.

    `shown` is how many properties of its records the document shows.
    """

    name: str
    title: str
    path: str
    id: tuple[str, ...]
    calls: Mapping[str, CallDraft]
    fields: Mapping[str, FieldDraft]
    why: str
    sure: float
    moves: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    shown: int = 0


@dataclass(frozen=True)
class Draft:
    """A whole draft: its sections in the order of the file, and what the summary tells."""

    sections: tuple[Section, ...]
    objects: tuple[ObjectDraft, ...]
    operations: int
    unused: int
    others: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
