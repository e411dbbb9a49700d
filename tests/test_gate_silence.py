"""Everything that looks like a pass and is none: each way in which a run could go green wrongly, shut out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from greenrun import FINISHED, STARTED, GreenRun, label, relabel

from crm_acceptance.gate import Decision, Verdict, judge
from crm_acceptance.gate.matrix import DESELECTED, FLAKY, LISTED_TWICE, NEVER_RAN, NO_CHECK, REPEATED, STRAY
from crm_acceptance.model import Proof


@pytest.fixture
def green() -> GreenRun:
    return GreenRun()


def finding(verdict: Verdict, id: str) -> tuple[Proof, str]:
    found = next(one for one in verdict.findings if one.requirement.id == id)
    return found.proof, "\n".join(found.reasons)


def assert_unproven(verdict: Verdict, id: str, why: str) -> None:
    proof, reasons = finding(verdict, id)
    assert (proof, verdict.exit_code) == (Proof.UNPROVEN, 3)
    assert why in reasons


def assert_nobody_goes(verdict: Verdict, why: str) -> None:
    assert verdict.exit_code == 3
    assert {department.count.decision for department in verdict.departments} <= {Decision.UNPROVEN}
    assert why in "\n".join(verdict.problems)


def test_a_whole_green_run_goes(green: GreenRun, tmp_path: Path) -> None:
    verdict = judge(green.lay(tmp_path))
    assert (verdict.decision, verdict.exit_code, verdict.problems) == (Decision.GO, 0, ())
    assert verdict.count.proven == len(green.requirements)


def test_a_failed_check_disproves_its_requirement_and_only_that(green: GreenRun, tmp_path: Path) -> None:
    green.result("test_lead").update(status="failed", statusDetails={"message": "AssertionError: 来源 should be 展会"})
    green.phase("scenarios")["exit"] = 1
    verdict = judge(green.lay(tmp_path))
    assert verdict.exit_code == 1
    assert finding(verdict, "SALES-001") == (Proof.DISPROVEN, "test_lead：不符合 failed: 来源 should be 展会")
    assert [one.requirement.id for one in verdict.findings if one.proof is not Proof.PROVEN] == ["SALES-001"]
    assert {d.key: d.count.decision.value for d in verdict.departments} == {
        "sales": "no-go",
        "finance": "go",
        "service": "go",
        "it": "go",
    }


def test_a_failed_scenario_says_at_which_sentence(green: GreenRun, tmp_path: Path) -> None:
    steps = [
        {"name": "当 李娜 登记线索：", "status": "passed"},
        {"name": '那么 陈静 看得到线索 "王建国"', "status": "failed"},
        {"name": "并且 再看", "status": "skipped"},
    ]
    green.result("test_lead").update(status="failed", statusDetails={"message": "Failed: CRM 拒绝了"}, steps=steps)
    green.phase("scenarios")["exit"] = 1
    said = '不符合 failed: 那么 陈静 看得到线索 "王建国"：CRM 拒绝了'
    assert finding(judge(green.lay(tmp_path)), "SALES-001") == (Proof.DISPROVEN, f"test_lead：{said}")


def test_a_missing_result_proves_nothing(green: GreenRun, tmp_path: Path) -> None:
    green.results.remove(green.result("test_follow"))
    assert_unproven(judge(green.lay(tmp_path)), "SALES-004", NEVER_RAN)


@pytest.mark.parametrize(
    ("status", "why"),
    [("skipped", "跳过 skipped: 不会"), ("broken", "broken"), ("unknown", "unknown"), (None, "unknown")],
)
def test_a_check_that_did_not_say_yes_proves_nothing(
    green: GreenRun, tmp_path: Path, status: str | None, why: str
) -> None:
    green.result("test_follow").update(status=status, statusDetails={"message": "Skipped: 不会 cannot"})
    assert_unproven(judge(green.lay(tmp_path)), "SALES-004", why)


def test_a_run_in_which_everything_is_skipped_proves_nothing(green: GreenRun, tmp_path: Path) -> None:
    for result in green.results:
        result["status"] = "skipped"
    verdict = judge(green.lay(tmp_path))
    assert (verdict.exit_code, verdict.count.proven) == (3, 0)


def test_one_proven_check_does_not_cover_for_a_missing_one(green: GreenRun, tmp_path: Path) -> None:
    green.results.remove(green.result("test_lead_by_screen"))
    assert_unproven(judge(green.lay(tmp_path)), "SALES-001", NEVER_RAN)


def test_failed_and_then_passed_is_flaky_and_proves_nothing(green: GreenRun, tmp_path: Path) -> None:
    again = json.loads(json.dumps(green.result("test_follow")))
    green.result("test_follow")["status"] = "failed"
    green.results.append(again)
    green.phase("scenarios")["exit"] = 1
    assert_unproven(judge(green.lay(tmp_path)), "SALES-004", FLAKY)


def test_two_passes_under_one_node_id_prove_nothing(green: GreenRun, tmp_path: Path) -> None:
    green.results.append(json.loads(json.dumps(green.result("test_follow"))))
    assert_unproven(judge(green.lay(tmp_path)), "SALES-004", REPEATED)


def test_two_failures_under_one_node_id_disprove(green: GreenRun, tmp_path: Path) -> None:
    green.result("test_follow")["status"] = "failed"
    green.results.append(json.loads(json.dumps(green.result("test_follow"))))
    assert finding(judge(green.lay(tmp_path)), "SALES-004")[0] is Proof.DISPROVEN


def test_a_node_id_that_the_manifest_lists_twice_proves_nothing(green: GreenRun, tmp_path: Path) -> None:
    green.expected["fuzz"]["items"].append(dict(green.item("test_follow")))
    assert_unproven(judge(green.lay(tmp_path)), "SALES-004", LISTED_TWICE)


def test_a_result_that_nobody_promised_makes_its_requirement_unproven(green: GreenRun, tmp_path: Path) -> None:
    green.expected["scenarios"]["items"].remove(green.item("test_lead_by_screen"))
    assert_unproven(judge(green.lay(tmp_path)), "SALES-001", STRAY)


def test_a_failure_that_nobody_promised_still_disproves(green: GreenRun, tmp_path: Path) -> None:
    green.expected["scenarios"]["items"].remove(green.item("test_lead_by_screen"))
    green.result("test_lead_by_screen")["status"] = "failed"
    assert judge(green.lay(tmp_path)).exit_code == 1


@pytest.mark.parametrize(("name", "why"), [("run", "from another run"), ("system", "from another system")])
def test_a_result_copied_in_from_elsewhere_proves_nothing(green: GreenRun, tmp_path: Path, name: str, why: str) -> None:
    relabel(green.result("test_follow"), name, "somewhere-else")
    assert_unproven(judge(green.lay(tmp_path)), "SALES-004", why)


def test_a_result_without_the_label_of_its_run_proves_nothing(green: GreenRun, tmp_path: Path) -> None:
    relabel(green.result("test_follow"), "run")
    assert_unproven(judge(green.lay(tmp_path)), "SALES-004", "from another run")


def test_a_failure_copied_in_from_elsewhere_disproves_nothing_and_proves_nothing(
    green: GreenRun, tmp_path: Path
) -> None:
    green.result("test_follow")["status"] = "failed"
    relabel(green.result("test_follow"), "run", "yesterday")
    assert_unproven(judge(green.lay(tmp_path)), "SALES-004", "from another run")


@pytest.mark.parametrize(
    ("times", "why"),
    [
        ({"start": STARTED - 5000}, "older than the start of this run"),
        ({"stop": FINISHED + 5000}, "later than the end of this run"),
        ({"stop": STARTED + 1}, "it stopped before it started"),
    ],
)
def test_a_pass_at_an_impossible_time_proves_nothing(
    green: GreenRun, tmp_path: Path, times: dict[str, int], why: str
) -> None:
    green.result("test_follow").update(times)
    assert_unproven(judge(green.lay(tmp_path)), "SALES-004", why)


def test_a_deselected_check_proves_nothing(green: GreenRun, tmp_path: Path) -> None:
    green.item("test_follow")["selected"] = False
    green.results.remove(green.result("test_follow"))
    assert_unproven(judge(green.lay(tmp_path)), "SALES-004", DESELECTED)


def test_a_requirement_without_any_check_is_unproven(green: GreenRun, tmp_path: Path) -> None:
    green.requirements.append({**green.requirements[0], "id": "SALES-099"})
    assert_unproven(judge(green.lay(tmp_path)), "SALES-099", NO_CHECK)


def test_a_check_that_changed_its_requirements_proves_neither(green: GreenRun, tmp_path: Path) -> None:
    relabel(green.result("test_follow"), "requirement", "SALES-001")
    verdict = judge(green.lay(tmp_path))
    assert_unproven(verdict, "SALES-004", "labels disagree")
    assert_unproven(verdict, "SALES-001", "labels disagree")


def test_a_check_that_changed_its_engine_proves_nothing(green: GreenRun, tmp_path: Path) -> None:
    relabel(green.result("test_follow"), "engine", "fuzz")
    assert_unproven(judge(green.lay(tmp_path)), "SALES-004", "engines disagree")


def test_an_expected_failure_that_passes_proves_nothing(green: GreenRun, tmp_path: Path) -> None:
    green.result("test_follow")["statusDetails"] = {"message": "XPASS known bug"}
    assert_unproven(judge(green.lay(tmp_path)), "SALES-004", "xpass")


@pytest.mark.parametrize("flag", ["muted", "flaky", "known"])
def test_a_muted_pass_proves_nothing(green: GreenRun, tmp_path: Path, flag: str) -> None:
    green.result("test_follow")["statusDetails"] = {flag: True}
    assert_unproven(judge(green.lay(tmp_path)), "SALES-004", flag)


def test_a_muted_failure_disproves_all_the_same(green: GreenRun, tmp_path: Path) -> None:
    green.result("test_follow").update(status="failed", statusDetails={"muted": True, "message": "wrong"})
    assert judge(green.lay(tmp_path)).exit_code == 1


def test_a_check_that_was_still_running_proves_nothing(green: GreenRun, tmp_path: Path) -> None:
    green.result("test_follow")["stage"] = "running"
    assert_unproven(judge(green.lay(tmp_path)), "SALES-004", "did not finish")


@pytest.mark.parametrize("status", ["failed", "broken", "skipped", None])
def test_a_passed_scenario_with_a_sentence_that_did_not_pass_proves_nothing(
    green: GreenRun, tmp_path: Path, status: str | None
) -> None:
    steps = [{"name": "当 李娜 登记线索", "status": "passed"}, {"name": "那么 看得到", "status": status}]
    green.result("test_follow").update(steps=steps)
    assert_unproven(judge(green.lay(tmp_path)), "SALES-004", "one sentence did not pass: 那么 看得到")


SPOILT: dict[str, tuple[Callable[[GreenRun], object], str]] = {
    "no requirements": (lambda run: run.requirements.clear(), "no requirements"),
    "a requirement twice": (lambda run: run.requirements.append(run.requirements[0]), "duplicate requirement id"),
    "an id that the snapshot does not know": (lambda run: run.requirements.pop(0), "unknown requirement id SALES-001"),
    "an unfinished run": (lambda run: run.run.update(finished=None), "the run did not finish"),
    "a run without an id": (lambda run: run.run.update(id=""), "any result would fit"),
    "a run of no system": (lambda run: run.run.update(system=""), "any result would fit"),
    "a run that began at no possible time": (lambda run: run.run.update(started=float("inf")), "unreadable file"),
    "a run without a start": (lambda run: run.run.update(started=None), "did not write when it started"),
    "a run that ended before it began": (lambda run: run.run.update(finished=STARTED - 60_000), "clock was set back"),
    "a phase that never ended": (lambda run: run.phase("load").update(exit=None), "it did not end"),
    "an interrupted phase": (lambda run: run.phase("load").update(exit=2), "interrupted"),
    "an internal error": (lambda run: run.phase("load").update(exit=3), "internal error"),
    "a killed phase": (lambda run: run.phase("load").update(exit=-9), "ended abnormally"),
    "an exit code that is text": (lambda run: run.phase("load").update(exit="0"), "it did not end"),
    "nothing ran": (lambda run: run.phase("load").update(exit=5), "nothing ran"),
    "a failure that the ledger hides": (lambda run: run.phase("load").update(exit=1), "the ledger does not show"),
    "a phase that run.json does not know": (lambda run: run.run["phases"].pop(), "phase unknown to run.json: fuzz"),
    "a phase without manifest": (lambda run: run.expected.pop("load"), "missing file: expected/load.json"),
    "an incomplete manifest": (lambda run: run.expected["load"].update(complete=False), "is not complete"),
    "a manifest emptied by hand": (lambda run: run.expected["load"]["items"].clear(), "no check was selected"),
    "a manifest without a field": (lambda run: run.expected["load"]["items"][0].pop("nodeid"), "unreadable file"),
    "a manifest of another phase": (lambda run: run.expected["load"].update(phase="fuzz"), "unreadable file"),
    "ids that are no list": (lambda run: run.expected["load"]["items"][0].update(requirements="PERF-001"), "no list"),
    "a collection error": (lambda run: run.expected["load"]["errors"].append("bad Gherkin"), "collection error"),
    "a result without node id": (lambda run: relabel(run.results[0], "nodeid"), "unreadable result file"),
    "a result with two node ids": (lambda run: relabel(run.results[0], "nodeid", "a", "b"), "unreadable result file"),
    "a result without times": (lambda run: run.results[0].pop("start"), "unreadable result file"),
    "a result of a strange status": (lambda run: run.results[0].update(status="fine"), "unreadable result file"),
    "a result that is a list": (lambda run: run.results.append([]), "unreadable result file"),
}


@pytest.mark.parametrize("spoil", SPOILT)
def test_nobody_goes_after(spoil: str, green: GreenRun, tmp_path: Path) -> None:
    act, why = SPOILT[spoil]
    act(green)
    assert_nobody_goes(judge(green.lay(tmp_path)), why.replace("no list", "not a list"))


def test_a_half_written_result_is_said_and_stops_everybody(green: GreenRun, tmp_path: Path) -> None:
    file = green.lay(tmp_path) / "allure-results" / "0000-result.json"
    file.write_text(file.read_text(encoding="utf-8")[:40], encoding="utf-8")
    verdict = judge(tmp_path)
    assert_nobody_goes(verdict, "unreadable result file: 0000-result.json")
    assert_unproven(verdict, "SALES-001", NEVER_RAN)


@pytest.mark.parametrize("name", ["run.json", "requirements.json", "expected/load.json"])
@pytest.mark.parametrize("content", [None, b"", b"{", b"[]", b"null", b"\xff\xfe", b'"text"'])
def test_a_file_of_the_run_that_cannot_be_read_stops_everybody(
    green: GreenRun, tmp_path: Path, name: str, content: bytes | None
) -> None:
    file = green.lay(tmp_path) / name
    file.unlink() if content is None else file.write_bytes(content)
    verdict = judge(tmp_path)
    assert verdict.exit_code == 3
    assert verdict.problems
    assert Decision.GO not in {department.count.decision for department in verdict.departments}


def test_a_crashed_worker_leaves_its_check_unproven(green: GreenRun, tmp_path: Path) -> None:
    green.results.remove(green.result("test_follow"))
    green.phase("scenarios")["exit"] = 1
    assert_unproven(judge(green.lay(tmp_path)), "SALES-004", NEVER_RAN)


def test_a_phase_in_which_nothing_was_selected_may_end_with_exit_five(green: GreenRun, tmp_path: Path) -> None:
    green.item("test_peak[morning]")["selected"] = False
    green.results.remove(green.result("test_peak[morning]"))
    green.phase("load")["exit"] = 5
    verdict = judge(green.lay(tmp_path))
    assert not verdict.problems
    assert_unproven(verdict, "PERF-001", DESELECTED)


def test_a_skipped_check_without_requirement_is_a_problem_of_the_run(green: GreenRun, tmp_path: Path) -> None:
    green.item("test_follow")["requirements"] = []
    relabel(green.result("test_follow"), "requirement")
    green.result("test_follow")["status"] = "skipped"
    assert_nobody_goes(judge(green.lay(tmp_path)), "a check without requirement")


def test_an_empty_run_folder_is_unproven(tmp_path: Path) -> None:
    verdict = judge(tmp_path)
    assert (verdict.exit_code, verdict.decision) == (3, Decision.UNPROVEN)
    assert "missing file: run.json" in "\n".join(verdict.problems)


def test_the_green_run_is_labelled_as_the_plugin_labels(green: GreenRun) -> None:
    assert {label(one, "run") for one in green.results} == {green.run["id"]}
