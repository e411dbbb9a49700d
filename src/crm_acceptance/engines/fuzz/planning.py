"""How many requests the net takes at most, told before the first one is sent; sends nothing.

Everything grows with operations x roles: every bound here is so many per role, and none is per pair of roles.
"""

from __future__ import annotations

from collections.abc import Sequence

from crm_acceptance.engines.fuzz import walks
from crm_acceptance.engines.fuzz.aims import QUESTIONS, widens
from crm_acceptance.engines.fuzz.naming import EVERY, Operation
from crm_acceptance.engines.fuzz.roles import SEARCHED
from crm_acceptance.engines.fuzz.tricks import SPELLINGS
from crm_acceptance.engines.permissions.vocabulary import OBJECT_FIELDS

STRANGERS, CONFORMING = 2, 3
WRITTEN = 2
"""Requests of one role's attempt to change something: the attempt, and the owner's look afterwards."""
PREPARED = 8
"""Requests that make the spare records of two families ready to be changed, and the owners' first look at them."""
ATTACHED = 10
"""Objects to which something can be attached; one operation hands out the attachments of all of them."""
REPORTS = sum(one.startswith("report:") for one in OBJECT_FIELDS)


def requests_planned(operation: Operation, roles: Sequence[str]) -> int:
    """The most requests that one operation takes: as a stranger, for conformance, and as each of these roles."""
    disguised = len(SPELLINGS) if operation.looks else 0
    once = STRANGERS + disguised + CONFORMING + (disguised if operation.key else 0)
    prepared = 0 if operation.looks else PREPARED
    return once + prepared + len(roles) * _per_role(operation)


def walks_planned(roles: Sequence[str]) -> int:
    """The most requests that following links takes, for all of these roles together."""
    return walks.requests_planned(len(roles))


def _per_role(operation: Operation) -> int:
    if operation.broad or not operation.action:
        return QUESTIONS + 1 if operation.looks else WRITTEN
    if operation.object == EVERY:
        return ATTACHED
    if operation.object == "report:*":
        return REPORTS
    if not operation.looks:
        return WRITTEN
    around = 1 if widens(operation.takes) else 0
    return 1 + around if operation.key else 1 + around + SEARCHED
