"""Whether a total, a count or a sum tells of records out of reach; which are asked is the business of the rows."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crm_acceptance.engines.permissions.absent import absent_like
from crm_acceptance.engines.permissions.garden import Canary
from crm_acceptance.engines.permissions.wording import doing, the_record, who
from crm_acceptance.model import Outcome

if TYPE_CHECKING:
    from crm_acceptance.engines.permissions.looks import Look

GROWTHS = 3
"""How often a figure must follow a foreign record before it is believed to count it."""


def told(
    look: Look,
    canary: Canary,
    outcome: Outcome,
    read: Callable[[Outcome], Decimal],
    what: str,
    options: Mapping[str, Any] | None = None,
) -> Iterator[str]:
    """Existence told by a number: it is more than the same question about something that does not exist brings.

    Comparing, instead of asking for zero, keeps a broken filter (another requirement's business) out of this verdict.
    """
    if read(outcome) <= 0:
        return
    absent = {**(options or {}), **_absent(canary)}
    nothing = read(look.hear(**absent).outcome)
    if read(outcome) > nothing or (read(outcome) == nothing and _grows(look, canary, read, absent)):
        yield (
            f"泄露 leak: {who(look.actor)}{doing(look.rule.action, look.rule.object)}时，"
            f"{what}透露了 {canary.owner.name} 的 {the_record(canary.object, canary.id)} 存在。"
            "The figure tells that it exists."
        )


def _grows(look: Look, canary: Canary, read: Callable[[Outcome], Decimal], options: Mapping[str, Any]) -> bool:
    """Whether one more record of somebody else's raises a figure that heeds no filter, every time it is tried.

    Whoever works there at the same time raises it, too: a figure that moves by itself says nothing.
    """

    def figure() -> Decimal:
        return read(look.hear(**options).outcome)

    for _ in range(GROWTHS):
        before = figure()
        if figure() != before:
            return False
        look.garden.spare(canary.object, canary.owner)
        if figure() <= before:
            return False
    return True


def _absent(canary: Canary) -> dict[str, Any]:
    lookup = canary.draft.lookup
    if "where" in lookup:
        return {"where": {name: absent_like(str(value)) for name, value in lookup["where"].items()}}
    return {"q": "wu" + secrets.token_hex(6)}
