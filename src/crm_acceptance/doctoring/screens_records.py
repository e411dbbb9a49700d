"""One throw-away record by hand: created, read back, found, changed, deleted. Buttons: screens_pressing.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from crm_acceptance.doctoring import answers, screens_pressing, values
from crm_acceptance.doctoring.findings import BROKEN, UNMAPPED, UNTRIED
from crm_acceptance.doctoring.screens_looking import Controls, Labels, form, references
from crm_acceptance.doctoring.screens_window import Windows
from crm_acceptance.errors import AcceptanceError, Refused
from crm_acceptance.manners import journal
from crm_acceptance.model import Action, Person, Record
from crm_acceptance.systems.rest import canonical
from crm_acceptance.systems.rest import screens_lists as by_list
from crm_acceptance.systems.rest import screens_records as by_record
from crm_acceptance.systems.rest import screens_rows as by_row
from crm_acceptance.systems.rest.screens_desk import Desk, main_field
from crm_acceptance.systems.rest.screens_shape import FieldScreen, ObjectScreen
from crm_acceptance.systems.rest.shape import FieldSpec, ObjectSpec

Supports = Callable[[str, str], bool]
NEVER = values.NOT_CREATED


def one(windows: Windows, shape: ObjectScreen, people: list[Person], labels: Labels) -> None:
    """A record by the first person for whom it works, and everything that can be done with it."""
    missing = [name for name in _needed(windows, shape) if _object_of(shape, name) not in windows.refs]
    if missing:
        windows.mark(shape.name, "create", people[0], UNTRIED, f"没有 {missing[0]}，做不了（needs one）")
        return
    mark = journal.word(values.marker())
    for person in people:
        typed, made = _made(windows, shape, person, labels, mark)
        if made is not None:
            _lived(windows, shape, person, people, labels, typed, made)
            return


def _lacking(shape: ObjectScreen, controls: Controls, fields: Mapping[str, Any], no: AcceptanceError | None) -> str:
    """The object of which there is no record yet, if that is why the form was refused."""
    if not isinstance(no, Refused) or no.kind != "invalid":
        return ""
    empty = [shape.fields[name] for name in controls if shape.fields[name].kind == "ref" and name not in fields]
    return next((one.object for one in empty if any(name in no.message for name in one.label)), "")


def _needed(windows: Windows, shape: ObjectScreen) -> tuple[str, ...]:
    """The references that a new record cannot do without: those in its address; all of them where Python makes it."""
    if windows.own is None or shape.new:
        return references(shape)
    known = canonical.object_named(shape.name).fields.values()
    return tuple(one.name for one in known if one.type == "ref" and one.object in windows.spec.objects)


def _made(
    windows: Windows, shape: ObjectScreen, person: Person, labels: Labels, mark: str
) -> tuple[Mapping[str, Any], Record | None]:
    where = f"{shape.where}.{'new' if shape.new else 'words.new'}"
    refs = {name: windows.refs[_object_of(shape, name)] for name in references(shape)}
    if not _offers_new(windows, shape, person):
        windows.mark(shape.name, "create", person, UNMAPPED, "列表上没有新建按钮（its list has no such button）")
        return {}, None
    controls: Controls | None = None
    if windows.own is None or shape.new:
        seen = windows.saw(
            shape.name, "create", person, where, lambda desk: form(windows, desk, shape, labels, refs), mark=False
        )
        if not seen.well:
            return {}, None
        controls = seen.value
    fields = {**refs, **draft(windows, shape, controls, mark, person)}
    action = Action("create", shape.name, fields=fields)
    made = windows.tried(shape.name, "create", person, shape.where, lambda: windows.door(person).do(action))
    lacking = _lacking(shape, controls or {}, fields, made.no)
    if lacking:
        windows.suspects.pop((shape.name, "create", person.key), None)
        windows.mark(shape.name, "create", person, UNTRIED, f"没有 {lacking}，做不了（needs one）: {made.no}")
    if not isinstance(made.value, Record):
        return fields, None
    windows.visit.created.append((shape.name, made.value.id, person.key))
    windows.refs[shape.name] = made.value.id
    return fields, made.value


def _offers_new(windows: Windows, shape: ObjectScreen, person: Person) -> bool:
    """Whether there may be a form: by an address, by a word of the mapping's own, or by a usual button of the list."""
    raw = windows.visit.mapping.screens or {}
    if (
        windows.own
        or shape.new
        or "new" in shape.words
        or "new" in raw.get("words", {})
        or _broken(windows, shape, "list")
    ):
        return True

    def look(desk: Desk) -> bool:
        by_list.open_list(desk, shape)
        return bool(desk.glass.look("!!pressable(a[0], false)", desk.word(shape.name, "new")[0]))

    seen = windows.saw(shape.name, "create", person, f"{shape.where}.path", look, mark=False)
    return bool(seen.value) or not seen.well


