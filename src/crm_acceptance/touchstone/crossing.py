"""Whose doing a failure is, when many defects share a boot: codes that tell them apart, and what they tell. Pure.

Each caught defect gets a code: a set of boots in which it is on. All codes have the same size, so none lies within
another (Sperner); a check that fails in exactly the boots of one code, and passes in all others, fails because of that
defect and of no other: any other defect that made it fail would have done so in some boot where this one was off.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from math import comb

from crm_acceptance.model import Proof
from crm_acceptance.touchstone.judging import Outcome, Seen

WITNESSES = 1
"""So many of the checks that noticed a defect are asked again, the quickest; who is not told apart is booted alone."""


def codes(names: Sequence[str]) -> dict[str, frozenset[int]]:
    """A different half of as few boots as possible for each name: no code lies within another."""
    boots = next(number for number in range(1, len(names) + 2) if comb(number, number // 2) >= len(names))
    halves = list(combinations(range(boots), max(1, boots // 2)))
    # spread over all of them, so that no boot carries nearly everything
    return {name: frozenset(halves[number * len(halves) // len(names)]) for number, name in enumerate(names)}


def witnesses(outcome: Outcome, shown: Seen) -> frozenset[str]:
    """The checks that are asked again for one caught defect."""
    return frozenset(sorted(outcome.by, key=lambda one: (shown.took.get(one, 0.0), one))[:WITNESSES])


def confirmed(code: frozenset[int], asked: frozenset[str], boots: Sequence[Seen]) -> bool:
    """Whether some witness failed whenever the defect was on, and passed whenever it was off, in whole boots."""
    whole = not any(boot.trouble for boot in boots)
    return whole and any(all(boot.proof(one) is _expected(code, at) for at, boot in enumerate(boots)) for one in asked)


def on_in(codes: Mapping[str, frozenset[int]], boot: int) -> tuple[str, ...]:
    """The defects that are on in that boot."""
    return tuple(name for name, code in codes.items() if boot in code)


def _expected(code: frozenset[int], boot: int) -> Proof:
    return Proof.DISPROVEN if boot in code else Proof.PROVEN
