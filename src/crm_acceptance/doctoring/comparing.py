"""What was written against what is read back, field by field; and why a field is not what it was."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from crm_acceptance.doctoring import answers
from crm_acceptance.doctoring.findings import Finding
from crm_acceptance.doctoring.visit import Visit
from crm_acceptance.model import Record
from crm_acceptance.systems.rest import canonical
from crm_acceptance.systems.rest.places import look
from crm_acceptance.systems.rest.shape import FieldSpec, ObjectSpec
from crm_acceptance.systems.rest.templates import MISSING
from crm_acceptance.vocabulary import VALUES

_FORMATS = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y/%m/%d", "%Y%m%d")


def agrees(field: FieldSpec, written: Any, read: Any) -> bool:
    """Whether the value came back as it was written."""
    if read is None or read is MISSING:
        return False
    if field.type in ("money", "number", "integer"):
        return answers.number(read) == answers.number(written)
    if field.type in ("date", "moment"):
        return str(read)[:10] == str(written)[:10]
    if field.type == "bool":
        return bool(read) == bool(written)
    return str(read) == str(written)


def differences(
    visit: Visit, object: ObjectSpec, written: Mapping[str, Any], sent: Any, record: Record, raw: Any, known: list[str]
) -> list[Finding]:
    """One finding for every field that did not come back.

    `sent` is the CRM's own table that was written, `raw` the record as it came, `known` the keys that its rows have.
    """
    wrong = [name for name, value in written.items() if not agrees(object.fields[name], value, record.get(name))]
    right = {object.fields[name].path for name in written if name not in wrong}
    free = {place: None for place in known if place not in _paths(object)}
    return [_why(visit, object.fields[name], written[name], record.get(name), sent, raw, right, free) for name in wrong]


def _paths(object: ObjectSpec) -> set[str]:
    return {one for field in object.fields.values() for one in (field.path, field.write)} | set(object.id)


def _why(
    visit: Visit,
    field: FieldSpec,
    written: Any,
    read: Any,
    sent: Any,
    raw: Any,
    right: set[str],
    free: Mapping[str, None],
) -> Finding:
    here = look(raw, field.path)
    native = look(sent, field.write) if sent is not None else written
    lead = f"写入 {_short(native, written)}，读回 {answers.shown(here)}（written, read back）。"
    elsewhere = [place for one in (native, written) for place in answers.find_value(raw, one) if place not in right]
    elsewhere = [place for place in elsewhere if place != field.path]
    if elsewhere and len(str(written)) > 2:
        return visit.finding(
            f"{field.where}.path",
            f"{lead}这个值在应答的 {elsewhere[0]!r}，映射读的是 {field.path!r}：did you mean {elsewhere[0]}?",
        )
    by_type = _of_type(visit, field, written, read, here)
    if by_type:
        return visit.finding(by_type[0], lead + by_type[1])
    near = _near(field, {**free, **raw} if isinstance(raw, Mapping) else raw, right)
    hint = f"应答里有 keys: {answers.keys(raw)}：" + (f"是不是 {near}？did you mean {near}?" if near else "")
    if here is MISSING:
        return visit.finding(f"{field.where}.path", f"{lead}应答里没有 {field.path}（not in the answer）。{hint}")
    if here in (None, "", [], 0, False):
        part = "write" if field.write != field.path or not near else "path"
        return visit.finding(
            f"{field.where}.{part}", f"{lead}写的键是 {field.write}，系统没有收下（not taken）。{hint}"
        )
    return visit.finding(f"{field.where}.path", f"{lead}{hint}")


def _near(field: FieldSpec, raw: Any, right: set[str]) -> str:
    for asked in dict.fromkeys((field.write, field.path)):
        near = answers.keys_near(asked, raw)
        if near and near not in right and look(raw, asked) is MISSING:
            return near
    return ""


def _of_type(visit: Visit, field: FieldSpec, written: Any, read: Any, here: Any) -> tuple[str, str] | None:
    """What is typically wrong with fields of this type: (place, sentence)."""
    if field.type == "money":
        return _money(field, Decimal(str(written)), answers.number(read))
    if field.type in ("date", "moment") and isinstance(here, str):
        return _date(field, str(written)[:10], here)
    if field.type == "choice" and here not in (None, "", MISSING):
        return _choice(field, str(written), here)
    return None


def _money(field: FieldSpec, written: Decimal, read: Decimal | None) -> tuple[str, str] | None:
    if not read:
        return None
    for factor, said in ((Decimal(100), "大了 100 倍"), (Decimal("0.01"), "小了 100 倍")):
        if abs(read - written * factor) < max(Decimal(1), factor):
            unit = 'unit = "cent"' if field.unit == "" else "去掉 unit（without unit）"
            return f"{field.where}.unit", f"{said}（a hundred times off）：{unit}？"
    if read == int(written):
        return f"{field.where}.unit", '角分丢了（the cents are lost）：unit = "cent"？'
    return None


def _date(field: FieldSpec, written: str, here: str) -> tuple[str, str] | None:
    for form in _FORMATS:
        try:
            day = datetime.strptime(here[:10], form)
        except ValueError:
            continue
        if day.date().isoformat() == written and form != field.format:
            return f"{field.where}.format", f'系统的写法是 {here!r}：format = "{form}"？'
    return None


def _choice(field: FieldSpec, written: str, here: Any) -> tuple[str, str] | None:
    known = {str(value): name for name, value in field.choices.items()}
    if str(here) in known:
        return f"{field.where}.choices.{written}", f"读回的是 {known[str(here)]}（another choice）。"
    near = difflib.get_close_matches(str(here), list(known), n=1, cutoff=0.5)
    place = f"{field.where}.choices.{known[near[0]] if near else written}"
    return place, f"{here!r} 不在 choices 里（not among the choices）：{', '.join(known)}。"


def suspicious_units(visit: Visit, object: ObjectSpec, raw: Any) -> list[Finding]:
    """Amounts that the mapping takes for cents though the CRM shows them with decimals."""
    return [
        visit.finding(
            f"{field.where}.unit",
            f"系统显示 {look(raw, field.path)!s}，带小数，不是分（decimals: no cents）：去掉 unit。",
        )
        for field in object.fields.values()
        if field.unit == "cent" and re.fullmatch(r"-?\d+\.\d{2}", str(look(raw, field.path)))
    ]


def suspicious_choices(visit: Visit, object: ObjectSpec, record: Record, raw: Any) -> list[Finding]:
    """Choices that mean another canonical value: by their words, by their order, by how a new record starts."""
    found = []
    for field in object.fields.values():
        if field.type == "choice" and field.choices:
            one = (
                _unknown(visit, field, look(raw, field.path))
                or _by_word(visit, field)
                or _by_order(visit, object, field)
                or _by_start(visit, object, field, record)
            )
            found += [one] if one else []
    return found


def _unknown(visit: Visit, field: FieldSpec, here: Any) -> Finding | None:
    """A value of the CRM's own that is none of the choices."""
    known = [str(one) for value in field.choices.values() for one in (value if isinstance(value, list) else [value])]
    if here is None or here is MISSING or isinstance(here, dict | list) or str(here) in ("", *known):
        return None
    near = difflib.get_close_matches(str(here).lower(), [one.lower() for one in known], n=1, cutoff=0.5)
    name = next((name for name, one in field.choices.items() if near and str(one).lower() == near[0]), "")
    where = f"{field.where}.choices.{name}" if name else f"{field.where}.choices"
    return visit.finding(where, f"系统的值 {here!r} 不在 choices 里（not among the choices）：{', '.join(known)}。")


