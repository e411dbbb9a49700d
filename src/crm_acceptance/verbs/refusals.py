"""What a refusal is and how a check demands one; which kind of no a CRM says is its own affair."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec

from crm_acceptance.errors import Refused

P = ParamSpec("P")
SAID_NO = frozenset({"denied", "missing", "duplicate", "invalid", "conflict"})


def refused(what: str, attempt: Callable[P, object], *args: P.args, **options: P.kwargs) -> Refused:
    """Calls `attempt` and returns the CRM's refusal; AssertionError, saying `what` went through, when there is none.

    An expired login or a throttled request is no business refusal and goes through as it is.
    """
    try:
        attempt(*args, **options)
    except Refused as no:
        if no.kind in SAID_NO:
            return no
        raise
    raise AssertionError(f"系统没有拒绝：{what}。The CRM did not refuse it.")
