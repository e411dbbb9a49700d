"""One run folder -> its verdict, department by department. Reads only that folder; writes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from dataclasses import dataclass, replace
from pathlib import Path

from crm_acceptance import chain, ledger, manifest
from crm_acceptance.errors import WrongUse
from crm_acceptance.gate.demands import everybodys, rules_for, tolerated
from crm_acceptance.gate.doubts import NONE, Doubts, Now, doubted
from crm_acceptance.gate.matrix import Finding, prove, weigh
from crm_acceptance.gate.rules import EXIT_CODES, RULES, Breach, Case, Decision, Rule, decide, worst
from crm_acceptance.gate.whole import problems
from crm_acceptance.manifest import Run
from crm_acceptance.model import DEPARTMENTS, DIMENSIONS, Proof


@dataclass(frozen=True)
class Count:
    """How many requirements are proven, disproven, unproven, and the decision over them."""

    decision: Decision
    proven: int
    disproven: int
    unproven: int
    breaches: tuple[Breach, ...] = ()

    @property
    def total(self) -> int:
        """How many requirements are counted."""
        return self.proven + self.disproven + self.unproven


@dataclass(frozen=True)
class Department:
    """One department's decision, in all and per dimension (only dimensions with requirements).

    needed: False when the profile does not ask for this department's yes; then it is told, and does not count.
    """

    key: str
    name: str
    count: Count
    dimensions: dict[str, Count]
    needed: bool = True


@dataclass(frozen=True)
class Verdict:
    """What the gate says of one run: `exit_code` is 0 go, 1 no-go, 3 unproven, 5 conditional."""

    run: Run
    count: Count
    findings: tuple[Finding, ...]
    departments: tuple[Department, ...]
    problems: tuple[str, ...]

    @property
    def decision(self) -> Decision:
        """The decision over all departments."""
        return self.count.decision

    @property
    def exit_code(self) -> int:
        """What the command that asked should exit with."""
        return EXIT_CODES[self.decision]


def verdict_of(run_dir: Path, doubts: Doubts = NONE) -> Verdict:
    """Read and judge `reports/<run>/`; `doubts` only ever take away. Raises WrongUse when there is no such folder."""
    if not run_dir.is_dir():
        raise WrongUse(f"没有这个运行目录 no such run folder: {run_dir}。先运行 run first: crm-acceptance run")
    promised, found = manifest.read(run_dir), ledger.read(run_dir / "allure-results")
    findings = doubted(prove(promised.requirements, promised.items, found.results, promised.run), doubts)
    whole = problems(promised, found, weigh(promised.items, found.results, promised.run))
    troubles = (*whole, *chain.broken(run_dir))
    case = Case(findings, troubles, tolerated(findings, promised.run.policy))
    departments = _by_department(promised.run, case, doubts.now)
    overall = _overall(promised.run, departments, case, doubts.now)
    return Verdict(promised.run, overall, findings, departments, troubles)


def _by_department(run: Run, case: Case, now: Now | None) -> tuple[Department, ...]:
    present = {finding.requirement.department for finding in case.findings} | set(run.departments)
    keys = [*(key for key in DEPARTMENTS if key in present), *sorted(present - set(DEPARTMENTS))]
    needed = set(run.departments) or present
    cases = {key: _of(case, {key}) for key in keys}
    shared = everybodys(run, _of(case, needed), {key: cases[key] for key in keys if key in needed})
    return tuple(
        _department(key, cases[key], (*rules_for(run, key, now), *shared.get(key, ())), key in needed) for key in keys
    )


def _overall(run: Run, departments: tuple[Department, ...], case: Case, now: Now | None) -> Count:
    needed = {department.key: department.count.decision for department in departments if department.needed}
    count = _count(_of(case, needed), rules_for(run, now=now))
    return replace(count, decision=worst([count.decision, *needed.values()]))


def _of(case: Case, keys: Container[str]) -> Case:
    return replace(case, findings=tuple(one for one in case.findings if one.requirement.department in keys))


def _department(key: str, case: Case, demanded: tuple[Rule, ...], needed: bool) -> Department:
    present = {finding.requirement.dimension for finding in case.findings}
    dimensions = [*(name for name in DIMENSIONS if name in present), *sorted(present - set(DIMENSIONS))]
    counts = {
        name: _count(replace(case, findings=tuple(one for one in case.findings if one.requirement.dimension == name)))
        for name in dimensions
    }
    return Department(key, DEPARTMENTS.get(key, key), _count(case, demanded), counts, needed)


def _count(case: Case, demanded: tuple[Rule, ...] = ()) -> Count:
    decision, breaches = decide(case, (*RULES, *demanded))
    tally = Counter(finding.proof for finding in case.findings)
    return Count(decision, tally[Proof.PROVEN], tally[Proof.DISPROVEN], tally[Proof.UNPROVEN], breaches)