def _meaning(field: FieldSpec, value: Any) -> str:
    """The canonical value that the CRM's word means in plain English or Chinese; "" when it is no such word."""
    word = str(value).strip()
    known = {**VALUES.get(field.name, {}), **{name: name for name in field.choices}}
    return known.get(word) or known.get(word.lower(), "")


def _by_word(visit: Visit, field: FieldSpec) -> Finding | None:
    for name, value in field.choices.items():
        meant = _meaning(field, value)
        if meant in field.choices and meant != name and _meaning(field, field.choices[meant]) != meant:
            return visit.finding(
                f"{field.where}.choices.{name}",
                f"{value!r} 的意思是 {meant}，映射里却是 {name}：{name} 和 {meant} 写反了？（swapped?）",
            )
    return None


def _by_order(visit: Visit, object: ObjectSpec, field: FieldSpec) -> Finding | None:
    """Numbers that go up and down: levels and stages are counted in one direction."""
    order = [name for name in canonical.field_named(object.name, field.name).choices if name in field.choices]
    numbers = [answers.number(field.choices[name]) for name in order]
    if len(numbers) < 3 or field.name == "state" or any(one is None for one in numbers):
        return None
    values = [one for one in numbers if one is not None]
    if field.name == "stage":
        values, order = values[:3], order[:3]
    rising, falling = sorted(values), sorted(values, reverse=True)
    if values in (rising, falling):
        return None
    best = min((rising, falling), key=lambda want: sum(a != b for a, b in zip(values, want, strict=True)))
    wrong = next(name for name, a, b in zip(order, values, best, strict=True) if a != b)
    return visit.finding(
        f"{field.where}.choices.{wrong}",
        f"数的顺序不对：{dict(zip(order, map(str, values), strict=True))}（swapped?）。",
    )


