"""Any green run, spoilt anywhere: whoever lost evidence never goes."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from greenrun import PHASES, STARTED, GreenRun, item, label, relabel, requirement, result
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_acceptance.gate import Decision, Verdict, judge
from crm_acceptance.model import DEPARTMENTS, DIMENSIONS

Spoil = Callable[[GreenRun, dict[str, Any]], object]


@st.composite
def green_runs(draw: st.DrawFn) -> GreenRun:
    """A run of one to six requirements, each with one to three checks in any phases, all of them green."""
    run = GreenRun()
    run.clear()
    for number in range(draw(st.integers(1, 6))):
        id = f"REQ-{number:03}"
        department, dimension = draw(st.sampled_from(sorted(DEPARTMENTS))), draw(st.sampled_from(sorted(DIMENSIONS)))
        run.requirements.append(requirement(id, department, dimension, "要求"))
        for phase in draw(st.lists(st.sampled_from(PHASES), min_size=1, max_size=3)):
            _add_check(run, phase, draw(st.sets(st.sampled_from(run.requirement_ids()), max_size=2)) | {id})
    for phase in PHASES:
        run.phase(phase)["exit"] = 0 if run.expected[phase]["items"] else 5
    return run


def _add_check(run: GreenRun, phase: str, ids: set[str]) -> None:
    number = len(run.results)
    nodeid, names = f"{phase}/test_{number}.py::test", tuple(sorted(ids))
    run.expected[phase]["items"].append(item(nodeid, phase, names))
    run.results.append(result(number, nodeid, phase, names))


def _promise(run: GreenRun, of: dict[str, Any]) -> dict[str, Any]:
    return run.item(label(of, "nodeid"))


def _phase_of(run: GreenRun, of: dict[str, Any]) -> str:
    return next(name for name, body in run.expected.items() if _promise(run, of) in body["items"])


def _twice(run: GreenRun, of: dict[str, Any]) -> None:
    run.results.append(json.loads(json.dumps(of)))


def _failed_first(run: GreenRun, of: dict[str, Any]) -> None:
    run.results.append({**json.loads(json.dumps(of)), "status": "failed"})


SPOILS: dict[str, Spoil] = {
    "remove the result": lambda run, one: run.results.remove(one),
    "remove the promise": lambda run, one: run.expected[_phase_of(run, one)]["items"].remove(_promise(run, one)),
    "deselect": lambda run, one: _promise(run, one).update(selected=False),
    "fail": lambda run, one: one.update(status="failed"),
    "break": lambda run, one: one.update(status="broken"),
    "skip": lambda run, one: one.update(status="skipped"),
    "no status": lambda run, one: one.pop("status"),
    "mute": lambda run, one: one.update(statusDetails={"muted": True}),
    "another run": lambda run, one: relabel(one, "run", "another"),
    "another system": lambda run, one: relabel(one, "system", "another"),
    "another engine": lambda run, one: relabel(one, "engine", "another"),
    "another check": lambda run, one: relabel(one, "nodeid", "another::check"),
    "no node id": lambda run, one: relabel(one, "nodeid"),
    "fewer requirements": lambda run, one: relabel(one, "requirement"),
    "an unknown requirement": lambda run, one: relabel(one, "requirement", "REQ-999"),
    "too old": lambda run, one: one.update(start=STARTED - 100_000),
    "backwards": lambda run, one: one.update(stop=one["start"] - 1),
    "twice": _twice,
    "failed first": _failed_first,
    "phase without manifest": lambda run, one: run.expected.pop(_phase_of(run, one)),
    "phase incomplete": lambda run, one: run.expected[_phase_of(run, one)].update(complete=False),
    "phase emptied": lambda run, one: run.expected[_phase_of(run, one)]["items"].clear(),
    "phase forgotten": lambda run, one: run.run["phases"].remove(run.phase(_phase_of(run, one))),
    "phase interrupted": lambda run, one: run.phase(_phase_of(run, one)).update(exit=2),
    "phase not ended": lambda run, one: run.phase(_phase_of(run, one)).pop("exit"),
    "not finished": lambda run, one: run.run.update(finished=None),
    "run renamed": lambda run, one: run.run.update(id="renamed"),
    "run of another system": lambda run, one: run.run.update(system="another"),
    "requirement gone": lambda run, one: run.requirements.remove(run.requirement(label(one, "requirement"))),
}


def _judged(run: GreenRun) -> Verdict:
    with tempfile.TemporaryDirectory() as folder:
        return judge(run.lay(Path(folder)))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(green_runs())
def test_every_green_run_goes(run: GreenRun) -> None:
    verdict = _judged(run)
    assert (verdict.decision, verdict.exit_code, verdict.problems) == (Decision.GO, 0, ())


@settings(max_examples=200, deadline=None, derandomize=True)
@given(green_runs(), st.data())
def test_whoever_loses_evidence_never_goes(run: GreenRun, data: st.DataObject) -> None:
    one = data.draw(st.sampled_from(run.results))
    touched = {entry["value"] for entry in one["labels"] if entry["name"] == "requirement"}
    SPOILS[data.draw(st.sampled_from(sorted(SPOILS)))](run, one)
    verdict = _judged(run)
    going = {department.key for department in verdict.departments if department.count.decision is Decision.GO}
    hurt = {row["department"] for row in run.requirements if row["id"] in touched}
    assert verdict.decision is not Decision.GO
    assert not going & hurt


@settings(max_examples=60, deadline=None, derandomize=True)
@given(green_runs(), st.data())
def test_a_result_file_cut_anywhere_never_leaves_a_go(run: GreenRun, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        files = sorted((run.lay(Path(folder)) / "allure-results").iterdir())
        file = data.draw(st.sampled_from(files))
        whole = file.read_bytes()
        file.write_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
        verdict = judge(Path(folder))
    assert verdict.decision is not Decision.GO
    assert Decision.GO not in {department.count.decision for department in verdict.departments}
