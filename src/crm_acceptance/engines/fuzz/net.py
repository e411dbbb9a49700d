"""One site under the net: who sends what to which operation, as a stranger and for conformance; roles are beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from crm_acceptance.engines.fuzz import contract as contracts
from crm_acceptance.engines.fuzz import roles, unlisted, walks
from crm_acceptance.engines.fuzz.aims import widening
from crm_acceptance.engines.fuzz.cases import asked, run_cases
from crm_acceptance.engines.fuzz.coverage import rules
from crm_acceptance.engines.fuzz.identities import AnyCase, Sender, proof_of
from crm_acceptance.engines.fuzz.keeping import keep
from crm_acceptance.engines.fuzz.naming import Operation
from crm_acceptance.engines.fuzz.shapes import Shape, shape_of
from crm_acceptance.engines.fuzz.targets import Targets
from crm_acceptance.engines.fuzz.tricks import disguised
from crm_acceptance.engines.fuzz.watch import leaked
from crm_acceptance.engines.permissions.drafts import PLANTABLE
from crm_acceptance.engines.permissions.garden import Garden
from crm_acceptance.engines.permissions.oracle import shown
from crm_acceptance.engines.permissions.sight import Leak
from crm_acceptance.engines.permissions.staff import Staff
from crm_acceptance.engines.permissions.table import Rule
from crm_acceptance.errors import Unproven
from crm_acceptance.model import Person
from crm_acceptance.systems.flow import Answer

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
AS_STRANGER, CONFORMING, BREAKING = 1, 2, 1
"""Generated cases per stranger, and per operation that keep to and that break the contract. Few: this runs daily."""
ALWAYS = ("customer", "lead", "order")
"""Objects whose canaries are planted before any look, whatever the operation: values leak where nobody expects them."""
JUNK = {"Authorization": "Bearer 0000000000000000"}
Sent = tuple[AnyCase, Any, Answer]


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
    _walks: dict[str, walks.Walk] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.targets = Targets(self.garden, self.shape)

    @property
    def staff(self) -> Staff:
        """The people and the matrix."""
        return self.garden.staff

    @property
    def roles(self) -> tuple[str, ...]:
        """Every role that somebody has."""
        return tuple(dict.fromkeys(person.role for person in self.staff.people))

    @cached_property
    def document(self) -> dict[str, Any]:
        """The pinned contract."""
        return contracts.pinned(self.contract)

    def shape(self, operation: Operation) -> Shape:
        """What the operation takes."""
        return shape_of(self.document, operation)

    def stranger(self, operation: Operation) -> list[str]:
        """What somebody without a login, or with a made-up one, gets: it must be nothing."""
        self.welcome(operation)
        found: list[str] = []
        values = self._everything()
        parts = self._strange_parts(operation)
        for headers in ({}, JUNK):
            sender = Sender(self.url, headers, verify=self.verify)
            for case, response, answer in self.sent(operation, sender, AS_STRANGER, parts):
                found += [f"未登录也能看到 {leak}。" for leak in leaked(case, response, values)]
                if answer.status < 300 and operation.action != "login":
                    said = f"未登录也能{operation.spoken}（{operation.label}，HTTP {answer.status}）"
                    found.append(f"{said}。A stranger is let in.")
        found += self._strange_spellings(operation, parts, values)
        return list(dict.fromkeys(found))

    def known(self) -> Mapping[str, str]:
        """Headers of somebody who works here: some sites show their contract to nobody else."""
        return proof_of(self.garden.voices.session(self.staff.people[0]))

    def as_roles(self, operation: Operation, requirement: str) -> list[str]:
        """Every role whose row about this operation names the requirement, aimed at what the row does not grant."""
        return roles.as_roles(self, operation, requirement)

    def widened(self, operation: Operation) -> list[str]:
        """Every role that may use the operation, asking for everything around a record in reach as well."""
        return roles.widened(self, operation, widening(self.shape(operation)))

    def uncovered(self, operation: Operation, silent: Sequence[str]) -> list[str]:
        """What the roles about which the table is silent get to see, though no row lets them."""
        return unlisted.as_everyone(self, operation, silent)

    def walked(self, role: str) -> walks.Walk:
        """What the role saw by following links from other people's lists; each role walks once."""
        if role not in self._walks:
            self._walks[role] = walks.walk(self, role)
        return self._walks[role]

    def conform(self, operation: Operation) -> list[str]:
        """What the contract promises: no 5xx, only documented answers, of the documented shape."""
        self.welcome(operation)
        rule, actor = self._most_entitled(operation)
        sender = self.sender(actor, operation)
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

    def sent(
        self,
        operation: Operation,
        sender: Sender,
        count: int,
        parts: Mapping[str, str],
        body: Mapping[str, Any] | None = None,
    ) -> list[Sent]:
        """Generated cases with their answers; whatever they create is noted for being removed again."""
        sent: list[Sent] = []

        def send(case: AnyCase) -> None:
            response, answer = sender.send(case)
            sent.append((case, response, answer))
            keep(operation, sender.who, case, answer)

        run_cases(self.contract, operation, count, send, parts, body=body)
        if not sent:
            raise Unproven(f"{operation.label} 一个请求也生成不出来。No case could be generated for this operation.")
        return sent

    def sender(self, actor: Person, operation: Operation) -> Sender:
        """The actor's own connection; operations that end a login get one of their own."""
        if operation.object == "session":
            return Sender(self.url, proof_of(self.garden.voices.fresh_session(actor)), actor.key, self.verify)
        if actor.key not in self._senders:
            self._senders[actor.key] = self._as(actor)
        return self._senders[actor.key]

    def welcome(self, operation: Operation) -> None:
        """What was generated cannot be told from other people's records by a drawn word, should the run be killed."""
        if not self.writes and not operation.looks:
            raise Unproven(
                f"{operation.label}：站点不是本工具启动的，不发随机生成的写请求；同意就写 [site] fuzz_writes = true。"
                "No generated writes on a site that was not launched from here, unless [site] fuzz_writes = true."
            )

    def sow(self, *kinds: str) -> None:
        """Plants what must be there before anybody looks."""
        for kind in (*kinds, *ALWAYS):
            if kind in PLANTABLE and self.garden.system.supports("create", kind):
                self.garden.canaries(kind)

    def _as(self, actor: Person) -> Sender:
        """The person's login, renewed when it has died. One that fails leaves this role unproven."""
        first = [self.garden.voices.session(actor)]

        def sign_in() -> Mapping[str, str]:
            return proof_of(first.pop() if first else self.garden.voices.fresh_session(actor))

        return Sender(self.url, who=actor.key, verify=self.verify, renew=sign_in)

    def _strange_spellings(
        self, operation: Operation, parts: Mapping[str, str], values: Mapping[str, Leak]
    ) -> Iterator[str]:
        """The same address spelt otherwise, without a login: a guard that compares paths lets it pass."""
        if not operation.looks:
            return
        sender = Sender(self.url, verify=self.verify)
        for case in asked(self.contract, operation, parts):
            for how, call, answer in disguised(sender, case):
                for value in sorted(shown(values, [(call, answer)])):
                    yield f"未登录（{how}）也能看到 {values[value]}。"

    def _most_entitled(self, operation: Operation) -> tuple[Rule | None, Person]:
        order = ("all", "department", "team", "own", "none")
        best: tuple[int, Rule | None, Person] = (len(order), None, self.staff.people[0])
        for role in self.roles:
            for rule in rules(self.staff.matrix, role, operation):
                if order.index(rule.scope) < best[0]:
                    best = (order.index(rule.scope), rule, self.staff.actor(role))
        return best[1], best[2]

    def _strange_parts(self, operation: Operation) -> Mapping[str, str]:
        rule, actor = self._most_entitled(operation)
        return self.targets.conforming(operation, rule, actor)

    def _everything(self) -> dict[str, Leak]:
        """Whatever has been planted: a stranger may see none of it."""
        self.sow()
        return {value: Leak(one, name) for one in self.garden.planted() for name, value in one.values.items()}


def _told(operation: Operation, group: BaseExceptionGroup[Failure]) -> Sequence[str]:
    flat: list[str] = []
    for failure in group.exceptions:
        if isinstance(failure, BaseExceptionGroup):
            flat += _told(operation, failure)
        else:
            flat.append(f"{operation.label} 不符合契约 breaks the contract: {failure.title}: {str(failure)[:300]}")
    return flat
