"""An answer -> the outcome of an action: a Record, figures, bytes. It asks once more where the mapping says so."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from crm_acceptance.errors import Refused, SiteOutOfReach
from crm_acceptance.model import Action, Record
from crm_acceptance.systems.flow import Flow
from crm_acceptance.systems.rest import codec, preparing
from crm_acceptance.systems.rest.asking import ask
from crm_acceptance.systems.rest.calls import names_for
from crm_acceptance.systems.rest.codec_write import bare
from crm_acceptance.systems.rest.crm import Crm, Visit
from crm_acceptance.systems.rest.places import Reply, keys_of, look
from crm_acceptance.systems.rest.query import fields_by_name
from crm_acceptance.systems.rest.scope import names_of, of_action
from crm_acceptance.systems.rest.shape import CallSpec, ObjectSpec
from crm_acceptance.systems.rest.templates import MISSING, fill

_FIGURE = re.compile(r"-?\d+\.\d+")


def record(
    visit: Visit, spec: CallSpec, reply: Reply, yields: ObjectSpec, action: Action, saved: Mapping[str, Any]
) -> Flow[Record]:
    """The record that a call gives. Without one in the answer it is read by its id, where there is one."""
    if reply.is_page:
        reply.answer.json()
    row = raw_record(spec, reply, yields)
    given = fill(spec.result, names_of(saved)) if spec.result else {}
    if row is MISSING and spec.empty:
        raise Refused(
            spec.empty, f"应答里没有记录 no record in the answer: {reply.answer.text[:120]}", reply.answer.status
        )
    id = str(given.get("id") or _id(visit, spec, reply, row, yields, action))
    if isinstance(row, Mapping) and spec.then != "read":
        yield from preparing.for_rows(visit, yields, [row])
        found = codec.record(visit.crm, yields, row)
        found = Record(yields.name, id or found.id, found.fields)
    else:
        found = yield from _read_again(visit, spec, reply, yields, id, action)
    parent = of_parent(action, yields)
    return Record(found.object, found.id, {**parent, **found.fields, **texts(given)})


def raw_record(spec: CallSpec, reply: Reply, yields: ObjectSpec) -> Any:
    """The raw record; MISSING when the answer holds none. A list with one record is as good as the record."""
    row = reply.body if spec.record is None else reply.at(spec.record)
    if spec.record is None and isinstance(row, Mapping) and not _is_like(row, yields):
        return MISSING
    if isinstance(row, list):
        row = row[0] if row else MISSING
    return MISSING if row is None or row == {} else row


def _is_like(row: Mapping[str, Any], object: ObjectSpec) -> bool:
    """Whether an answer of which the mapping says nothing looks like a record: one of its fields is there."""
    places = [field.path for field in object.fields.values() if field.path]
    return not places or any(look(row, place) is not MISSING for place in places)


def _id(visit: Visit, spec: CallSpec, reply: Reply, row: Any, yields: ObjectSpec, action: Action) -> str:
    """The id that the answer tells: in its record, as its only value, or as the address of what was created."""
    if isinstance(row, Mapping):
        found = visit.crm.id_in(yields, row)
        return found or (action.id or "" if yields.name == action.object and action.name != "create" else "")
    if isinstance(row, str | int) and not isinstance(row, bool) and row != "" and yields.name != action.object:
        return str(row)
    if action.name == "create" or yields.name != action.object:
        where = reply.answer.headers.get("location", "").partition("?")[0].rstrip("/")
        return str(row) if isinstance(row, str | int) and not isinstance(row, bool) else where.rpartition("/")[2]
    return action.id or ""


def _read_again(
    visit: Visit, spec: CallSpec, reply: Reply, yields: ObjectSpec, id: str, action: Action
) -> Flow[Record]:
    """The record by its id. What nobody can name or read comes back with its id alone, if there is one."""
    reading = yields.calls.get("read")
    if not id:
        if action.name not in ("create", "read"):
            return Record(yields.name, action.id or "", {})
        raise visit.crm.wrong(
            f"{spec.where}.record",
            f"应答的 {spec.record or '(整个应答)'!r} 处没有记录，也没有编号；应答里有 {keys_of(reply.body)}。"
            "The answer holds neither the record nor its id.",
        )
    if reading is None or reading.steps or (reading is spec):
        return Record(yields.name, id, {})
    again = Action("read", yields.name, id)
    try:
        answer = yield from ask(visit, reading, names_for(visit, of_action(visit.crm, yields, again, {})))
    except Refused as no:
        if action.name == "read" or no.kind not in ("denied", "missing"):
            raise
        return Record(yields.name, id, {})  # it was done; what was given away need not be shown any more
    row = raw_record(reading, answer, yields)
    if row is MISSING and action.name == "read":
        raise Refused(reading.empty or "missing", f"{yields.name} {id} 读不到 cannot be read", answer.answer.status)
    if row is MISSING:
        return Record(yields.name, id, {})
    yield from preparing.for_rows(visit, yields, [row])
    return codec.record(visit.crm, yields, row)


def of_parent(action: Action, yields: ObjectSpec) -> dict[str, Any]:
    """Which record a file or follow-up hangs on: the CRM need not repeat what the address said."""
    told = {**dict(action.options.get("where") or {}), **action.fields}
    if "parent_object" in told:
        return {name: told[name] for name in ("parent_object", "parent_id") if name in told}
    if yields.name in ("attachment", "followup") and action.object != yields.name:
        return {"parent_object": action.object, "parent_id": action.id}
    return {}


def texts(given: Mapping[str, Any]) -> dict[str, Any]:
    """Results by canonical name; ids of other records are text."""
    return {
        name: str(value) if isinstance(value, int) and not isinstance(value, bool) else value
        for name, value in given.items()
        if name != "id"
    }


def figures(spec: CallSpec, reply: Reply, saved: Mapping[str, Any]) -> Mapping[str, Any]:
    """Counts and sums by name, every amount a Decimal; {} when the CRM says nothing."""
    found = fill(spec.result, names_of(saved)) if spec.result else reply.at(spec.value or spec.record or "")
    if found is MISSING and reply.answer.body.strip():
        reply.answer.json()
    if found is MISSING or found is None:
        return {}
    return exact(found) if isinstance(found, Mapping) else {"value": exact(found)}


def exact(value: Any) -> Any:
    """Amounts in a report as Decimals, whatever the report calls them."""
    if isinstance(value, Mapping):
        return {str(name): exact(one) for name, one in value.items()}
    if isinstance(value, list):
        return [exact(one) for one in value]
    return Decimal(value) if isinstance(value, str) and _FIGURE.fullmatch(value) else value


def file(crm: Crm, spec: CallSpec, reply: Reply, yields: ObjectSpec, action: Action) -> bytes:
    """The bytes of a file. A list of rows becomes CSV; headings in the CRM's words become canonical field names."""
    if reply.is_page:
        raise SiteOutOfReach(f"{reply.answer.url} 给的是网页，不是文件。It gave a page instead of the file.")
    if spec.rows is not None and isinstance(reply.at(spec.rows), list):
        return _as_csv(crm, yields, reply.at(spec.rows))
    return renamed(reply.answer.body, fields_by_name(yields)) if action.name == "export" else reply.answer.body


