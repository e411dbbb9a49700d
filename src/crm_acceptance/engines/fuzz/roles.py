"""An operation as each role, aimed at what its row does not grant, judged by canaries and by what became of records."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from crm_acceptance.engines.fuzz.aims import questions
from crm_acceptance.engines.fuzz.cases import asked
from crm_acceptance.engines.fuzz.coverage import rules, speaks
from crm_acceptance.engines.fuzz.each import of_each
from crm_acceptance.engines.fuzz.harmless import harmless
from crm_acceptance.engines.fuzz.keeping import named
from crm_acceptance.engines.fuzz.naming import EVERY, Operation
from crm_acceptance.engines.fuzz.targets import Target, kind_of
from crm_acceptance.engines.fuzz.tricks import disguised
from crm_acceptance.engines.fuzz.unlisted import as_everyone
from crm_acceptance.engines.fuzz.watch import leaked
from crm_acceptance.engines.permissions.drafts import PARENT, PLANTABLE
from crm_acceptance.engines.permissions.garden import State
from crm_acceptance.engines.permissions.oracle import shown
from crm_acceptance.engines.permissions.sight import Leak, denied, forbidden
from crm_acceptance.engines.permissions.staff import covers
from crm_acceptance.engines.permissions.table import Rule
from crm_acceptance.engines.permissions.wording import the_record, who
from crm_acceptance.engines.permissions.writes import state_of
from crm_acceptance.model import Action, Person, Record

if TYPE_CHECKING:
    from crm_acceptance.engines.fuzz.net import Net

AS_ROLE = 1
"""Generated cases per role and target: few, because this runs every day."""
SEARCHED = 2
"""Questions per role to an operation that lists: the widest one, and one by the word of a foreign canary."""


def as_roles(net: Net, operation: Operation, requirement: str) -> list[str]:
    """Every role whose row about this operation names the requirement, aimed at what the row does not grant."""
    net.welcome(operation)
    if operation.broad:
        return as_everyone(net, operation, net.roles)
    found = of_each(net.roles, lambda role: _by_rows(net, operation, role, requirement))
    return found or list(dict.fromkeys(_in_disguise(net, operation, requirement)))


def widened(net: Net, operation: Operation, query: Mapping[str, object]) -> list[str]:
    """Every role that may use the operation, on a record in reach, asking for everything around it as well."""
    return of_each(net.roles, lambda role: _around(net, operation, role, query))


def _by_rows(net: Net, operation: Operation, role: str, requirement: str) -> list[str]:
    found: list[str] = []
    for rule in rules(net.staff.matrix, role, operation):
        if speaks(operation, rule, requirement):
            found += _as_role(net, operation, rule)
            found += _searched(net, operation, rule)
    return found


def _around(net: Net, operation: Operation, role: str, query: Mapping[str, object]) -> Iterator[str]:
    for rule in rules(net.staff.matrix, role, operation):
        actor = net.staff.actor(role)
        for target in net.targets.within(operation, rule, actor):
            yield from _looked(net, operation, rule, actor, target, query)


def _looked(
    net: Net, operation: Operation, rule: Rule, actor: Person, target: Target, query: Mapping[str, object]
) -> Iterator[str]:
    values = values_of(net, operation, rule, actor, target)
    sender = net.sender(actor, operation)
    for case in asked(net.contract, operation, target.parts, query):
        for leak in leaked(case, sender.send(case)[0], values):
            yield f"泄露 leak: {said(operation, actor)}并要求带上关联资料时看到了 {leak}，权限表不允许。"


def _as_role(net: Net, operation: Operation, rule: Rule) -> Iterator[str]:
    actor = net.staff.actor(rule.role)
    for target in net.targets.of(operation, rule, actor):
        values = values_of(net, operation, rule, actor, target)
        before = _before(net, operation, target)
        sender = net.sender(actor, operation)
        for case, response, answer in net.sent(operation, sender, AS_ROLE, target.parts, target.body):
            for leak in leaked(case, response, values):
                if not _told_elsewhere(net, operation, actor, leak):
                    yield f"泄露 leak: {said(operation, actor)}时看到了 {leak}，权限表不允许。"
            if not target.inside and _adds_below(operation) and answer.status < 300:
                if any(named(answer.body)):
                    yield f"越权 trespass: {said(operation, actor)}，在别人的记录下面新建了一条。A trespass."
            elif rule.scope == "none" and answer.status < 300 and not harmless(operation, answer):
                yield f"越权 trespass: {said(operation, actor)}得到 HTTP {answer.status}。It grants nothing here."
        yield from _after(net, operation, actor, target, before)


def _adds_below(operation: Operation) -> bool:
    """Whether it makes something that hangs on a record: a note, a contact, a payment."""
    return operation.action == "create" and (operation.object == "followup" or operation.object in PARENT)


def _searched(net: Net, operation: Operation, rule: Rule) -> Iterator[str]:
    """A list, a count, an export: asked for as much as it gives, and for what is out of reach by its own word."""
    if not operation.looks or operation.key or operation.object not in PLANTABLE:
        return
    actor = net.staff.actor(rule.role)
    values = values_of(net, operation, rule, actor, Target())
    foreign = [one for one in net.garden.canaries(operation.object) if not covers(rule.scope, actor, one.owner)]
    for question in questions(operation, net.shape(operation), lambda kind: foreign[0] if foreign else None)[:SEARCHED]:
        for case in asked(net.contract, operation, question.path, question.query):
            for leak in leaked(case, net.sender(actor, operation).send(case)[0], values):
                yield f"泄露 leak: {said(operation, actor)}时看到了 {leak}，权限表不允许。"


def _in_disguise(net: Net, operation: Operation, requirement: str) -> Iterator[str]:
    """The first role with something out of reach asks for it by other spellings of the same address."""
    if not operation.looks or not operation.key or operation.object == EVERY:
        return
    for role in net.roles:
        for rule in rules(net.staff.matrix, role, operation):
            actor = net.staff.actor(role)
            if speaks(operation, rule, requirement):
                for target in (one for one in net.targets.of(operation, rule, actor) if not one.inside):
                    yield from _spelt_otherwise(net, operation, rule, actor, target)
                    return


def _spelt_otherwise(net: Net, operation: Operation, rule: Rule, actor: Person, target: Target) -> Iterator[str]:
    values, sender = values_of(net, operation, rule, actor, target), net.sender(actor, operation)
    for case in asked(net.contract, operation, target.parts):
        for how, call, answer in disguised(sender, case):
            for value in sorted(shown(values, [(call, answer)])):
                yield f"泄露 leak: {said(operation, actor)}（{how}）时看到了 {values[value]}，权限表不允许。"


def said(operation: Operation, actor: Person) -> str:
    """李娜（销售代表）查看订单（GET /orders/{id}）."""
    return f"{who(actor)}{operation.spoken}（{operation.label}）"


def values_of(net: Net, operation: Operation, rule: Rule, actor: Person, target: Target) -> Mapping[str, Leak]:
    """Value -> leak: what this row, or the whole table, does not let the actor see in an answer of the operation."""
    kind = operation.object if operation.parent else kind_of(operation, rule)
    net.sow(kind)
    planted = tuple(net.garden.planted())
    wanted = dict(denied(net.staff.matrix, actor, planted))
    if operation.object not in ("followup", EVERY):
        wanted |= forbidden(rule, actor, [one for one in planted if one.object == kind])
    if operation.object == EVERY and target.record and not target.inside:
        wanted |= {value: Leak(target.record, name) for name, value in target.record.values.items()}
    return wanted


def _told_elsewhere(net: Net, operation: Operation, actor: Person, leak: Leak) -> bool:
    """An attachment of a record that itself leaks is a consequence: the row about reading says so."""
    if operation.object != EVERY:
        return False
    heard = net.garden.voices.hear(actor, Action("read", leak.canary.object, leak.canary.id))
    return isinstance(heard.outcome, Record)


def _before(net: Net, operation: Operation, target: Target) -> State:
    if operation.looks or target.inside or target.record is None:
        return None
    record = target.record
    return net.garden.untouched(record, lambda: state_of(net.garden, record, operation.action))


def _after(net: Net, operation: Operation, actor: Person, target: Target, before: State) -> Iterator[str]:
    if before is None or target.record is None:
        return
    after = state_of(net.garden, target.record, operation.action)
    # Attachments are looked at for some actions only: what one of the two looks did not ask for says nothing.
    if after is None or any(after[name] != value for name, value in before.items() if name in after):
        net.garden.spoilt(target.record)
        what = f"{target.record.owner.name} 的 {the_record(target.record.object, target.record.id)}"
        yield f"越权 trespass: {said(operation, actor)}，改动了 {what}，权限表不允许。"