def _object_of(shape: ObjectScreen, name: str) -> str:
    return shape.fields[name].object if name in shape.fields else canonical.field_named(shape.name, name).object


def draft(
    windows: Windows, shape: ObjectScreen, controls: Controls | None, mark: str, person: Person
) -> dict[str, Any]:
    """A value for every control of the form that takes one; without a form, for every field that may be written."""
    if controls is None:
        known = canonical.object_named(shape.name).fields.values()
        fields = [FieldScreen(f.name, "", (), f.type, object=f.object) for f in known if not f.readonly]
    else:
        fields = [shape.fields[name] for name in controls if windows.own is None or shape.fields[name].read]
    found = {one.name: _value(windows, shape, one, (controls or {}).get(one.name, {}), mark, person) for one in fields}
    return {name: value for name, value in found.items() if value is not None}


def _value(
    windows: Windows, shape: ObjectScreen, one: FieldScreen, nature: Mapping[str, Any], mark: str, person: Person
) -> Any:
    """As values.value; a select without mapped choices takes the second thing that it offers."""
    if one.name in values.STATES or one.kind in ("person", "file") or nature.get("disabled"):
        return None
    offered = [text for held, text in nature.get("options", ()) if held]
    if offered and not one.choices and one.kind in ("text", "choice"):
        return offered[min(1, len(offered) - 1)]
    spec = FieldSpec(one.name, one.where, "", "", "", one.kind, choices=one.choices, object=one.object)
    number = windows.visit.serial()
    return values.value(ObjectSpec(shape.name, "", ""), spec, mark, number, windows.refs, person.key)


def _lived(
    windows: Windows,
    shape: ObjectScreen,
    person: Person,
    people: list[Person],
    labels: Labels,
    typed: Mapping[str, Any],
    made: Record,
) -> None:
    if _read_back(windows, shape, person, labels, made.id, typed, "read"):
        _found(windows, shape, person, made.id, typed)
    _changed(windows, shape, person, labels, made.id, typed)
    screens_pressing.buttons(windows, shape, person, people, made.id)


def _read_back(
    windows: Windows,
    shape: ObjectScreen,
    person: Person,
    labels: Labels,
    id: str,
    typed: Mapping[str, Any],
    verb: str,
) -> bool:
    """Whether the record's page could be read; a field that shows something else than was typed is a finding."""
    read = Action("read", shape.name, id)
    where = f"{shape.where}.record"
    seen = windows.tried(shape.name, verb, person, where, lambda: windows.door(person).do(read))
    if not isinstance(seen.value, Record):
        return False
    shown = seen.value
    windows.looked(person, lambda desk: labels.on(desk, shown.fields))
    for name, value in typed.items():
        one = shape.fields.get(name)
        if one is None or not one.read or one.via:
            continue
        if name not in shown.fields:
            windows.looked(person, partial(_unshown, windows, one, labels))
        elif not agrees(one.kind, value, shown.get(name)):
            sentence = f"填了 {value!s}，页面上是 {shown.get(name)!s}（typed one, the page shows the other）。"
            place = f"{one.where}.kind" if one.kind in ("money", "number", "integer", "date") else f"{one.where}.label"
            windows.mark(shape.name, verb, person, BROKEN, windows.found(place, sentence))
    return True


def _unshown(windows: Windows, one: FieldScreen, labels: Labels, desk: Desk) -> None:
    """What was typed stands on no page: worth a note when nothing there is like its label."""
    if one.name not in labels.shown:
        no = desk.absent("标签 label", one.label, f"{one.where}.label", ("labels", "leaves"))
        windows.visit.chart.note(f"{no}（表单上有，记录页和列表上没有：on the form only）")


def agrees(kind: str, typed: Any, shown: Any) -> bool:
    """Whether the page shows what was typed."""
    if kind in ("money", "number", "integer"):
        return answers.number(shown) == answers.number(typed)
    if kind in ("date", "moment"):
        return str(shown)[:10] == str(typed)[:10]
    return "".join(str(shown).split()) == "".join(str(typed).split())


