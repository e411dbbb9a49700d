"""The conditions of acceptance that nobody can switch off, as data, and the decision they give."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from crm_acceptance.gate.matrix import Finding
from crm_acceptance.model import Proof


class Decision(StrEnum):
    """The gate's answer. Everything that is not full proof is UNPROVEN, which is no yes.

    CONDITIONAL: what is missing was declared tolerable before the run; a yes only with conditions that people sign.
    """

    GO = "go"
    CONDITIONAL = "conditional"
    NO_GO = "no-go"
    UNPROVEN = "unproven"


EXIT_CODES = {Decision.GO: 0, Decision.NO_GO: 1, Decision.UNPROVEN: 3, Decision.CONDITIONAL: 5}
STRICTEST_FIRST = (Decision.NO_GO, Decision.UNPROVEN, Decision.CONDITIONAL)


@dataclass(frozen=True)
class Case:
    """What is decided about: some requirements' findings, and what is wrong with the run as a whole.

    tolerated: the ids among them that the company's own policy lets pass with a condition.
    """

    findings: tuple[Finding, ...]
    problems: tuple[str, ...] = ()
    tolerated: frozenset[str] = frozenset()

    def ids(self, proof: Proof, tolerated: bool = False) -> tuple[str, ...]:
        """The requirement ids with this proof, without (or only) those that are tolerated."""
        found = (finding.requirement.id for finding in self.findings if finding.proof is proof)
        return tuple(id for id in found if (id in self.tolerated) is tolerated)


@dataclass(frozen=True)
class Rule:
    """One condition. `check` gives what is actually there when the condition is broken, else ""."""

    name: str
    message: str
    expected: str
    check: Callable[[Case], str]
    otherwise: Decision


@dataclass(frozen=True)
class Breach:
    """A broken rule, with the sentence that tells people what was expected and what is there."""

    rule: str
    sentence: str
    decision: Decision


def _counted(ids: tuple[str, ...]) -> str:
    return f"{len(ids)}: {', '.join(ids)}" if ids else ""


def _named(proof: Proof) -> Callable[[Case], str]:
    return lambda case: _counted(case.ids(proof))


def _tolerated(case: Case) -> str:
    return _counted((*case.ids(Proof.DISPROVEN, tolerated=True), *case.ids(Proof.UNPROVEN, tolerated=True)))


RULES = (
    Rule(
        "nothing-disproven",
        "没有被推翻的需求 no requirement is disproven",
        "0",
        _named(Proof.DISPROVEN),
        Decision.NO_GO,
    ),
    Rule(
        "everything-proven",
        "没有待证明的需求 no requirement is unproven",
        "0",
        _named(Proof.UNPROVEN),
        Decision.UNPROVEN,
    ),
    Rule(
        "something-required",
        "至少有一条需求 there is at least one requirement",
        ">= 1",
        lambda case: "" if case.findings else "0",
        Decision.UNPROVEN,
    ),
    Rule(
        "run-is-whole",
        "运行完整 the run is whole",
        "0 个问题 problems",
        lambda case: f"{len(case.problems)}: {case.problems[0]}" if case.problems else "",
        Decision.UNPROVEN,
    ),
    Rule(
        "nothing-tolerated",
        "没有只是被容忍的需求 nothing is merely tolerated",
        "0",
        _tolerated,
        Decision.CONDITIONAL,
    ),
)


def decide(case: Case, rules: Iterable[Rule] = RULES) -> tuple[Decision, tuple[Breach, ...]]:
    """NO_GO when any broken rule says so, else UNPROVEN, else CONDITIONAL, else GO; and every broken rule."""
    breaches = tuple(_breach(rule, actual) for rule in rules if (actual := rule.check(case)))
    return worst(breach.decision for breach in breaches), breaches


def _breach(rule: Rule, actual: str) -> Breach:
    return Breach(rule.name, f"{rule.message}：应为 expected {rule.expected}，实为 actual {actual}", rule.otherwise)


def worst(decisions: Iterable[Decision]) -> Decision:
    """The strictest of them; GO when there is none, so call it only where none means that nothing was broken."""
    given = set(decisions)
    return next((one for one in STRICTEST_FIRST if one in given), Decision.GO)
