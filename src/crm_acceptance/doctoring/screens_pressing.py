"""The buttons of a record that has just been made: which are there, and what their dialogs ask; follow-ups on it."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import SequenceMatcher
from functools import partial

from crm_acceptance.doctoring import values
from crm_acceptance.doctoring.findings import BROKEN, PAGES, UNMAPPED, UNTRIED, WORKS
from crm_acceptance.doctoring.screens_window import Windows
from crm_acceptance.manners import journal
from crm_acceptance.model import Action, Page, Person
from crm_acceptance.systems.rest import screens_records as by_record
from crm_acceptance.systems.rest.screens_desk import Desk, filled, nearest
from crm_acceptance.systems.rest.screens_page import script
from crm_acceptance.systems.rest.screens_shape import Names, ObjectScreen, VerbScreen

LATER: Mapping[str, frozenset[str]] = {
    "quote": frozenset(("approve", "reject", "order")),
    "customer": frozenset(("claim",)),
    "ticket": frozenset(("close",)),
}
"""Steps that a record which has just been made cannot take: their buttons need not be there yet."""
PARENTS = ("customer", "lead", "opportunity", "contact", "ticket")
ALIKE = 0.6
"""From this likeness on a button counts as the one that is looked for, under another name."""


def buttons(windows: Windows, shape: ObjectScreen, maker: Person, people: list[Person], id: str) -> None:
    """Looks for every button on the record's page, as everybody until somebody has it."""
    order = [maker, *(one for one in people if one is not maker)]
    for verb in shape.verbs.values():
        if verb.set:
            _in_form(windows, shape, verb, maker, id)
        elif verb.verb == "audit":
            action = Action("audit", shape.name, id)
            for person in order:
                windows.tried(shape.name, "audit", person, verb.where, partial(windows.door(person).do, action))
        elif verb.at == "record" and not verb.path and (verb.button or verb.section) and verb.verb != "delete":
            _somebody(windows, shape, verb, order, id)


def beside(windows: Windows, shape: ObjectScreen, people: list[Person]) -> None:
    """What is written on another record's page (follow-ups): one is written there, and must be listed then."""
    parent = next((name for name in PARENTS if name in windows.refs), "")
    if not parent:
        return
    maker = next(key for object, id, key in windows.visit.created if (object, id) == (parent, windows.refs[parent]))
    person = next(one for one in people if one.key == maker)
    at = {"parent_object": parent, "parent_id": windows.refs[parent]}
    text = f"验收{journal.word(values.marker())}"
    written = Action("create", shape.name, fields={**at, "text": text})
    listed = Action("list", shape.name, options={"where": at})
    for action in (written, listed):
        if action.name in shape.verbs or (windows.own and windows.own(action.name, shape.name)):
            where = shape.verbs[action.name].where if action.name in shape.verbs else shape.where
            seen = windows.tried(shape.name, action.name, person, where, partial(windows.door(person).do, action))
            if isinstance(seen.value, Page) and not any(text in str(row.get("text")) for row in seen.value.rows):
                finding = windows.found(where, f"写了“{text}”，这里没有列出（written, but not listed there）。")
                windows.mark(shape.name, "list", person, BROKEN, finding)


def untold(windows: Windows) -> None:
    """Silence proves nothing: a described button that nobody met is untried. One that all objects share need not be on
    every page: it is enough that it was met on one."""
    cells, people = windows.visit.chart.cells, windows.visit.people
    for shape in windows.spec.objects.values():
        for verb in shape.verbs.values():
            mine = [cell for key, cell in cells.items() if key[:2] == (shape.name, verb.verb + PAGES)]
            shared = not verb.where.startswith(f"{shape.where}.")
            met = any(cell.verb == verb.verb + PAGES and cell.outcome == WORKS for cell in cells.values())
            if shared and (met or not mine) and all(cell.outcome == UNTRIED for cell in mine):
                for cell in mine:
                    windows.visit.chart.mark(
                        shape.name, cell.verb, cell.person, UNMAPPED, "别的对象才有（of others only）"
                    )
            elif not mine:
                windows.mark(shape.name, verb.verb, people[0], UNTRIED, "体检没有试到（the doctor did not come to it）")
    for cell in [cell for cell in cells.values() if cell.verb.endswith(PAGES) and cell.outcome == UNTRIED]:
        if ": " in cell.sentence:
            windows.visit.chart.note(cell.sentence)


