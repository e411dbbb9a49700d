"""Verbs by buttons: press, answer the dialog, read where the work went on; follow-ups, audit rows, deleting."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from crm_acceptance.errors import Unsupported
from crm_acceptance.model import Action, Outcome, Page, Record
from crm_acceptance.systems.rest import screens_lists as lists
from crm_acceptance.systems.rest import screens_records as records
from crm_acceptance.systems.rest.screens_controls import fill
from crm_acceptance.systems.rest.screens_desk import Desk, filled, id_in, pattern_of
from crm_acceptance.systems.rest.screens_shape import FieldScreen, ObjectScreen, VerbScreen
from crm_acceptance.systems.rest.screens_submit import After, press
from crm_acceptance.systems.rest.screens_values import canonical, person

_ID = re.compile(r"(\d+)/?$")


def spec(desk: Desk, action: Action) -> VerbScreen:
    """How the verb is done; Unsupported names the key of the mapping that would say it."""
    known = desk.object(action.object).verbs
    if action.name not in known:
        raise Unsupported(
            f"{desk.spec.file.name} 没有 [screens.objects.{action.object}.buttons] {action.name}：界面上的 "
            f"{action.verb} 没有描述。{action.verb} is not described for the screens: that key would give it."
        )
    return known[action.name]


def act(desk: Desk, action: Action) -> Outcome:
    """Any verb that a button, or a change in the record's form, carries out; the record as it is afterwards.

    What was given away is no longer shown to the giver: then only its id is known.
    """
    verb = spec(desk, action)
    if verb.set:
        values = {**action.options, **action.fields, "id": action.id}
        if any("{me}" in template for template in verb.set.values()):
            values["me"] = _me(desk, verb)
        fields = {name: _filled(template, values) for name, template in verb.set.items()}
        return records.changed(desk, action, fields, may_vanish=True)
    go_there(desk, verb, action)
    return _outcome(desk, verb, action, pressed(desk, verb, action))


def _me(desk: Desk, verb: VerbScreen) -> str:
    """Who is signed in, by what a page shows."""
    names = desk.spec.login.me
    if not names:
        raise Unsupported(
            f"{desk.spec.lines.at(verb.where)}: {{me}} 要知道登录的是谁：请写 [screens.login] me。"
            "{me} needs [screens.login] me: where a page shows who is signed in."
        )
    if desk.glass.page.url == "about:blank":
        desk.open("/")
    cell = desk.glass.until("facts(a[0], false).me || null", {"me": names})
    if cell is None:
        raise desk.absent("本人姓名 who is signed in", names, "screens.login.me", ("leaves",))
    return person(desk, str(cell["text"]))


def _filled(template: str, values: Mapping[str, Any]) -> Any:
    """A whole-string template keeps its type."""
    whole = re.fullmatch(r"\{(\w+)\}", template)
    if whole:
        return values.get(whole.group(1))
    return re.sub(r"\{(\w+)\}", lambda name: str(values.get(name.group(1), "")), template)


def go_there(desk: Desk, verb: VerbScreen, action: Action) -> None:
    """Opens the page that has the button: a path of its own, the list, the parent's or the record's page."""
    where = {**action.fields, **(action.options.get("where") or {})}
    if verb.path:
        desk.open(filled(verb.path, {**where, **action.options, "id": action.id}))
    elif verb.at == "list":
        lists.open_list(desk, desk.object(action.object))
    elif verb.at == "parent":
        records.open_record(desk, str(where.get("parent_object", "")), str(where.get("parent_id", "")))
    else:
        records.open_record(desk, action.object, records.id_of(action))
    desk.chain(verb.menu, f"{verb.where}.menu")


def pressed(desk: Desk, verb: VerbScreen, action: Action) -> After:
    """Presses the verb's button on the page that is open, and answers its dialog if it has one."""
    button = desk.thing(verb.button, f"{verb.where}.button")
    if verb.asks is None:
        return press(desk, button, may_vanish=True)
    answers = _answers(verb, action)
    if not verb.asks and not verb.ok:
        after = press(desk, button, may_vanish=True)  # the browser itself may have asked
        names, where = desk.word(action.object, "ok")
        asked = desk.glass.look("!!front() && !!pressable(a[0], true)", names)
        return press(desk, desk.thing(names, where, in_front=True), may_vanish=True) if asked else after
    inline = any(desk.glass.look("!!control(a[0], false)", names) for names in verb.asks.values())
    if not inline:
        button.click()
    for name, value in answers.items():
        fill(desk, _asked(desk, verb, action, name), value, _called(desk, verb, action, name, value))
    if inline:  # the questions stand beside the button, no dialog comes
        return press(desk, button, may_vanish=True)
    names, where = (verb.ok, f"{verb.where}.ok") if verb.ok else desk.word(action.object, "ok")
    front = bool(desk.glass.look("!!front() && !!pressable(a[0], true)", names))
    return press(desk, desk.thing(names, where, in_front=front), may_vanish=True)


