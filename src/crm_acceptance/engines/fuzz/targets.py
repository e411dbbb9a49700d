"""The records at which an operation is aimed: canaries to look at, spares to change; never people of the cast."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from crm_acceptance.engines.fuzz.aims import body_of, filled, received, takes_ids
from crm_acceptance.engines.fuzz.naming import EVERY, Operation, meaning
from crm_acceptance.engines.fuzz.shapes import Shape
from crm_acceptance.engines.permissions.attachments import pin
from crm_acceptance.engines.permissions.attempts import READY
from crm_acceptance.engines.permissions.drafts import PARENT
from crm_acceptance.engines.permissions.garden import Canary, Garden
from crm_acceptance.engines.permissions.looks import Look
from crm_acceptance.engines.permissions.staff import covers
from crm_acceptance.engines.permissions.table import Rule
from crm_acceptance.engines.permissions.writes import prepared
from crm_acceptance.errors import AcceptanceError, Unproven
from crm_acceptance.manners import journal
from crm_acceptance.model import Action, Person


@dataclass(frozen=True)
class Target:
    """One aim: values for path and body, and the record behind them, if any. `inside`: the actor may have it."""

    parts: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    record: Canary | None = None
    inside: bool = True


@dataclass
class Targets:
    """Picks targets from one garden."""

    garden: Garden
    shape: Callable[[Operation], Shape] = lambda operation: Shape()

    @cached_property
    def temporary(self) -> str:
        """The login of an account made for this run, at which operations on accounts are aimed."""
        people, matrix = self.garden.staff.people, self.garden.staff.matrix
        hirers = [person for person in people if matrix.scope(person.role, "create", "user") == "all"]
        if not hirers:
            raise Unproven("权限表里没有人可以新建用户，账号接口没有可以试的目标。Nobody may create a user to try on.")
        login, role = journal.word(f"jsq{secrets.token_hex(6)}"), people[0].role
        fields = {"login": login, "name": f"临时{login[-4:]}", "role": role, "password": secrets.token_urlsafe(18)}
        self.garden.done(hirers[0], Action("create", "user", fields=fields))
        return login

    def of(self, operation: Operation, rule: Rule, actor: Person) -> list[Target]:
        """Where this operation is aimed when the actor calls it under that rule."""
        name = operation.key
        if not name and operation.action == "create" and PARENT.get(operation.object):
            return [self._below(operation, rule, actor, owner) for owner in self._owners(operation, rule, actor)]
        if not name and (operation.looks or not takes_ids(self.shape(operation))):
            return [Target(inside=rule.scope != "none")]
        if operation.object.startswith("report"):
            return [Target({name: rule.object.partition(":")[2]}, inside=rule.scope != "none")]
        if operation.object == "user":
            body = received(self.shape(operation), actor.login)
            return [Target({name: self.temporary}, body, inside=rule.scope != "none")]
        return [self._record(operation, rule, actor, name, owner) for owner in self._owners(operation, rule, actor)]

    def within(self, operation: Operation, rule: Rule, actor: Person) -> list[Target]:
        """A record that the rule lets the actor look at, or the whole list; [] where there is none."""
        if rule.scope == "none" or operation.object in ("user", EVERY) or operation.object.startswith("report"):
            return []
        if not operation.key:
            return [Target()]
        families = self.garden.staff.families(kind_of(operation, rule))
        own = [owner for owner in families if self._inside(operation, rule, actor, owner)]
        return [self._record(operation, rule, actor, operation.key, owner) for owner in own[:1]]

    def _owners(self, operation: Operation, rule: Rule, actor: Person) -> list[Person]:
        """Foreign families first, and one of them is enough; the actor's own only where there is no foreign one."""
        families = self.garden.staff.families(kind_of(operation, rule))
        foreign = [owner for owner in families if not self._inside(operation, rule, actor, owner)]
        own = [owner for owner in families if owner not in foreign]
        return foreign[:1] or own[:1]

    def _inside(self, operation: Operation, rule: Rule, actor: Person, owner: Person) -> bool:
        """What hangs on a record, a note or a list of orders, is in reach only when that record is."""
        reach = covers(rule.scope, actor, owner)
        if operation.object != "followup" and not operation.parent:
            return reach
        return reach and covers(
            self.garden.staff.matrix.scope(actor.role, "read", kind_of(operation, rule)), actor, owner
        )

    def _record(self, operation: Operation, rule: Rule, actor: Person, name: str, owner: Person) -> Target:
        kind, inside = kind_of(operation, rule), self._inside(operation, rule, actor, owner)
        if operation.object == EVERY:
            pinned = pin(self.garden, self.garden.canary(kind, owner))
            return Target({name: pinned.draft.token}, {}, pinned, inside)
        if operation.looks:
            record = self.garden.canary(kind, owner)
        elif inside:
            record = self.garden.spare(kind, owner)
        else:
            look = Look(rule, actor, self.garden, ())
            apart = (kind, operation.action) in READY or operation.action == "attach"
            purpose = operation.action if apart else ""
            record = self.garden.victim(kind, owner, purpose, lambda: self._victim(look, kind, owner, purpose))
        if name:
            body = {} if operation.looks else received(self.shape(operation), actor.login)
            return Target({name: record.id}, body, record, inside)
        body = body_of(operation, self.shape(operation), lambda one: record if one == kind else None)
        return Target({}, body, record, inside)

    def _below(self, operation: Operation, rule: Rule, actor: Person, owner: Person) -> Target:
        """A new record below one that is somebody else's, with values that nothing is wrong with."""
        above, inside = PARENT[operation.object], self._inside(operation, rule, actor, owner)
        plan = self.garden.draft(operation.object, self.garden.spare_parent(above, owner))
        return Target({}, filled(self.shape(operation), plan.fields), None, inside)

    def _victim(self, look: Look, kind: str, owner: Person, purpose: str) -> Canary:
        """In the state that the action needs, or it would be refused for its state and not for the right."""
        if purpose:
            return prepared(look, owner, strict=False)
        return self.garden.spare(kind, owner)

    def conforming(self, operation: Operation, rule: Rule | None, actor: Person) -> dict[str, str]:
        """Path parameters for a call that the contract and the table allow, as far as there is such a record."""
        if rule is None or rule.scope == "none" or not operation.key:
            return {}
        try:
            targets = self.of(operation, rule, actor)
        except AcceptanceError:
            return {}
        return dict(targets[0].parts) if targets else {}


def kind_of(operation: Operation, rule: Rule) -> str:
    """The object whose record the path names: the parent where something hangs on a record."""
    if operation.parent:
        return operation.parent
    if operation.object == EVERY:
        return rule.object
    if operation.object == "followup":
        return meaning("get", operation.path.rpartition("/")[0])[0]
    return operation.object
