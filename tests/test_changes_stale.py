"""Change one requirement: exactly its proofs and its departments' signatures go, until it is run and signed anew."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import signing_room
import tiny_workspace
from greenrun import GreenRun
from tiny_workspace import LEADS, Workspace
from typer.testing import CliRunner

from crm_acceptance import changes, contents, manifest, profile
from crm_acceptance.changes.asking import ask, baseline
from crm_acceptance.changes.deciding import decide
from crm_acceptance.cli import app
from crm_acceptance.contents import Contents
from crm_acceptance.gate import Doubts, verdict_of
from crm_acceptance.signoff import status

PAID = """# language: zh-CN
@FIN-001
功能: 回款
  场景: 回款登记
    那么 线索共 2 条
"""
CONVERTED = """# language: zh-CN
@SALES-002
功能: 转换
  场景: 转换
    那么 线索共 3 条
"""
SIGNED = {"sales": "chenjing", "finance": "wufang", "service": "zhaolei", "it": "sunhao"}


def reworded(run: Path, *ids: str) -> Contents:
    """What a workspace says in which these requirements have another text than in the run."""
    said = manifest.read(run)
    rows = [replace(one, text=f"{one.text}（改）") if one.id in ids else one for one in said.requirements]
    return contents.of(rows, said.items)


def signed(room: signing_room.Room) -> signing_room.Room:
    for department, person in SIGNED.items():
        assert room.sign(person, department=department)
    assert set(room.states().values()) == {"valid"}
    return room


@pytest.mark.parametrize(
    ("id", "departments"),
    [("SALES-001", {"sales"}), ("FIN-001", {"finance"}), ("PERF-001", {"it"})],
)
def test_a_changed_requirement_voids_its_own_departments_signatures(
    id: str, departments: set[str], tmp_path: Path
) -> None:
    room = signed(signing_room.make(tmp_path))
    room.present = reworded(room.run, id)
    assert set(changes.stale(room.run, room.present)) == {id}
    assert {key for key, state in room.states().items() if state == "void"} == departments
    room.present = None
    assert set(room.states().values()) == {"valid"}


def test_a_check_of_two_departments_voids_both(tmp_path: Path) -> None:
    room = signed(signing_room.make(tmp_path))
    said = manifest.read(room.run)
    shared = {"FIN-001", "SVC-003"}
    items = [replace(one, content="otherwise") if shared <= set(one.requirements) else one for one in said.items]
    room.present = contents.of(said.requirements, items)
    assert set(changes.stale(room.run, room.present)) == shared
    assert {key for key, state in room.states().items() if state == "void"} == {"finance", "service"}


def test_a_doubt_takes_a_proof_and_never_gives_one(tmp_path: Path) -> None:
    green = GreenRun()
    green.result("test_lead")["status"] = "failed"
    run = green.lay(tmp_path / "run")
    found = {one.requirement.id: one for one in verdict_of(run, Doubts({"SALES-001": "甲", "FIN-001": "乙"})).findings}
    assert (found["SALES-001"].proof, found["SALES-001"].reasons[-1]) == ("disproven", "甲")
    assert (found["FIN-001"].proof, found["FIN-001"].reasons) == ("unproven", ("乙",))
    assert found["SVC-003"].proof == "proven"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A finished run in which everything is proven, accepted as what was agreed."""
    made = tiny_workspace.make(tmp_path_factory.mktemp("stale"), LEADS)
    made.feature(PAID, "features/finance/paid.feature")
    made.feature(CONVERTED, "features/sales/converted.feature")
    made.file(
        "acceptance.toml",
        'system = "tiny"\n[changes]\nrequired = true\nunsigned = true\napprovers = ["李娜", "吴芳"]\n',
    )
    done = made.cli("run", "--no-allure", CRM_ACCEPTANCE_PASSWORD="pw")
    assert done.returncode == 0, done.stdout
    assert "这是第一次运行" in done.stdout
    return made


def typed(workspace: Workspace, code: int, *words: str) -> str:
    """What the program says in the workspace, in this process: it starts in no time."""
    with contextlib.chdir(workspace.path), pytest.MonkeyPatch.context() as environment:
        environment.setenv("PYTHONPATH", str(workspace.path.parent / "guest"))
        done = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done.output


def judged(workspace: Workspace, code: int, *words: str) -> Mapping[str, str]:
    """Requirement -> proof, as the gate says now."""
    folder = max(path.parent for path in (workspace.path / "reports").glob("*/run.json"))
    typed(workspace, code, "gate", str(folder), *words)
    body = json.loads((folder / "gate.json").read_text("utf-8"))
    return {one["id"]: one["proof"] for one in body["requirements"]}


