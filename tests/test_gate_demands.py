"""What a company demands and tolerates: rules as data that can make the gate stricter, and gaps that are no green."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from greenrun import FINISHED, GreenRun

from crm_acceptance import policy
from crm_acceptance.errors import WrongUse
from crm_acceptance.gate import Decision, Doubts, Now, Verdict, judge

DRILL = {"drill": {"ended": "2026-11-12T00:00:00Z", "ok": True}}
NONE_OPEN: dict[str, Any] = {"open_critical_defects": []}
ONE_OPEN = {"open_critical_defects": ["CRM-1"]}
MINOR = {"proof": "unproven", "criticality": ["minor", "major"], "at_most": 1}


@pytest.fixture
def green() -> GreenRun:
    return GreenRun()


def spoilt(green: GreenRun, number: int, status: str, criticality: str = "minor") -> None:
    """Another word from one check, and how much its requirement matters."""
    green.results[number]["status"] = status
    for row in green.requirements:
        if row["id"] == label_of(green.results[number]):
            row["criticality"] = criticality
    if status in ("failed", "broken"):
        for phase in green.run["phases"]:
            phase["exit"] = 1


def label_of(result: dict[str, Any]) -> str:
    return next(one["value"] for one in result["labels"] if one["name"] == "requirement")


def judged(green: GreenRun, tmp_path: Path, **gate: Any) -> Verdict:
    green.run["gate"] = {"rule": [], "tolerate": [], **gate}
    return judge(green.lay(tmp_path))


def test_a_tolerated_gap_is_conditional_and_never_go(green: GreenRun, tmp_path: Path) -> None:
    spoilt(green, 3, "skipped")
    verdict = judged(green, tmp_path, tolerate=[MINOR])
    decisions = {one.key: one.count.decision for one in verdict.departments}
    assert decisions["finance"] is Decision.CONDITIONAL and decisions["sales"] is Decision.GO
    assert verdict.exit_code == 5 or decisions["service"] is not Decision.GO


def test_without_tolerance_the_same_gap_is_unproven(green: GreenRun, tmp_path: Path) -> None:
    spoilt(green, 3, "skipped")
    assert judged(green, tmp_path).exit_code == 3


@pytest.mark.parametrize("how", ["critical", "missing", "flaky", "deselected", "broken run", "too many"])
def test_what_cannot_be_tolerated(green: GreenRun, tmp_path: Path, how: str) -> None:
    spoilt(green, 0, "skipped", "critical" if how == "critical" else "minor")
    if how == "missing":
        del green.results[0]
    if how == "flaky":
        green.results.append({**green.results[0], "uuid": "another", "status": "passed"})
    if how == "deselected":
        green.expected["scenarios"]["items"][0]["selected"] = False
        del green.results[0]
    if how == "broken run":
        green.run["finished"] = None
    if how == "too many":
        spoilt(green, 2, "skipped")
    assert judged(green, tmp_path, tolerate=[MINOR]).exit_code == 3


def test_what_is_disproven_is_not_tolerated_as_unproven(green: GreenRun, tmp_path: Path) -> None:
    spoilt(green, 0, "failed")
    assert judged(green, tmp_path, tolerate=[MINOR]).exit_code == 1


@pytest.mark.parametrize(
    ("measure", "facts", "code"),
    [
        ({"measure": "recall", "at_least": 0.9}, {}, 3),
        ({"measure": "recall", "at_least": 0.9}, {"strength": {"suite": "a" * 64, "kinds": {}}}, 3),
        ({"measure": "recall", "at_least": 0.9}, {"strength": {"suite": "b" * 64, "kinds": {"x": (10, 10)}}}, 3),
        ({"measure": "recall", "at_least": 0.9}, {"strength": {"suite": "a" * 64, "kinds": {"x": (10, 9)}}}, 0),
        ({"measure": "recall", "at_least": 0.95}, {"strength": {"suite": "a" * 64, "kinds": {"x": (10, 9)}}}, 1),
        ({"measure": "recall", "at_least": 0.9, "kind": "y"}, {"strength": {"suite": "a" * 64, "kinds": {}}}, 3),
        ({"measure": "open_critical_defects", "at_most": 0}, {}, 3),
        ({"measure": "open_critical_defects", "at_most": 0}, {"open_critical_defects": ["CRM-1"]}, 1),
        ({"measure": "open_critical_defects", "at_most": 0}, {"open_critical_defects": []}, 0),
        ({"measure": "drill_age_days", "at_most": 30, "otherwise": "unproven"}, {}, 3),
        ({"measure": "drill_age_days", "at_most": 30}, {"drill": {"ended": "2026-11-01T00:00:00Z", "ok": True}}, 0),
        ({"measure": "drill_age_days", "at_most": 3}, {"drill": {"ended": "2026-11-01T00:00:00Z", "ok": True}}, 1),
        ({"measure": "drill_age_days", "at_most": 30}, {"drill": {"ended": "2026-11-01T00:00:00Z", "ok": False}}, 3),
        ({"measure": "drill_age_days", "at_most": 30}, {"drill": {"ended": "2036-11-01T00:00:00Z", "ok": True}}, 3),
        ({"measure": "migration_difference", "at_most": 0}, {"migration": {"difference": 0}}, 0),
        ({"measure": "migration_difference", "at_most": 0}, {"migration": {"difference": 2}}, 1),
        ({"measure": "migration_difference", "at_most": 0}, {"migration": {}}, 3),
        ({"measure": "proven_ratio", "at_least": 1.0, "dimensions": ["performance"]}, {}, 0),
        ({"measure": "proven_ratio", "at_least": 1.0, "departments": ["marketing"]}, {}, 3),
    ],
)
def test_a_demand_on_what_the_run_was_told(
    green: GreenRun, tmp_path: Path, measure: dict[str, Any], facts: dict[str, Any], code: int
) -> None:
    for one in facts.get("strength", {}).get("kinds", {}).copy():
        planted, caught = facts["strength"]["kinds"][one]
        facts = {"strength": {**facts["strength"], "kinds": {one: _kind(planted, caught)}}}
    green.run |= {"suite": "a" * 64, "facts": facts}
    if "marketing" in measure.get("departments", ()):
        green.run["departments"] = ["sales", "finance", "service", "it"]
    assert judged(green, tmp_path, rule=[measure]).exit_code == code


def _kind(planted: int, caught: int) -> dict[str, int]:
    return {"planted": planted, "caught": caught, "false_alarms": 0}


def test_a_miss_may_be_conditional_but_silence_about_it_is_unproven(green: GreenRun, tmp_path: Path) -> None:
    rule = {"measure": "open_critical_defects", "at_most": 0, "otherwise": "conditional"}
    green.run["facts"] = {"open_critical_defects": ["CRM-1"]}
    assert judged(green, tmp_path / "one", rule=[rule]).exit_code == 5
    green.run["facts"] = {}
    assert judged(green, tmp_path / "two", rule=[rule]).exit_code == 3


def test_what_all_departments_break_together_is_green_in_none_of_them(green: GreenRun, tmp_path: Path) -> None:
    """A rule about requirements that nobody has, and gaps that are few in each department and many in all."""
    nobody = judged(
        green, tmp_path / "one", rule=[{"measure": "proven_ratio", "at_least": 1, "criticality": ["minor"]}]
    )
    assert {one.count.decision for one in nobody.departments} == {Decision.UNPROVEN}
    assert "合计" in nobody.departments[0].count.breaches[0].sentence
    for number in (2, 6):
        spoilt(green, number, "skipped")
    few = {"measure": "unproven", "at_most": 1}
    many = judged(green, tmp_path / "two", tolerate=[MINOR], rule=[few])
    assert many.exit_code == 1 and {one.count.decision for one in many.departments} == {Decision.NO_GO}
    own = judged(green, tmp_path / "three", tolerate=[MINOR], rule=[few | {"departments": ["sales"]}])
    assert own.exit_code == 5


@pytest.mark.parametrize(
    ("rule", "then", "now", "decision"),
    [
        ({"measure": "drill_age_days", "at_most": 30}, DRILL, DRILL, Decision.GO),
        ({"measure": "drill_age_days", "at_most": 30}, DRILL, {}, Decision.UNPROVEN),
        ({"measure": "drill_age_days", "at_most": 10}, DRILL, DRILL, Decision.NO_GO),
        ({"measure": "open_critical_defects", "at_most": 0}, NONE_OPEN, NONE_OPEN, Decision.GO),
        ({"measure": "open_critical_defects", "at_most": 0}, NONE_OPEN, ONE_OPEN, Decision.NO_GO),
        ({"measure": "open_critical_defects", "at_most": 0}, ONE_OPEN, NONE_OPEN, Decision.NO_GO),
        ({"measure": "recall", "at_least": 0.5}, {}, {}, Decision.UNPROVEN),
    ],
)
def test_what_goes_on_changing_must_hold_now_as_well(
    green: GreenRun, tmp_path: Path, rule: dict[str, Any], then: dict[str, Any], now: dict[str, Any], decision: Decision
) -> None:
    green.run |= {"gate": {"rule": [rule]}, "facts": then}
    later = FINISHED + 5 * 86_400_000
    verdict = judge(green.lay(tmp_path), Doubts(now=Now(now, later)))
    assert verdict.decision is decision and {one.count.decision for one in verdict.departments} == {decision}


@pytest.mark.parametrize("facts", [{"drill": {"ended": 1e400, "ok": True}}, {"open_critical_defects": {}}])
def test_a_fact_that_is_none_is_not_told(green: GreenRun, tmp_path: Path, facts: dict[str, Any]) -> None:
    green.run["facts"] = facts
    rules = [{"measure": "drill_age_days", "at_most": 30}, {"measure": "open_critical_defects", "at_most": 0}]
    assert judged(green, tmp_path, rule=rules).exit_code == 3


def test_fewer_checks_than_the_baseline_are_unproven(green: GreenRun, tmp_path: Path) -> None:
    green.run["facts"] = {"before": {"SALES-001": 3}}
    verdict = judged(green, tmp_path)
    assert verdict.exit_code == 3
    assert any("比基线少" in reason for one in verdict.findings for reason in one.reasons)


@pytest.mark.parametrize("facts", [[], "yes", {"before": []}, {"before": {"SALES-001": "many"}}])
def test_facts_of_another_shape_stop_the_gate(green: GreenRun, tmp_path: Path, facts: Any) -> None:
    green.run["facts"] = facts
    assert judged(green, tmp_path).exit_code == 3


@pytest.mark.parametrize(
    ("rules", "tolerate", "said"),
    [
        ([{"measure": "speed", "at_least": 1}], [], "measure"),
        ([{"measure": "recall"}], [], "at_least"),
        ([{"measure": "recall", "at_least": 0.9, "at_most": 1}], [], "只写一个"),
        ([{"measure": "recall", "at_least": "0.9"}], [], "0 或更大"),
        ([{"measure": "recall", "at_least": float("nan")}], [], "0 或更大"),
        ([{"measure": "proven_ratio", "at_least": 95}], [], "0 到 1"),
        ([{"measure": "recall", "at_least": 0.9, "otherwise": "go"}], [], "otherwise"),
        ([{"measure": "recall", "at_least": 0.9, "departments": ["legal"]}], [], "legal"),
        ([{"measure": "recall", "at_least": 0.9, "department": ["sales"]}], [], "department"),
        ([], [{"proof": "unproven", "criticality": ["critical"], "at_most": 1}], "critical"),
        ([], [{"proof": "unproven", "at_most": 1}], "criticality"),
        ([], [{"proof": "proven", "criticality": ["minor"], "at_most": 1}], "proof"),
        ([], [{"proof": "unproven", "criticality": ["minor"], "at_most": 0}], "at_most"),
        ([], [{"proof": "unproven", "criticality": ["minor"]}], "at_most"),
        ("all", [], "gate.rule"),
    ],
)
def test_a_demand_that_says_nothing_is_refused(rules: Any, tolerate: Any, said: str) -> None:
    with pytest.raises(WrongUse, match=said):
        policy.read(rules, tolerate)
