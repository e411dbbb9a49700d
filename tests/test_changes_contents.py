"""The workspace's own content digests: one edit changes exactly its own checks, and what says nothing changes none."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from crm_acceptance import changes, contents, profile
from crm_acceptance.contents import Contents
from crm_acceptance.model import Expected, Requirement

ROOT = Path(__file__).parents[1]
KEPT = ("conftest.py", "pyproject.toml", "acceptance.toml", "steps", "fixtures", "load", "security")
LEADS, RIGHTS, PEAKS, TABLE = (
    "features/sales/leads.feature",
    "security/permissions.csv",
    "load/peaks.toml",
    "features/requirements.csv",
)
SECRETS = "security/sensitive.toml"
CELL = "security/test_permissions.py::test_nobody_sees_or_does_more_or_less_than_the_table_says"
ROOM = "security/test_permissions_screens.py::test_screens_show_and_offer_no_more_than_the_table_says"
NET = "security/test_fuzz.py::test_each_role_gets_only_what_its_row_grants"
SEARCH = 'verb = "customer.search"\nmeasure = "p50"\n'
ENDS = "security/test_sensitive.py::"
PEAK = "load/test_peaks.py::test_the_peak_meets_its_threshold"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ws")
    for name in KEPT:
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, folder / name)
    shutil.copytree(ROOT / "features" / "sales", folder / "features" / "sales")
    shutil.copy(ROOT / TABLE, folder / TABLE)
    return folder


@pytest.fixture(scope="module")
def before(workspace: Path) -> Contents:
    return changes.workspace(profile.load(workspace))


def after(workspace: Path, edits: dict[str, Callable[[str], str]]) -> Contents:
    """What the workspace says with these files edited; they are put back."""
    kept = {name: (workspace / name).read_text("utf-8") for name in edits}
    try:
        for name, edit in edits.items():
            assert edit(kept[name]) != kept[name], f"nothing edited in {name}"
            (workspace / name).write_text(edit(kept[name]), "utf-8")
        return changes.workspace(profile.load(workspace))
    finally:
        for name, text in kept.items():
            (workspace / name).write_text(text, "utf-8")


def edited(before: Contents, now: Contents) -> set[str]:
    """Node ids whose digest is another; requirements whose row is another."""
    rows = {id for id, row in now.requirements.items() if before.requirements[id] != row}
    then = {nodeid: said for checks in before.checks.values() for nodeid, said in checks.items()}
    found = {nodeid: said for checks in now.checks.values() for nodeid, said in checks.items()}
    assert then.keys() == found.keys()
    return rows | {nodeid for nodeid, said in found.items() if then[nodeid] != said}


def replaced(old: str, new: str) -> Callable[[str], str]:
    return lambda text: text.replace(old, new, 1)


def moved_down(text: str) -> str:
    """The first scenario goes to the end of the file."""
    head, first, *rest = text.split("\n\n")
    return "\n\n".join([head, *rest, first])


def test_comments_blanks_and_other_places_change_nothing(workspace: Path, before: Contents) -> None:
    now = after(
        workspace,
        {
            TABLE: lambda text: "\n".join([(lines := text.splitlines())[0], *reversed(lines[1:])]) + "\n",
            LEADS: lambda text: moved_down(text).rstrip() + "\n\n    # 说明 a remark\n",
            RIGHTS: replaced("sales_rep,assign,lead,none,,SEC-005", " sales_rep , assign , lead , none ,,SEC-005"),
            PEAKS: replaced('plateau = "16 s"', 'plateau   =  "16000 ms"   # 稳定期'),
            SECRETS: replaced("attempts = 10  ", "# 十次\nattempts   = 10"),
            "security/test_order_life.py": replaced("    bounded =", "    # why\n\n    bounded ="),
        },
    )
    assert contents.changed(before, now) == {}
    assert contents.department(before, "sales") == contents.department(now, "sales")


@pytest.mark.parametrize(
    ("file", "edit", "expected"),
    [
        (TABLE, replaced("销售登记线索，各项资料齐全", "销售登记线索，各项资料完整"), {"SALES-001"}),
        (LEADS, replaced("13812345678", "13812345679"), {f"{LEADS}::test_登记的线索资料齐全经理也看得到"}),
        (
            RIGHTS,
            replaced("sales_rep,assign,lead,none,,SEC-005", "sales_rep,assign,lead,own,,SEC-005"),
            {
                f"{CELL}[sales_rep-assign-lead]",
                f"{ROOM}[sales_rep-lead]",
                f"{ROOM}[sales_rep-start]",
                f"{NET}[assignLead-SEC-005]",
            },
        ),
        (
            PEAKS,
            replaced(f'{SEARCH}limit = "1 s"', f'{SEARCH}limit = "2 s"'),
            {f"{PEAK}[morning-customer.search-p50]"},
        ),
        (SECRETS, replaced("hours = 12", "hours = 11"), {f"{ENDS}test_a_session_ends_in_due_time"}),
    ],
    ids=["requirement", "sentence", "row", "peak", "declared"],
)
def test_one_edit_changes_exactly_its_own(
    file: str, edit: Callable[[str], str], expected: set[str], workspace: Path, before: Contents
) -> None:
    found = edited(before, after(workspace, {file: edit}))
    assert found == expected


def a_check(nodeid: str, content: str, *ids: str) -> Expected:
    return Expected(nodeid, nodeid.upper(), ids, "scenarios", True, content)


ROWS = (Requirement("A-1", "sales", "major", "functional", "甲"), Requirement("B-1", "it", "major", "security", "乙"))
CHECKS = (a_check("one", "c1", "A-1"), a_check("two", "c2", "A-1", "B-1"), a_check("three", "c2", "B-1"))


def test_two_checks_that_change_names_say_the_same() -> None:
    swapped = (a_check("two", "c1", "A-1"), a_check("one", "c2", "A-1", "B-1"), CHECKS[2])
    assert contents.changed(contents.of(ROWS, CHECKS), contents.of(ROWS, swapped)) == {}


def test_what_changed_is_told_by_titles_and_only_its_own_department_is_another() -> None:
    now = contents.of(ROWS, (a_check("one", "c9", "A-1"), CHECKS[1], CHECKS[2], a_check("four", "c4", "A-1")))
    was = contents.of(ROWS, CHECKS)
    assert contents.changed(was, now) == {"A-1": "检查改了 changed 1：ONE；检查新增 new 1：FOUR"}
    assert contents.changed(now, was) == {"A-1": "检查改了 changed 1：ONE；检查删去 gone 1：FOUR"}
    assert contents.department(was, "sales") != contents.department(now, "sales")
    assert contents.department(was, "it") == contents.department(now, "it")


def test_a_check_that_is_listed_twice_and_then_once_is_another() -> None:
    doubled = contents.of(ROWS, (*CHECKS, a_check("again", "c1", "A-1")))
    assert list(contents.changed(doubled, contents.of(ROWS, CHECKS))) == ["A-1"]


def test_requirements_come_and_go() -> None:
    less, all_of_them = contents.of(ROWS[:1], CHECKS[:1]), contents.of(ROWS, CHECKS[:1])
    assert contents.changed(less, all_of_them) == {"B-1": "新需求 a new requirement"}
    assert contents.changed(all_of_them, less) == {"B-1": "需求不见了 it is gone"}
    moved = contents.of((ROWS[0], replace(ROWS[1], department="sales")), CHECKS[:1])
    assert contents.changed(all_of_them, moved) == {"B-1": "需求原文改了 its row was changed"}
