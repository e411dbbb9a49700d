"""What IT does: accounts, hand-over, and trying whether a session is still alive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from crm_acceptance.actors import Actor, RecordsDoor
from crm_acceptance.errors import Refused
from crm_acceptance.model import Action, Person
from crm_acceptance.systems import Session


def open_account(actor: Actor, person: Person, password: str) -> None:
    """新建账号."""
    fields = {
        "login": person.login,
        "name": person.name,
        "role": person.role,
        "department": person.department,
        "password": password,
    }
    actor.act(Action("create", "user", fields=fields))


def disable(actor: Actor, login: str) -> None:
    """停用账号."""
    actor.act(Action("disable", "user", login))


def hand_over(actor: Actor, login: str, to: str) -> Mapping[str, Any]:
    """离职交接: everything of `login` goes to `to`; how many of each kind."""
    return cast(Mapping[str, Any], actor.act(Action("handover", "user", login, options={"to": to})))


def is_alive(door: RecordsDoor, session: Session, object: str) -> bool:
    """Whether the CRM still serves this very session with a list of `object`, which this person may otherwise see."""
    try:
        door.do_with(session, Action("list", object, options={"size": 1}))
    except Refused as no:
        if no.kind in ("expired", "denied"):
            return False
        raise
    return True


def can_sign_in(door: RecordsDoor) -> bool:
    """Whether the person's password still opens the door."""
    try:
        door.sign_in()
    except Refused as no:
        if no.kind in ("denied", "expired"):
            return False
        raise
    return True
