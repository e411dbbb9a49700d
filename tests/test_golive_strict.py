"""Ways to open a go-live gate by a slip: percent for a share, a defect of two departments, zero days, what runs on."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from test_golive import GOLIVE, PEOPLE, PILOT, WAVE, Company

from crm_acceptance import logbook
from crm_acceptance.errors import WrongUse
from crm_acceptance.golive import plan, records
from crm_acceptance.profile import Profile


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company(tmp_path)


def defect(company: Company, fingerprint: str, tracker: str, *departments: str) -> None:
    body = {"fingerprint": fingerprint, "tracker": tracker, "department": departments[0], "run": "run-1"}
    told = {**body, "departments": list(departments), "criticality": "major", "key": "CRM-1"}
    logbook.append(company.folder / logbook.FOLDER / "defects.jsonl", "opened", told)


@pytest.mark.parametrize("value", [92, 1.01, -0.1, float("nan")])
def test_an_adoption_in_percent_is_no_share(company: Company, value: float) -> None:
    with pytest.raises(WrongUse):
        records.figure(company.folder, "pilot", "adoption", value, "zhaomin")
    assert not records.journal(company.folder).exists()


def test_a_defect_of_several_departments_is_everyones_and_one_in_however_many_trackers(company: Company) -> None:
    company.pilot_went_well()
    for number in range(2):
        defect(company, str(number), "jira", "finance", "sales")
    assert "每天新增 2 个缺陷" in company.why("wave")
    once = Company(company.folder / "other")
    once.pilot_went_well()
    for tracker in ("jira", "tapd", "trello"):
        defect(once, "1", tracker, "sales")
    assert "每天新增" not in once.why("wave")


@pytest.mark.parametrize(
    ("golive", "said"),
    [
        ({**GOLIVE, "drill_days": 0}, "drill_days"),
        ({**GOLIVE, "phase": [PILOT, {**WAVE, "fresh_days": 0}]}, "fresh_days"),
        ({**GOLIVE, "phase": [{**PILOT, "departments": [["sales"]]}]}, "sales"),
        ({**GOLIVE, "deciders": [{"name": "zhaomin"}]}, "zhaomin"),
    ],
)
def test_a_plan_that_cannot_be_meant_is_told(tmp_path: Path, golive: dict[str, object], said: str) -> None:
    with pytest.raises(WrongUse, match=said):
        plan(replace(Profile(tmp_path), golive=golive), PEOPLE)


def test_nothing_of_a_drill_whose_time_is_up_goes_on(company: Company, tmp_path: Path) -> None:
    told = tmp_path / "grandchild"
    inner = "import os, pathlib, threading; pathlib.Path(r'{}').write_text(str(os.getpid())); threading.Event().wait()"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner.format(told)!r}])"
    body = records.drill(company.folder, "切回", "zhaomin", [sys.executable, "-c", code], 3).body
    assert body["ok"] is False and not psutil.pid_exists(int(told.read_text("ascii")))
