"""What a company's own policy demands and tolerates: its conditions as rules, its tolerances as ids. Reads no file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from crm_acceptance.gate.doubts import Now
from crm_acceptance.gate.matrix import FEWER, NO_CHECK, Finding
from crm_acceptance.gate.rules import Case, Decision, Rule
from crm_acceptance.manifest import Run, milliseconds
from crm_acceptance.model import Proof
from crm_acceptance.policy import COUNTED, PASSING, Condition, Policy, Scope, Tolerance

NOT_TOLD = "这次运行没有记下 the run was not told"
SPOKE = frozenset({"passed", "failed", "skipped", "broken"})
"""A check of which there is a word. One that never ran, or says now this, now that, is tolerated by nobody."""
DAY_MS = 86_400_000
Answer = tuple[float | None, str]
"""A measure's value, or None and why there is none."""


def tolerated(findings: Iterable[Finding], policy: Policy) -> frozenset[str]:
    """The ids that the policy lets pass with a condition: per department all that a row means, or none of them when
    they are more than it bears."""
    found: set[str] = set()
    everything = tuple(findings)
    for row in policy.tolerances:
        for department in {one.requirement.department for one in everything}:
            meant = [one for one in everything if one.requirement.department == department and _bearable(row, one)]
            found |= {one.requirement.id for one in meant} if len(meant) <= row.at_most else set()
    return frozenset(found)


def _bearable(row: Tolerance, finding: Finding) -> bool:
    spoke = bool(finding.checks) and all(check.status in SPOKE for check in finding.checks)
    fresh = not finding.silent and not any(reason.startswith((NO_CHECK, FEWER)) for reason in finding.reasons)
    return finding.proof == row.proof and spoke and fresh and _meant(row.scope, finding)


def _meant(scope: Scope, finding: Finding) -> bool:
    one = finding.requirement
    return scope.holds(one.department, one.dimension, one.criticality)


def rules_for(run: Run, department: str = "", now: Now | None = None) -> tuple[Rule, ...]:
    """The policy's conditions as rules of one department, or of all of them together ("").

    With `now`, what goes on changing must hold at that moment as well.
    """
    asked = [one for one in run.policy.conditions if _concerns(one, department)]
    rules = [rule for one in asked for rule in _rules(one, run, department)]
    if now is not None:
        later = replace(run, facts=now.facts, finished=now.at)
        again = (rule for one in asked if one.measure in PASSING for rule in _rules(one, later, department))
        rules += (replace(rule, message=f"{rule.message}（现在 now）") for rule in again)
    return tuple(rules)


def everybodys(run: Run, whole: Case, cases: Mapping[str, Case]) -> dict[str, tuple[Rule, ...]]:
    """Department -> conditions that all departments together break and none of them by itself: nobody is green then.

    `cases`: those of the departments whose yes is needed.
    """
    found: dict[str, tuple[Rule, ...]] = dict.fromkeys(cases, ())
    for one in run.policy.conditions:
        concerned = [key for key in cases if _concerns(one, key)]
        alone = any(rule.check(cases[key]) for key in concerned for rule in _rules(one, run, key))
        broken = () if alone else tuple(_fixed(rule, whole) for rule in _rules(one, run, "") if rule.check(whole))
        for key in concerned or cases:
            found[key] += broken
    return found


def _fixed(rule: Rule, whole: Case) -> Rule:
    """The rule with what is there of all departments, whichever it is asked about."""
    return replace(
        rule, message=f"{rule.message}（所有部门合计 of all departments）", check=lambda _: rule.check(whole)
    )


def _concerns(condition: Condition, department: str) -> bool:
    named = condition.scope.departments
    return not department or not named or department in named


