"""Which rows of the matrix speak about an operation, and for whom it says nothing; sends nothing."""

from __future__ import annotations

from collections.abc import Container, Iterable

from crm_acceptance.engines.fuzz.naming import EVERY, Operation
from crm_acceptance.engines.permissions.table import Matrix, Rule


def rules(matrix: Matrix, role: str, operation: Operation) -> tuple[Rule, ...]:
    """The rules of one role for an operation; several where one operation serves every object or every report."""
    if operation.object == EVERY:
        return tuple(rule for rule in matrix.rules if (rule.role, rule.action) == (role, operation.action))
    if operation.object.endswith(":*"):
        family = operation.object.removesuffix("*")
        return tuple(rule for rule in matrix.rules if rule.role == role and rule.object.startswith(family))
    rule = matrix.find(role, operation.action, operation.object) if operation.object else None
    return (rule,) if rule else ()


FORGOTTEN, RELATED = "SEC-012", "SEC-019"
"""What a leak disproves that no single row speaks about: in what is about everything, in what hangs on a record."""


def requirements(
    matrix: Matrix, roles: Iterable[str], operation: Operation, known: Container[str] = ()
) -> tuple[str, ...]:
    """Every requirement that some row about this operation names: one check each, so that a finding disproves the
    requirement of its own row and no other. `known` are those of the site."""
    if operation.broad:
        return (FORGOTTEN,) if FORGOTTEN in known else ()
    if operation.related and RELATED in known:
        return (RELATED,)
    found = {id for role in roles for rule in rules(matrix, role, operation) for id in rule.requirements}
    return tuple(sorted(found))


def walked(matrix: Matrix, role: str, operation: Operation, known: Container[str] = ()) -> tuple[str, ...]:
    """What a leak disproves that the role met in this operation on its way along links."""
    if not rules(matrix, role, operation):
        return (FORGOTTEN,) if FORGOTTEN in known else ()
    return requirements(matrix, (role,), operation, known)


def speaks(operation: Operation, rule: Rule, requirement: str) -> bool:
    """Whether a finding by that rule disproves the requirement."""
    return requirement in rule.requirements or (operation.related and requirement == RELATED)


def judging(matrix: Matrix, roles: Iterable[str], operation: Operation, requirement: str) -> tuple[Rule, ...]:
    """The rules, role by role, that the operation's check for this requirement is judged by."""
    found = (rule for role in sorted(roles) for rule in rules(matrix, role, operation))
    return tuple(rule for rule in found if operation.broad or speaks(operation, rule, requirement))


def silent(matrix: Matrix, roles: Iterable[str], operation: Operation) -> tuple[str, ...]:
    """The roles about which the table says nothing for this operation."""
    return tuple(role for role in roles if not rules(matrix, role, operation))
