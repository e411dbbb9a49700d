"""Drafts [screens] from what the pages of a walk showed: the login page, lists, forms with labels. It opens none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from crm_acceptance.drafting.document import Table, text
from crm_acceptance.drafting.drafts import Entry, Section
from crm_acceptance.drafting.fields import choices_of_prop
from crm_acceptance.drafting.naming import action_of, object_of, squeezed
from crm_acceptance.drafting.naming_fields import Match, matches
from crm_acceptance.drafting.schemas import Prop
from crm_acceptance.drafting.walk import Sight, Walk
from crm_acceptance.drafting.walked import described, template
from crm_acceptance.drafting.words import CORE
from crm_acceptance.systems.rest.canonical import OBJECTS

FORM = 2
"""A page with fewer controls that fit an object's fields is no form of it."""


@dataclass
class Pages:
    """What was seen of one object: paths, labels by field, choices by field."""

    path: str = ""
    new: str = ""
    record: str = ""
    title: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    choices: dict[str, Mapping[str, Any]] = field(default_factory=dict)


def sections(walk: Walk) -> list[Section]:
    """[screens] and its tables; nothing when the walk showed no login page."""
    login = _login(walk)
    if login is None:
        return []
    found = pages(walk)
    words = tuple(_words(walk, found))
    drafted = [Section("screens.login", tuple(login))]
    drafted += [Section("screens.words", words)] if words else []
    for name, one in found.items():
        drafted += _object(name, one)
    return drafted


def _login(walk: Walk) -> list[Entry] | None:
    """The page with a password on it, and what was pressed there."""
    for sight in walk.sights:
        kinds = [text(one.get("type")) for one in sight.controls]
        if "password" in kinds and sight.clicked:
            place = kinds.index("password")
            names = [text(one.get("label")) for one in sight.controls]
            before = [name for name in names[:place] if name]
            why = "录制时的登录页 the login page of the walk"
            return [
                Entry("path", _path(sight.url), why),
                Entry("username", before[-1:] or ["用户名"]),
                Entry("password", [names[place]]),
                Entry("submit", [sight.clicked]),
            ]
    return None


def pages(walk: Walk) -> dict[str, Pages]:
    """What each canonical object's pages showed."""
    found: dict[str, Pages] = {}
    for sight in walk.sights:
        name = _object_of(sight)
        if not name or any(one.get("type") == "password" for one in sight.controls):
            continue
        known = found.setdefault(name, Pages())
        _place(known, sight, name)
        fitting = matches(name, list(_props(sight.controls)))
        if len(fitting) >= FORM:
            _learn(known, name, fitting)
    ordered = [name for name in CORE if name in found]
    return {name: found[name] for name in ordered if found[name].path or found[name].labels}


def _object_of(sight: Sight) -> str:
    """By the address from behind, then by the heading."""
    split = urlsplit(sight.url)
    parts = [
        part for part in f"{split.path}/{split.fragment}".split("/") if part and template(f"/{part}") == f"/{part}"
    ]
    for word in (*reversed(parts), *sight.headings):
        meant = object_of(word)
        if meant.name in CORE and meant.sure >= 0.7:
            return meant.name
    return ""


def _place(known: Pages, sight: Sight, name: str) -> None:
    path = _path(sight.url)
    last = path.rstrip("/").rpartition("/")[2]
    if template(path).endswith("/{id}"):
        known.record = known.record or template(path)
    elif last == "+" or action_of(last).name == "create":
        known.new = known.new or path
        known.path = known.path or path.rstrip("/").rpartition("/")[0]
    elif sight.columns and object_of(last).name == name:
        known.path = path
        known.title = sight.headings[0] if sight.headings else known.title


def _props(controls: tuple[Table, ...]) -> Iterator[Prop]:
    for one in controls:
        label = text(one.get("label"))
        if label and text(one.get("type")) not in ("search", "submit", "button", "checkbox", "password"):
            yield Prop(text(one.get("name")).replace(".", "_") or label, {"type": "string", **described(one)})


def _learn(known: Pages, name: str, fitting: list[Match]) -> None:
    for one in fitting:
        known.labels.setdefault(one.field, str(one.prop.schema.get("title", "")))
        shown = choices_of_prop(OBJECTS[name].fields[one.field], one.prop)
        if shown:
            known.choices.setdefault(one.field, shown)


def _words(walk: Walk, found: Mapping[str, Pages]) -> Iterator[Entry]:
    """What the buttons for new and save are called."""
    pressed = [(sight, squeezed(sight.clicked)) for sight in walk.sights if sight.clicked]
    new = [
        one.clicked for one, _ in pressed if re.match(r"(新建|新增|添加|创建|add|new|create|neu)", one.clicked, re.I)
    ]
    saved = [one.clicked for one, _ in pressed if re.match(r"(保存|提交|save|submit|speichern)", one.clicked, re.I)]
    if new:
        yield Entry("new", list(dict.fromkeys(new))[:4], "点过的按钮 buttons that were pressed")
    if saved:
        yield Entry("save", list(dict.fromkeys(saved))[:4], "点过的按钮 buttons that were pressed")


def _object(name: str, one: Pages) -> Iterator[Section]:
    header = f"screens.objects.{name}"
    why = "录制时的页面 pages of the walk"
    places = (("path", one.path), ("new", one.new), ("record", one.record))
    entries = [Entry(key, value, why) for key, value in places if value]
    if one.title:
        entries.append(Entry("title", [one.title]))
    yield Section(header, tuple(entries))
    fields = [
        Entry(
            field,
            {"label": label, "choices": one.choices[field]} if field in one.choices else label,
            "表单标签 a form's label",
        )
        for field, label in one.labels.items()
    ]
    if fields:
        yield Section(f"{header}.fields", tuple(fields))


def _path(url: str) -> str:
    """The path of a page, with what a page inside one page has behind the "#"."""
    split = urlsplit(url)
    return (split.path or "/") + (f"#{split.fragment}" if split.fragment.startswith("/") else "")