def _rules(condition: Condition, run: Run, department: str) -> tuple[Rule, Rule]:
    """The condition itself, and that anything is known about it: silence is unproven, whatever a miss would be."""

    def missed(case: Case) -> str:
        value, _ = _measured(condition, run, case, department)
        return "" if value is None or _held(condition, value) else f"{value:.4g}"

    def silent(case: Case) -> str:
        value, why = _measured(condition, run, case, department)
        return why if value is None else ""

    told = condition.measure, _expected(condition)
    return (
        Rule(condition.name, *told, missed, Decision(condition.otherwise)),
        Rule(condition.name, *told, silent, Decision.UNPROVEN),
    )


def _expected(condition: Condition) -> str:
    return f">= {condition.at_least:g}" if condition.at_least is not None else f"<= {condition.at_most or 0:g}"


def _held(condition: Condition, value: float) -> bool:
    if condition.at_least is not None:
        return value >= condition.at_least
    return condition.at_most is not None and value <= condition.at_most


def _measured(condition: Condition, run: Run, case: Case, department: str) -> Answer:
    if condition.measure in COUNTED:
        return _count(condition, case, department)
    return _told(condition, run)


def _meant_by(condition: Condition, case: Case) -> list[Finding]:
    return [finding for finding in case.findings if _meant(condition.scope, finding)]


def _count(condition: Condition, case: Case, department: str) -> Answer:
    meant = _meant_by(condition, case)
    if not meant and department and not condition.scope.departments:
        return (1.0 if condition.at_least is not None else 0.0), ""  # another department's business
    if not meant:
        return None, "没有这样的需求 there is no such requirement"
    if condition.measure == "proven_ratio":
        return sum(one.proof is Proof.PROVEN for one in meant) / len(meant), ""
    return float(sum(one.proof == condition.measure for one in meant)), ""


def _told(condition: Condition, run: Run) -> Answer:
    try:
        return _FACTS[condition.measure](condition, run)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as wrong:
        return None, f"{NOT_TOLD}: {condition.measure} ({type(wrong).__name__})"


def _strength(condition: Condition, run: Run) -> Mapping[str, Mapping[str, Any]]:
    """Per kind of planted defects, of this very suite."""
    said = run.facts["strength"]
    if not run.suite or said["suite"] != run.suite:
        raise ValueError("measured of another suite")
    kinds: Mapping[str, Mapping[str, Any]] = said["kinds"]
    chosen = {condition.kind: kinds[condition.kind]} if condition.kind else kinds
    if not chosen:
        raise ValueError("no kind was measured")
    return chosen


def _recall(condition: Condition, run: Run) -> Answer:
    kinds = _strength(condition, run).values()
    if any(not 0 <= one["caught"] <= one["planted"] for one in kinds):
        raise ValueError("more were caught than planted")
    shares = [one["caught"] / one["planted"] for one in kinds if one["planted"] > 0]
    return (min(shares), "") if shares else (None, f"{NOT_TOLD}: planted defects")


def _false_alarms(condition: Condition, run: Run) -> Answer:
    return float(sum(one["false_alarms"] for one in _strength(condition, run).values())), ""


def _open_defects(condition: Condition, run: Run) -> Answer:
    told = run.facts["open_critical_defects"]
    if not isinstance(told, list):
        raise TypeError(f"not a list: {told!r}")
    return float(len(told)), ""


def _drill(condition: Condition, run: Run) -> Answer:
    said = run.facts["drill"]
    ended, now = milliseconds(said["ended"]), run.finished
    if ended is None or now is None:
        return None, NOT_TOLD
    if said["ok"] is not True:
        return None, "最近一次演练没有成功 the last drill failed"
    if ended > now:
        return None, "演练晚于本次运行，时钟不对 the drill is later than this run"
    return (now - ended) / DAY_MS, ""


def _migration(condition: Condition, run: Run) -> Answer:
    return abs(float(run.facts["migration"]["difference"])), ""


_FACTS = {
    "recall": _recall,
    "false_alarms": _false_alarms,
    "open_critical_defects": _open_defects,
    "drill_age_days": _drill,
    "migration_difference": _migration,
}
