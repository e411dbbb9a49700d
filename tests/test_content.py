"""A check's content digest: another digest exactly when what it says is another, wherever it stands."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
import tiny_workspace
from tiny_workspace import Workspace

pytestmark = pytest.mark.xdist_group("plugin_promise")

LEADS = """# language: zh-CN
@SALES-001
功能: 线索
  场景: 甲
    当 李娜 登记线索 华东
    那么 资料是
      | 姓名 |
      | 华东 |
  场景大纲: 乙
    当 李娜 登记线索 <名称>
    例子:
      | 名称 |
      | 一   |
      | 二   |
"""
RIGHTS = '''
import pytest
pytestmark = pytest.mark.requirement("SALES-002")

@pytest.mark.parametrize("row", [
    pytest.param(1, id="a", marks=pytest.mark.content("own", "read")),
    pytest.param(2, id="b", marks=pytest.mark.content("all", "read")),
])
def test_rows(row):
    """一格权限"""

def test_code():
    """一段程序"""
    assert 1 + 1 == 2
'''


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return tiny_workspace.make(tmp_path_factory.mktemp("content"))


def digests(workspace: Workspace, leads: str = LEADS, rights: str = RIGHTS) -> dict[str, str]:
    """Title -> digest, as one collection promises it."""
    for old in (workspace.path / "features").rglob("*.feature"):
        old.unlink()
    workspace.file("features/sales/leads.feature", leads)
    workspace.file("security/test_rights.py", rights)
    run = tempfile.mkdtemp(dir=workspace.path)  # a promise once made is not made again
    done = workspace.pytest("features", "security", "--collect-only", "-q", CRM_ACCEPTANCE_RUN_DIR=run)
    assert done.returncode == 0, done.stdout
    bodies = (json.loads(file.read_text("utf-8")) for file in (Path(run) / "expected").glob("*.json"))
    return {item["title"]: item["content"] for body in bodies for item in body["items"]}


@pytest.fixture(scope="module")
def before(workspace: Workspace) -> dict[str, str]:
    found = digests(workspace)
    assert len(set(found.values())) == len(found) == 6
    return found


def changed(before: dict[str, str], workspace: Workspace, leads: str = LEADS, rights: str = RIGHTS) -> set[str]:
    """The digests that the original has not."""
    after = digests(workspace, leads, rights)
    return {title for title, digest in after.items() if digest != before.get(title)}


def test_a_comment_an_indent_and_another_place_change_nothing(before: dict[str, str], workspace: Workspace) -> None:
    head, second = LEADS.partition("  场景: 甲")[0], "  场景大纲"
    first = LEADS.split(second)[0].removeprefix(head).replace("    ", "      ")
    assert changed(before, workspace, f"{head}{second}{LEADS.split(second)[1]}\n  # 说明\n{first}") == set()


@pytest.mark.parametrize(
    ("old", "new", "titles"),
    [
        ("登记线索 华东", "登记线索 华北", {"甲"}),
        ("| 华东 |", "| 华南 |", {"甲"}),
        ("| 二   |", "| 三   |", {"乙 (三)"}),
        ("  场景: 甲", "  背景:\n    假如 李娜 在公司\n  场景: 甲", {"甲", "乙 (一)", "乙 (二)"}),
    ],
    ids=["sentence", "table", "example", "background"],
)
def test_what_a_scenario_says_is_its_own(
    old: str, new: str, titles: set[str], before: dict[str, str], workspace: Workspace
) -> None:
    assert changed(before, workspace, LEADS.replace(old, new, 1)) == titles


def test_a_row_of_a_table_and_code_change_what_they_are(before: dict[str, str], workspace: Workspace) -> None:
    rights = RIGHTS.replace('"own", "read"', '"none", "read"').replace("1 + 1 == 2", "2 + 2 == 4")
    assert changed(before, workspace, rights=rights) == {"一格权限 [a]", "一段程序"}
