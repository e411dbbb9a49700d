"""One record on the screen: find it, read it, create it, change it. Lists are in screens_lists, buttons in acts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from crm_acceptance.errors import Refused, SiteOutOfReach, Unsupported, WrongUse
from crm_acceptance.model import Action, Outcome, Record
from crm_acceptance.systems.rest import screens_lists as lists
from crm_acceptance.systems.rest import screens_rows as rows
from crm_acceptance.systems.rest.screens_controls import fill, labelled
from crm_acceptance.systems.rest.screens_desk import Desk, filled, id_in, main_field
from crm_acceptance.systems.rest.screens_shape import FieldScreen, Names, ObjectScreen
from crm_acceptance.systems.rest.screens_submit import After, came_back, judge_unsent, press
from crm_acceptance.systems.rest.screens_values import canonical


def id_of(action: Action) -> str:
    """The record the action is about; WrongUse when it names none."""
    if not action.id:
        raise WrongUse(f"操作 {action.verb} 没有说明是哪一条记录（id）。{action.verb} needs the id of a record.")
    return action.id


def open_record(desk: Desk, object: str, id: str) -> None:
    """Opens the record's page: by its address, or from its row in the list. Refused as the CRM refuses."""
    shape = desk.object(object)
    if shape.record:
        desk.open(filled(shape.record, {"id": id}))
    else:
        rows.open_row(desk, shape, rows.row_of(desk, shape, id))
    if desk.at_login():
        raise Refused("expired", "登录已失效，页面回到了登录页。The session is over: the login page is shown.")
    desk.chain(shape.tabs, f"{shape.where}.tabs")


def read(desk: Desk, action: Action) -> Outcome:
    """The record as its page, its form or its row shows it."""
    shape, id = desk.object(action.object), id_of(action)
    if shape.mode == "table":
        return lists.record(desk, shape, rows.row_of(desk, shape, id))
    if shape.mode == "form" and shape.edit:
        desk.open(filled(shape.edit, {"id": id}))
    else:
        open_record(desk, action.object, id)
        if shape.mode == "form":
            _to_edit(desk, shape)
    return shown(desk, shape, id)


def shown(desk: Desk, shape: ObjectScreen, id: str) -> Record:
    """The record on the page that is open. Refused("missing") when the page has its labels and nothing beside them."""
    wanted = {field.name: field for field in shape.fields.values() if field.read and not field.via}
    names = {name: field.label for name, field in wanted.items()}
    desk.glass.until("Object.keys(facts(a[0], false)).length", names)
    drawer = desk.glass.rest()["dialog"] and not shape.record
    cells: dict[str, Any] = dict(desk.glass.look("facts(a[0], a[1])", names, drawer))
    for tab in dict.fromkeys(field.tab for field in wanted.values() if field.tab and field.name not in cells):
        if desk.glass.look("!!pressable(a[0], false)", tab[0]):
            hidden = [field for field in wanted.values() if field.tab == tab and field.name not in cells]
            cells |= _behind(desk, tab, hidden)
    if not cells:
        label = next(iter(names.values()), (shape.name,))
        raise desk.absent("标签 label", label, f"{shape.where}.fields", ("labels", "texts"))
    fields = {name: canonical(desk, wanted[name], cell) for name, cell in cells.items()}
    if all(value is None for value in fields.values()):
        raise desk.refusal() or Refused("missing", f"{desk.glass.page.url} 上没有任何值。The page shows no values.")
    _remember(desk, shape, id, fields)
    return Record(shape.name, id, {**fields, **_elsewhere(desk, shape, cells)})


def _behind(desk: Desk, chain: tuple[Names, ...], fields: Iterable[FieldScreen]) -> Mapping[str, Any]:
    """Values that are shown after pressing a tab."""
    names = {field.name: field.label for field in fields}
    desk.chain(chain, next(iter(fields)).where)
    desk.glass.until("Object.keys(facts(a[0], false)).length", names)
    desk.glass.rest()
    found: Mapping[str, Any] = desk.glass.look("facts(a[0], false)", names)
    return found


def _elsewhere(desk: Desk, shape: ObjectScreen, cells: Mapping[str, Any]) -> dict[str, Any]:
    """Values that stand on the page of a record that this one refers to: its link is followed."""
    found: dict[str, Any] = {}
    for via in dict.fromkeys(field.via for field in shape.fields.values() if field.via):
        target = desk.spec.objects.get(shape.fields[via].object)
        links = [href for href in cells.get(via, {}).get("hrefs", ()) if target and id_in(target, href)]
        if links:
            desk.judge_status(desk.glass.goto(links[0]), links[0])
            desk.glass.rest()
            fields = {f.name: f for f in shape.fields.values() if f.via == via}
            there = desk.glass.look("facts(a[0], false)", {name: field.label for name, field in fields.items()})
            found |= {name: canonical(desk, fields[name], cell) for name, cell in there.items()}
    return found


