"""Early warning: what is told, of whom, and when nothing is."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from test_changes_requests import AGREED, BOTH, REWORDED, TERMS, refused, workspace
from typer.testing import CliRunner

from crm_acceptance import logbook
from crm_acceptance.changes.asking import ask, baseline
from crm_acceptance.changes.warning import churn, warnings
from crm_acceptance.cli import app
from crm_acceptance.profile import Profile

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DUE = '[signatories.finance]\ndue = "2026-11-20"\n[signatories.sales]\ndue = 2026-11-30\n'


@dataclass(frozen=True)
class Stand:
    department: str
    state: str


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> object:
    """Sets the clock by which journals are written."""

    def at(days_ago: float) -> None:
        class Clock(datetime):
            @classmethod
            def now(cls, tz: object = None) -> datetime:
                return NOW - timedelta(days=days_ago)

        monkeypatch.setattr(logbook, "datetime", Clock)

    return at


def told(ours: Profile, standings: Iterable[Stand] = ()) -> list[tuple[str, str]]:
    return [(one.kind, one.department) for one in warnings(ours, standings, NOW)]


def opened(ours: Profile, department: str, count: int) -> None:
    for n in range(count):
        body = {"fingerprint": f"{department}{n}", "department": department, "criticality": "major", "key": "D-1"}
        logbook.append(ours.workspace / logbook.FOLDER / "defects.jsonl", "opened", body)


def test_a_day_with_an_hour_is_a_day(tmp_path: Path) -> None:
    ours = workspace(tmp_path, "[signatories.sales]\ndue = 2026-11-20T10:00:00\n")
    assert told(ours) == [("overdue", "sales")]


def test_what_was_written_with_a_clock_of_tomorrow_is_not_lost(tmp_path: Path, on: object) -> None:
    on(-2)  # type: ignore[operator]
    ours = workspace(tmp_path)
    opened(ours, "finance", 11)
    assert told(ours) == [("defects", "finance")]


def test_a_quiet_project_has_no_warning(tmp_path: Path) -> None:
    assert warnings(workspace(tmp_path), (), NOW) == ()


def test_more_changes_in_a_week_than_the_profile_bears_are_told_per_department(tmp_path: Path, on: object) -> None:
    ours = workspace(tmp_path, f"{TERMS}[warning]\nchurn_per_week = 1\n")
    baseline(ours, "陈静", AGREED)
    on(9)  # type: ignore[operator]
    ask(ours, "李娜", "上上周的", ["SALES-001"], now=REWORDED)
    on(2)  # type: ignore[operator]
    ask(ours, "李娜", "这周的", ["FIN-001"], now=BOTH)
    assert told(ours) == []
    on(1)  # type: ignore[operator]
    again = replace(BOTH, requirements={**BOTH.requirements, "SALES-001": "x"})
    ask(ours, "李娜", "又改", ["SALES-001"], now=again)
    once_more = replace(BOTH, requirements={**BOTH.requirements, "SALES-001": "y"})
    ask(ours, "李娜", "还改", ["SALES-001"], now=once_more)
    [found] = warnings(ours, (), NOW)
    assert (found.kind, found.department, found.value, found.limit) == ("churn", "sales", 2, 1)
    assert str(found).startswith("需求变更过多：销售最近 7 天变更 2 条")
    assert churn(ours) == {"2026-W46": {"sales": 1}, "2026-W47": {"finance": 1, "sales": 2}}


@pytest.mark.parametrize(
    ("state", "expected"),
    [("missing", [("overdue", "finance")]), ("void", [("overdue", "finance")]), ("valid", []), ("refused", [])],
)
def test_a_department_that_has_not_answered_by_its_day_is_overdue(
    state: str, expected: list[tuple[str, str]], tmp_path: Path
) -> None:
    ours = workspace(tmp_path, DUE)
    assert told(ours, [Stand("finance", state), Stand("sales", "missing")]) == expected


def test_the_day_itself_is_still_in_time_and_no_run_at_all_is_late(tmp_path: Path) -> None:
    ours = workspace(tmp_path, DUE)
    [found] = warnings(ours, (), NOW)
    assert "逾期未签：财务应在 2026-11-20 前签字，已过 2 天" in str(found)
    assert warnings(ours, (), datetime(2026, 11, 20, 20).astimezone()) == ()


def test_defects_that_rise_are_told_and_few_ones_are_not(tmp_path: Path, on: object) -> None:
    ours = workspace(tmp_path)
    on(10)  # type: ignore[operator]
    opened(ours, "sales", 2)
    opened(ours, "it", 1)
    opened(ours, "finance", 4)
    on(1)  # type: ignore[operator]
    opened(ours, "sales", 4)
    opened(ours, "it", 2)
    opened(ours, "finance", 5)
    assert told(ours) == [("defects", "sales")]
    opened(ours, "service", 11)
    assert told(ours) == [("defects", "sales"), ("defects", "service")]


def test_a_journal_that_was_edited_is_a_warning_itself(tmp_path: Path) -> None:
    ours = workspace(tmp_path)
    opened(ours, "sales", 2)
    path = ours.workspace / logbook.FOLDER / "defects.jsonl"
    path.write_bytes(path.read_bytes()[1:])
    assert told(ours)[0] == ("journal", "")


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ("[warning]\nchurn = 3\n", "churn_per_week"),
        ("[warning]\nchurn_per_week = -1\n", "0 或更大的数"),
        ('[warning]\ndefects_rising = "twice"\n', "0 或更大的数"),
        ('[signatories.sales]\ndue = "下周"\n', "日期"),
    ],
)
def test_a_wrong_threshold_is_one_sentence(said: str, word: str, tmp_path: Path) -> None:
    ours = workspace(tmp_path, said)
    refused(lambda: warnings(ours, (), NOW), word)


def test_the_command_exits_1_with_a_warning_and_0_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace(tmp_path)
    monkeypatch.chdir(tmp_path)
    quiet = CliRunner().invoke(app, ["warnings"])
    assert (quiet.exit_code, "没有预警" in quiet.output) == (0, True)
    ours = workspace(tmp_path, '[warning]\ndefects_per_week = 2\n[signatories.sales]\ndue = "2020-01-01"\n')
    opened(ours, "it", 3)
    loud = CliRunner().invoke(app, ["warnings", "--json"])
    assert loud.exit_code == 1
    assert [one["kind"] for one in json.loads(loud.stdout)["warnings"]] == ["overdue", "defects"]