def _answers(verb: VerbScreen, action: Action) -> dict[str, Any]:
    """What the action says that a dialog could ask; a thing that this dialog does not ask is Unsupported."""
    said = {name: value for name, value in {**action.options, **action.fields}.items() if value is not None}
    said = {name: value for name, value in said.items() if name not in ("where", "key", "parent_object", "parent_id")}
    for name in said:
        if name not in (verb.asks or {}):
            raise Unsupported(f"“{action.name}”的对话框没有 {name}。The dialog of {action.name} does not ask {name}.")
    return said


def _asked(desk: Desk, verb: VerbScreen, action: Action, name: str) -> FieldScreen:
    """A question of a dialog as a field: with the choices that the object's field of that name has."""
    known = desk.object(action.object).fields.get(name)
    kind = known.kind if known else "person" if name == "to" else "text"
    choices = known.choices if known else {}
    object = known.object if known else ""
    return FieldScreen(name, f"{verb.where}.asks.{name}", (verb.asks or {})[name], kind, choices, object=object)


def _called(desk: Desk, verb: VerbScreen, action: Action, name: str, value: Any) -> tuple[str, ...]:
    field = _asked(desk, verb, action, name)
    if field.kind != "ref" or (field.object, str(value)) not in desk.titles:
        return ()
    return (desk.titles[(field.object, str(value))],)


def _outcome(desk: Desk, verb: VerbScreen, action: Action, after: After) -> Outcome:
    """The record of the page that the press led to, with the ids of what was made beside it."""
    shape = desk.object(verb.yields or action.object)
    id = id_in(shape, after.url)
    if verb.yields and id is None:
        raise Unsupported(
            f"{desk.spec.lines.at(verb.where)}: 按下后页面不是 {verb.yields} 的页面：{after.url}。"
            f"The press did not lead to a page of {verb.yields}."
        )
    if id is None or (not verb.yields and id != action.id) or desk.refusal():
        return Record(action.object, action.id or "")
    made = records.shown(desk, shape, id) if shape.mode == "details" else Record(shape.name, id)
    ids = {name: _linked(desk, desk.object(name)) for name in verb.links}
    own = {verb.yields: id} if verb.yields else {}
    return Record(made.object, made.id, {**made.fields, **own, **ids})


def _linked(desk: Desk, shape: ObjectScreen) -> str | None:
    links = desk.glass.look("linksTo(a[0])", pattern_of(shape)) if pattern_of(shape) else []
    found = [id for href in links if (id := id_in(shape, href))]
    return found[-1] if found else None


def delete(desk: Desk, action: Action) -> Outcome:
    """Deletes the record, by its button or by the usual one, saying yes when asked."""
    shape = desk.object(action.object)
    if "delete" in shape.verbs:
        verb = shape.verbs["delete"]
    else:
        names, where = desk.word(action.object, "delete")
        verb = VerbScreen("delete", where, names, asks={})
    go_there(desk, verb, action)
    pressed(desk, verb, action)
    return None


