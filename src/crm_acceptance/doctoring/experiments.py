"""Why a create is refused: the same call again with one field left out, renamed or written another way."""

from __future__ import annotations

import copy
import difflib
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from crm_acceptance.doctoring import answers
from crm_acceptance.doctoring.findings import Finding
from crm_acceptance.doctoring.variants import ways
from crm_acceptance.doctoring.visit import Exchange, Guest, Visit
from crm_acceptance.doctoring.why_calls import said, works
from crm_acceptance.manners import journal
from crm_acceptance.model import Action
from crm_acceptance.systems.flow import Answer, Call
from crm_acceptance.systems.rest.places import look
from crm_acceptance.systems.rest.shape import CallSpec, FieldSpec, ObjectSpec
from crm_acceptance.systems.rest.templates import MISSING

MOST = 48
"""So many calls at most are spent on one refusal."""

_PARTS = {"choice": "choices", "date": "format", "moment": "format", "money": "unit", "ref": "wrap"}
"""What is usually wrong with a field of this type: the key of the mapping to look at."""


@dataclass
class Lab:
    """One refused create, and what may still be spent on it."""

    visit: Visit
    object: ObjectSpec
    spec: CallSpec
    guest: Guest
    exchange: Exchange
    fields: dict[str, Any]
    known: list[str]
    spent: int = 0

    def accepts(self, change: Callable[[dict[str, Any]], None]) -> bool:
        """Whether the CRM takes the same call with its fields changed; what it creates is removed with the rest."""
        return self.takes(_changed(self.exchange.call, self.writes, change))

    def takes(self, call: Call, keeping: Collection[str] = ()) -> bool:
        """Whether the CRM takes this call instead; and keeps one of these texts, if any are given.

        Many a CRM ignores what it does not know and makes an empty record.
        """
        self.spent += 1
        if self.spent > MOST:
            return False
        answer = self.visit.raw(self.guest, call)
        if answer is None or not works(self.visit, answer):
            return False
        keep_created(self.visit, self.object, self.spec, self.guest, answer)
        return not keeping or self._kept(answer, keeping)

    def _kept(self, answer: Answer, texts: Collection[str]) -> bool:
        """Whether the new record holds one of the texts: as it was answered, or as it is read."""
        if any(text in answer.text or answers.find_value(answers.body_of(answer), text) for text in texts):
            return True
        if "read" not in self.object.calls or not self.visit.created:
            return False
        name, id, _ = self.visit.created[-1]
        tried = self.visit.attempt(self.guest, Action("read", name, id))
        found = tried.last.answer if tried.last else None
        return found is not None and any(answers.find_value(answers.body_of(found), text) for text in texts)

    @property
    def texts(self) -> list[str]:
        """What was written that is told from everything else; amounts where there are no texts."""
        every = [value for name, value in self.fields.items() if self.object.fields[name].type != "ref"]
        texts = [value for value in every if isinstance(value, str) and len(value) > 7]
        return texts or [str(value) for value in every]

    @property
    def writes(self) -> list[str]:
        """The CRM's names of the fields that were sent."""
        return [self.object.fields[name].write.partition(".")[0] for name in self.fields]

    @property
    def text(self) -> str:
        """What the CRM said."""
        return self.exchange.answer.text if self.exchange.answer else ""


def keep_created(visit: Visit, object: ObjectSpec, spec: CallSpec, guest: Guest, answer: Answer) -> None:
    """Writes down for removal what an answer says was created, wherever in it the record is."""
    body = answers.body_of(answer)
    paths = [field.path for field in object.fields.values()] + list(object.id)
    tables = [look(body, place) for place in [*answers.find_tables(body, paths), spec.record or ""]]
    exact = [answers.whole_id(object.id, table) for table in tables]
    single = tables if len(object.id) == 1 else []  # one part of a composite id names another record, or none
    likely = [look(table, place) for table in single for place in answers.find_ids(table)]
    for found in (*exact, *likely):
        if found is not MISSING and found is not None and not isinstance(found, dict | list):
            visit.created.append((object.name, str(found), guest.key))
            journal.note(guest.key, object.name, str(found), {})
            return