def _in_form(windows: Windows, shape: ObjectScreen, verb: VerbScreen, person: Person, id: str) -> None:
    """A verb without a button: the fields that it sets must have a control in the record's form."""

    def look(desk: Desk) -> None:
        if shape.edit:
            desk.open(filled(shape.edit, {"id": id}))
        else:
            by_record.open_record(desk, shape.name, id)
            desk.press(*desk.word(shape.name, "edit"))
        desk.glass.rest()
        for name in verb.set:
            one = desk.field(shape.name, name)
            if desk.glass.seek("control(a[0], false)", one.label) is None:
                raise desk.absent("标签 label", one.label, one.where, ("labels", "leaves"))

    windows.saw(shape.name, verb.verb, person, f"{verb.where}.set", look)


def _somebody(windows: Windows, shape: ObjectScreen, verb: VerbScreen, people: list[Person], id: str) -> None:
    seen: dict[str, None] = {}
    for person in people:

        def look(desk: Desk) -> bool:
            found = _there(desk, shape, verb, id)
            there: Mapping[str, list[str]] = desk.glass.look("there()")
            seen.update({name: None for kind in ("buttons", "links", "texts") for name in there[kind]})
            return found

        tried = windows.saw(shape.name, verb.verb, person, verb.where, look, mark=False)
        if tried.well and tried.value:
            windows.mark(shape.name, verb.verb, person, WORKS, "有这个按钮（its button is there）")
            return
    if not any(key[:2] == (shape.name, verb.verb) for key in windows.suspects):
        _nobody(windows, shape, verb, people[0], list(seen))


def _there(desk: Desk, shape: ObjectScreen, verb: VerbScreen, id: str) -> bool:
    """Whether the record's page has the button, and behind it what its dialog asks."""
    by_record.open_record(desk, shape.name, id)
    desk.chain(verb.menu, f"{verb.where}.menu")
    desk.glass.rest()
    if not verb.button:
        return bool(desk.glass.until("!!section(a[0]) || null", verb.section))
    button = desk.glass.seek("pressable(a[0], false)", verb.button)
    if button is not None and verb.asks and not button.evaluate(script("idle(a)")):
        if not all(desk.glass.look("!!control(a[0], false)", names) for names in verb.asks.values()):
            button.click()
        for name, names in verb.asks.items():
            if desk.glass.seek("control(a[0], false)", names) is None:
                raise desk.absent("标签 label", names, _asked(desk, shape, verb, name), ("labels",))
        desk.glass.page.keyboard.press("Escape")
    return button is not None


def _asked(desk: Desk, shape: ObjectScreen, verb: VerbScreen, name: str) -> str:
    """The line of a question: with its button, else in [screens.asks]."""
    spelt = (f"{verb.where}.asks.{name}", f"screens.asks.{shape.name}.{verb.verb}.{name}")
    known = getattr(desk.spec.lines, "spots", {})
    return next((one for one in spelt if one in known), f"screens.asks.{verb.verb}.{name}")


def _nobody(windows: Windows, shape: ObjectScreen, verb: VerbScreen, person: Person, seen: list[str]) -> None:
    """Not there for anybody: called otherwise now, not yet to be seen, or nobody's right."""
    names = verb.button or verb.section
    where = f"{verb.where}.{'button' if verb.button else 'section'}"
    others = {name.lower() for one in shape.verbs.values() if one is not verb for name in (*one.button, *one.section)}
    near = _alike(names, [name for name in seen if name.lower() not in others])
    said = f"记录页上没有“{' / '.join(names)}”。页面上有 there are: {'、'.join(seen[:25])}。"
    if near:
        no = f"{said}最接近的是“{near}”，改名了吗？nearest: {near}."
        windows.suspect(shape.name, verb.verb, person, windows.found(where, no))
    elif verb.verb in LATER.get(shape.name, ()):
        windows.mark(shape.name, verb.verb, person, UNTRIED, "新记录还没有这个按钮（not in this state）")
    else:
        why = f"{windows.spec.lines.at(where)}: {said}没有这个权限，还是改名了？（a right, or renamed?）"
        windows.mark(shape.name, verb.verb, person, UNTRIED, why)


def _alike(names: Names, seen: list[str]) -> str:
    near = nearest(names, seen)
    like = max((SequenceMatcher(None, name.lower(), near.lower()).ratio() for name in names), default=0.0)
    return near if near and like >= ALIKE else ""
