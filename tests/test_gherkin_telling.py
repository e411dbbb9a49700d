"""What the ledger holds of a scenario: every sentence with its status, identity, labels, and no secret."""

from __future__ import annotations

import json
from typing import Any

import pytest
import tiny_workspace
from tiny_workspace import Workspace

pytestmark = pytest.mark.xdist_group("gherkin_telling")

ENDINGS = """# language: zh-CN
@SALES-001 @销售部
功能: 结局
  场景: 通过
    假如 李娜 在公司
    那么 线索共 1 条
    而且 资料是
      | 名称 | 手机        |
      | 甲   | 13812345678 |
    而且 备注是
      \"\"\"
      一段话
      \"\"\"
  场景大纲: 共<n>条
    假如 李娜 在公司
    那么 线索共 <n> 条
    而且 CRM 拒绝
    例子:
      | n |
      | 9 |
      | 1 |
  场景: 不支持
    那么 系统不支持
    而且 线索共 1 条
  场景: 样本
    那么 样本太少
  场景: 跳过
    那么 直接跳过
    而且 线索共 1 条
  @FIN-001
  场景: 断开
    那么 站点断开
  场景: 出错
    那么 程序出错
  场景: 泄密
    那么 泄露密码
"""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    made = tiny_workspace.make(tmp_path_factory.mktemp("telling"), ENDINGS)
    english = "@SALES-002\nFeature: Leads\n  Scenario: in English\n    Given Li Na is at work\n"
    made.feature(english, "features/sales/en.feature")
    done = made.pytest(
        "features",
        "--alluredir=results",
        CRM_ACCEPTANCE_PASSWORD="Geheim-4711-x",
        CRM_ACCEPTANCE_RUN_DIR=str(made.path),
    )
    assert done.returncode == 1, done.stdout
    return made


@pytest.fixture(scope="module")
def results(workspace: Workspace) -> dict[str, dict[str, Any]]:
    return workspace.results()


def sentences(result: dict[str, Any]) -> list[tuple[str, str]]:
    return [(step["name"], step["status"]) for step in result["steps"]]


def labels(result: dict[str, Any], name: str) -> list[str]:
    return [label["value"] for label in result["labels"] if label["name"] == name]


def test_every_sentence_is_a_step_with_its_own_keyword(results: dict[str, dict[str, Any]]) -> None:
    told = [name for name, _ in sentences(results["通过"])]
    assert told == ["假如 李娜 在公司", "那么 线索共 1 条", "而且 资料是", "而且 备注是"]
    assert sentences(results["in English"]) == [("Given Li Na is at work", "passed")]


def test_tables_and_texts_are_attached_to_their_sentence_masked(
    workspace: Workspace, results: dict[str, dict[str, Any]]
) -> None:
    steps = results["通过"]["steps"]
    table, text = (workspace.path / "results" / steps[i]["attachments"][0]["source"] for i in (2, 3))
    assert table.read_text() == "名称,手机\n甲,138****5678\n" and text.read_text() == "一段话"


def test_a_failed_sentence_leaves_the_rest_skipped(results: dict[str, dict[str, Any]]) -> None:
    assert results["共9条"]["status"] == "failed"
    assert sentences(results["共9条"])[1:] == [("那么 线索共 9 条", "failed"), ("而且 CRM 拒绝", "skipped")]


def test_a_refusal_nobody_expected_is_a_failure_of_the_crm(results: dict[str, dict[str, Any]]) -> None:
    assert results["共1条"]["status"] == "failed" and "没有权限" in results["共1条"]["statusDetails"]["message"]


@pytest.mark.parametrize(
    ("title", "reason"), [("不支持", "这个系统没有公海"), ("样本", "样本太少"), ("跳过", "直接跳过了")]
)
def test_what_cannot_be_shown_is_skipped_with_its_reason(
    results: dict[str, dict[str, Any]], title: str, reason: str
) -> None:
    assert results[title]["status"] == "skipped" and reason in results[title]["statusDetails"]["message"]


def test_a_skip_inside_a_sentence_closes_it_and_the_rest(results: dict[str, dict[str, Any]]) -> None:
    assert [status for _, status in sentences(results["跳过"])] == ["skipped", "skipped"]


@pytest.mark.parametrize("title", ["断开", "出错"])
def test_what_broke_the_check_is_not_held_against_the_crm(results: dict[str, dict[str, Any]], title: str) -> None:
    assert results[title]["status"] == "broken" and sentences(results[title])[0][1] == "broken"


def test_no_secret_and_no_personal_number_reaches_the_disk(workspace: Workspace) -> None:
    written = b"".join(file.read_bytes() for file in (workspace.path / "results").iterdir())
    assert b"Geheim-4711-x" not in written and b"138****5678" in written


def test_each_example_is_a_check_of_its_own(results: dict[str, dict[str, Any]]) -> None:
    one, nine = results["共1条"], results["共9条"]
    assert one["historyId"] != nine["historyId"] and one["fullName"] != nine["fullName"]
    assert one["parameters"] == [{"name": "n", "value": "1"}]


def test_labels_come_from_the_requirement(results: dict[str, dict[str, Any]]) -> None:
    told = results["断开"]
    assert labels(told, "requirement") == ["FIN-001", "SALES-001"]
    assert labels(told, "epic") == ["财务", "销售"] and labels(told, "department") == ["finance", "sales"]
    assert "FIN-001 回款减少未收" in labels(told, "feature") and labels(told, "engine") == ["scenarios"]
    assert labels(told, "severity") == ["critical"] and labels(told, "nodeid") == [told["fullName"]]


def test_no_container_files_are_written(workspace: Workspace) -> None:
    assert not list((workspace.path / "results").glob("*container*"))


def test_no_path_of_this_machine_stands_in_a_result(workspace: Workspace, results: dict[str, dict[str, Any]]) -> None:
    assert str(workspace.path) not in json.dumps(results["通过"], ensure_ascii=False)
