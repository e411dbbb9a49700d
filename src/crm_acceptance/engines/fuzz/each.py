"""One role after the other: what cannot be tried as one of them does not keep the others from being tried."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from crm_acceptance.errors import Unproven


def of_each(roles: Iterable[str], findings: Callable[[str], Iterable[str]]) -> list[str]:
    """Findings of all roles, each once. Without any, the first reason why a role could not be tried is raised:
    somebody who cannot sign in leaves the check unproven, but hides nothing that the others bring to light."""
    found: list[str] = []
    reasons: list[Unproven] = []
    for role in roles:
        try:
            found += findings(role)
        except Unproven as reason:
            reasons.append(reason)
    if reasons and not found:
        raise reasons[0]
    return list(dict.fromkeys(found))
