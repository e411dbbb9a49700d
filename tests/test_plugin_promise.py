"""Collection writes down every check before the first one runs, and a run that would differ does not start."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import tiny_workspace
from tiny_workspace import Workspace

pytestmark = pytest.mark.xdist_group("plugin_promise")

PYTHON = '''
import pytest
pytestmark = pytest.mark.requirement("SALES-002")

@pytest.mark.title("销售代表不得查看发票 · sales_rep must not read invoice")
def test_rows():
    """一格权限"""

@pytest.mark.parametrize("who", ["李娜", "吴芳"])
def test_people(who):
    """一个人"""

@pytest.mark.engine("fuzz")
@pytest.mark.parametrize("operation", ["GET /a", "GET /b"])
def test_operations(operation):
    """一个接口"""
'''
TITLED = "销售代表不得查看发票 · sales_rep must not read invoice"
LOOKS = """
import os, pathlib
def pytest_runtest_setup(item):
    pathlib.Path("seen.txt").write_text(str(sorted(p.name for p in pathlib.Path("run", "expected").iterdir())))
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    made = tiny_workspace.make(tmp_path_factory.mktemp("promise"))
    made.file("security/test_rights.py", PYTHON)
    made.file("conftest.py", tiny_workspace.STEPS + LOOKS)
    done = made.pytest("features", "security", "-k", "not 吴芳", "--alluredir=results", CRM_ACCEPTANCE_RUN_DIR="run")
    assert done.returncode == 0, done.stdout
    return made


def promise(workspace: Workspace, phase: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((workspace.path / "run" / "expected" / f"{phase}.json").read_text())
    return body


def test_every_phase_has_its_promise(workspace: Workspace) -> None:
    assert {path.name for path in (workspace.path / "run/expected").iterdir()} == {
        "scenarios.json",
        "security.json",
        "fuzz.json",
    }


def test_the_promise_is_there_before_the_first_check(workspace: Workspace) -> None:
    assert "scenarios.json" in (workspace.path / "seen.txt").read_text()


def test_what_is_left_out_stays_promised_as_not_selected(workspace: Workspace) -> None:
    items = {item["title"]: item["selected"] for item in promise(workspace, "security")["items"]}
    assert items == {TITLED: True, "一个人 [李娜]": True, "一个人 [吴芳]": False}


def test_a_title_mark_is_what_people_read_while_the_node_id_stays(workspace: Workspace) -> None:
    assert [item["nodeid"] for item in promise(workspace, "security")["items"] if item["title"] == TITLED] == [
        "security/test_rights.py::test_rows"
    ]
    assert TITLED in workspace.results()


def test_the_engine_marker_decides_the_phase(workspace: Workspace) -> None:
    fuzz = promise(workspace, "fuzz")
    assert fuzz["complete"] is True and {item["engine"] for item in fuzz["items"]} == {"fuzz"}


def test_checks_of_one_function_are_no_retries_of_each_other(workspace: Workspace) -> None:
    results = workspace.results()
    operations = [results[f"一个接口 [GET /{name}]"] for name in "ab"]
    for field in ("historyId", "testCaseId", "fullName"):
        assert len({result[field] for result in operations}) == 2


def test_workers_promise_once_and_completely(tmp_path: Path) -> None:
    made = tiny_workspace.make(tmp_path)
    made.file("security/test_rights.py", PYTHON)
    made.pytest("features", "security", "-n", "2", CRM_ACCEPTANCE_RUN_DIR="run")
    assert len(promise(made, "security")["items"]) == 3 and promise(made, "scenarios")["complete"] is True


def test_a_collection_error_makes_the_promise_incomplete(tmp_path: Path) -> None:
    made = tiny_workspace.make(tmp_path)
    made.feature("# language: zh-CN\n功能: 空\n", "features/sales/empty.feature")
    assert made.pytest("features", CRM_ACCEPTANCE_RUN_DIR="run").returncode == 2
    told = promise(made, "scenarios")
    assert told["complete"] is False and "empty.feature:1" in told["errors"][0]


def test_a_phase_that_collects_something_else_than_promised_does_not_run(tmp_path: Path) -> None:
    made = tiny_workspace.make(tmp_path)
    env = {"CRM_ACCEPTANCE_RUN_DIR": "run", "CRM_ACCEPTANCE_PHASE": "scenarios"}
    assert made.pytest("features", "--collect-only", **env).returncode == 0
    made.feature(tiny_workspace.LEADS.replace("场景: 登记线索", "场景: 改了名"))
    done = made.pytest("features", **env)
    assert done.returncode == 4 and "少了" in done.stdout and "多了" in done.stdout and "passed" not in done.stdout


def test_a_question_of_the_harness_is_left_out_where_nobody_requires_it(tmp_path: Path) -> None:
    made = tiny_workspace.make(tmp_path)
    made.file(
        "security/test_ours.py",
        "import pytest\n"
        '@pytest.mark.requirement("SEC-026", built_in=True)\ndef test_unasked(): ...\n'
        '@pytest.mark.requirement("SALES-002", built_in=True)\ndef test_asked(): ...\n',
    )
    done = made.pytest("security", "-k", "asked", "--collect-only", "-q", CRM_ACCEPTANCE_RUN_DIR="run")
    assert done.returncode == 0, done.stdout
    assert [item["nodeid"].split("::")[1] for item in promise(made, "security")["items"]] == ["test_asked"]
    made.file("security/test_theirs.py", "import pytest\n@pytest.mark.requirement('SEC-026')\ndef test_a(): ...\n")
    wrong = made.pytest("security", "--collect-only", "-q")
    assert wrong.returncode != 0 and "需求表里没有 SEC-026" in wrong.stdout
