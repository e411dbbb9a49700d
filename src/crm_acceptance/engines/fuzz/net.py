"""Casts the net over one operation: as a stranger, as each role of one requirement, and for conformance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from crm_acceptance.engines.fuzz.cases import AnyCase, Sender, call_of, run_cases
from crm_acceptance.engines.fuzz.coverage import rules
from crm_acceptance.engines.fuzz.keeping import keep
from crm_acceptance.engines.fuzz.naming import EVERY, Operation
from crm_acceptance.engines.fuzz.targets import Target, Targets, kind_of
from crm_acceptance.engines.permissions.drafts import PLANTABLE
from crm_acceptance.engines.permissions.garden import Garden, State
from crm_acceptance.engines.permissions.oracle import shown
from crm_acceptance.engines.permissions.sight import Leak, denied, forbidden
from crm_acceptance.engines.permissions.staff import Staff
from crm_acceptance.engines.permissions.table import Rule
from crm_acceptance.engines.permissions.wording import the_record, who
from crm_acceptance.engines.permissions.writes import state_of
from crm_acceptance.errors import Unproven
from crm_acceptance.model import Action, Person, Record
from crm_acceptance.systems import Session
from crm_acceptance.systems.flow import Answer

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
AS_ROLE, CONFORMING, BREAKING = 1, 2, 1
"""Generated cases per role, and per operation that keep to and that break the contract. Few: this runs every day."""
ALWAYS = ("customer", "lead", "order")
"""Objects whose canaries are planted before any look, whatever the operation: values leak where nobody expects them."""
JUNK = {"Authorization": "Bearer 0000000000000000"}


@dataclass
class Net:
    """One site, its contract and its garden of canaries.

    `verify` as requests takes it; `writes`: generated requests that may change something are welcome at this site.
    """

    garden: Garden
    contract: Path
    url: str
    verify: str | bool = True
    writes: bool = True
    targets: Targets = field(init=False)
    _senders: dict[str, Sender] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.targets = Targets(self.garden)

    @property
    def staff(self) -> Staff:
        """The people and the matrix."""
        return self.garden.staff

    def stranger(self, operation: Operation) -> list[str]:
        """What somebody without a login, or with a made-up one, gets: it must be nothing."""
        self._welcome(operation)
        found: list[str] = []
        values = self._everything()
        parts = self._strange_parts(operation)
        for headers in ({}, JUNK):
            sender = Sender(self.url, headers, verify=self.verify)
            for case, answer in self._sent(operation, sender, AS_ROLE, parts):
                found += [f"未登录也能看到 {leak}。" for leak in _leaks(values, case, answer)]
                if answer.status < 300 and operation.action != "login":
                    said = f"未登录也能{operation.spoken}（{operation.label}，HTTP {answer.status}）"
                    found.append(f"{said}。A stranger is let in.")
        return list(dict.fromkeys(found))

    def known(self) -> Mapping[str, str]:
        """Headers of somebody who works here: some sites show their contract to nobody else."""
        return self._as_somebody().headers

    def as_roles(self, operation: Operation, requirement: str) -> list[str]:
        """Every role whose row about this operation names the requirement, aimed at what the row does not grant."""
        self._welcome(operation)
        found: list[str] = []
        for role in dict.fromkeys(person.role for person in self.staff.people):
            for rule in rules(self.staff.matrix, role, operation):
                if requirement in rule.requirements:
                    found += self._as_role(operation, rule)
        return list(dict.fromkeys(found))

    def conform(self, operation: Operation) -> list[str]:
        """What the contract promises: no 5xx, only documented answers, of the documented shape."""
        self._welcome(operation)
        rule, actor = self._most_entitled(operation)
        sender = self._sender(actor, operation)
        found: list[str] = []

        def judge(case: AnyCase) -> None:
            response, answer = sender.send(case)
            keep(operation, sender.who, case, answer)
            try:
                case.validate_response(response, checks=CHECKS)
            except* Failure as group:
                found.extend(_told(operation, group))

        parts = self.targets.conforming(operation, rule, actor)
        made = run_cases(self.contract, operation, CONFORMING, judge, parts)
        made += run_cases(self.contract, operation, BREAKING, judge, parts, negative=True)
        if not made:
            raise Unproven(f"{operation.label} 一个请求也生成不出来。No case could be generated for this operation.")
        return list(dict.fromkeys(found))

    def _as_role(self, operation: Operation, rule: Rule) -> Iterator[str]:
        actor = self.staff.actor(rule.role)
        for target in self.targets.of(operation, rule, actor):
            values = self._values(operation, rule, actor, target)
            before = self._before(operation, target)
            for case, answer in self._sent(operation, self._sender(actor, operation), AS_ROLE, target.parts):
                said = f"{who(actor)}{operation.spoken}（{operation.label}）"
                for leak in _leaks(values, case, answer):
                    if not self._told_elsewhere(operation, actor, leak):
                        yield f"泄露 leak: {said}时看到了 {leak}，权限表不允许。"
                if rule.scope == "none" and answer.status < 300 and not _harmless(operation, answer):
                    yield f"越权 trespass: {said}得到 HTTP {answer.status}。The table grants nothing here."
            yield from self._after(operation, actor, target, before)

    def _values(self, operation: Operation, rule: Rule, actor: Person, target: Target) -> Mapping[str, Leak]:
        kind = kind_of(operation, rule)
        self._sow(kind)
        planted = tuple(self.garden.planted())
        wanted = dict(denied(self.staff.matrix, actor, planted))
        if operation.object not in ("followup", EVERY):
            wanted |= forbidden(rule, actor, [one for one in planted if one.object == kind])
        if operation.object == EVERY and target.record and not target.inside:
            wanted |= {value: Leak(target.record, name) for name, value in target.record.values.items()}
        return wanted

    def _told_elsewhere(self, operation: Operation, actor: Person, leak: Leak) -> bool:
        """An attachment of a record that itself leaks is a consequence: the row about reading says so."""
        if operation.object != EVERY:
            return False
        heard = self.garden.voices.hear(actor, Action("read", leak.canary.object, leak.canary.id))
        return isinstance(heard.outcome, Record)

    def _before(self, operation: Operation, target: Target) -> State:
        if operation.looks or target.inside or target.record is None:
            return None
        record = target.record
        return self.garden.untouched(record, lambda: state_of(self.garden, record, operation.action))

    def _after(self, operation: Operation, actor: Person, target: Target, before: State) -> Iterator[str]:
        if before is None or target.record is None:
            return
        after = state_of(self.garden, target.record, operation.action)
        # Attachments are looked at for some actions only: what one of the two looks did not ask for says nothing.
        if after is None or any(after[name] != value for name, value in before.items() if name in after):
            self.garden.spoilt(target.record)
            what = f"{target.record.owner.name} 的 {the_record(target.record.object, target.record.id)}"
            yield f"越权 trespass: {who(actor)}{operation.spoken}（{operation.label}），改动了 {what}，权限表不允许。"

    def _sent(
        self, operation: Operation, sender: Sender, count: int, parts: Mapping[str, str]
    ) -> list[tuple[AnyCase, Answer]]:
        sent: list[tuple[AnyCase, Answer]] = []

        def send(case: AnyCase) -> None:
            sent.append((case, sender.send(case)[1]))
            keep(operation, sender.who, *sent[-1])

        run_cases(self.contract, operation, count, send, parts)
        if not sent:
            raise Unproven(f"{operation.label} 一个请求也生成不出来。No case could be generated for this operation.")
        return sent

    def _sender(self, actor: Person, operation: Operation) -> Sender:
        """The actor's own connection; operations that end a login get one of their own."""
        if operation.object == "session":
            return self._as(actor, self.garden.voices.fresh_session(actor))
        if actor.key not in self._senders:
            self._senders[actor.key] = self._as(actor, self.garden.voices.session(actor))
        return self._senders[actor.key]

    def _as(self, actor: Person, session: Session) -> Sender:
        return Sender(self.url, proof(session), actor.key, self.verify)

    def _as_somebody(self) -> Sender:
        person = self.staff.people[0]
        return self._as(person, self.garden.voices.session(person))

    def _welcome(self, operation: Operation) -> None:
        """What was generated cannot be told from other people's records by a drawn word, should the run be killed."""
        if not self.writes and not operation.looks:
            raise Unproven(
                f"{operation.label}：站点不是本工具启动的，不发随机生成的写请求；同意就写 [site] fuzz_writes = true。"
                "No generated writes on a site that was not launched from here, unless [site] fuzz_writes = true."
            )

    def _most_entitled(self, operation: Operation) -> tuple[Rule | None, Person]:
        order = ("all", "department", "own", "none")
        best: tuple[int, Rule | None, Person] = (len(order), None, self.staff.people[0])
        for role in dict.fromkeys(person.role for person in self.staff.people):
            for rule in rules(self.staff.matrix, role, operation):
                if order.index(rule.scope) < best[0]:
                    best = (order.index(rule.scope), rule, self.staff.actor(role))
        return best[1], best[2]

    def _strange_parts(self, operation: Operation) -> Mapping[str, str]:
        rule, actor = self._most_entitled(operation)
        return self.targets.conforming(operation, rule, actor)

    def _everything(self) -> dict[str, Leak]:
        """Whatever has been planted: a stranger may see none of it."""
        self._sow()
        return {value: Leak(one, name) for one in self.garden.planted() for name, value in one.values.items()}

    def _sow(self, *kinds: str) -> None:
        for kind in (*kinds, *ALWAYS):
            if kind in PLANTABLE and self.garden.system.supports("create", kind):
                self.garden.canaries(kind)


def proof(session: Session) -> dict[str, str]:
    """The headers that prove a login."""
    cookies = "; ".join(f"{name}={value}" for name, value in session.cookies.items())
    return {**session.headers, **({"Cookie": cookies} if cookies else {})}


def _leaks(values: Mapping[str, Leak], case: AnyCase, answer: Answer) -> list[Leak]:
    return [values[value] for value in sorted(shown(values, [(call_of(case), answer)]))]


def _harmless(operation: Operation, answer: Answer) -> bool:
    """An answer without content: an empty body, or JSON that holds nothing. Attachments are judged by their content."""
    if operation.object == EVERY:
        return True
    return answer.body.strip() in (b"", b"{}", b"[]", b"null", b'{"data":null}', b'{"data":[]}')


def _told(operation: Operation, group: BaseExceptionGroup[Failure]) -> Sequence[str]:
    flat: list[str] = []
    for failure in group.exceptions:
        if isinstance(failure, BaseExceptionGroup):
            flat += _told(operation, failure)
        else:
            flat.append(f"{operation.label} 不符合契约 breaks the contract: {failure.title}: {str(failure)[:300]}")
    return flat
