"""Accounts made for a check and disabled after it, so that nobody of the company is locked out. Judges nothing."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from crm_acceptance import evidence
from crm_acceptance.actors import RecordsDoor
from crm_acceptance.engines.sensitive.ground import Ground
from crm_acceptance.errors import Refused, SiteOutOfReach, Unproven, Unsupported
from crm_acceptance.manners import journal
from crm_acceptance.model import Action, Person


@contextmanager
def hired(ground: Ground, password: str = "") -> Iterator[tuple[Person, str]]:
    """Somebody new with a password of their own, disabled at the end. Unproven where nobody can make accounts."""
    password = password or new_password()
    evidence.keep_secret(password)
    person = newcomer(ground)
    maker = _made(ground, person, password)
    try:
        yield person, password
    finally:
        with suppress(Refused, Unsupported, SiteOutOfReach):
            maker.do(Action("disable", "user", person.login))


def new_password() -> str:
    """A password that nobody guesses and every rule about passwords takes."""
    return f"Aq7-{secrets.token_hex(9)}"


def newcomer(ground: Ground) -> Person:
    """Somebody whom the site does not know yet, with the role of the first of the people."""
    like = ground.people[0]
    login = journal.word("jsq" + "".join(secrets.choice("abcdefghjkmnpqrstuvwxyz") for _ in range(9)))
    return Person(login, f"验收{login[3:9]}", like.department, like.role, login, like.team)


def _made(ground: Ground, person: Person, password: str) -> RecordsDoor:
    if ground.records is None or not ground.system.supports("create", "user"):
        raise Unproven(
            f"{ground.system.title} 不能通过接口新建账号，而锁定不能在真人的账号上试。"
            "No account can be made for this check, and nobody of the company is locked out for it."
        )
    account = {
        "login": person.login,
        "name": person.name,
        "role": person.role,
        "department": person.department,
        "password": password,
    }
    refused: list[str] = []
    for maker in sorted(ground.people, key=lambda one: one.department != "it"):
        door = RecordsDoor(ground.records, maker, ground.password(maker), ground.send)
        try:
            door.do(Action("create", "user", fields=account))
            return door
        except (Refused, Unsupported, SiteOutOfReach) as no:
            refused.append(f"{maker.name}: {no}")
        if maker.department != "it":
            break
    raise Unproven(f"没有人能新建账号，锁定没有试：{'；'.join(refused)[:300]}。Nobody could make an account.")
