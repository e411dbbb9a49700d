"""Feature files are collected without a stub, and what no step, or more than one, would answer stops everything."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import tiny_workspace
from tiny_workspace import Workspace

pytestmark = pytest.mark.xdist_group("gherkin_collect")

TWO = tiny_workspace.LEADS + (
    "  @重要\n  场景: 第二个\n    假如 李娜 在公司\n  @重要\n  场景大纲: 多条\n    当 李娜 登记线索 <名称>\n"
    "    例子:\n      | 名称 |\n      | 甲 |\n      | 乙 |\n"
)
ODD_STEPS = """
import pytest
from pytest_bdd import given, parsers, then, when

@when(parsers.re(r".* 登记线索 .*"))
def second(): ...

@then("等一等")
async def never(): ...

@then("等两次")
async def never_either():
    yield

@given("只给 Given 的")
def only_given(): ...

from crm_acceptance.sentences import sentence

@sentence("{who} 翻看{kind:object}", "{who} leafs through {kind:object}")
def leaf(who, kind): ...
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return tiny_workspace.make(tmp_path_factory.mktemp("collect"), TWO)


@pytest.fixture(scope="module")
def complaints(tmp_path_factory: pytest.TempPathFactory) -> str:
    """One collection of one file with every kind of sentence that must not run."""
    bad = tiny_workspace.make(tmp_path_factory.mktemp("complaints"), "")
    bad.file("conftest.py", tiny_workspace.STEPS + ODD_STEPS)
    bad.feature(
        tiny_workspace.LEADS + "  场景: 坏\n    假如 李娜 在公司里\n    当 李娜 登记线索 乙\n    那么 等一等\n"
        "    而且 等两次\n    而且 只给 Given 的\n"
        "    那么 李娜 翻看过线索\n"
    )
    bad.feature("# language: zh-CN\n功能: 空\n", "features/sales/empty.feature")
    done = bad.pytest("features")
    assert done.returncode == 2, done.stdout
    return done.stdout


def test_a_feature_file_needs_no_stub(workspace: Workspace) -> None:
    done = workspace.pytest("features/sales/leads.feature", "-q")
    assert "4 passed" in done.stdout and done.returncode == 0


def test_one_scenario_can_be_named_by_its_node_id(workspace: Workspace) -> None:
    assert "1 passed" in workspace.pytest("features/sales/leads.feature::test_第二个", "-q").stdout


def test_keyword_selects_by_chinese_name(workspace: Workspace) -> None:
    assert "2 passed, 2 deselected" in workspace.pytest("features", "-q", "-k", "多条").stdout


def test_chinese_tags_are_markers(workspace: Workspace) -> None:
    assert "3 passed, 1 deselected" in workspace.pytest("features", "-q", "-m", "销售部 and 重要").stdout


def test_workers_share_the_scenarios(workspace: Workspace) -> None:
    assert "4 passed" in workspace.pytest("features", "-q", "-n", "2").stdout


def test_an_unknown_sentence_names_its_line_and_the_nearest_known(complaints: str) -> None:
    [line] = re.findall(r".*leads\.feature:9: .*", complaints)
    assert "李娜 在公司里" in line and "nearest known: {who} 在公司" in line


def test_the_nearest_sentence_is_told_as_the_guide_writes_it(complaints: str) -> None:
    [line] = re.findall(r".*李娜 翻看过线索。.*", complaints)
    assert "；{who} 翻看{kind}；" in line and ":object" not in complaints


def test_two_steps_that_fit_are_both_named_with_their_files(complaints: str) -> None:
    assert "More than one step fits" in complaints
    assert len(set(re.findall(r"\(conftest\.py:\d+\)", complaints))) >= 2


def test_a_coroutine_step_is_refused_because_nobody_awaits_it(complaints: str) -> None:
    assert complaints.count("A coroutine step is never awaited") == 2


def test_a_step_of_another_kind_does_not_answer(complaints: str) -> None:
    assert "没有步骤认识这句话：而且 只给 Given 的" in complaints


def test_every_bad_file_is_told_and_nothing_ran(complaints: str) -> None:
    assert "empty.feature:1" in complaints and "leads.feature:9" in complaints
    assert not re.search(r"\d passed", complaints)


def test_workers_refuse_bad_files_as_well(tmp_path: Path) -> None:
    bad = tiny_workspace.make(tmp_path, TWO)
    bad.feature("# language: zh-CN\n功能: 空\n", "features/sales/empty.feature")
    done = bad.pytest("features", "-n", "2")
    assert done.returncode == 2 and "empty.feature:1" in done.stdout and "passed" not in done.stdout


def test_a_step_of_a_nested_conftest_is_for_its_folder_only(tmp_path: Path) -> None:
    local = tiny_workspace.make(tmp_path, "")
    local.feature(tiny_workspace.LEADS + "    而且 本地的话\n")
    local.feature(tiny_workspace.LEADS + "    而且 本地的话\n", "features/finance/other.feature")
    local.file("features/sales/conftest.py", 'from pytest_bdd import then\n@then("本地的话")\ndef local(): ...\n')
    said = local.pytest("features").stdout
    assert "other.feature:8" in said and "leads.feature:8" not in said
