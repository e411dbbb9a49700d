"""A CRM described by a mapping file, as a System. The words of the file: docs/reference/mapping.md."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from crm_acceptance.model import Person
from crm_acceptance.systems import System


def described(name: str, file: Path, people: Iterable[Person] | Callable[[], Iterable[Person]] = ()) -> System:
    """The System that the mapping file describes. WrongUse lists every mistake of the file with its line.

    It has an API (HasRecords) when an object has calls, and screens (HasScreens) when the file has [screens].
    `people` are those of people.csv; without them they are looked up in the workspace when first needed.
    """
    from crm_acceptance.systems.rest import mapping, system

    return system.of(name, mapping.load(file), people)