def why_refused(lab: Lab) -> Finding:
    """The field that the CRM does not take; the call as a whole when it is none of them."""
    found = _renamed(lab) or _repacked(lab)
    for field in _suspects(lab) if found is None else ():
        found = _rewritten(lab, field) or _left_out(lab, field)
        if found:
            break
    return found or _blamed(lab) or _unexplained(lab)


def _suspects(lab: Lab) -> list[FieldSpec]:
    """Those that the message mentions first, then those of a difficult type, then texts."""
    words = set(answers.words(lab.text))

    def rank(field: FieldSpec) -> int:
        named = {field.write, field.write.rpartition(".")[2], field.name, *field.label}
        return 0 if named & words else 2 if field.type == "text" else 1

    return sorted((lab.object.fields[name] for name in lab.fields), key=rank)


def _renamed(lab: Lab) -> Finding | None:
    """A field that the CRM knows by another name, which its message or its records tell."""
    words = [word for word in answers.words(_message(lab)) if word not in lab.writes and len(word) > 1]
    rows = [key for key in lab.known if "." not in key]
    likely = [word for word in words if word in rows or (not rows and word.isascii() and not word.isdigit())][:4]
    for name in lab.fields:
        field = lab.object.fields[name]
        if field.write in rows:
            continue
        near = difflib.get_close_matches(field.write, [*words, *rows], n=2, cutoff=0.6)
        for word in dict.fromkeys([*near, *likely]):
            # a CRM that ignores unknown keys takes every word for a field that it does not need
            if lab.accepts(partial(_rename, old=field.write, new=word)) and not lab.accepts(
                partial(_drop, key=field.write)
            ):
                return lab.visit.finding(
                    _part(field, "write"),
                    f"写 {field.write} 被拒：{said(lab.exchange.answer)}；写成 {word} 就可以（did you mean {word}?）。",
                )
    return None


def _message(lab: Lab) -> str:
    """The CRM's own words, without the keys of the answer around them where the mapping tells where they are."""
    answer, place = lab.exchange.answer, lab.visit.mapping.errors.message
    told = answers.at(answer, place) if answer is not None and place else MISSING
    return str(told) if isinstance(told, str) else lab.text


def _repacked(lab: Lab) -> Finding | None:
    """The fields in another wrapping, or as a form instead of JSON."""
    call = lab.exchange.call
    fields = _holder(call.json if call.json is not None else call.form, lab.writes)
    if not fields or not lab.texts:
        return None  # without a text that can be read back, a CRM that ignores what it does not know takes anything
    shapes: dict[str, Any] = {'"{fields}"': fields}
    shapes |= {f'{{ {key} = "{{fields}}" }}': {key: fields} for key in ("data", "fields", "record", lab.object.name)}
    shapes |= {'["{fields}"]': [fields], '{ data = ["{fields}"] }': {"data": [fields]}}
    for shape, body in shapes.items():
        if body != call.json and lab.takes(replace(call, json=body, form=None), lab.texts):
            return _other_body(lab, f"body = {shape}")
    if call.json is not None and all(isinstance(one, str | int) for one in fields.values()):
        form = {key: str(one) for key, one in fields.items()}
        if lab.takes(replace(call, json=None, form=form), lab.texts):
            return _other_body(lab, 'form = "{fields}"')
    return None


def _other_body(lab: Lab, right: str) -> Finding:
    part = "body" if lab.exchange.call.json is not None else "form"
    return lab.visit.finding(
        f"{lab.spec.where}.{part}", f"新建被拒：{said(lab.exchange.answer)}；{right} 就可以（did you mean that?）。"
    )


