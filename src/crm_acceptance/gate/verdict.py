"""One run folder -> its verdict, department by department. Reads only that folder; writes nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from crm_acceptance import chain, ledger, manifest
from crm_acceptance.errors import WrongUse
from crm_acceptance.gate.matrix import Finding, prove, weigh
from crm_acceptance.gate.rules import EXIT_CODES, Breach, Case, Decision, decide, worst
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
    """What the gate says of one run: `exit_code` is 0 go, 1 no-go, 3 unproven."""

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


def verdict_of(run_dir: Path) -> Verdict:
    """Read and judge `reports/<run>/`. Raises WrongUse when there is no such folder."""
    if not run_dir.is_dir():
        raise WrongUse(f"没有这个运行目录 no such run folder: {run_dir}。先运行 run first: crm-acceptance run")
    promised, found = manifest.read(run_dir), ledger.read(run_dir / "allure-results")
    findings = prove(promised.requirements, promised.items, found.results, promised.run)
    whole = problems(promised, found, weigh(promised.items, found.results, promised.run))
    troubles = (*whole, *chain.broken(run_dir))
    departments = _by_department(promised.run, findings, troubles)
    return Verdict(promised.run, _overall(departments, findings, troubles), findings, departments, troubles)


def _by_department(run: Run, findings: tuple[Finding, ...], troubles: tuple[str, ...]) -> tuple[Department, ...]:
    present = {finding.requirement.department for finding in findings} | set(run.departments)
    keys = [*(key for key in DEPARTMENTS if key in present), *sorted(present - set(DEPARTMENTS))]
    needed = set(run.departments) or present
    return tuple(replace(_department(key, findings, troubles), needed=key in needed) for key in keys)


def _overall(departments: tuple[Department, ...], findings: tuple[Finding, ...], troubles: tuple[str, ...]) -> Count:
    needed = {department.key: department.count.decision for department in departments if department.needed}
    count = _count(tuple(one for one in findings if one.requirement.department in needed), troubles)
    return replace(count, decision=worst([count.decision, *needed.values()]))


def _department(key: str, findings: tuple[Finding, ...], troubles: tuple[str, ...]) -> Department:
    own = tuple(finding for finding in findings if finding.requirement.department == key)
    present = {finding.requirement.dimension for finding in own}
    dimensions = [*(name for name in DIMENSIONS if name in present), *sorted(present - set(DIMENSIONS))]
    counts = {
        name: _count(tuple(one for one in own if one.requirement.dimension == name), troubles) for name in dimensions
    }
    return Department(key, DEPARTMENTS.get(key, key), _count(own, troubles), counts)


def _count(findings: tuple[Finding, ...], troubles: tuple[str, ...]) -> Count:
    decision, breaches = decide(Case(findings, troubles))
    tally = Counter(finding.proof for finding in findings)
    return Count(decision, tally[Proof.PROVEN], tally[Proof.DISPROVEN], tally[Proof.UNPROVEN], breaches)