def _found(windows: Windows, shape: ObjectScreen, person: Person, id: str, typed: Mapping[str, Any]) -> None:
    """The list must show the new record: by its search box, by the search in its address, or by leafing."""
    main = main_field(shape)
    if main not in typed or not (shape.path or shape.menu) or _broken(windows, shape, "list"):
        return
    where = f"{shape.where}.path" if "{q}" in shape.path else f"{shape.list.where}.search"
    seen = windows.saw(
        shape.name, "search", person, where, lambda desk: by_row.newest(desk, shape, main, str(typed[main]))
    )
    if seen.well and (seen.value is None or seen.value.id != id):
        other = f"找到的是 {seen.value.id}（another one）" if seen.value else "一条也没有（none）"
        finding = windows.found(where, f"按“{typed[main]}”查，{other}。The list does not show the new record.")
        windows.mark(shape.name, "search", person, BROKEN, finding)


def _broken(windows: Windows, shape: ObjectScreen, verb: str) -> bool:
    return any(key[:2] == (shape.name, verb) for key in windows.suspects)


def _changed(
    windows: Windows, shape: ObjectScreen, person: Person, labels: Labels, id: str, typed: Mapping[str, Any]
) -> None:
    """One text is written anew and read back."""
    texts = [name for name, value in typed.items() if _is_ours(shape, name, value)]
    name = next((one for one in texts if one != main_field(shape)), next(iter(texts), ""))
    if not name or (windows.own is not None and not windows.own("change", shape.name)):
        return
    news = {name: f"{typed[name]}改"[:60]}
    action = Action("change", shape.name, id, news)
    where = f"{shape.where}.edit" if shape.edit else "screens.words.edit"
    seen = windows.tried(shape.name, "change", person, where, lambda: windows.door(person).do(action), mark=False)
    if seen.well:
        _read_back(windows, shape, person, labels, id, news, "change")


def _is_ours(shape: ObjectScreen, name: str, value: Any) -> bool:
    one = shape.fields.get(name)
    return one is not None and one.kind == "text" and not one.choices and str(value).startswith("验收")


def removed(windows: Windows, people: list[Person]) -> None:
    """Every record of this round is deleted by hand, the newest first, by whoever may; what stays is told by id."""
    for object, id, key in reversed([*windows.visit.created]):
        if windows.refs.get(object) == id:
            windows.visit.say(f"页面 pages: 清理 {object}")
            order = sorted(people, key=lambda one: one.key != key)
            _delete(windows, windows.spec.objects[object], order, id)
    windows.settle()


def _delete(windows: Windows, shape: ObjectScreen, people: list[Person], id: str) -> None:
    if windows.own is not None and not windows.own("delete", shape.name):
        windows.mark(shape.name, "delete", people[0], UNMAPPED, "页面上没有描述删除（not described）")
        return
    action, where = Action("delete", shape.name, id), _deleting(windows, shape)
    for person in people:
        look = partial(_has_button, shape, id)
        if not _told(windows, shape) and not windows.saw(shape.name, "delete", person, where, look, mark=False).value:
            windows.mark(shape.name, "delete", person, UNMAPPED, "记录页上没有删除按钮（its page has no such button）")
        elif windows.tried(shape.name, "delete", person, where, partial(windows.door(person).do, action)).well:
            _gone(windows, shape, person, id)
            return


def _told(windows: Windows, shape: ObjectScreen) -> bool:
    """Whether the mapping itself says how to delete."""
    raw = windows.visit.mapping.screens or {}
    return "delete" in shape.verbs or "delete" in shape.words or "delete" in raw.get("words", {})


def _deleting(windows: Windows, shape: ObjectScreen) -> str:
    """The line that says how deleting is called."""
    own = f"{shape.where}.buttons.delete" if "delete" in shape.verbs else f"{shape.where}.words.delete"
    return own if _told(windows, shape) and "delete" in (*shape.verbs, *shape.words) else "screens.words.delete"


def _has_button(shape: ObjectScreen, id: str, desk: Desk) -> bool:
    by_record.open_record(desk, shape.name, id)
    desk.glass.rest()
    return bool(desk.glass.look("!!pressable(a[0], false)", desk.word(shape.name, "delete")[0]))


def _gone(windows: Windows, shape: ObjectScreen, person: Person, id: str) -> None:
    """What was deleted must be missing."""
    try:
        windows.door(person).do(Action("read", shape.name, id))
    except Refused:
        windows.visit.forget(shape.name, id)
        return
    sentence = (
        "删除后记录页还在：删除要再确认一次吗？（still there: does it ask to be sure? [screens.asks] delete = {}）"
    )
    where = "screens.asks.delete"
    windows.mark(shape.name, "delete", person, BROKEN, windows.found(where, sentence))