def _rewritten(lab: Lab, field: FieldSpec) -> Finding | None:
    """The same field, written another way that fits its type."""
    sent = _sent(lab, field)
    for variant, part, how in ways(lab.visit.mapping, field, lab.fields[field.name]):
        if variant == sent:
            continue
        if lab.accepts(partial(_write, place=field.write, value=variant)):
            return lab.visit.finding(
                _part(field, part),
                f"写 {sent!r} 被拒：{said(lab.exchange.answer)}；写成 {variant!r} 可以{how}（taken this way）。",
            )
    return None


def _left_out(lab: Lab, field: FieldSpec) -> Finding | None:
    if not lab.accepts(partial(_drop, key=field.write)):
        return None
    sent = _sent(lab, field)
    near = answers.keys_near(field.write, dict.fromkeys(lab.known)) if field.write not in lab.known else ""
    hint = f"是不是 {near}？did you mean {near}? " if near else ""
    said_ = f"写 {field.write} = {sent!r} 被拒：{said(lab.exchange.answer)}；不写可以（fine without）。{hint}"
    return lab.visit.finding(_part(field, _PARTS.get(field.type, "write")), said_)


def _blamed(lab: Lab) -> Finding | None:
    """A field that the message names, though nothing that was tried helped."""
    words = set(answers.words(lab.text))
    for name in lab.fields:
        field = lab.object.fields[name]
        if field.write and field.write.partition(".")[0] in words:
            part = _PARTS.get(field.type, "write")
            return lab.visit.finding(
                _part(field, part), f"写 {_sent(lab, field)!r} 被拒：{said(lab.exchange.answer)}（refused）。"
            )
    return None


def _unexplained(lab: Lab) -> Finding:
    call = lab.exchange.call
    missing = [word for word in answers.words(lab.text) if word in lab.known and word not in lab.writes]
    if missing:
        return lab.visit.finding(
            f"{lab.object.where}.fields",
            f"新建被拒：{said(lab.exchange.answer)}；系统要 {missing[0]}，没有字段写它（a field that none writes）。",
        )
    part = "body" if call.json is not None else "form" if call.form is not None else "call"
    return lab.visit.finding(
        f"{lab.spec.where}.{part}",
        f"{call.method} {call.path} 被拒：{said(lab.exchange.answer)}；逐个去掉字段也不行，发送的键 sent: "
        f"{answers.keys(call.json if call.json is not None else call.form)}。",
    )


def _sent(lab: Lab, field: FieldSpec) -> Any:
    holder = _holder(
        lab.exchange.call.json if lab.exchange.call.json is not None else lab.exchange.call.form, lab.writes
    )
    return look(holder, field.write) if holder is not None else MISSING


def _part(field: FieldSpec, part: str) -> str:
    return f"{field.where}.{part}"


def _changed(call: Call, writes: list[str], change: Callable[[dict[str, Any]], None]) -> Call:
    body = copy.deepcopy(call.json if call.json is not None else dict(call.form or {}))
    holder = _holder(body, writes)
    if holder is not None:
        change(holder)
    return replace(call, json=body) if call.json is not None else replace(call, form=body)


def _holder(body: Any, writes: list[str]) -> dict[str, Any] | None:
    """The table of the body in which the fields are."""
    tables = [value for _, value in [("", body), *answers.places(body)] if isinstance(value, dict)]
    return max(tables, key=lambda table: sum(key in table for key in writes), default=None)


def _rename(table: dict[str, Any], old: str, new: str) -> None:
    key = old.partition(".")[0]
    if key in table:
        table[new] = table.pop(key)


def _drop(table: dict[str, Any], key: str) -> None:
    table.pop(key.partition(".")[0], None)


def _write(table: dict[str, Any], place: str, value: Any) -> None:
    *above, key = place.split(".")
    for part in above:
        table = table.setdefault(part, {})
    table[key] = value
