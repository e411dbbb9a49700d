"""The accessible names of the reference CRM's pages, read from mapping.toml. Touches no page."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from crm_acceptance.errors import Unsupported, unknown

Names = tuple[str, ...]


@dataclass(frozen=True)
class Labels:
    """The table [screens]: paths, words, buttons, what dialogs ask, and per object its labels and choices."""

    table: Mapping[str, Any]

    def path(self, object: str) -> str:
        """The list of an object, below the site's address; Unsupported when it has no page of its own."""
        if object not in self.table["objects"]:
            raise Unsupported(f"界面上没有 {object} 的页面。There is no page for {object}.")
        return str(self.table["objects"][object]["path"])

    def place(self, name: str) -> str:
        """A path or a part of one, such as `login` or `new`."""
        return str(self.table[name])

    def word(self, name: str) -> Names:
        """The names of a control that is on many pages."""
        return tuple(self.table["words"][name])

    def button(self, action: str) -> Names:
        """The names of an action's button; Unsupported when the pages have none."""
        if action not in self.table["buttons"]:
            raise Unsupported(f"界面上没有“{action}”这个操作。The pages offer no action {action}.")
        return tuple(self.table["buttons"][action])

    def asks(self, object: str, action: str) -> Mapping[str, Names] | None:
        """What the action's dialog asks, field -> names; {} when it only asks to be sure, None without a dialog."""
        asks: Mapping[str, Mapping[str, list[str]]] = self.table["asks"]
        found = asks.get(f"{object}.{action}", asks.get(action))
        return None if found is None else {name: tuple(names) for name, names in found.items()}

    def field(self, object: str, name: str) -> Names:
        """The names of a field; WrongUse lists the known ones."""
        known = self.fields(object)
        if name not in known:
            raise unknown(f"{object} 的字段 field", name, known, "请查看 mapping.toml。See [screens] in mapping.toml.")
        return known[name]

    def fields(self, object: str) -> Mapping[str, Names]:
        """All fields of an object with their names."""
        labels: Mapping[str, list[str]] = self.table["objects"][object]["labels"]
        return {name: tuple(names) for name, names in labels.items()}

    def kind(self, name: str) -> str:
        """How a field is read and filled: money, ref, person, choice, number, moment or text."""
        return next((kind for kind, names in self.table["kinds"].items() if name in names), "text")

    def choices(self, object: str, name: str) -> Mapping[str, Names]:
        """The values of a choice field with their labels; empty when the field is no choice there."""
        found: Mapping[str, list[str]] = self.table["objects"][object].get("choices", {}).get(name, {})
        return {value: tuple(names) for value, names in found.items()}

    def field_of(self, object: str, label: str) -> str | None:
        """Which field a label on the page stands for, if any."""
        return key_of(self.fields(object), label)

    def object_of(self, label: str) -> str | None:
        """Which object a title on the page stands for, if any."""
        return key_of({name: tuple(o["title"]) for name, o in self.table["objects"].items()}, label)


def key_of(names: Mapping[str, Names], label: str) -> str | None:
    """The key one of whose names is `label`."""
    return next((key for key, known in names.items() if label in known), None)


def shown_as(names: Iterable[str], shown: Iterable[str]) -> str | None:
    """The one of `names` that the page shows: pages speak one language at a time."""
    there = set(shown)
    return next((name for name in names if name in there), None)


@cache
def labels() -> Labels:
    """The table as installed."""
    text = files("crm_acceptance.systems.refcrm").joinpath("mapping.toml").read_text(encoding="utf-8")
    return Labels(tomllib.loads(text)["screens"])
