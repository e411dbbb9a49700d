"""Following links as each role: ids that other people's lists hold, in operations that take such ids. Only looks.

The links are those of the document, and where it has none, those that schemathesis infers from names and shapes. The
first step of a walk is made by somebody else, narrowed down to a canary; every further step by the role itself.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import Flaky
from schemathesis.core.errors import NoLinksFound
from schemathesis.generation.stateful.state_machine import StepInput, StepOutput

from crm_acceptance.engines.fuzz.aims import aimed_kind
from crm_acceptance.engines.fuzz.cases import schema_of
from crm_acceptance.engines.fuzz.identities import AnyCase, Sender
from crm_acceptance.engines.fuzz.naming import Operation, operations
from crm_acceptance.engines.fuzz.watch import leaked
from crm_acceptance.engines.permissions.drafts import PLANTABLE
from crm_acceptance.engines.permissions.garden import Canary
from crm_acceptance.engines.permissions.sight import Leak, denied
from crm_acceptance.engines.permissions.staff import covers
from crm_acceptance.engines.permissions.wording import who
from crm_acceptance.errors import AcceptanceError, Unproven
from crm_acceptance.model import Person

if TYPE_CHECKING:
    from crm_acceptance.engines.fuzz.net import Net

WALKS, STEPS = 6, 12
"""Scenarios per role, and steps of one scenario."""
LONGEST = 60.0
"""Seconds that all the walks of one role may take."""


@dataclass
class Walk:
    """What came of it: requests sent by links, and per operation what was seen there and by nobody's leave."""

    linked: int = 0
    leaks: dict[Operation, list[str]] = field(default_factory=dict)


@dataclass
class Guide:
    """Decides who makes a step, and judges what it brought."""

    net: Net
    actor: Person
    values: Mapping[str, Leak]
    known: Mapping[str, Operation]
    walk: Walk = field(default_factory=Walk)
    until: float = field(default_factory=lambda: monotonic() + LONGEST)

    def begin(self, case: AnyCase) -> Any:
        """The first step: the list of somebody whose data it is, and of that the canary."""
        operation = self.known[case.operation.label]
        canary = self._canary(aimed_kind(operation))
        if canary is None:
            return self.net.sender(self.actor, operation).send(case)[0]
        taken = self.net.shape(operation).query
        lookup = canary.draft.lookup
        wanted = {**lookup.get("where", {}), **({"q": lookup["q"]} if "q" in lookup else {})}
        case.query = {name: value for name, value in wanted.items() if name in taken}
        return self._by(canary.owner, operation).send(case)[0]

    def go_on(self, case: AnyCase) -> Any:
        """A step along a link, as the role itself."""
        operation = self.known[case.operation.label]
        response, _ = self._by(self.actor, operation).send(case)
        self.walk.linked += 1
        for leak in leaked(case, response, self.values):
            said = f"{who(self.actor)}顺着别人列表里的编号{operation.spoken}（{operation.label}）"
            self.walk.leaks.setdefault(operation, []).append(f"泄露 leak: {said}，看到了 {leak}，权限表不允许。")
        return response

    def _by(self, person: Person, operation: Operation) -> Sender:
        return self.net.sender(person, operation)

    def _canary(self, kind: str) -> Canary | None:
        """Somebody's, and by preference that of somebody whose records are out of reach."""
        garden, staff = self.net.garden, self.net.staff
        if kind not in PLANTABLE or not garden.system.supports("create", kind):
            return None
        reach = staff.matrix.scope(self.actor.role, "read", kind)
        owners = sorted(staff.families(kind), key=lambda one: covers(reach, self.actor, one))
        try:
            return garden.canary(kind, owners[0]) if owners else None
        except AcceptanceError:
            return None


def walk(net: Net, role: str) -> Walk:
    """Walks as that role, the same way every time. Unproven when the site is too slow for it."""
    net.sow()
    actor, planted = net.staff.actor(role), tuple(net.garden.planted())
    known = {one.label: one for one in operations(net.document)}
    guide = Guide(net, actor, denied(net.staff.matrix, actor, planted), known)
    _run(_machine(net.contract), guide, zlib.crc32(role.encode()))
    if monotonic() > guide.until:
        raise Unproven(
            f"{who(actor)}顺着链接走了 {LONGEST:g} 秒还没有走完，站点太慢。The walk took too long: unproven."
        )
    return guide.walk


def requests_planned(roles: int) -> int:
    """Requests that the walks of so many roles take at most."""
    return roles * WALKS * STEPS


def _run(machine: Any, guide: Guide, seed: int) -> None:
    class Walking(machine):  # type: ignore[misc]
        _hypothesis_internal_use_seed = seed

        def step(self, input: StepInput) -> StepOutput | None:
            if monotonic() > guide.until:
                return None
            case = input.case
            response = guide.begin(case) if input.transition is None else guide.go_on(case)
            self.after_call(response, case)
            return StepOutput(response, case)

    try:
        Walking.run(
            settings=settings(
                max_examples=WALKS, stateful_step_count=STEPS, database=None, deadline=None, phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
        )  # fmt: skip
    except (NoLinksFound, Flaky):  # nothing is linked; or the site's data changed under way, which ends a walk
        return


@cache
def _machine(contract: Path) -> Any:
    """Only what looks: a walk goes over other people's records, and must leave all of them as they are."""
    return schema_of(contract).include(method="GET").as_state_machine()
