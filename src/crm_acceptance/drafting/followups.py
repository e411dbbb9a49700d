"""What hangs on records: follow-ups at /customers/{id}/followups, and how a file on a record is fetched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from crm_acceptance.drafting.calls import Prefix, Talk, with_record
from crm_acceptance.drafting.drafts import CallDraft, FieldDraft, ObjectDraft
from crm_acceptance.drafting.envelope import body_of, list_of
from crm_acceptance.drafting.fields import fields_of
from crm_acceptance.drafting.resources import Thing
from crm_acceptance.drafting.routes import Route
from crm_acceptance.drafting.schemas import Schemas


def followups(
    schemas: Schemas, routes: list[Route], objects: tuple[ObjectDraft, ...], prefix: Prefix
) -> ObjectDraft | None:
    """The object followup, when notes are kept below the records that they are about."""
    bases = {f"{prefix.shared}{one.path}" for one in objects}
    known = [one for one in routes if one.verb in ("followups", "follow") and one.item and one.base in bases]
    tails = Counter(one.spelt for one in known)
    if not tails:
        return None
    tail = tails.most_common(1)[0][0]
    calls: dict[str, CallDraft] = {}
    fields: Mapping[str, FieldDraft] = {}
    for one in (route for route in known if route.spelt == tail):
        talk = Talk(schemas, Thing(one.base, tail), "followup", "", prefix, {})
        listed = list_of(schemas, one.operation) if one.verb == "followups" else None
        name = "list" if listed else "create"
        call: dict[str, Any] = {"call": f"{one.operation.method} {{parent_path}}/{{parent_id}}/{tail}"}
        if listed:
            call["rows"] = listed.path
            fields = fields or fields_of("followup", schemas, listed.row, {}, ("id",))
        else:
            body = body_of(schemas, one.operation, ("followup", "note"))
            call["body"] = body.template
            call = with_record(talk, one, call)
            fields = fields_of("followup", schemas, listed_row(schemas, known, tail), body.schema, ("id",)) or fields
        calls.setdefault(name, CallDraft(name, call, one.operation.label))
    fields = {name: one for name, one in fields.items() if not name.startswith("parent_")}
    return ObjectDraft("followup", "跟进", "", ("id",), calls, fields, f"路径 path /…/{{id}}/{tail}", 0.8)


def listed_row(schemas: Schemas, routes: list[Route], tail: str) -> dict[str, Any]:
    """What one note looks like in a list of them."""
    lists = [one for one in routes if one.spelt == tail and one.verb == "followups"]
    return list_of(schemas, lists[0].operation).row if lists else {}


def with_download(one: ObjectDraft, found: Iterable[Thing], prefix: Prefix) -> ObjectDraft:
    """The object with the call that fetches an attachment, where attachments have a path of their own."""
    routes = [route for thing in found if thing.meant.name == "attachment" for route in thing.routes.get("read", ())]
    known = [route for route in routes if len(route.ids) == 1 and "{" not in route.base]
    if not known or "attachments" not in one.calls or "download" in one.calls:
        return one
    route = known[0]
    path = prefix.off(route.operation.path).replace("{" + route.ids[0] + "}", "{attachment}")
    call = CallDraft("download", {"call": f"{route.operation.method} {path}", "file": True}, route.operation.label)
    return replace(one, calls={**one.calls, "download": call})
