"""What service does: tickets from the complaint to the end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, cast

from crm_acceptance.actors import Actor
from crm_acceptance.errors import Unsupported
from crm_acceptance.model import Action, Record


def register_ticket(actor: Actor, customer: Record, **fields: Any) -> Record:
    """登记工单."""
    return cast(Record, actor.act(Action("create", "ticket", fields={"customer": customer.id, **fields})))


def assign_ticket(actor: Actor, ticket: Record, to: str) -> None:
    """分派工单 to a colleague (key)."""
    actor.act(Action("assign", "ticket", ticket.id, options={"to": to}))


def resolve_ticket(actor: Actor, ticket: Record, resolution: str) -> None:
    """解决工单."""
    actor.act(Action("resolve", "ticket", ticket.id, fields={"resolution": resolution}))


def close_ticket(actor: Actor, ticket: Record) -> None:
    """关闭工单."""
    actor.act(Action("close", "ticket", ticket.id))


def time_allowed(ticket: Record) -> timedelta:
    """From the registration to the deadline that the CRM shows. Unsupported when it shows none."""
    if not ticket.get("due_at") or not ticket.get("created_at"):
        raise Unsupported("这个系统的工单不显示截止时间 this CRM's tickets show no deadline")
    return _moment(ticket["due_at"]) - _moment(ticket["created_at"])


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(str(text)).replace(tzinfo=None)
