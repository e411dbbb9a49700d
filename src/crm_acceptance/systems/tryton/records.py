"""What every object can do alike: read, list, count, export, delete, attachments. One flow each."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from typing import Any

from crm_acceptance.errors import Refused, Unsupported
from crm_acceptance.model import Action, Outcome, Page, Record
from crm_acceptance.systems import Session
from crm_acceptance.systems.flow import Flow
from crm_acceptance.systems.tryton import shows
from crm_acceptance.systems.tryton.mapping import domain, order, shape
from crm_acceptance.systems.tryton.rpc import Row, ask, find, number, one
from crm_acceptance.systems.tryton.staff import Staff

Plan = Callable[[Session, Action], Flow[Outcome]]
EXPORTED: Mapping[str, Mapping[str, str]] = {
    "customer": {"name": "name", "phone": "contact_mechanisms/value", "tax_number": "identifiers/code"},
    "lead": {"company": "party/name", "name": "contact/name", "phone": "contact/value", "note": "comment"},
    "opportunity": {"name": "description", "customer": "party/name", "amount": "amount", "close_date": "end_date"},
    "quote": {"customer": "party/name", "product": "lines/description", "total": "total_amount"},
    "order": {"number": "number", "customer_name": "party/name", "amount": "total_amount"},
    "invoice": {"number": "number", "title": "party/name", "amount": "total_amount"},
    "ticket": {"title": "reference", "customer_name": "customer/name"},
}


def staff_of(session: Session) -> Staff:
    """Who is who, as learnt at login."""
    staff: Staff = session.memory["staff"]
    return staff


def fetch(session: Session, object: str, id: str | None) -> Flow[Record]:
    """One record by id; orders come with what their invoices add."""
    of = shape(object)
    row = yield from one(session, of.model, id, of.reads)
    record = shows.record(object, row, staff_of(session))
    if object != "order":
        return record
    return Record(object, record.id, {**record.fields, **(yield from bills(session, record.id))})


def bills(session: Session, sale: str) -> Flow[Mapping[str, Any]]:
    """Billed, paid and due of one order; nothing at all for people whom Tryton shows no invoices."""
    fields = ["state", "total_amount", "amount_to_pay"]
    try:
        rows = yield from find(session, "account.invoice", [["sales", "=", number(sale)]], fields)
    except Refused as no:
        if no.kind != "denied":
            raise
        return {}
    return shows.billed(rows)


def read(session: Session, action: Action) -> Flow[Outcome]:
    """The record, or Refused."""
    return (yield from fetch(session, action.object, action.id))


def list_(session: Session, action: Action) -> Flow[Outcome]:
    """One page, and how many fit in all."""
    of, staff, asked = shape(action.object), staff_of(session), domain(action, staff_of(session))
    size = int(action.options.get("size") or 20)
    skip = (int(action.options.get("page") or 1) - 1) * size
    rows: list[Row] = yield from ask(
        session, f"model.{of.model}.search_read", asked, skip, size, order(action), of.reads
    )
    total: int = yield from ask(session, f"model.{of.model}.search_count", asked)
    return Page(tuple(shows.record(action.object, row, staff) for row in rows), total)


def count(session: Session, action: Action) -> Flow[Outcome]:
    """How many fit, counted by Tryton."""
    asked = domain(action, staff_of(session))
    total: int = yield from ask(session, f"model.{shape(action.object).model}.search_count", asked)
    return total


def export(session: Session, action: Action) -> Flow[Outcome]:
    """CSV with canonical headings, from the rows that Tryton's own export gives; all pages."""
    if action.object not in EXPORTED:
        raise Unsupported(
            f"Tryton 的 {action.object} 没有约定导出列。No export columns are mapped for {action.object}."
        )
    columns, model = EXPORTED[action.object], shape(action.object).model
    ids: list[int] = yield from ask(
        session, f"model.{model}.search", domain(action, staff_of(session)), 0, None, order(action)
    )
    rows = yield from ask(session, f"model.{model}.export_data", ids, list(columns.values()), False)
    out = io.StringIO(newline="")
    csv.writer(out).writerows([list(columns), *rows])
    return out.getvalue().encode("utf-8-sig")


def delete(session: Session, action: Action) -> Flow[Outcome]:
    """Gone, or Refused."""
    yield from ask(session, f"model.{shape(action.object).model}.delete", [number(action.id)])
    return None


def press(session: Session, object: str, id: str | None, button: str, reached: str | None = None) -> Flow[Record]:
    """One button of the form, and the record after it. Tryton ignores in silence a button that does not fit the state,
    so Refused("conflict") when `reached` (a canonical state) is not what the record then shows."""
    model = shape(object).model
    yield from ask(session, f"model.{model}.{button}", [number(id)])
    record = yield from fetch(session, object, id)
    state = record.get("state") or record.get("stage")
    if reached and state != reached:
        raise Refused("conflict", f"Tryton 没有执行 {button}：{object} {id} 仍是 {state}")
    return record


def attach(session: Session, action: Action) -> Flow[Outcome]:
    """An attachment of the record, byte for byte."""
    row = {"name": action.options["filename"], "data": action.options["body"], "resource": resource(action)}
    made: list[int] = yield from ask(session, "model.ir.attachment.create", [row])
    fields = {"name": row["name"], "size": len(row["data"]), "author": session.person.key}
    return Record("attachment", str(made[0]), {"parent_object": action.object, "parent_id": action.id, **fields})


def attachments(session: Session, action: Action) -> Flow[Outcome]:
    """The record's attachments; Refused when the record itself is not the person's to see."""
    yield from one(session, shape(action.object).model, action.id, ["id"])
    asked = [["resource", "=", resource(action)]]
    rows = yield from find(session, "ir.attachment", asked, ["name", "data_size", "create_uid"])
    parent = {"parent_object": action.object, "parent_id": action.id}
    users = staff_of(session).users
    found = [
        {"name": row["name"], "size": row["data_size"], "author": users.get(row["create_uid"])} | parent for row in rows
    ]
    made = (Record("attachment", str(row["id"]), shown) for row, shown in zip(rows, found, strict=True))
    return Page(tuple(made), len(rows))


def download(session: Session, action: Action) -> Flow[Outcome]:
    """The attachment's bytes."""
    row = yield from one(session, "ir.attachment", action.options["attachment"], ["data"])
    body: bytes = row["data"] or b""
    return body


def resource(action: Action) -> str:
    """How notes and attachments point at a record."""
    return f"{shape(action.object).model},{number(action.id)}"


ALIKE: Mapping[str, Plan] = {
    "read": read, "list": list_, "count": count, "export": export, "delete": delete, "attach": attach,
    "attachments": attachments, "download": download,
}  # fmt: skip
