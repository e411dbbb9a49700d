"""What one scenario remembers: names in its sentences -> records, made unique per scenario."""

from __future__ import annotations

import random
import re
import string
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from crm_acceptance.errors import unknown
from crm_acceptance.manners import journal
from crm_acceptance.model import Record
from crm_acceptance.vocabulary import MONEY, NUMBERS, PEOPLE, field_named, money, value_of

_LEGAL_FORM = re.compile(r"\s*(?:\s*(?:股份|有限|责任|集团))*\s*公司$|\s*(?:厂|中心|医院|学校)$")
_NAMING = {
    "campaign": ("name",),
    "lead": ("name", "company"),
    "customer": ("name",),
    "contact": ("name",),
    "opportunity": ("name",),
    "quote": ("product",),
    "order": ("customer_name",),
    "ticket": ("title", "customer_name"),
}
_REFS = ("campaign", "customer", "opportunity", "order")


class Story:
    """One scenario's memory. Literals of the sentences go in; what really stands in the CRM comes out."""

    def __init__(self, seed: int | None = None) -> None:
        self.dice = random.Random(seed)
        self.marker = journal.word("".join(self.dice.choices(string.ascii_lowercase, k=7)))
        self.said: dict[tuple[str, str], Mapping[str, Any]] = {}
        self.words: dict[str, str] = {}
        self.notes: dict[str, Any] = {}
        self.key_of: Callable[[str], str] = str
        self._records: dict[tuple[str, str], Record] = {}
        self._phones: dict[str, str] = {}

    def keep(self, object: str, name: str, record: Record, said: Mapping[str, Any] | None = None) -> Record:
        """Remembers the record, and what was said of it, under the name that the sentences use."""
        self._records[object, name] = record
        self.said[object, name] = said or {}
        return record

    def __getitem__(self, key: tuple[str, str]) -> Record:
        """The record of that object and name; WrongUse names those that the scenario knows."""
        if key not in self._records:
            known = [name for object, name in self._records if object == key[0]]
            raise unknown(f"{key[0]}（这个场景里 in this scenario）", key[1], known, "请先登记它。Register it first.")
        return self._records[key]

    def knows(self, object: str, name: str) -> bool:
        """Whether the scenario remembers such a record."""
        return (object, name) in self._records

    def all(self, object: str) -> Iterator[tuple[str, Record]]:
        """Every record of that object that the scenario remembers, in order, with its name."""
        return ((name, record) for (kind, name), record in self._records.items() if kind == object)

    def fields(self, object: str, row: Mapping[str, str]) -> dict[str, Any]:
        """A table's row as canonical fields with unique values; empty cells are left out."""
        named = {field_named(column): cell.strip() for column, cell in row.items() if cell.strip()}
        return {field: self.real(object, field, cell) for field, cell in named.items()}

    def real(self, object: str, field: str, word: str) -> Any:
        """What really stands in the CRM for a word of the feature file."""
        if field in PEOPLE:
            return self.key_of(word)
        if field in _NAMING.get(object, ()):
            return self.name(word)
        if field in _REFS:
            return self[field, word].id
        if field in MONEY or field in NUMBERS:
            return _number(field, word)
        special = {"phone": self.phone, "email": self.email, "tax_number": self.tax_number}
        return special[field](word) if field in special else value_of(field, word)

    def name(self, word: str) -> str:
        """The name with this scenario's marker, before 有限公司 and the like: duplicates stay duplicates."""
        form = _LEGAL_FORM.search(word)
        cut = form.start() if form else len(word)
        real = f"{word[:cut]}{self.marker}{word[cut:]}"
        self.words[real] = word
        return real

    def email(self, word: str) -> str:
        """The address with the marker before the @."""
        return f"{self.marker}.{word}"

    def tax_number(self, word: str) -> str:
        """The number with its tail replaced by the marker; the length stays."""
        return word[: -len(self.marker)] + self.marker.upper()

    def phone(self, word: str) -> str:
        """Another number of the same operator and spelling: the same digits always become the same digits."""
        digits = re.sub(r"\D", "", word)
        local = digits[-11:]
        if local not in self._phones:
            self._phones[local] = local[:3] + "".join(self.dice.choices(string.digits, k=len(local) - 3))
        return _respelt(word, digits[:-11] + self._phones[local])


def _respelt(spelling: str, digits: str) -> str:
    """`digits` with the blanks, dashes and plus sign of `spelling`."""
    left = iter(digits)
    return "".join(next(left) if char.isdigit() else char for char in spelling)


def _number(field: str, word: str) -> Any:
    return money(word) if field in MONEY else int(word)
