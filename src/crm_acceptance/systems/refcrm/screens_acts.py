"""The buttons of a record: press, answer the dialog, and read where the work went on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_acceptance.errors import Unsupported
from crm_acceptance.model import Action, Outcome, Page, Record
from crm_acceptance.systems.refcrm.screens_desk import Desk
from crm_acceptance.systems.refcrm.screens_records import entries, home_of, related, shown
from crm_acceptance.systems.refcrm.screens_sight import Sight
from crm_acceptance.systems.refcrm.screens_values import fill


def act(desk: Desk, action: Action) -> Outcome:
    """Any action that a button of the record's page carries out; the record as it is afterwards.

    What was given away is no longer shown to the giver: then only its id is known.
    """
    sight = pressed(desk, action, desk.open(home_of(desk, action)))
    mine = sight.path == home_of(desk, action)
    return shown(desk, action.object, sight) if mine else Record(action.object, action.id or "")


def delete(desk: Desk, action: Action) -> Outcome:
    """Deletes the record."""
    pressed(desk, action, desk.open(home_of(desk, action)))
    return None


def order(desk: Desk, action: Action) -> Outcome:
    """Makes an order of a quote; the order."""
    return shown(desk, "order", pressed(desk, action, desk.open(home_of(desk, action))))


def convert(desk: Desk, action: Action) -> Outcome:
    """Converts a lead; the customer, with the ids of what was made beside it."""
    customer = shown(desk, "customer", pressed(desk, action, desk.open(home_of(desk, action))))
    sight = desk.open(f"{desk.labels.path('customer')}/{customer.id}")
    made = {name: next(iter(related(sight, desk, name)), None) for name in ("contact", "opportunity")}
    return Record("customer", customer.id, {**customer.fields, "customer": customer.id, **made})


def pressed(desk: Desk, action: Action, sight: Sight) -> Sight:
    """Presses the action's button on the page that is open, and answers its dialog if it has one."""
    button = desk.button(sight, desk.labels.button(action.name))
    asks = desk.labels.asks(action.object, action.name)
    if asks is None:
        return desk.press(button)
    button.click()
    dialog = desk.page.get_by_role("dialog")
    for name, value in _answers(action).items():
        if name not in asks:
            raise Unsupported(f"“{action.name}”的对话框没有 {name}。The dialog of {action.name} does not ask {name}.")
        fill(desk.labels, action.object, name, desk.labelled(sight, asks[name], dialog), value)
    names = desk.labels.word("ok")
    return desk.press(dialog.get_by_role("button", name=next(n for n in names if n in sight.buttons), exact=True))


def _answers(action: Action) -> Mapping[str, Any]:
    return {name: value for name, value in {**action.options, **action.fields}.items() if value is not None}


def follow(desk: Desk, action: Action) -> Outcome:
    """Writes a follow-up on its parent record; the newest of the timeline."""
    fields = action.fields
    parent = {name: str(fields[name]) for name in ("parent_object", "parent_id")}
    sight = desk.open(f"{desk.labels.path(parent['parent_object'])}/{parent['parent_id']}")
    button = desk.button(sight, desk.labels.word("add_followup"))
    desk.labelled(sight, desk.labels.word("content")).fill(str(fields["text"]))
    written = entries(desk, "followup", desk.press(button), "followups", parent).rows
    # The page shows the newest first; the number, not the place, says which one that is.
    return max(written, key=lambda r: int(r.id), default=None)


def followups(desk: Desk, action: Action) -> Outcome:
    """The follow-ups of a record, oldest first."""
    where = action.options.get("where", {})
    parent = {name: str(where[name]) for name in ("parent_object", "parent_id")}
    sight = desk.open(f"{desk.labels.path(parent['parent_object'])}/{parent['parent_id']}")
    found = entries(desk, "followup", sight, "followups", parent)
    return Page(found.rows[::-1], found.total)
