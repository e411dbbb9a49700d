"""What happens when the network fails or two people press at once: the same thing sent twice, changes side by side."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier
from typing import Any, cast

from crm_acceptance.actors import Actor, RecordsDoor
from crm_acceptance.errors import Refused
from crm_acceptance.model import Action, Record
from crm_acceptance.verbs.refusals import SAID_NO

Change = tuple[RecordsDoor, Mapping[str, Any]]
"""Whose connection, and which fields become what."""


def send_twice(actor: Actor, object: str, fields: Mapping[str, Any]) -> Record:
    """The answer to the first sending is lost, so the very same record is sent again; a CRM may refuse the second."""
    action = Action("create", object, fields=fields, options={"key": uuid.uuid4().hex})
    made = cast(Record, actor.records.do(action))
    _accepted(actor.records, action)
    return made


def pay_under_one_number(actor: Actor, order: Record, amounts: Sequence[Decimal], received_on: str) -> Decimal:
    """Different payments under one serial number, by mistake; the sum of those that the CRM did not refuse."""
    number, accepted = uuid.uuid4().hex, Decimal(0)
    for amount in amounts:
        fields = {"order": order.id, "amount": amount, "method": "银行转账", "received_on": received_on}
        if _accepted(actor.records, Action("create", "payment", fields=fields, options={"key": number})):
            accepted += amount
    return accepted


def change_at_once(record: Record, changes: Sequence[Change]) -> None:
    """Everybody changes the record at the same moment; who is refused for the other's sake tries once more."""
    start = Barrier(len(changes))
    for door, _fields in changes:
        door.session()
    with ThreadPoolExecutor(len(changes)) as crowd:
        list(crowd.map(lambda change: _changed(record, change, start), changes))


def _changed(record: Record, change: Change, start: Barrier) -> None:
    door, fields = change
    action = Action("change", record.object, record.id, fields=fields)
    start.wait(timeout=30)
    try:
        door.do(action)
    except Refused as no:
        if no.kind != "conflict":
            raise
        door.do(action)


def _accepted(door: RecordsDoor, action: Action) -> bool:
    try:
        door.do(action)
    except Refused as no:
        if no.kind in SAID_NO:
            return False
        raise
    return True
