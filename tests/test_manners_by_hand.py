"""Whoever starts pytest by hand at a site that is not ours leaves the same journal as a run."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import tiny_workspace
from odd_site import OddSite, Said

from crm_acceptance.cleaning.reading import read

STEP = """

@then("建一条线索")
def create(site):
    from crm_acceptance.manners import journal, pace
    from crm_acceptance.model import Action, Record
    action = Action("create", "lead", fields={"name": "甲" + journal.word("abcdefg")})
    journal.performed("lina", action, lambda: Record("lead", "5"))
    assert pace.told().budget == 77
"""
FEATURE = """# language: zh-CN
@SALES-001 @销售部
功能: 线索
  场景: 一
    那么 建一条线索
  场景: 二
    那么 建一条线索
"""


@pytest.mark.parametrize("workers", [("-n", "0"), ("-n", "2")])
def test_pytest_by_hand_writes_a_journal(tmp_path: Path, workers: tuple[str, str]) -> None:
    made = tiny_workspace.make(tmp_path, FEATURE)
    made.file("conftest.py", tiny_workspace.STEPS + STEP)
    with OddSite(lambda seen, number: Said()) as site:
        made.file("acceptance.toml", f'system = "tiny"\n[site]\nurl = "{site.url}"\nbudget = 77\n')
        done = made.pytest("features", "-q", *workers)
    assert done.returncode == 0, done.stdout
    found = read(made.path / "reports" / "by-hand" / "journal")
    assert [(entry.made, entry.words) for entry in found.entries] == [((("lead", "5"),), ("abcdefg",))] * 2
    assert (found.url, found.system, found.launched) == (site.url, "tiny", False)


def test_a_launched_crm_gets_no_journal_and_no_folder(tmp_path: Path) -> None:
    made = tiny_workspace.make(tmp_path, FEATURE)
    made.file("conftest.py", tiny_workspace.STEPS + STEP.replace("    assert pace.told().budget == 77\n", ""))
    assert made.pytest("features", "-q").returncode == 0
    assert not (made.path / "reports").exists()


def test_a_run_tells_what_was_asked_of_the_site(tmp_path: Path) -> None:
    made = tiny_workspace.make(tmp_path)
    assert made.cli("run", "--no-allure", "--clean").returncode in (0, 3)
    told = json.loads((made.run_dir() / "run.json").read_text(encoding="utf-8"))
    assert told["asked"] == {"requests": None, "throttled": 0, "waited": 0.0, "rate": 0.0, "budget": 0}
    assert (told["created"], told["left_over"], told["faults"]) == (0, [], {})
