"""Service in Tryton: complaints as tickets, notes as follow-ups."""

from __future__ import annotations

from collections.abc import Mapping

from crm_acceptance.errors import Refused, Unsupported
from crm_acceptance.model import Action, Outcome, Page, Record
from crm_acceptance.systems import Session
from crm_acceptance.systems.flow import Flow
from crm_acceptance.systems.tryton import shows
from crm_acceptance.systems.tryton.fields import known, renamed
from crm_acceptance.systems.tryton.mapping import shape
from crm_acceptance.systems.tryton.records import Plan, fetch, resource, staff_of
from crm_acceptance.systems.tryton.rpc import ask, find, number, one

COMPLAINT = "sale.complaint"
ONE_PRIORITY = "Tryton 的投诉单没有优先级。A complaint in Tryton has no priority."


def _create_ticket(session: Session, action: Action) -> Flow[Outcome]:
    given = known(action, "title", "customer", "order", "priority")
    if given.get("priority", "normal") != "normal":
        raise Unsupported(ONE_PRIORITY)
    kinds = yield from find(session, "sale.complaint.type", [], ["id"], 1)
    if not kinds:
        raise Refused("invalid", "Tryton 里没有投诉类型")
    row = {"type": kinds[0]["id"], "reference": given["title"], "customer": number(given["customer"])}
    if "order" in given:
        row["origin"] = f"sale.sale,{number(given['order'])}"
    made: list[int] = yield from ask(session, f"model.{COMPLAINT}.create", [row])
    return (yield from fetch(session, "ticket", str(made[0])))


def _change_ticket(session: Session, action: Action) -> Flow[Outcome]:
    given = known(action, "title")
    yield from ask(session, f"model.{COMPLAINT}.write", [number(action.id)], renamed(given, {"title": "reference"}))
    return (yield from fetch(session, "ticket", action.id))


def _create_followup(session: Session, action: Action) -> Flow[Outcome]:
    given = known(action, "parent_object", "parent_id", "text")
    parent = Action("read", str(given["parent_object"]), str(given["parent_id"]))
    row = {"message": given["text"], "resource": resource(parent)}
    made: list[int] = yield from ask(session, "model.ir.note.create", [row])
    shown = yield from one(session, "ir.note", str(made[0]), shape("followup").reads)
    return shows.record("followup", shown, staff_of(session))


def _followups(session: Session, action: Action) -> Flow[Outcome]:
    """The notes of one record, oldest first; Refused when the record is not the person's to see."""
    where = action.options.get("where") or {}
    parent = Action("read", str(where["parent_object"]), str(where["parent_id"]))
    yield from one(session, shape(parent.object).model, parent.id, ["id"])
    of = shape("followup")
    rows = yield from ask(
        session, f"model.{of.model}.search_read", [["resource", "=", resource(parent)]], 0, None,
        [["create_date", "ASC"], ["id", "ASC"]], of.reads,
    )  # fmt: skip
    found = tuple(shows.record("followup", row, staff_of(session)) for row in rows)
    return Page(tuple(Record(row.object, row.id, {**where, **row.fields}) for row in found), len(found))


PLANS: Mapping[tuple[str, str], Plan] = {
    ("ticket", "create"): _create_ticket, ("ticket", "change"): _change_ticket,
    ("followup", "create"): _create_followup, ("followup", "list"): _followups,
}  # fmt: skip
