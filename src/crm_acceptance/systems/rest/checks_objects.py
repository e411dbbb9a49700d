"""Whether fields, choices, references and moves of the objects fit together. Calls are looked at in checks_calls.py."""

from __future__ import annotations

from crm_acceptance.systems.rest import canonical
from crm_acceptance.systems.rest.checks import Reading
from crm_acceptance.systems.rest.checks_calls import nested
from crm_acceptance.systems.rest.shape import FieldSpec, Mapping, MoveSpec, ObjectSpec
from crm_acceptance.systems.rest.templates import whole


def check(reading: Reading, mapping: Mapping) -> None:
    """Every object of the mapping."""
    for object in mapping.objects.values():
        _check_path(reading, mapping, object)
        for field in object.fields.values():
            _check_field(reading, mapping, object, field)
            _check_choices(reading, object, field)
        for move in object.moves.values():
            _check_move(reading, object, move)
        _check_names(reading, object)


def _check_path(reading: Reading, mapping: Mapping, object: ObjectSpec) -> None:
    calls = [one for call in object.calls.values() for one in nested(call) if one.call]
    if object.path and not object.path.startswith("/") and any("{path}" in one.call for one in calls):
        reading.wrong(f"{object.where}.path", f'应当以 "/" 开头：{object.path!r}（a path starts with "/"）。')
    if not object.path and mapping.screens is None and any("{path}" in one.call for one in calls):
        reading.wrong(object.where, '没有 path，而 [calls] 的 {path} 要用它：path = "/..."（path is missing）。')
    if object.path and not object.calls:
        reading.wrong(object.where, "没有任何调用：写 [calls] 或 calls（no call is given for this object）。")
    for part in object.id:
        if not part or ".." in part:
            reading.wrong(f"{object.where}.id", f"编号的路径不对：{part!r}（not a path）。")


def _check_field(reading: Reading, mapping: Mapping, object: ObjectSpec, field: FieldSpec) -> None:
    if ".." in field.path or field.path.startswith(".") or field.path.endswith("."):
        reading.wrong(f"{field.where}.path", f"路径里有空段：{field.path!r}（an empty part in the path）。")
    if field.type == "ref":
        _check_ref(reading, mapping, field)
    elif field.object or field.lookup:
        reading.wrong(f"{field.where}.type", 'object 和 lookup 只用于 type = "ref"（only for a ref）。')
    if field.unit and field.type != "money":
        reading.wrong(f"{field.where}.unit", 'unit 只用于 type = "money"（only for money）。')
    _check_format(reading, field)


def _check_format(reading: Reading, field: FieldSpec) -> None:
    """How a date is written; for numbers and references: as text, or as a %-format such as "%.2f" writes it."""
    where, timed = f"{field.where}.format", field.type in ("date", "moment")
    if not field.format:
        return
    if not timed and field.type not in ("money", "number", "integer", "ref"):
        reading.wrong(where, "format 只用于日期、数字和引用（only for dates, numbers and references）。")
    elif timed and "%" not in field.format and field.format not in ("s", "ms"):
        hint = '例如 "%d.%m.%Y"，或 "s"、"ms"（秒、毫秒）'
        reading.wrong(where, f"不是日期格式：{field.format!r}，{hint}（not a date format）。")
    elif not timed and "%" not in field.format and field.format != "text":
        reading.wrong(where, f'不是数字格式：{field.format!r}，写 "text" 或 "%.2f"（must be "text" or a %-format）。')


def _check_ref(reading: Reading, mapping: Mapping, field: FieldSpec) -> None:
    where = f"{field.where}.object"
    if not field.object:
        reading.wrong(where, '没有说指向哪个对象：object = "customer"（a ref needs object）。')
    elif field.object not in mapping.objects:
        hint = '只当作文字时写 type = "text"（for a plain id write type = "text"）。'
        reading.unknown(where, "已描述的对象 mapped object", field.object, mapping.objects, hint)
    elif field.lookup and field.lookup not in mapping.objects[field.object].fields:
        known = mapping.objects[field.object].fields
        reading.unknown(f"{field.where}.lookup", f"{field.object} 的字段 field", field.lookup, known)


def _check_choices(reading: Reading, object: ObjectSpec, field: FieldSpec) -> None:
    if field.choices and field.type not in ("choice", "bool"):
        reading.wrong(f"{field.where}.choices", 'choices 只用于 type = "choice"（only for a choice）。')
    known = canonical.field_named(object.name, field.name).choices
    seen: dict[str, str] = {}
    for name, value in field.choices.items():
        where = f"{field.where}.choices.{name}"
        if known and name not in known and not name.startswith(canonical.OWN):
            reading.unknown(where, "取值 canonical value", name, known)
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict | list):
                reading.wrong(
                    where, "应当是文字、数或 true/false，或它们的列表（a choice is a value or a list of them）。"
                )
            elif repr(one) in seen:
                reading.wrong(where, f"{seen[repr(one)]} 和 {name} 都是 {one!r}，读回时分不清（double value）。")
            seen.setdefault(repr(one), name)


def _check_move(reading: Reading, object: ObjectSpec, move: MoveSpec) -> None:
    known = canonical.object_named(object.name)
    if move.verb not in known.verbs and not move.verb.startswith(canonical.OWN):
        reading.unknown(move.where, "操作 verb", move.verb, known.verbs)
    if move.verb in object.calls and object.calls[move.verb].where.startswith(object.where):
        reading.wrong(move.where, f"{move.verb} 已经是一个调用（there is a call of that name, too）。")
    if object.path and "change" not in object.calls:
        reading.wrong(move.where, "移动状态要用 change 调用（a move needs the call change）。")
    if move.field not in object.fields:
        reading.unknown(f"{move.where}.field", "已描述的字段 mapped field", move.field, object.fields)
        return
    _check_states(reading, object, move, object.fields[move.field])
    for name in move.takes:
        if name not in object.fields and name not in canonical.OPTIONS:
            reading.unknown(f"{move.where}.takes", "已描述的字段 mapped field", name, object.fields)


def _check_states(reading: Reading, object: ObjectSpec, move: MoveSpec, field: FieldSpec) -> None:
    if not field.write:
        reading.wrong(f"{move.where}.field", f'{move.field} 是只读的（write = ""），不能移动（read-only field）。')
    known = canonical.field_named(object.name, move.field)
    states = tuple(field.choices) or known.choices
    told, options = whole(move.to), canonical.verb_named(object.name, move.verb).options
    own = move.verb.startswith(canonical.OWN)
    if told and told not in options and not own:  # "{stage}": the action itself says where to
        reading.unknown(f"{move.where}.to", f"{move.verb} 的选项 option", told, options)
    for key, names in (("to", () if told else (move.to,)), ("from", move.froms)):
        for name in names:
            if states and name and name not in states:
                reading.unknown(f"{move.where}.{key}", f"{move.field} 的取值 choice", name, states)


def _check_names(reading: Reading, object: ObjectSpec) -> None:
    for key, names in (("required", object.required), ("search", object.search)):
        for name in names:
            if name not in object.fields:
                reading.unknown(f"{object.where}.{key}", "已描述的字段 mapped field", name, object.fields)
            elif key == "required" and not object.fields[name].write:
                reading.wrong(f"{object.where}.{key}", f"{name} 是只读的，不能必填（a read-only field）。")
