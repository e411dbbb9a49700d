"""What the gate decides per department and dimension, and how gate.json tells it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from greenrun import RUN, SITE, SYSTEM, GreenRun, item, result

from crm_acceptance.errors import WrongUse
from crm_acceptance.gate import Decision, as_json, judge, verdict_of
from crm_acceptance.gate.rules import RULES, Case, Rule, decide


@pytest.fixture
def mixed() -> GreenRun:
    """Sales: one functional failure; service: one check skipped; everybody else green."""
    green = GreenRun()
    green.result("test_lead").update(status="failed", statusDetails={"message": "AssertionError: 来源 source"})
    green.result("test_orders").update(status="skipped", statusDetails={"message": "Skipped: 不支持 unsupported"})
    green.phase("scenarios")["exit"] = 1
    return green


def test_a_disproven_requirement_outweighs_an_unproven_one(mixed: GreenRun, tmp_path: Path) -> None:
    verdict = judge(mixed.lay(tmp_path))
    assert (verdict.decision, verdict.exit_code) == (Decision.NO_GO, 1)


def test_each_department_is_decided_on_its_own_requirements(mixed: GreenRun, tmp_path: Path) -> None:
    decisions = {
        department.key: department.count.decision.value for department in judge(mixed.lay(tmp_path)).departments
    }
    assert decisions == {"sales": "no-go", "service": "unproven", "finance": "go", "it": "go"}


def test_each_dimension_of_a_department_is_decided_apart(mixed: GreenRun, tmp_path: Path) -> None:
    sales = judge(mixed.lay(tmp_path)).departments[0]
    assert {name: count.decision.value for name, count in sales.dimensions.items()} == {
        "functional": "no-go",
        "security": "go",
        "abnormal": "go",
    }


def test_an_emoji_that_a_script_cut_in_two_ends_nothing(mixed: GreenRun, tmp_path: Path) -> None:
    """JavaScript cuts "\ud83d\ude00" wherever it likes, and JSON carries the half; no file in UTF-8 does."""
    mixed.result("test_lead").update(name="订单 @", statusDetails={"message": "来源 @"})
    run = mixed.lay(tmp_path)
    for file in (run / "allure-results").glob("*-result.json"):
        file.write_text(file.read_text("utf-8").replace("@", r"\ud83d"), encoding="utf-8")
    verdict = judge(run)
    assert verdict.exit_code == 1 and json.dumps(as_json(verdict), ensure_ascii=False).encode()


def test_a_run_that_is_not_whole_lets_nobody_go_but_keeps_the_no(mixed: GreenRun, tmp_path: Path) -> None:
    mixed.run["finished"] = None
    verdict = judge(mixed.lay(tmp_path))
    decisions = {department.key: department.count.decision.value for department in verdict.departments}
    assert decisions == {"sales": "no-go", "service": "unproven", "finance": "unproven", "it": "unproven"}
    assert verdict.exit_code == 1


def test_a_broken_rule_says_what_was_expected_and_what_is_there(mixed: GreenRun, tmp_path: Path) -> None:
    sentences = [breach.sentence for breach in judge(mixed.lay(tmp_path)).departments[0].count.breaches]
    assert sentences == ["没有被推翻的需求 no requirement is disproven：应为 expected 0，实为 actual 1: SALES-001"]


def test_nothing_at_all_is_no_yes() -> None:
    assert decide(Case(()))[0] is Decision.UNPROVEN


def test_a_new_rule_is_one_more_row_of_data() -> None:
    strict = Rule("never", "永不", "never", lambda case: "always", Decision.NO_GO)
    decision, breaches = decide(Case(()), (*RULES, strict))
    assert (decision, [breach.rule for breach in breaches]) == (Decision.NO_GO, ["something-required", "never"])


def test_a_department_that_the_model_does_not_know_is_decided_too(tmp_path: Path) -> None:
    green = GreenRun()
    green.requirements[0]["department"] = "仓储"
    assert [one.name for one in judge(green.lay(tmp_path)).departments][-1] == "仓储"


def test_a_needed_department_without_any_requirement_has_said_nothing(tmp_path: Path) -> None:
    green = GreenRun()
    green.run["departments"] = ["sales", "finance", "service", "it", "marketing"]
    verdict = judge(green.lay(tmp_path))
    decisions = {department.key: department.count.decision.value for department in verdict.departments}
    assert (verdict.exit_code, decisions["marketing"], decisions["sales"]) == (3, "unproven", "go")


def test_a_department_whose_yes_the_profile_does_not_need_is_told_but_does_not_count(
    mixed: GreenRun, tmp_path: Path
) -> None:
    mixed.run["departments"] = ["finance", "it"]
    verdict = judge(mixed.lay(tmp_path))
    assert {one.key: (one.needed, one.count.decision.value) for one in verdict.departments} == {
        "sales": (False, "no-go"),
        "service": (False, "unproven"),
        "finance": (True, "go"),
        "it": (True, "go"),
    }
    assert (verdict.exit_code, verdict.count.total) == (0, 2)


def test_gate_json_has_the_documented_shape(mixed: GreenRun, tmp_path: Path) -> None:
    judge(mixed.lay(tmp_path))
    told = json.loads((tmp_path / "gate.json").read_text(encoding="utf-8"))
    head = {name: told[name] for name in ("run", "system", "site", "decision", "exit_code", "problems")}
    assert head == {"run": RUN, "system": SYSTEM, "site": SITE, "decision": "no-go", "exit_code": 1, "problems": []}
    assert list(told) == ["run", "system", "site", "decision", "exit_code", "requirements", "departments", "problems"]
    assert told["departments"][-1] == {
        "department": "it",
        "name": "IT",
        "decision": "go",
        "proven": 1,
        "disproven": 0,
        "unproven": 0,
        "dimensions": {"performance": {"decision": "go", "proven": 1, "disproven": 0, "unproven": 0}},
    }


def test_gate_json_names_the_checks_of_each_requirement(mixed: GreenRun, tmp_path: Path) -> None:
    first = as_json(judge(mixed.lay(tmp_path)))["requirements"][0]
    assert {name: first[name] for name in ("id", "department", "dimension", "criticality", "proof", "reasons")} == {
        "id": "SALES-001",
        "department": "sales",
        "dimension": "functional",
        "criticality": "critical",
        "proof": "disproven",
        "reasons": ["test_lead：不符合 failed: 来源 source"],
    }
    assert first["checks"][0] == {
        "nodeid": "features/sales/leads.feature::test_lead",
        "status": "failed",
        "engine": "scenarios",
        "uuid": "00000000-0000-4000-8000-000000000000",
    }


def test_a_site_written_as_a_table_is_told_by_its_address(tmp_path: Path) -> None:
    green = GreenRun()
    green.run["site"] = {"system": SYSTEM, "url": SITE, "kind": "reference"}
    assert as_json(judge(green.lay(tmp_path)))["site"] == SITE


def test_times_may_be_written_as_iso_text(tmp_path: Path) -> None:
    green = GreenRun()
    green.run.update(started="2026-11-18T11:06:40+00:00", finished="2026-11-18T11:16:40")
    assert judge(green.lay(tmp_path)).exit_code == 0


def test_judging_twice_gives_the_same_file_and_leaves_no_draft(tmp_path: Path) -> None:
    judge(GreenRun().lay(tmp_path))
    first = (tmp_path / "gate.json").read_bytes()
    judge(tmp_path)
    assert (tmp_path / "gate.json").read_bytes() == first
    assert [path.name for path in tmp_path.glob(".*")] == []


def test_asking_without_writing_leaves_the_folder_alone(tmp_path: Path) -> None:
    verdict_of(GreenRun().lay(tmp_path))
    assert not (tmp_path / "gate.json").exists()


def test_a_run_folder_that_is_not_there_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="no such run folder"):
        judge(tmp_path / "nowhere")


def test_a_gate_json_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    GreenRun().lay(tmp_path)
    (tmp_path / "gate.json").mkdir()
    with pytest.raises(WrongUse, match="cannot write"):
        judge(tmp_path)
    assert [path.name for path in tmp_path.glob(".*")] == []


def test_a_requirement_with_many_checks_is_weighed_in_one_pass(tmp_path: Path) -> None:
    green = GreenRun()
    for number in range(1000, 3000):
        nodeid = f"security/test_permissions.py::test_cell[{number}]"
        green.expected["security"]["items"].append(item(nodeid, "permissions", ("SEC-002",)))
        green.results.append(result(number, nodeid, "permissions", ("SEC-002",)))
    green.run["finished"] += 10_000_000
    verdict = judge(green.lay(tmp_path))
    assert (verdict.exit_code, len(verdict.findings[2].checks)) == (0, 2002)


def test_the_gate_sees_no_engine_no_system_no_pytest_and_no_allure() -> None:
    seen = subprocess.run(
        [sys.executable, "-c", "import sys, crm_acceptance.gate; print(*sorted(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    ).stdout.split()
    ours = {name.split(".")[1] for name in seen if name.startswith("crm_acceptance.")}
    assert ours == {"chain", "errors", "gate", "ledger", "manifest", "model", "policy"}
    assert not {"pytest", "allure", "playwright", "requests", "schemathesis", "locust"} & set(seen)
