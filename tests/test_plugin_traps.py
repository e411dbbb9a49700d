"""pytest, schemathesis and xdist each have ways to lose a check; none of them gets through."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import tiny_workspace
from tiny_workspace import Workspace

pytestmark = pytest.mark.xdist_group("plugin_traps")

TWINS = """
import pytest

class Twins(pytest.File):
    def collect(self):
        for _ in range(2):
            item = Twin.from_parent(self, name="same")
            item.add_marker(pytest.mark.requirement("SALES-001"))
            yield item

class Twin(pytest.Item):
    def runtest(self): ...

def pytest_collect_file(file_path, parent):
    if file_path.name == "twins.txt":
        return Twins.from_parent(parent, path=file_path)
"""
FUZZ = """
import pytest, schemathesis
from hypothesis import settings
pytestmark = [pytest.mark.requirement("SALES-002"), pytest.mark.engine("fuzz")]
OK = {"responses": {"200": {"description": "ok"}}}
schema = schemathesis.openapi.from_dict({
    "openapi": "3.1.0", "info": {"title": "t", "version": "1"},
    "paths": {"/a": {"get": OK, "post": OK}, "/b": {"get": OK}},
})

@schema.parametrize()
@settings(max_examples=2, deadline=None)
def test_operation(case):
    assert case.operation.label != "POST /a"
"""

UNABLE = """
import pytest
from crm_acceptance.errors import Unsupported
pytestmark = pytest.mark.requirement("SALES-002")

@pytest.fixture
def life():
    raise Unsupported("no such thing")

@pytest.fixture
def trouble():
    raise ValueError("ours")

def test_life(life): ...

