"""Operations that nobody listed, as everybody: canary ids and words in, no value out that the whole table denies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING

from crm_acceptance.engines.fuzz.aims import ROOT, Family, Question, questions
from crm_acceptance.engines.fuzz.cases import asked
from crm_acceptance.engines.fuzz.each import of_each
from crm_acceptance.engines.fuzz.naming import Operation
from crm_acceptance.engines.fuzz.watch import leaked
from crm_acceptance.engines.permissions.drafts import PLANTABLE
from crm_acceptance.engines.permissions.garden import Canary
from crm_acceptance.engines.permissions.sight import denied
from crm_acceptance.engines.permissions.staff import covers
from crm_acceptance.engines.permissions.wording import the_record, who
from crm_acceptance.engines.permissions.writes import state_of
from crm_acceptance.errors import AcceptanceError
from crm_acceptance.model import Person

if TYPE_CHECKING:
    from crm_acceptance.engines.fuzz.net import Net


def as_everyone(net: Net, operation: Operation, roles: Iterable[str]) -> list[str]:
    """What people of these roles get to see or to change through an operation about which no row says anything."""
    net.welcome(operation)
    return of_each(roles, lambda role: _as_one(net, operation, net.staff.actor(role)))


def _as_one(net: Net, operation: Operation, actor: Person) -> Iterator[str]:
    net.sow()
    hit: dict[str, Canary] = {}
    family = _family(net, operation, actor, hit)
    for one in _fresh(net, operation, actor):
        hit[f"{one.object} {one.id}"] = one
    for question in questions(operation, net.shape(operation), family):
        yield from _asked(net, operation, actor, question, tuple(hit.values()))


def _asked(net: Net, operation: Operation, actor: Person, question: Question, hit: tuple[Canary, ...]) -> Iterator[str]:
    victims = [one for one in hit if not operation.looks and _foreign(net, actor, one.owner, one.object, "change")]
    before = {one.id: net.garden.untouched(one, lambda one=one: state_of(net.garden, one, "")) for one in victims}  # type: ignore[misc]
    values = denied(
        net.staff.matrix, actor, {one.id + one.object: one for one in (*net.garden.planted(), *hit)}.values()
    )
    for case in asked(net.contract, operation, question.path, question.query, question.body):
        response, _ = net.sender(actor, operation).send(case)
        for leak in leaked(case, response, values):
            yield f"泄露 leak: {_said(operation, actor)}时看到了 {leak}，权限表没有一行允许。"
    for one in victims:
        if before[one.id] is not None and state_of(net.garden, one, "") != before[one.id]:
            net.garden.spoilt(one)
            what = f"{one.owner.name} 的 {the_record(one.object, one.id)}"
            yield f"越权 trespass: {_said(operation, actor)}，改动了 {what}，权限表没有一行允许。"


def _fresh(net: Net, operation: Operation, actor: Person) -> tuple[Canary, ...]:
    """What was used last is short: a record of somebody else's made just now, where an answer is about every object."""
    if not operation.broad or not net.garden.system.supports("create", ROOT):
        return ()
    foreign = [one for one in net.staff.families(ROOT) if _foreign(net, actor, one, ROOT, "read")]
    return tuple(net.garden.spare(ROOT, owner) for owner in foreign[:1])


def _said(operation: Operation, actor: Person) -> str:
    return f"{who(actor)}{operation.spoken}（{operation.label}）"


def _family(net: Net, operation: Operation, actor: Person, hit: dict[str, Canary]) -> Family:
    """Records out of the actor's reach where there are any: canaries to look at, spares to be changed."""

    @cache
    def record(kind: str) -> Canary | None:
        if kind not in PLANTABLE or not net.garden.system.supports("create", kind):
            return None
        owners = net.staff.families(kind)
        wanted = "read" if operation.looks else "change"
        foreign = [one for one in owners if _foreign(net, actor, one, kind, wanted)]
        for owner in (foreign or owners)[:1]:
            try:
                hit[kind] = _record(net, operation, kind, owner)
            except AcceptanceError:
                return None
        return hit.get(kind)

    return record


def _record(net: Net, operation: Operation, kind: str, owner: Person) -> Canary:
    if operation.looks:
        return net.garden.canary(kind, owner)
    return net.garden.victim(kind, owner, "", lambda: net.garden.spare(kind, owner))


def _foreign(net: Net, actor: Person, owner: Person, kind: str, action: str) -> bool:
    return not covers(net.staff.matrix.scope(actor.role, action, kind), actor, owner)
