"""Pages that are only looked at: lists with their heads, forms with their controls, labels that no page shows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from crm_acceptance.doctoring.findings import Finding
from crm_acceptance.doctoring.screens_window import Windows
from crm_acceptance.model import Action, Person, Record
from crm_acceptance.systems.rest import screens_lists as by_list
from crm_acceptance.systems.rest import screens_records as by_record
from crm_acceptance.systems.rest.screens_desk import Desk, filled, main_field, nearest
from crm_acceptance.systems.rest.screens_page import script
from crm_acceptance.systems.rest.screens_shape import FieldScreen, ObjectScreen

KINDS = ("heads", "labels", "leaves")
Controls = Mapping[str, Mapping[str, Any]]
"""Field -> what its control on the form is made of (`nature` of screens_look.js)."""


@dataclass
class Labels:
    """Which fields of an object some page has shown, and every name that its pages have."""

    windows: Windows
    shape: ObjectScreen
    seen: set[str] = field(default_factory=set)
    there: dict[str, None] = field(default_factory=dict)
    texts: dict[str, set[str]] = field(default_factory=dict)
    shown: set[str] = field(default_factory=set)

    def on(self, desk: Desk, fields: Iterable[str], *, form: bool = False) -> None:
        """Those fields are on the page that is open; `shown` are those that more than a form has."""
        self.seen.update(fields)
        self.shown.update(() if form else fields)
        there: Mapping[str, list[str]] = desk.glass.look("there()")
        self.there |= {name: None for kind in KINDS for name in there[kind]}

    def tell(self) -> None:
        """A finding for every label that was on no page: with the nearest name that was, and that nothing else has."""
        if not self.shown:
            return
        for one in self.shape.fields.values():
            if one.name not in self.seen and not one.via and not one.label[0].startswith("css="):
                self._missing(one)
        for one in self.shape.fields.values():
            self._choices(one)

    def _missing(self, one: FieldScreen) -> None:
        visit, near = self.windows.visit, nearest(one.label, self._free())
        hint = f"最接近的是“{near}”，改名了吗？nearest: {near}. " if near else ""
        sentence = f"列表、表单、记录页上都没有“{' / '.join(one.label)}”（on no page）。{hint}"
        finding = visit.finding(
            f"{one.where}.label", f"{sentence}页面上有 there are: {'、'.join([*self._free()][:25])}。"
        )
        if near or one.write:
            visit.chart.find(finding)
        else:
            visit.chart.note(str(finding))

    def _choices(self, one: FieldScreen) -> None:
        """A mapped choice that no page shows, when a page shows a text very like it that is no mapped choice."""
        names = {name.lower() for shown in one.choices.values() for name in shown}
        strange = [text for text in sorted(self.texts.get(one.name, ())) if text.lower() not in names]
        known = {text.lower() for text in self.texts.get(one.name, ())}
        for value, shown in one.choices.items():
            near = nearest(shown, strange)
            if near and not known & {name.lower() for name in shown}:
                sentence = f"“{' / '.join(shown)}”没有出现，页面上是“{near}”。did you mean {near}?"
                self.windows.visit.chart.find(self.windows.found(f"{one.where}.choices.{value}", sentence))

    def _free(self) -> list[str]:
        taken = {name.lower() for one in self.shape.fields.values() for name in (*one.label, *one.column)}
        return [name for name in self.there if name.lower() not in taken]


def lists(windows: Windows, shape: ObjectScreen, people: Iterable[Person], labels: Labels) -> None:
    """Everybody opens the list; the first who sees rows opens one of them."""
    where = f"{shape.where}.{'path' if shape.path else 'menu'}"
    read = False
    for person in people:

        def look(desk: Desk, read: bool = read) -> str:
            by_list.open_list(desk, shape)
            return _heads(windows, desk, shape, labels)

        seen = windows.saw(shape.name, "list", person, where, look)
        if seen.well and seen.value and not read and shape.mode == "details":
            read = True
            action = Action("read", shape.name, seen.value)
            _read(windows, person, action, labels)


def _heads(windows: Windows, desk: Desk, shape: ObjectScreen, labels: Labels) -> str:
    """Compares the heads with the labels; the id of the first row, "" when there is none."""
    heads = by_list.seen(desk, shape)["heads"]
    found = {one.name for one in shape.fields.values() if any(by_list.is_head(h, by_list.column(one)) for h in heads)}
    labels.on(desk, found)
    for one in shape.fields.values():
        if one.column and heads and one.name not in found:
            no = desk.absent("表头 column head", one.column, f"{one.where}.column", ("heads",))
            windows.visit.chart.find(windows.finding(no, f"{one.where}.column"))
    rows = next(by_list.pages(desk, shape), [])
    return _first_id(windows, desk, shape, labels, rows)


def _first_id(windows: Windows, desk: Desk, shape: ObjectScreen, labels: Labels, rows: list[Mapping[str, Any]]) -> str:
    records = [by_list.record(desk, shape, row) for row in rows]
    for one in shape.fields.values():
        if one.choices:
            shown = {str(name) for record in records if (name := _text(record, one))}
            labels.texts.setdefault(one.name, set()).update(shown)
    links = [href for row in by_list.seen(desk, shape)["rows"] for href in row["hrefs"]]
    if links and not any(record.id for record in records) and (shape.id or shape.record):
        finding = _no_id(windows, shape, links)
        windows.visit.chart.find(finding)
    return next((record.id for record in records if record.id), "")


def _no_id(windows: Windows, shape: ObjectScreen, links: list[str]) -> Finding:
    key = "id" if shape.id else "record"
    sentence = f"列表里没有一个链接符合 {getattr(shape, key)}（no link of the list fits）。链接有 links: "
    return windows.found(f"{shape.where}.{key}", sentence + "、".join(dict.fromkeys(links[:6])))


def _text(record: Record, one: FieldScreen) -> str:
    """What a page shows for a choice: the mapped name, or the text that is none."""
    value = record.get(one.name)
    return one.choices[value][0] if value in one.choices else str(value or "")


def _read(windows: Windows, person: Person, action: Action, labels: Labels) -> None:
    where = f"{labels.shape.where}.record"
    seen = windows.saw(action.object, "read", person, where, lambda desk: by_record.read(desk, action))
    if isinstance(seen.value, Record):
        shown = set(seen.value.fields)
        windows.looked(person, lambda desk: labels.on(desk, shown))


def form(windows: Windows, desk: Desk, shape: ObjectScreen, labels: Labels, where: Mapping[str, str]) -> Controls:
    """Opens the form for a new record: the controls of the mapped fields. Unsupported when its main field has none."""
    if shape.new:
        desk.open(filled(shape.new, where))
    else:
        by_list.open_list(desk, shape)
        desk.press(*desk.word(shape.name, "new"))
    wanted = [one for one in shape.fields.values() if one.write and f"{{{one.name}}}" not in shape.new]
    desk.glass.until("a[0].some(names => control(names, false)) || null", [one.label for one in wanted])
    desk.glass.rest()
    found = {one.name: nature for one in wanted if (nature := _nature(desk, one)) is not None}
    labels.on(desk, found, form=True)
    for name in dict.fromkeys((main_field(shape), *_required(windows, shape))):
        one = shape.fields.get(name)
        if one in wanted and one is not None and name not in found:
            raise desk.absent("标签 label", one.label, f"{one.where}.label", ("labels", "leaves"))
    _offered(windows, shape, found)
    return found


def _required(windows: Windows, shape: ObjectScreen) -> tuple[str, ...]:
    api = windows.visit.mapping.objects.get(shape.name)
    return api.required if api else ()


def _nature(desk: Desk, one: FieldScreen) -> Mapping[str, Any] | None:
    if one.tab and not desk.glass.look("!!control(a[0], false)", one.label):
        desk.chain(one.tab, f"{one.where}.tab")
        desk.glass.rest()
    control = desk.glass.thing("control(a[0], false)", one.label)
    if control is None:
        return None
    nature: Mapping[str, Any] = control.evaluate(script("nature(a)"))
    return nature


def _offered(windows: Windows, shape: ObjectScreen, controls: Controls) -> None:
    """Every mapped choice of a select must be among its options."""
    for name, nature in controls.items():
        one = shape.fields[name]
        offered = [text for held, text in nature["options"] if held]
        names = {text.lower() for option in nature["options"] for text in option}
        free = [text for text in offered if not any(text in shown for shown in one.choices.values())]
        for value, shown in one.choices.items() if offered else ():
            if not names & {name.lower() for name in shown}:
                near = nearest(shown, free)
                hint = f"是不是“{near}”？did you mean {near}? " if near else ""
                sentence = f"“{one.label[0]}”里没有“{' / '.join(shown)}”。{hint}只有 offered: {'、'.join(offered)}。"
                windows.visit.chart.find(windows.found(f"{one.where}.choices.{value}", sentence))


def references(shape: ObjectScreen) -> tuple[str, ...]:
    """The fields that stand in the address of the form for a new record."""
    return tuple(re.findall(r"\{(\w+)\}", shape.new))