def test_a_change_makes_its_proof_stale_until_it_is_approved_and_run_again(workspace: Workspace) -> None:
    assert set(judged(workspace, 0).values()) == {"proven"}
    table = (workspace.path / "features/requirements.csv").read_text("utf-8")
    workspace.file("features/requirements.csv", table.replace("线索转客户", "线索转为客户"))
    stale = judged(workspace, 3)
    assert stale == {"SALES-001": "proven", "SALES-002": "unproven", "FIN-001": "proven"}
    assert set(judged(workspace, 0, "--alone").values()) == {"proven"}
    again = workspace.cli("run", "--no-allure", CRM_ACCEPTANCE_PASSWORD="pw")
    assert again.returncode == 3, again.stdout
    assert "变更未经批准" in max(workspace.path.glob("reports/*/gate.json")).read_text("utf-8")
    assert judged(workspace, 3) == stale
    assert "SALES-002" in typed(workspace, 0, "changes", "request", "--by", "李娜", "--why", "统一用语")
    assert judged(workspace, 3) == stale
    typed(workspace, 0, "changes", "approve", "CR-1", "--by", "吴芳")
    assert set(judged(workspace, 0).values()) == {"proven"}
    typed(workspace, 0, "changes", "status")


def test_a_new_requirement_is_no_part_of_an_old_proof(workspace: Workspace) -> None:
    table = workspace.path / "features/requirements.csv"
    before = table.read_text("utf-8")
    workspace.file("features/requirements.csv", f"{before}FIN-002,finance,major,functional,开票,\n")
    try:
        assert judged(workspace, 3)["FIN-002"] == "unproven"
    finally:
        table.write_text(before, "utf-8")


def test_a_workspace_that_cannot_be_collected_lets_no_proof_stand(workspace: Workspace) -> None:
    broken = workspace.feature(
        "# language: zh-CN\n功能: 坏\n  场景: 坏\n    那么 没有这句话\n", "features/sales/bad.feature"
    )
    try:
        assert set(judged(workspace, 3).values()) == {"unproven"}
    finally:
        broken.unlink()


def test_a_lost_journal_agrees_to_nothing_in_silence(tmp_path: Path) -> None:
    green = GreenRun()
    run = green.lay(tmp_path / "reports" / "one")
    (tmp_path / "fixtures").mkdir()
    (tmp_path / "fixtures" / "people.csv").write_text("key,name,department,role,login\na,甲,sales,r,a\n", "utf-8")
    (tmp_path / "acceptance.toml").write_text('system = "refcrm"\n[changes]\napprovers = ["甲"]\n', "utf-8")
    ours = profile.load(tmp_path)
    assert changes.begin(ours, run)
    assert not changes.begin(ours, run)
    green.run["facts"] = {"before": {"SALES-001": 2}}
    green.lay(tmp_path / "reports" / "two")
    for file in (tmp_path / "reports" / "journal").iterdir():
        file.unlink()
    assert not changes.begin(ours, run)


def test_an_older_run_is_stale_for_an_approved_change_and_no_more_than_stale(tmp_path: Path) -> None:
    room = signing_room.make(tmp_path)
    (room.path / "fixtures").mkdir()
    people = "key,name,department,role,login\nlina,李娜,sales,r,lina\nchenjing,陈静,sales,r,chenjing\n"
    (room.path / "fixtures" / "people.csv").write_text(people, "utf-8")
    file = room.path / "acceptance.toml"
    terms = '[changes]\nrequired = true\nunsigned = true\napprovers = ["陈静"]\n'
    file.write_text(f"{file.read_text('utf-8')}\n{terms}", "utf-8")
    then, here = contents.of_run(room.run), reworded(room.run, "SALES-001")
    baseline(room.profile, "陈静", then)
    ask(room.profile, "李娜", "统一用语", ["SALES-001"], now=here)
    decide(room.profile, "CR-1", "陈静", True, now=here)
    [why] = changes.doubts(room.profile, room.run, here).reasons.values()
    assert "运行之后改过" in why and "未经批准" not in why
    [back] = changes.doubts(room.profile, room.run, then).reasons.values()
    assert "未经批准" in back, "the workspace was put back without asking: the old words are agreed no more"


def test_what_a_request_costs_is_told_with_proofs_and_signatures(tmp_path: Path) -> None:
    from crm_acceptance.changes.impact import impact

    room = signed(signing_room.make(tmp_path))
    (room.path / "fixtures").mkdir()
    people = "key,name,department,role,login\nlina,李娜,sales,r,lina\nchenjing,陈静,sales,r,chenjing\n"
    (room.path / "fixtures" / "people.csv").write_text(people, "utf-8")
    file = room.path / "acceptance.toml"
    file.write_text(f'{file.read_text("utf-8")}\n[changes]\nunsigned = true\napprovers = ["陈静"]\n', "utf-8")
    then, here = contents.of_run(room.run), reworded(room.run, "SALES-001", "FIN-001")
    baseline(room.profile, "陈静", then)

    def told(agreed: Contents, now: Contents, ids: object) -> Mapping[str, object]:
        def names(keys: object) -> list[str]:
            found = status(room.profile, room.run, room.now, then)
            return [each.name for one in found if one.department in set(keys) for each in one.signatures]  # type: ignore[call-overload]

        return impact(agreed, now, list(ids), room.run, names).plain()  # type: ignore[call-overload]

    asked = ask(room.profile, "李娜", "统一用语", ["SALES-001"], told, here)  # type: ignore[arg-type]
    assert asked.impact["proofs"] == ["SALES-001"]
    assert asked.impact["signatures"] == ["陈静"]
    assert asked.impact["departments"] == ["sales"]
    assert decide(room.profile, "CR-1", "陈静", True, now=here).state == "approved"
