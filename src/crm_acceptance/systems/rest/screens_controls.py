"""Filling in one control by its label, whatever it is made of: input, select, popup, picker, switch, file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from playwright.sync_api import ElementHandle

from crm_acceptance.errors import Refused
from crm_acceptance.systems.rest.screens_desk import Desk
from crm_acceptance.systems.rest.screens_page import script
from crm_acceptance.systems.rest.screens_shape import FieldScreen, Names
from crm_acceptance.systems.rest.screens_values import TRUE, given

CHOSEN = ("choice", "person", "ref")


def labelled(desk: Desk, names: Names, where: str, *, in_front: bool = False) -> ElementHandle:
    """The control of that label once it is there; Unsupported suggests the nearest label that the page has."""
    found = desk.glass.seek("control(a[0], a[1])", names, in_front)
    if found is None:
        raise desk.absent("标签 label", names, where, ("labels", "leaves"))
    return found


def fill(desk: Desk, field: FieldScreen, value: Any, texts: Names = (), *, in_front: bool = False) -> None:
    """Puts a canonical value into the control of the field. `texts`: what a reference is called on the page.

    Refused("invalid") when the control does not offer the value, Refused("denied") when it takes none.
    """
    if field.tab and not desk.glass.look("!!control(a[0], a[1])", field.label, in_front):
        desk.chain(field.tab, f"{field.where}.tab")
    control = labelled(desk, field.label, field.where, in_front=in_front)
    names = (*texts, *given(desk, field, value))
    nature: Mapping[str, Any] = control.evaluate(script("nature(a)"))
    if nature["disabled"]:
        raise Refused("denied", f"“{field.label[0]}”在这张表单上不能填。{field.label[-1]} cannot be filled in.")
    match nature["type"]:
        case "select":
            _select(control, names, nature["options"], field)
        case "check":
            control.set_checked(str(value).lower() in TRUE, force=True)
        case "radio":
            _radio(control, names, field)
        case "file":
            control.set_input_files(value)
        case "popup":
            _popup(desk, control, names, field, typed=nature["typed"])
        case "picker":
            _picked(desk, control, names[0])
        case _:
            _typed(desk, control, names, field)


def _typed(desk: Desk, control: ElementHandle, names: Names, field: FieldScreen) -> None:
    """Into a plain control; where the field is a choice and the page then offers something, that is chosen."""
    control.fill(names[0])
    if field.kind in CHOSEN and names[0]:
        option = desk.glass.seek(*_option(control, names))
        if option is not None:
            option.click()


def _picked(desk: Desk, control: ElementHandle, text: str) -> None:
    """A date picker takes what is typed when the day is pressed that it then shows; with Enter where days have no name.

    Not with Enter where it can be avoided: that sends some forms.
    """
    control.click()
    control.fill(text)
    day = desk.glass.thing("dayCell(a[0])", text)
    if day is not None:
        day.click()
    else:
        control.press("Enter")


def _select(control: ElementHandle, names: Names, options: Iterable[list[str]], field: FieldScreen) -> None:
    offered = [*options]
    for name in names:
        for held, shown in offered:
            if name in (held, shown) or shown.lower() == name.lower() or _person(field, shown, name):
                control.select_option(value=held, force=True)
                return
    raise _not_offered(field, names, (shown for _, shown in offered))


def _person(field: FieldScreen, shown: str, name: str) -> bool:
    """`李娜 (lina)` is lina."""
    return field.kind == "person" and bool(name) and shown.rstrip(")）").replace("（", "(").endswith(f"({name}")


def _radio(control: ElementHandle, names: Names, field: FieldScreen) -> None:
    found = control.evaluate_handle(f"(c, names) => ({script('radio(a[0], a[1])')})([c, names])", list(names))
    button = found.as_element()
    if button is None:
        raise _not_offered(field, names, control.evaluate(script("radios(a)")))
    button.check(force=True)


def _popup(desk: Desk, control: ElementHandle, names: Names, field: FieldScreen, *, typed: bool) -> None:
    """Opens the popup, types what it may be narrowed by, and takes the option of that name."""
    opener = control.evaluate_handle(script("opener(a)")).as_element() or control
    opener.click()
    if not names[0]:
        if typed:
            control.fill("")
        return
    option = None
    if not typed:
        option = desk.glass.seek(*_option(control, names))
    elif (option := desk.glass.thing(*_option(control, names))) is None:
        control.fill("")
        control.type(names[0])  # letter by letter: completions listen to keys
        option = desk.glass.seek(*_option(control, names))
    if option is None:
        option = _scrolled(desk, control, names)
    if option is None:
        offered = desk.glass.look("offered(a[0])", control)
        control.press("Escape")
        raise _not_offered(field, names, offered)
    option.click()


def _option(control: ElementHandle, names: Names) -> tuple[Any, ...]:
    return "option(a[0], a[1], true)", control, names


def _scrolled(desk: Desk, control: ElementHandle, names: Names) -> ElementHandle | None:
    """Long lists draw only what is to be seen: down, until nothing new comes."""
    seen: list[str] = []
    while (now := desk.glass.look("offered(a[0])", control)) and now != seen:
        seen = now
        desk.glass.look("options(a[0]).slice(-1)[0]?.scrollIntoView()", control)
        if found := desk.glass.seek(*_option(control, names)):
            return found
    return None


def _not_offered(field: FieldScreen, names: Names, offered: Iterable[str]) -> Refused:
    shown = "、".join([*offered][:15])
    return Refused("invalid", f"“{field.label[0]}”里没有“{names[0]}”，只有：{shown}。{names[-1]} is not offered.")
