"""Ways to open a go-live gate by a slip: percent for a share, a defect of two departments, zero days, what runs on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from test_golive import GOLIVE, PEOPLE, PILOT, WAVE, Company
from typer.testing import CliRunner

from crm_acceptance import circumstances, logbook
from crm_acceptance.cli import app
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


def test_a_batch_whose_difference_is_no_number_is_not_known(tmp_path: Path) -> None:
    records.migration(tmp_path, records.Batch("一", 10, 10, 0, 0), "zhaomin")
    assert circumstances.known(tmp_path, "refcrm")["migration"]["difference"] == 0
    logbook.append(records.journal(tmp_path), "migration", {"batch": [], "difference": "x"})
    assert circumstances.known(tmp_path, "refcrm")["migration"]["difference"] is None


@pytest.fixture
def typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """A workspace on disk with three phases, of which `pilot` has begun; what is typed in it, and what it says."""
    for name, text in (
        ("fixtures/people.csv", "key,name,department,role,login\nzhaomin,赵敏,sales,manager,zhao.min\n"),
        (
            "features/requirements.csv",
            "id,department,criticality,dimension,text\nSALES-001,sales,critical,functional,甲\n",
        ),
    ):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text, "utf-8")
    phases = "".join(f'[[golive.phase]]\nname = "{name}"\ndepartments = ["sales"]\n' for name in ("pilot", "wave"))
    (tmp_path / "acceptance.toml").write_text(f'[golive]\ndeciders = ["zhaomin"]\n{phases}', "utf-8")
    records.entered(tmp_path, "pilot", "zhaomin", "run")
    monkeypatch.chdir(tmp_path)

    def does(*words: str) -> str:
        done = CliRunner().invoke(app, ["golive", *words])
        return f"{done.exit_code} {done.output}{done.exception or ''}"

    return does


def test_a_phase_that_went_well_can_be_rolled_back_still_unless_a_later_one_has_begun(
    typed: Callable[..., str], tmp_path: Path
) -> None:
    assert typed("decide", "pilot", "--by", "赵敏", "--answer", "continue", "--reason", "好").startswith("0 ")
    assert typed("decide", "pilot", "--by", "zhao.min", "--answer", "rollback", "--reason", "丢数据").startswith("0 ")
    assert "rolled back: 丢数据" in typed()
    records.entered(tmp_path, "pilot", "zhaomin", "run")
    records.decided(tmp_path, "pilot", "zhaomin", "continue", "好了")
    records.entered(tmp_path, "wave", "zhaomin", "run")
    assert "先决定之后的阶段" in typed("decide", "pilot", "--by", "赵敏", "--answer", "rollback", "--reason", "x")
    assert "没有这个谁" in typed("decide", "pilot", "--by", "张三", "--answer", "hold", "--reason", "x")


def test_a_figure_of_a_phase_that_has_not_begun_is_refused_for_it_would_never_count(typed: Callable[..., str]) -> None:
    assert "没有开始" in typed("record", "p95_ms", "800", "--phase", "wave", "--by", "赵敏")
    assert "没有这个指标" in typed("record", "p95_ms", "800", "--phase", "pilot", "--by", "赵敏")


def test_nothing_of_a_drill_whose_time_is_up_goes_on() -> None:
    inner = "import threading; print(1, flush=True); threading.Event().wait()"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}])"
    begun = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert begun.stdout is not None and begun.stdout.readline() == b"1\n"
    [grandchild] = psutil.Process(begun.pid).children()
    records.end(begun)
    assert begun.returncode and not (grandchild.is_running() and grandchild.status() != psutil.STATUS_ZOMBIE)
    begun.stdout.close()
