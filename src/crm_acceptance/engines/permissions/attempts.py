"""What is sent when somebody tries to change something: arguments and the state a record must be in; sends nothing."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from crm_acceptance.engines.permissions.drafts import HARMLESS, MAIN, Draft, money
from crm_acceptance.engines.permissions.garden import Canary
from crm_acceptance.engines.permissions.staff import Staff
from crm_acceptance.engines.permissions.vocabulary import is_own
from crm_acceptance.errors import Unsupported
from crm_acceptance.manners import journal
from crm_acceptance.model import Action, Person


@dataclass(frozen=True)
class Ready:
    """How a spare record is made ready for an action: fields at creation, steps, and the state it must then show."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    steps: tuple[str, ...] = ()
    state: str = ""


_FOR_APPROVAL = Ready({"discount": Decimal(15)}, ("submit",), "pending")
READY: Mapping[tuple[str, str], Ready] = {
    ("quote", "approve"): _FOR_APPROVAL,
    ("quote", "reject"): _FOR_APPROVAL,
    ("quote", "order"): Ready({}, ("submit",), "approved"),
    ("ticket", "close"): Ready({}, ("resolve",), "resolved"),
    ("customer", "claim"): Ready({}, ("release",), "pool"),
}


def attempt(action: str, target: Canary, actor: Person, staff: Staff) -> Action:
    """The Action with which `actor` tries to do this to the target."""
    kind, owner = target.object, target.owner
    if action == "change":
        return Action("change", kind, target.id, fields=changed(target.draft))
    if action in ("transfer", "assign"):
        return Action(action, kind, target.id, options={"to": _receiver(action, kind, owner, actor, staff).key})
    if action == "attach":
        name = f"{secrets.token_hex(6)}.txt"
        return Action("attach", kind, target.id, options={"filename": name, "body": secrets.token_hex(20).encode()})
    return Action(action, kind, target.id, fields=_FIELDS.get((kind, action), {}), options=_OPTIONS.get(action, {}))


def changed(draft: Draft) -> dict[str, Any]:
    """A harmless change: one field that the record was made with, one new value."""
    kind = draft.object
    if kind in HARMLESS or is_own(kind):
        name = HARMLESS.get(kind, MAIN[kind])
        name = name if name in draft.fields else MAIN[kind]
        return {name: f"改{journal.word(secrets.token_hex(6))}"}
    if kind in ("order", "invoice"):
        return {"amount": money()}
    raise Unsupported(f"{kind} 没有可以安全修改的字段。There is no harmless field of {kind} to change.")


_FIELDS: Mapping[tuple[str, str], Mapping[str, Any]] = {("ticket", "resolve"): {"resolution": "已远程处理"}}
_OPTIONS: Mapping[str, Mapping[str, Any]] = {"advance": {"stage": "proposal"}, "reject": {"reason": "价格太低"}}


def _receiver(action: str, kind: str, owner: Person, actor: Person, staff: Staff) -> Person:
    if kind == "ticket":
        return next((p for p in staff.people if staff.matrix.scope(p.role, "resolve", "ticket") != "none"), actor)
    if kind == "lead" and action == "assign":
        return next((p for p in staff.people if p.key != owner.key and _sells(p, staff)), actor)
    return staff.other(owner, actor)


def _sells(person: Person, staff: Staff) -> bool:
    return staff.matrix.scope(person.role, "convert", "lead") != "none"