def test_trouble(trouble): ...
"""


def test_two_checks_of_one_name_stop_the_run(tmp_path: Path) -> None:
    made = tiny_workspace.make(tmp_path)
    made.file("conftest.py", tiny_workspace.STEPS + TWINS)
    made.file("security/twins.txt", "")
    alone, shared = made.pytest("features", "security"), made.pytest("features", "security", "-n", "2")
    for done in (alone, shared):
        assert done.returncode != 0 and "duplicate node id" in done.stdout and " passed" not in done.stdout


@pytest.fixture(scope="module")
def fuzzed(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    made = tiny_workspace.make(tmp_path_factory.mktemp("fuzzed"))
    made.file("security/test_ops.py", FUZZ)
    done = made.pytest("security", "--alluredir=results", "-p", "no:randomly", CRM_ACCEPTANCE_RUN_DIR="run")
    assert done.returncode == 1, done.stdout
    return made


def test_every_operation_of_a_schema_has_its_own_history(fuzzed: Workspace) -> None:
    results = [json.loads(file.read_text()) for file in (fuzzed.path / "results").glob("*-result.json")]
    assert len(results) == 3
    for field in ("fullName", "testCaseId", "historyId"):
        assert len({result[field] for result in results}) == 3


def test_one_failing_operation_is_not_hidden_by_its_sisters(fuzzed: Workspace) -> None:
    results = (json.loads(file.read_text()) for file in (fuzzed.path / "results").glob("*-result.json"))
    assert sorted(result["status"] for result in results) == ["failed", "passed", "passed"]


def test_neither_a_crashed_worker_nor_a_wish_to_clean_takes_other_results_along(tmp_path: Path) -> None:
    text = (
        tiny_workspace.LEADS
        + "  场景: 崩溃\n    那么 进程崩溃\n"
        + "".join(f"  场景: 其他{n}\n    那么 线索共 {n % 5} 条\n" for n in range(8))
    )
    made = tiny_workspace.make(tmp_path, text)
    made.file("results/earlier-result.json", '{"name": "上一阶段的结果", "labels": []}')
    clean = ("--alluredir=results", "--clean-alluredir")
    done = made.pytest("features", "-n", "2", *clean, CRM_ACCEPTANCE_RUN_DIR="run")
    assert done.returncode == 1 and "crashed" in done.stdout
    results = made.results()
    assert "崩溃" not in results and len(results) >= 9 and "上一阶段的结果" in results
    expected = json.loads((made.path / "run/expected/scenarios.json").read_text())["items"]
    assert "崩溃" in {item["title"] for item in expected}


def test_a_check_without_requirement_stops_the_run(tmp_path: Path) -> None:
    made = tiny_workspace.make(tmp_path)
    made.file("security/test_none.py", "def test_nothing(): ...\n")
    done = made.pytest("security")
    assert done.returncode == 4 and "没有需求" in done.stdout and "test_none.py::test_nothing" in done.stdout


def test_a_check_of_an_unknown_requirement_stops_the_run(tmp_path: Path) -> None:
    made = tiny_workspace.make(tmp_path)
    text = 'import pytest\n@pytest.mark.requirement("SEC-999")\ndef test_x(): ...\n'
    made.file("security/test_x.py", text)
    done = made.pytest("security")
    assert done.returncode == 4 and "SEC-999" in done.stdout and "known: SALES-001" in done.stdout


def test_the_site_is_launched_once_for_all_workers(tmp_path: Path) -> None:
    text = "# language: zh-CN\n@SALES-001\n功能: 地址\n" + "".join(
        f"  场景: 地址{n}\n    那么 记下地址\n" for n in range(6)
    )
    made = tiny_workspace.make(tmp_path, text)
    step = '@then("记下地址")\ndef note(site):\n    open("sites.txt", "a").write(site.url + "\\n")\n'
    made.file("conftest.py", tiny_workspace.STEPS + step)
    assert made.pytest("features", "-n", "2").returncode == 0
    assert len(set((made.path / "sites.txt").read_text().split())) == 1


@pytest.mark.parametrize("room", ["tests", "checks"])
def test_other_tests_of_a_company_are_left_alone(tmp_path: Path, room: str) -> None:
    made = tiny_workspace.make(tmp_path)
    made.file("acceptance.toml", "broken toml [")
    made.file(f"{room}/test_own.py", "import pytest\n@pytest.fixture\ndef site(): return 1\ndef test_own(site): ...\n")
    done = made.pytest(room, "--alluredir=results")
    assert done.returncode == 0 and "1 passed" in done.stdout
    assert "nodeid" not in {label["name"] for result in made.results().values() for label in result["labels"]}


def test_a_wrong_profile_is_one_sentence_for_plain_pytest_too(tmp_path: Path) -> None:
    made = tiny_workspace.make(tmp_path)
    made.file("acceptance.toml", 'sistem = "tiny"\n')
    done = made.pytest("features")
    assert done.returncode == 4 and "did you mean system?" in done.stdout and "Traceback" not in done.stdout


def test_a_step_that_hands_back_a_coroutine_proves_nothing(tmp_path: Path) -> None:
    made = tiny_workspace.make(tmp_path, tiny_workspace.LEADS + "    那么 稍后再说\n")
    step = '\nasync def later():\n    assert False\n\n@then("稍后再说")\ndef soon():\n    return later()\n'
    made.file("conftest.py", tiny_workspace.STEPS + step)
    done = made.pytest("features", "--alluredir=results")
    assert done.returncode == 1 and "nobody awaits" in done.stdout
    assert made.results()["登记线索"]["status"] == "broken"


def test_an_ability_that_is_missing_while_a_check_is_set_up_skips_it_with_the_reason(tmp_path: Path) -> None:
    made = tiny_workspace.make(tmp_path)
    made.file("security/test_unable.py", UNABLE)
    made.pytest("security", "--alluredir=results")
    told = {result["name"]: result for result in made.results().values()}
    assert told["test_life"]["status"] == "skipped" and "no such thing" in told["test_life"]["statusDetails"]["message"]
    assert told["test_trouble"]["status"] == "broken"
