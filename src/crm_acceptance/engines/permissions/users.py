"""Replays cells about accounts: all is tried on accounts made for the purpose, never on the people of the cast."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from crm_acceptance import evidence
from crm_acceptance.engines.permissions.looks import Look
from crm_acceptance.engines.permissions.oracle import shown
from crm_acceptance.engines.permissions.staff import Staff
from crm_acceptance.engines.permissions.voices import Heard, Voices
from crm_acceptance.engines.permissions.wording import deed, the_field, who
from crm_acceptance.errors import Refused, Unproven, Unsupported
from crm_acceptance.manners import journal
from crm_acceptance.model import Action, Page, Person, Record

EVERYBODY = 200
"""Accounts asked for when one of them is looked for."""


@dataclass(frozen=True)
class Hired:
    """An account made for the purpose. `hirer`: who made it, and who closes it again."""

    person: Person
    fields: Mapping[str, Any]
    hirer: Person


def hirer_of(staff: Staff) -> Person:
    """Whoever the table lets create accounts."""
    found = next((p for p in staff.people if staff.matrix.scope(p.role, "create", "user") == "all"), None)
    if found is None:
        raise Unproven("权限表里没有人可以新建用户，账号权限无从验证。Nobody in the table may create users.")
    return found


def application(staff: Staff, role: str) -> tuple[Person, dict[str, Any]]:
    """A newcomer of that role and what an account of theirs is made with; nothing is sent."""
    peer = next(person for person in staff.people if person.role == role)
    login = journal.word(f"jsq{secrets.token_hex(6)}")
    fields = {"login": login, "name": f"临时{secrets.token_hex(6)}", "role": role, "password": fresh_password()}
    return Person(login, fields["name"], peer.department, role, login), fields


def fresh_password() -> str:
    """A password that passes the usual rules about kinds of characters; no report will show it."""
    password = f"{secrets.token_urlsafe(18)}-aA1"
    evidence.keep_secret(password)
    return password


@contextmanager
def hired(look: Look, role: str) -> Iterator[Hired]:
    """An account of that role for as long as it is needed; afterwards it is disabled, where the system can do that."""
    if not look.garden.system.supports("create", "user"):
        raise Unsupported(f"{look.garden.system.title} 不能由接口新建账号，没有临时账号可以试。No account can be made.")
    hirer = hirer_of(look.staff)
    person, fields = application(look.staff, role)
    voices = look.garden.voices
    if isinstance(voices, Voices):
        voices.adopt(person, fields["password"])
    look.garden.done(hirer, Action("create", "user", fields=fields))
    try:
        yield Hired(person, fields, hirer)
    finally:
        if look.garden.system.supports("disable", "user"):
            voices.hear(hirer, Action("disable", "user", person.login))


def user(look: Look) -> Iterator[str]:
    """One action of one role on accounts; changing is several questions of its own."""
    if look.rule.action == "create":
        yield from _creates(look)
    elif look.rule.action == "change":
        yield from _changes(look)
    else:
        with hired(look, colleague_role(look.staff)) as one:
            yield from _done_to(look, one)


def colleague_role(staff: Staff) -> str:
    """A role that two people have, so that one could take over from the other."""
    roles = [person.role for person in staff.people]
    return next((role for role in roles if roles.count(role) > 1), roles[0])


def _creates(look: Look) -> Iterator[str]:
    role = colleague_role(look.staff)
    person, fields = application(look.staff, role)
    heard = look.garden.voices.hear(look.actor, Action("create", "user", fields=fields))
    there = row_of(look, hirer_of(look.staff), person.login) is not None
    yield from _verdict(look, heard, there)
    if there and look.garden.system.supports("disable", "user"):
        look.garden.voices.hear(hirer_of(look.staff), Action("disable", "user", person.login))


def _done_to(look: Look, one: Hired) -> Iterator[str]:
    name, login = look.rule.action, one.person.login
    if name == "enable":
        look.garden.done(one.hirer, Action("disable", "user", login))
    if name == "list":
        heard = look.garden.voices.hear(look.actor, Action("list", "user", options={"size": EVERYBODY}))
        yield from _verdict(look, heard, bool(shown([one.person.name], heard.exchanges)))
        return
    options = {"to": heir_of(look.staff, one.person).key} if name == "handover" else {}
    heard = look.garden.voices.hear(look.actor, Action(name, "user", login, options=options))
    row = row_of(look, one.hirer, login)
    if row is None:
        raise Unproven("用户列表里找不到刚建的临时账号，无从复核。The temporary account is not in the list of users.")
    yield from _verdict(look, heard, bool(row.get("active")) is (name == "enable"))


def heir_of(staff: Staff, leaver: Person) -> Person:
    """Who takes over from somebody who leaves: of the same role, or else of the same department."""
    found = [person for person in staff.people if person.department == leaver.department and person.key != leaver.key]
    if not found:
        raise Unproven(f"{leaver.department} 部门没有别人可以接手。Nobody in that department could take over.")
    return min(found, key=lambda person: person.role != leaver.role)


def _verdict(look: Look, heard: Heard, happened: bool) -> Iterator[str]:
    granted = look.rule.scope != "none"
    if granted != happened:
        what = "误拒 wrongly refused" if granted else "越权 trespass"
        yield f"{what}: {who(look.actor)}{deed(heard.action)}：{heard.refusal or '做成了 it worked'}"


def row_of(look: Look, hirer: Person, login: str) -> Record | None:
    """The account as the list of users shows it to the person who hires; None when it is not there."""
    for page in range(1, 6):
        more = {"page": page} if page > 1 else {}
        seen = look.garden.voices.hear(hirer, Action("list", "user", options={"size": EVERYBODY, **more}))
        rows = seen.outcome.rows if isinstance(seen.outcome, Page) else ()
        found = next((row for row in rows if login in (row.id, row.get("login"))), None)
        if found is not None or len(rows) < EVERYBODY:
            return found
    return None


def _changes(look: Look) -> Iterator[str]:
    """Others' role, password and name; and one's own role, which nobody may raise who may not change others'."""
    with hired(look, colleague_role(look.staff)) as other:
        if look.rule.scope in ("all", "department"):
            yield from _renames(look, other)
            return
        for name, value in (("role", other.hirer.role), ("name", f"改{secrets.token_hex(6)}")):
            yield from _field_changed(look, look.actor, other, name, value)
        yield from _password_changed(look, other)
    if look.actor.role != other.hirer.role:
        with hired(look, look.actor.role) as climber:
            yield from _field_changed(look, climber.person, climber, "role", climber.hirer.role)