def _remember(desk: Desk, shape: ObjectScreen, id: str, fields: Mapping[str, Any]) -> None:
    if title := fields.get(main_field(shape)):
        desk.titles[(shape.name, id)] = str(title)


def create(desk: Desk, action: Action) -> Outcome:
    """Fills in the form for a new record and saves it; the record as the page then shows it, or as it was typed."""
    shape = desk.object(action.object)
    typed = {name: value for name, value in action.fields.items() if value is not None}
    if shape.new:
        desk.open(filled(shape.new, typed))
    else:
        lists.open_list(desk, shape)
        desk.press(*desk.word(action.object, "new"))
    after = _saved(desk, shape, {name: v for name, v in typed.items() if f"{{{name}}}" not in shape.new})
    return _made(desk, shape, typed, after)


def _made(desk: Desk, shape: ObjectScreen, typed: Mapping[str, Any], after: After) -> Record:
    id = id_in(shape, after.url)
    if id is not None:
        _remember(desk, shape, id, typed)
        return shown(desk, shape, id) if shape.mode == "details" else Record(shape.name, id, typed)
    main = main_field(shape)
    if main not in typed:
        raise Unsupported(
            f'{desk.spec.lines.at(shape.where)}: 已保存，但页面上看不出新记录的编号：请写 id = "..." 或 find = "..."。'
            "Saved, but nothing tells the new record's id: id or find is missing."
        )
    found = rows.newest(desk, shape, main, str(typed[main]))
    if found is None:
        raise SiteOutOfReach(f"已保存 {typed[main]}，列表里却找不到。Saved, but the list does not show it.")
    _remember(desk, shape, found.id, typed)
    return Record(shape.name, found.id, {**typed, **found.fields})


def change(desk: Desk, action: Action) -> Outcome:
    """Changes fields in the record's form and saves it."""
    if action.options.get("version") is not None:
        raise Unsupported(
            "界面上的表单总是现取现改，做不出“旧版本”的修改。A form on screen always starts from the present."
        )
    return changed(desk, action, action.fields)


def changed(desk: Desk, action: Action, fields: Mapping[str, Any], *, may_vanish: bool = False) -> Record:
    """The record after these fields were changed in its form."""
    shape, id = desk.object(action.object), id_of(action)
    if shape.edit:
        desk.open(filled(shape.edit, {"id": id}))
    elif shape.list.edit:
        rows.open_row(desk, shape, rows.row_of(desk, shape, id), shape.list.edit)
    else:
        open_record(desk, action.object, id)
        _to_edit(desk, shape)
    _saved(desk, shape, fields, may_vanish=may_vanish)
    return Record(action.object, id, fields)


def _to_edit(desk: Desk, shape: ObjectScreen) -> None:
    """From the record's page into its form, unless the page is the form."""
    names, where = desk.word(shape.name, "edit")
    if shape.mode == "details" or desk.glass.look("!!pressable(a[0], false)", names):
        desk.press(names, where)


def _saved(desk: Desk, shape: ObjectScreen, fields: Mapping[str, Any], *, may_vanish: bool = False) -> After:
    put(desk, shape, fields)
    names, where = desk.word(shape.name, "save")
    front = bool(desk.glass.look("!!front() && !!pressable(a[0], true)", names))
    at = desk.glass.page.url
    after = press(desk, desk.thing(names, where, in_front=front), may_vanish=may_vanish)
    judge_unsent(desk, names, at, after)
    if came_back(desk, names):
        said = "; ".join(message["text"] for message in desk.glass.look("messages()"))
        raise Refused("invalid", said or "表单没有保存，原样退回。The form came back unsaved.")
    return after


def put(desk: Desk, shape: ObjectScreen, fields: Mapping[str, Any]) -> None:
    """Puts each value into the control of its label; the first one is waited for in a page that has come to rest."""
    known = [(desk.field(shape.name, name), value) for name, value in fields.items()]
    for number, (field, value) in enumerate(known):
        if not number and not field.tab:
            labelled(desk, field.label, field.where)
            desk.glass.rest()
        fill(desk, field, value, called(desk, field, value))


def called(desk: Desk, field: FieldScreen, value: Any) -> Names:
    """What a referenced record is called on the page; looked up in a second tab when nobody has met it yet."""
    if field.kind != "ref" or value is None or field.object not in desk.spec.objects:
        return ()
    key = (field.object, str(value))
    if key not in desk.titles:
        desk.titles[key] = _title(desk, desk.spec.objects[field.object], str(value))
    return (desk.titles[key],)


def _title(desk: Desk, shape: ObjectScreen, id: str) -> str:
    if shape.id.startswith("field:"):
        return id
    page = desk.glass.page.context.new_page()
    try:
        other = Desk(replace(desk.glass, page=page), desk.spec, desk.site, desk.titles)
        found = read(other, Action("read", shape.name, id))
        return str(found.get(main_field(shape)) or id) if isinstance(found, Record) else id
    finally:
        page.close()
