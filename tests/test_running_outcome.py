"""A whole run from the command line: exit code, ledger, promise, page and table agree."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import tiny_workspace
from tiny_workspace import Workspace

pytestmark = pytest.mark.xdist_group("running_outcome")

ALL = tiny_workspace.LEADS.replace("@SALES-001", "@SALES-001 @SALES-002 @FIN-001")


@pytest.fixture(scope="module")
def accepted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, str]:
    made = tiny_workspace.make(tmp_path_factory.mktemp("accepted"), ALL + "  场景: 第二个\n    那么 线索共 2 条\n")
    done = made.cli("run", "--no-allure", "-n", "0", "--random-order", "7")
    assert done.returncode == 0, done.stdout
    return made, done.stdout


def test_a_run_that_proves_everything_is_accepted(accepted: tuple[Workspace, str]) -> None:
    gate = accepted[0].gate()
    assert gate["exit_code"] == 0 and {one["proof"] for one in gate["requirements"]} == {"proven"}


def test_progress_is_shown_in_plain_lines_without_a_terminal(accepted: tuple[Workspace, str]) -> None:
    assert "场景 scenarios: 2 项检查 checks" in accepted[1] and "2/2 通过 2" in accepted[1]


def test_the_end_shows_the_table_and_where_the_page_is(accepted: tuple[Workspace, str]) -> None:
    assert "通过 go" in accepted[1] and str(accepted[0].run_dir() / "index.html") in accepted[1]
    assert (accepted[0].run_dir() / "index.html").is_file()


def test_the_run_says_what_it_was(accepted: tuple[Workspace, str]) -> None:
    body = json.loads((accepted[0].run_dir() / "run.json").read_text())
    assert body["finished"] and body["seed"] == "7" and body["phases"] == [{"name": "scenarios", "exit": 0}]
    assert body["site"]["url"].startswith("http://127.0.0.1:") and body["id"] == accepted[0].run_dir().name


def test_every_result_names_its_run(accepted: tuple[Workspace, str]) -> None:
    for result in accepted[0].results(f"reports/{accepted[0].run_dir().name}/allure-results").values():
        told = {label["name"]: label["value"] for label in result["labels"]}
        assert told["run"] == accepted[0].run_dir().name and told["system"] == "tiny"


def test_the_gate_can_be_asked_again(accepted: tuple[Workspace, str]) -> None:
    again = accepted[0].cli("gate")
    assert again.returncode == 0 and "通过 go" in again.stdout


def test_without_node_there_is_a_decision_and_a_page_and_one_sentence(accepted: tuple[Workspace, str]) -> None:
    done = accepted[0].cli("report", CRM_ACCEPTANCE_NODE="/nowhere/node")
    assert done.returncode == 0 and "no Allure report" in done.stdout and "/nowhere/node" in done.stdout
    assert "通过 go" in done.stdout


def test_a_deleted_result_makes_it_unproven(accepted: tuple[Workspace, str], tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(accepted[0].run_dir(), copy)
    next((copy / "allure-results").glob("*-result.json")).unlink()
    assert accepted[0].cli("gate", str(copy)).returncode == 3


def test_a_failing_check_rejects_and_is_shown_as_it_happens(tmp_path: Path) -> None:
    made = tiny_workspace.make(tmp_path, ALL + "  场景: 太多\n    那么 线索共 9 条\n")
    done = made.cli("run", "--no-allure", "-n", "0")
    assert done.returncode == 1 and re.search(r"✗ 未通过 failed 太多：.*9 条太多", done.stdout)


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_secret_that_a_check_shouts_is_in_no_file_of_the_run_and_not_on_the_console(
    tmp_path: Path, workers: str
) -> None:
    made = tiny_workspace.make(tmp_path, ALL + "  场景: 漏\n    那么 泄露密码\n  场景: 漏二\n    那么 泄露密码\n")
    done = made.cli("run", "--no-allure", "-n", workers, CRM_ACCEPTANCE_PASSWORD="geheim-4711")
    assert done.returncode == 1 and "geheim-4711" not in done.stdout and "password=******" in done.stdout
    files = [file for file in made.run_dir().rglob("*") if file.is_file()]
    assert [file.name for file in files if b"geheim-4711" in file.read_bytes()] == []


def test_a_returned_no_and_a_failure_in_a_thread_and_a_dropped_check_prove_nothing(tmp_path: Path) -> None:
    made = tiny_workspace.make(tmp_path, ALL)
    mark = "import pytest, threading\npytestmark = pytest.mark.requirement"
    made.file("security/test_no.py", f'{mark}("FIN-001")\ndef test_no(): return False\n')
    thread = "def test_thread():\n    def no(): assert 0\n    t = threading.Thread(target=no); t.start(); t.join()\n"
    made.file("security/test_thread.py", f'{mark}("SALES-002")\n{thread}')
    made.file("security/test_gone.py", f'{mark}("SALES-001")\ndef test_gone(): assert 0\n')
    drop = "\ndef pytest_collection_modifyitems(items):\n    items[:] = [i for i in items if i.name != 'test_gone']\n"
    made.file("conftest.py", tiny_workspace.STEPS + drop)
    made.cli("run", "--no-allure", "-n", "0")
    assert {one["id"]: one["proof"] for one in made.gate()["requirements"] if one["proof"] == "proven"} == {}


def test_an_unexpected_pass_and_an_expected_failure_prove_nothing(tmp_path: Path) -> None:
    text = (
        ALL.replace("  场景: 登记线索", "  @xfail\n  场景: 登记线索") + "  @xfail\n  场景: 太多\n    那么 线索共 9 条\n"
    )
    made = tiny_workspace.make(tmp_path, text)
    assert made.cli("run", "--no-allure", "-n", "0").returncode in (1, 3)
    assert {one["proof"] for one in made.gate()["requirements"]} & {"proven"} == set()


def test_what_is_left_out_is_unproven(tmp_path: Path) -> None:
    made = tiny_workspace.make(tmp_path, ALL + "  @ui\n  场景: 界面\n    那么 线索共 1 条\n")
    done = made.cli("run", "--no-allure", "-n", "0", "--without-browser", "--department", "财务")
    assert done.returncode == 3
    checks = {
        check["nodeid"].split("::")[1]: check["status"]
        for one in made.gate()["requirements"]
        for check in one["checks"]
    }
    assert checks["test_登记线索"] == "passed" and checks["test_界面"] != "passed"


def test_a_crashed_worker_is_never_a_yes(tmp_path: Path) -> None:
    made = tiny_workspace.make(tmp_path, ALL + "  场景: 崩溃\n    那么 进程崩溃\n")
    assert made.cli("run", "--no-allure", "-n", "2").returncode == 3
    assert made.gate()["decision"] != "go"


def test_a_mistake_in_any_room_stops_before_the_first_check(tmp_path: Path) -> None:
    made = tiny_workspace.make(tmp_path, ALL)
    made.feature("# language: zh-CN\n功能: 空\n", "features/sales/empty.feature")
    made.file("security/test_none.py", "def test_nothing(): ...\n")
    made.file("load/test_peak.py", "import no_such_module\n")
    done = made.cli("run", "--no-allure")
    assert done.returncode == 2 and not list((made.path / "reports").glob("*/run.json"))
    for told in ("empty.feature:1", "load/test_peak.py: ModuleNotFoundError", "test_none.py::test_nothing"):
        assert told in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["-m", "销售不"], "did you mean 销售部?"),
        (["-k", "没有这个"], "No check is selected"),
        (["-m", "and and"], "and and"),
    ],
)
def test_a_selection_that_means_nothing_is_refused(
    accepted: tuple[Workspace, str], words: list[str], said: str
) -> None:
    done = accepted[0].cli("run", "--no-allure", "--out", str(accepted[0].path.parent / "other"), *words)
    assert done.returncode == 2 and said in done.stdout