def _renames(look: Look, other: Hired) -> Iterator[str]:
    name = f"改{secrets.token_hex(6)}"
    heard = look.garden.voices.hear(look.actor, Action("change", "user", other.person.login, fields={"name": name}))
    row = row_of(look, other.hirer, other.person.login)
    yield from _verdict(look, heard, row is not None and row.get("name") == name)


def _field_changed(look: Look, doer: Person, other: Hired, name: str, value: str) -> Iterator[str]:
    heard = look.garden.voices.hear(doer, Action("change", "user", other.person.login, fields={name: value}))
    row = row_of(look, other.hirer, other.person.login)
    if row is None:
        raise Unproven("用户列表里找不到刚建的临时账号，无从复核。The temporary account is not in the list of users.")
    if heard.refusal is None and row.get(name) is None:
        raise Unproven(
            f"用户列表不显示{the_field(name)}，改没改成看不出来。The list of users does not show this field."
        )
    if str(row.get(name)) == value:
        whose = "自己" if doer.key == other.person.key else "别人"
        yield (
            f"越权 trespass: {who(doer)}把{whose}账号的{the_field(name)}改成了 {value}："
            f"{heard.refusal or '做成了 it worked'}。The account was changed by somebody who must not."
        )


def _password_changed(look: Look, other: Hired) -> Iterator[str]:
    """The password is somebody else's when the new one opens the account; a system without an API cannot tell."""
    voices = look.garden.voices
    if not isinstance(voices, Voices):
        return
    password = fresh_password()
    stranger = replace(other.person, key=f"{other.person.key}-new")
    voices.adopt(stranger, password)
    voices.hear(look.actor, Action("change", "user", other.person.login, fields={"password": password}))
    try:
        voices.enter(stranger)
    except Refused:
        return
    yield f"越权 trespass: {who(look.actor)}改了别人的密码，并能用新密码登录。Somebody else's password was changed."