def _by_start(visit: Visit, object: ObjectSpec, field: FieldSpec, record: Record) -> Finding | None:
    """A new record starts at the beginning of its life."""
    known = canonical.field_named(object.name, field.name).choices
    start = record.get(field.name)
    if field.name not in ("state", "stage") or start not in known or start == known[0] or known[0] not in field.choices:
        return None
    if _meaning(field, field.choices.get(start, "")) == start:
        return None
    return visit.finding(
        f"{field.where}.choices.{start}",
        f"刚新建的记录读出来是 {start}（{field.choices.get(start)!r}），应当是 {known[0]}：写反了？"
        f"A new record reads {start}, not {known[0]}: swapped?",
    )


def person(visit: Visit, field: FieldSpec, key: str, read: Any, raw: Any) -> Finding | None:
    """Whether a person field names one of our people; else why it is not translated."""
    known, here = {one.key: one for one in visit.people}, look(raw, field.path)
    if here is MISSING and field.name == "owner":
        near = answers.keys_near(field.path, raw)
        hint = f"是不是 {near}？did you mean {near}?" if near else ""
        return visit.finding(f"{field.where}.path", f"记录里没有 {field.path}，有 keys: {answers.keys(raw)}。{hint}")
    if read in (None, "", MISSING) or read in known or here is MISSING:
        return None
    someone = known[key]
    for by, value in (("login", someone.login), ("name", someone.name), ("key", someone.key)):
        if answers.same(here, value) and visit.mapping.people.by != by:
            return visit.finding("people.by", f'{field.path} 里写的是 {here!r}，即 {by}：by = "{by}"？')
    if visit.mapping.people.by != "id":
        return visit.finding(
            "people.by",
            f'{field.path} 里写的是 {here!r}，不是任何人的 {visit.mapping.people.by}：by = "id"？（not translated）',
        )
    return visit.finding(_people_part(visit), f"{field.path} 里的 {here!r} 翻译不成人（not translated to a person）。")


def _people_part(visit: Visit) -> str:
    people = visit.mapping.people
    return "people.list" if people.list is not None else "people.ids"


def _short(native: Any, written: Any) -> str:
    return repr(written if native is MISSING else native)[:50]