def _as_csv(crm: Crm, object: ObjectSpec, rows: list[Any]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(object.fields)
    for row in rows:
        shown = codec.record(crm, object, row)
        writer.writerow(["" if shown.get(name) is None else shown.get(name) for name in object.fields])
    return text.getvalue().encode("utf-8-sig")


def renamed(body: bytes, fields: Mapping[str, Any]) -> bytes:
    """A CSV file with canonical headings where its own are known; every other byte of its rows as it was."""
    text = _decoded(body)
    rows = csv.reader(io.StringIO(text, newline=""))
    heads = next(rows, [])
    names = [fields[head.strip()].name if head.strip() in fields else head for head in heads]
    if names == heads and text.isascii():
        return body
    out = io.StringIO(newline="")
    csv.writer(out).writerows([names, *rows])
    return out.getvalue().encode("utf-8-sig")


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("gb18030", errors="replace")


def in_their_words(body: bytes, object: ObjectSpec) -> bytes:
    """A CSV file to be imported: canonical headings in the CRM's words (label, else the name it is written by)."""
    text = body.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    if not rows:
        return body
    known = object.fields
    heads = [next(iter(known[head].label), known[head].write or head) if head in known else head for head in rows[0]]
    out = io.StringIO(newline="")
    csv.writer(out).writerows([heads, *rows[1:]])
    return out.getvalue().encode("utf-8-sig") if heads != rows[0] else body


def loose(crm: Crm, object: ObjectSpec, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields one by one by canonical name, bare: for calls that place them by themselves."""
    return {
        name: bare(crm, object.fields[name], value) if name in object.fields else value
        for name, value in fields.items()
    }
