"""The shape of an object type: Choice, Field, ObjectType as frozen values. The types themselves are in objects.py."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Choice:
    """One allowed value of a choice field, with its two labels."""

    value: str
    zh: str
    en: str


@dataclass(frozen=True)
class Field:
    """One field of an object.

    type: text long phone email int percent money date datetime choice ref person.
    readonly: the CRM sets it. fixed: settable when creating, never after. ref: object name when type is ref.
    live: computed when read (not a stored column). search: `q` looks into it.
    low, high: bounds of a number as stored: money in cents, percent in hundredths of a percent.
    """

    name: str
    type: str
    zh: str
    en: str
    required: bool = False
    readonly: bool = False
    fixed: bool = False
    choices: tuple[Choice, ...] = ()
    ref: str = ""
    list_column: bool = False
    search: bool = False
    live: bool = False
    default: str = ""
    low: int = 0
    high: int = 999_999_999_999

    @property
    def creatable(self) -> bool:
        """Whether a create request may carry it."""
        return not self.readonly

    @property
    def changeable(self) -> bool:
        """Whether a change request may carry it."""
        return not self.readonly and not self.fixed


@dataclass(frozen=True)
class ObjectType:
    """One object type. `title` names the field that stands for the record; `states` the field that holds its state."""

    name: str
    plural: str
    zh: str
    en: str
    title: str
    fields: tuple[Field, ...]
    actions: tuple[str, ...] = ()
    importable: bool = False
    state: str = ""

    def field(self, name: str) -> Field:
        """The field of that name; KeyError when there is none."""
        return {f.name: f for f in self.fields}[name]

    @property
    def label_zh(self) -> str:
        """Chinese name for menus."""
        return self.zh

    @property
    def label_en(self) -> str:
        """English name for menus."""
        return self.en

    @property
    def columns(self) -> tuple[Field, ...]:
        """The fields shown in a list."""
        return tuple(f for f in self.fields if f.list_column)

    @property
    def money(self) -> tuple[str, ...]:
        """Names of the fields that can be summed."""
        return tuple(f.name for f in self.fields if f.type == "money")
