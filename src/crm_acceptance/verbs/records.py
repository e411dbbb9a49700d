"""What every department does with records: register, open, find, count, change, hand on, attach, export."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, cast

from crm_acceptance.actors import Actor
from crm_acceptance.errors import Refused
from crm_acceptance.model import Action, Page, Record
from crm_acceptance.verbs.refusals import SAID_NO

LARGE = 200


def register(actor: Actor, object: str, fields: Mapping[str, Any]) -> Record:
    """A new record with these canonical fields."""
    return cast(Record, actor.act(Action("create", object, fields=fields)))


def see(actor: Actor, record: Record) -> Record:
    """The record as this person sees it now, looked at through the API where there is one."""
    return cast(Record, actor.look(Action("read", record.object, record.id)))


def open_record(actor: Actor, record: Record) -> Record | None:
    """The record as it opens through the door under test; None when the CRM keeps it from this person."""
    try:
        return cast(Record, actor.act(Action("read", record.object, record.id)))
    except Refused as no:
        if no.kind in ("denied", "missing"):
            return None
        raise


def find(actor: Actor, object: str, q: str, **options: Any) -> tuple[Record, ...]:
    """What a search finds, one large page. A refusal of the whole list finds nothing."""
    return _page(actor, object, {"q": q, "size": LARGE, **options}, looking=True)


def find_on_stage(actor: Actor, object: str, q: str, **options: Any) -> tuple[Record, ...]:
    """The same through the door under test, as this person meets it."""
    return _page(actor, object, {"q": q, "size": LARGE, **options}, looking=False)


def _page(actor: Actor, object: str, options: Mapping[str, Any], *, looking: bool) -> tuple[Record, ...]:
    action = Action("list", object, options=options)
    try:
        return cast(Page, actor.look(action) if looking else actor.act(action)).rows
    except Refused as no:
        if no.kind in ("denied", "missing"):
            return ()
        raise


def belonging_to(actor: Actor, object: str, parent: Record) -> tuple[Record, ...]:
    """The records of one kind that hang on a parent, for example a customer's orders."""
    return _page(actor, object, {"where": {parent.object: parent.id}, "size": LARGE}, looking=True)


def filtered(actor: Actor, object: str, q: str, where: Mapping[str, Any]) -> tuple[Record, ...]:
    """What a search with conditions finds, one large page."""
    return find(actor, object, q, where=where)


def leaf_through(actor: Actor, object: str, q: str, size: int, sort: str = "") -> list[Record]:
    """Every page of `size` rows until an empty one, in the order shown."""
    seen: list[Record] = []
    for number in range(1, LARGE):
        options = {"q": q, "size": size, "page": number, **({"sort": sort} if sort else {})}
        rows = cast(Page, actor.look(Action("list", object, options=options))).rows
        if not rows:
            break
        seen += rows
    return seen


def count(actor: Actor, object: str, **options: Any) -> int:
    """How many the CRM says there are."""
    return cast(int, actor.look(Action("count", object, options=options)))


def count_within_reach(actor: Actor, object: str, **options: Any) -> int:
    """The same through the door under test; a CRM that refuses to count lets nothing be counted."""
    try:
        return cast(int, actor.act(Action("count", object, options=options)))
    except Refused as no:
        if no.kind in ("denied", "missing"):
            return 0
        raise


def total(actor: Actor, object: str, field: str, **options: Any) -> Decimal:
    """The sum that the CRM shows for a field."""
    return cast(Decimal, actor.look(Action("sum", object, options={"field": field, **options})))


def change(actor: Actor, record: Record, fields: Mapping[str, Any], version: Any = None) -> Record:
    """Edits the record; `version` is the state that this person had before the eyes."""
    options = {} if version is None else {"version": version}
    return cast(Record, actor.act(Action("change", record.object, record.id, fields=fields, options=options)))


def transfer(actor: Actor, record: Record, to: str) -> None:
    """Hands the record on to another person (key)."""
    actor.act(Action("transfer", record.object, record.id, options={"to": to}))


def try_to_delete(actor: Actor, record: Record) -> None:
    """Deletes the record, or is refused: what other records must live through either way."""
    try:
        actor.act(Action("delete", record.object, record.id))
    except Refused as no:
        if no.kind not in SAID_NO:
            raise


def follow_up(actor: Actor, record: Record, text: str) -> None:
    """Writes a follow-up on the record."""
    fields = {"parent_object": record.object, "parent_id": record.id, "text": text}
    actor.act(Action("create", "followup", fields=fields))


def followups(actor: Actor, record: Record) -> tuple[Record, ...]:
    """The follow-ups of a record as the CRM orders them."""
    where = {"parent_object": record.object, "parent_id": record.id}
    return cast(Page, actor.look(Action("list", "followup", options={"where": where}))).rows


def attach(actor: Actor, record: Record, filename: str, body: bytes) -> None:
    """Uploads a file to the record."""
    actor.act(Action("attach", record.object, record.id, options={"filename": filename, "body": body}))


def fetch_attachment(actor: Actor, record: Record, filename: str) -> bytes | None:
    """The file of that name, downloaded; None when the record shows no such file."""
    papers = cast(Page, actor.look(Action("attachments", record.object, record.id))).rows
    paper = next((paper for paper in papers if paper.get("name") == filename), None)
    if paper is None:
        return None
    options = {"attachment": paper.id}
    return cast(bytes, actor.look(Action("download", record.object, record.id, options=options)))


def export(actor: Actor, object: str) -> list[dict[str, str]]:
    """The exported CSV as rows by field name."""
    body = cast(bytes, actor.act(Action("export", object)))
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def audit(actor: Actor, record: Record) -> tuple[Record, ...]:
    """The audit log's rows about the record."""
    return cast(Page, actor.look(Action("audit", record.object, record.id))).rows