def follow(desk: Desk, action: Action) -> Outcome:
    """Writes a follow-up on its parent's page; the entry that then has its text, or what was written."""
    go_there(desk, spec(desk, action), action)
    pressed(desk, spec(desk, action), action)
    written = dict(action.fields)
    parent = {name: str(written.get(name, "")) for name in ("parent_object", "parent_id")}
    found: list[Record] = []
    if "list" in desk.object(action.object).verbs:
        found = [*_entries(desk, desk.object(action.object).verbs["list"], action.object, parent)]
    mine = [one for one in found if str(written.get("text", "")) in str(one.get("text"))]
    return mine[0] if mine else Record(action.object, "", written)


def follow_list(desk: Desk, action: Action) -> Outcome:
    """The entries below a heading of the parent's page, as the page orders them, oldest first where it tells times."""
    verb = spec(desk, action)
    go_there(desk, verb, action)
    where = action.options.get("where") or {}
    parent = {name: str(where.get(name, "")) for name in ("parent_object", "parent_id")}
    found = _entries(desk, verb, action.object, parent)
    times = [str(one.get("at") or "") for one in found]
    ordered = sorted(found, key=lambda one: str(one["at"])) if found and all(times) else found
    return Page(tuple(ordered), len(found))


def entries(desk: Desk, action: Action, object: str) -> Page:
    """What a section of the record's page lists (attachments)."""
    verb = spec(desk, action)
    go_there(desk, verb, action)
    parent = {"parent_object": action.object, "parent_id": str(action.id)}
    found = _entries(desk, verb, object, parent)
    return Page(tuple(found), len(found))


def _entries(desk: Desk, verb: VerbScreen, object: str, parent: Mapping[str, str]) -> list[Record]:
    desk.glass.until("entries(a[0])?.length || null", verb.section)
    desk.glass.rest()
    seen = desk.glass.look("entries(a[0])", verb.section)
    if seen is None:
        raise desk.absent("标题 heading", verb.section, f"{verb.where}.section", ("texts", "labels"))
    return [_entry(object, entry, parent) for entry in seen]


def _entry(object: str, entry: Mapping[str, Any], parent: Mapping[str, str]) -> Record:
    """An entry's id: its own attribute, the end of its link, else its text."""
    link = next(iter(entry["links"]), {"text": "", "href": ""})
    number = _ID.search(link["href"])
    id = entry["attributes"].get("data-id") or (number.group(1) if number else link["text"] or entry["text"])
    fields = {**parent, "text": entry["text"], "name": link["text"] or entry["text"]}
    return Record(object, str(id), {**fields, "at": entry["time"]} if entry["time"] else fields)


def audit(desk: Desk, action: Action) -> Outcome:
    """The rows of the record's history, or of the whole log, in the fields of [screens.objects.audit]."""
    shape = desk.object("audit")
    if action.object == "audit":
        return lists.listing(desk, action)
    go_there(desk, spec(desk, action), action)
    rows = tuple(lists.record(desk, shape, row) for page in lists.pages(desk, shape) for row in page)
    return Page(tuple(Record("audit", action.id or "", {"object": action.object, **row.fields}) for row in rows))


def total(desk: Desk, action: Action) -> Outcome:
    """The sum that the list states beside a label: the verb `sum` with `section` as that label."""
    verb = spec(desk, action)
    lists.arranged(desk, desk.object(action.object), action)
    cell = desk.glass.look("facts(a[0], false)", {"sum": verb.section}).get("sum")
    if cell is None:
        raise desk.absent("合计 sum", verb.section, f"{verb.where}.section", ("labels", "texts"))
    value = canonical(desk, FieldScreen("sum", verb.where, verb.section, "money"), cell)
    return None if isinstance(value, str) else value
