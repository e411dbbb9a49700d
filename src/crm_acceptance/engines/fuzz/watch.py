"""The custom schemathesis check: no answer may show a planted value that its reader must not see. Knows no rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from schemathesis.core.failures import Failure

from crm_acceptance.engines.fuzz.identities import AnyCase, answer_of, call_of
from crm_acceptance.engines.permissions.oracle import shown
from crm_acceptance.engines.permissions.sight import Leak

Check = Callable[[Any, Any, AnyCase], bool | None]


class Leaked(Failure):
    """A canary in an answer. Holds what leaked, never the value itself: failures end up in reports."""

    __slots__ = ("leaks",)
    kind_title = "泄露 a planted value is shown to somebody who must not see it"

    def __init__(self, *, operation: str | None, leaks: tuple[Leak, ...]) -> None:
        super().__init__(operation=operation, message="；".join(map(str, leaks)))
        self.leaks = leaks


def canaries_hidden(values: Mapping[str, Leak]) -> Check:
    """A check for schemathesis, fed with value -> what it means if it is shown to whoever sends these cases."""

    def canaries_stay_hidden(context: Any, response: Any, case: AnyCase) -> bool | None:
        found = shown(values, [(call_of(case), answer_of(response, case))])
        if found:
            raise Leaked(operation=case.operation.label, leaks=tuple(values[value] for value in sorted(found)))
        return None

    return canaries_stay_hidden


def leaked(case: AnyCase, response: Any, values: Mapping[str, Leak]) -> tuple[Leak, ...]:
    """What schemathesis finds with that check alone; its own report is left aside, since it would quote the login."""
    found: list[Leak] = []
    try:
        case.validate_response(response, checks=[canaries_hidden(values)])
    except* Leaked as group:
        found += _flat(group)
    return tuple(found)


def _flat(group: BaseExceptionGroup[Leaked]) -> list[Leak]:
    flat: list[Leak] = []
    for one in group.exceptions:
        flat += _flat(one) if isinstance(one, BaseExceptionGroup) else list(one.leaks)
    return flat
