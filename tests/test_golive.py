"""Phased go-live: a phase begins only when its gate is open, and everything that is silent keeps it shut."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crm_acceptance import logbook
from crm_acceptance.circumstances import LOOKED
from crm_acceptance.errors import WrongUse
from crm_acceptance.golive import Standing, plan, records, standings
from crm_acceptance.golive.standing import facts
from crm_acceptance.profile import Profile
from crm_acceptance.signoff import Standing as Signoff

PEOPLE = {"lina": 1, "wangqiang": 1, "zhaomin": 1}
PILOT = {"name": "pilot", "title": "试点", "departments": ["sales"], "people": ["lina"]}
WAVE = {
    "name": "wave",
    "departments": ["sales", "finance"],
    "adoption": 0.8,
    "new_defects_per_day": 1,
    "live": {"p95_ms": {"at_most": 2000}},
}
GOLIVE: dict[str, Any] = {"deciders": ["zhaomin"], "drill_days": 30, "phase": [PILOT, WAVE]}


def signed(*departments: str, state: str = "valid", answer: str | None = "yes") -> tuple[Signoff, ...]:
    return tuple(Signoff(one, "go", answer, (), 1, state, ()) for one in departments)


class Company:
    """A workspace with a plan, and a clock that can be set."""

    def __init__(self, folder: Path, golive: Mapping[str, Any] = GOLIVE) -> None:
        self.folder = folder
        self.plan = plan(replace(Profile(folder), golive=golive), PEOPLE)
        self.signed: tuple[Signoff, ...] = signed("sales", "finance")
        self.now = datetime.now(UTC)

    def look(self) -> dict[str, Standing]:
        found = standings(self.plan, facts(self.folder, self.signed, self.now))
        return {one.phase.name: one for one in found}

    def why(self, phase: str) -> str:
        return "\n".join(self.look()[phase].reasons)

    def drill(self, code: int = 0) -> None:
        command = [sys.executable, "-c", f"raise SystemExit({code})"]
        records.drill(self.folder, "切回旧系统", "zhaomin", command, 60)

    def pilot_went_well(self) -> None:
        self.drill()
        records.entered(self.folder, "pilot", "zhaomin", "run")
        records.figure(self.folder, "pilot", "adoption", 0.9, "zhaomin")
        records.figure(self.folder, "pilot", "p95_ms", 800, "zhaomin")
        self.look_for_defects()
        records.decided(self.folder, "pilot", "zhaomin", "continue", "两周无事故")

    def look_for_defects(self) -> None:
        logbook.append(self.folder / logbook.FOLDER / "defects.jsonl", LOOKED, {"system": "refcrm", "run": "run"})


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company(tmp_path)


def test_the_first_phase_waits_for_signatures_and_a_drill(company: Company) -> None:
    company.signed = ()
    assert company.look()["pilot"].state == "blocked"
    assert "没有有效的签字" in company.why("pilot") and "没有演练过" in company.why("pilot")


def test_with_both_it_is_ready_and_then_live_and_then_done(company: Company) -> None:
    company.drill()
    assert company.look()["pilot"].state == "ready"
    records.entered(company.folder, "pilot", "zhaomin", "run")
    assert company.look()["pilot"].state == "live"
    records.decided(company.folder, "pilot", "zhaomin", "hold", "再看一周")
    assert company.look()["pilot"].state == "live"
    records.decided(company.folder, "pilot", "zhaomin", "continue", "好")
    assert company.look()["pilot"].state == "done"


def test_the_next_phase_opens_when_the_first_went_well(company: Company) -> None:
    assert "还没有开始" in company.why("wave")
    company.pilot_went_well()
    assert company.look()["wave"].state == "ready", company.why("wave")


@pytest.mark.parametrize("state", ["void", "missing", "expired", "refused"])
def test_a_signature_that_does_not_count_shuts_it(company: Company, state: str) -> None:
    company.pilot_went_well()
    company.signed = (*signed("sales"), *signed("finance", state=state, answer=None))
    assert "finance" in company.why("wave")


def test_a_conditional_yes_is_enough_only_where_the_plan_says_so(tmp_path: Path) -> None:
    strict = Company(tmp_path / "a")
    mild = Company(tmp_path / "b", {**GOLIVE, "phase": [{**PILOT, "conditional": True}, WAVE]})
    for one in (strict, mild):
        one.drill()
        one.signed = signed("sales", answer="conditional")
    assert "有条件" in strict.why("pilot") and mild.look()["pilot"].state == "ready"


def test_a_drill_that_failed_or_expired_does_not_count(company: Company) -> None:
    company.drill()
    company.drill(code=1)
    assert "没有成功" in company.why("pilot")
    company.drill()
    company.now += timedelta(days=31)
    assert "已过期" in company.why("pilot")


def test_a_drill_from_the_future_does_not_count(company: Company) -> None:
    company.drill()
    company.now -= timedelta(days=1)
    assert "已过期" in company.why("pilot")


def test_a_drill_that_takes_too_long_is_ended_and_failed(company: Company) -> None:
    endless = [sys.executable, "-c", "import threading; threading.Event().wait()"]
    body = records.drill(company.folder, "切回", "zhaomin", endless, 0.2).body
    assert body["ok"] is False and body["exit"] is None


def test_bad_stale_and_missing_figures_shut_it(company: Company) -> None:
    company.pilot_went_well()
    records.figure(company.folder, "pilot", "p95_ms", 2500, "zhaomin")
    assert "p95_ms 是 2500" in company.why("wave")
    company.now += timedelta(days=8)
    assert "太旧" in company.why("wave")


def test_a_figure_of_another_phase_says_nothing(company: Company) -> None:
    company.drill()
    records.entered(company.folder, "pilot", "zhaomin", "run")
    records.figure(company.folder, "wave", "adoption", 1.0, "zhaomin")
    records.decided(company.folder, "pilot", "zhaomin", "continue", "好")
    assert "没有「试点」阶段的数字 adoption" in company.why("wave")


def test_too_many_new_defects_a_day_shut_it(company: Company) -> None:
    company.pilot_went_well()
    for number, department in enumerate(["sales", "sales", "marketing"]):
        body = {"fingerprint": str(number), "department": department, "criticality": "major", "key": f"CRM-{number}"}
        logbook.append(company.folder / logbook.FOLDER / "defects.jsonl", "opened", body)
    assert "每天新增 2 个缺陷" in company.why("wave")


def test_defects_that_nobody_looked_for_are_not_none(company: Company) -> None:
    company.look_for_defects()
    company.drill()
    records.entered(company.folder, "pilot", "zhaomin", "run")
    assert "没有人核对过缺陷" in company.why("wave"), "looked for before the phase began"
    company.look_for_defects()
    assert "缺陷" not in company.why("wave")


def test_whoever_is_rolled_back_must_enter_anew(company: Company) -> None:
    company.drill()
    records.entered(company.folder, "pilot", "zhaomin", "run")
    records.decided(company.folder, "pilot", "zhaomin", "rollback", "订单丢了")
    found = company.look()["pilot"]
    assert found.state == "ready" and "订单丢了" in found.said
    assert "还没有开始" in company.why("wave")


def test_a_journal_that_was_edited_shuts_everything(company: Company) -> None:
    company.pilot_went_well()
    file = records.journal(company.folder)
    file.write_bytes(file.read_bytes().replace(b"0.9", b"1.0", 1))
    assert company.look()["wave"].state == "blocked" and "改动" in company.why("wave")


@pytest.mark.parametrize(
    ("numbers", "difference"), [((100, 90, 6, 4), 0), ((100, 90, 6, 3), 1), ((100, 101, 0, 0), 1), ((5, 5, 0, 1), 1)]
)
def test_a_migration_is_conserved_or_not(numbers: tuple[int, int, int, int], difference: float) -> None:
    assert records.Batch("一", *numbers).difference == difference


@pytest.mark.parametrize("money", [float("nan"), float("inf")])
def test_money_that_is_no_number_is_refused(tmp_path: Path, money: float) -> None:
    with pytest.raises(WrongUse, match="金额"):
        records.migration(tmp_path, records.Batch("1", 10, 10, 0, 0, money, money), "zhaomin")


def test_money_counts_as_well() -> None:
    assert records.Batch("一", 1, 1, 0, 0, 100.10, 100.0).difference == 0.1


@pytest.mark.parametrize(
    ("golive", "said"),
    [
        ({}, "没有上线计划"),
        ({"deciders": ["zhaomin"]}, "至少要有一段"),
        ({"phase": [PILOT]}, "deciders"),
        ({"deciders": ["nobody"], "phase": [PILOT]}, "nobody"),
        ({"deciders": ["zhaomin"], "phase": [{**PILOT, "departments": ["legal"]}]}, "legal"),
        ({"deciders": ["zhaomin"], "phase": [{**PILOT, "people": ["ghost"]}]}, "ghost"),
        ({"deciders": ["zhaomin"], "phase": [PILOT, PILOT]}, "重名"),
        ({"deciders": ["zhaomin"], "phase": [{**PILOT, "adoption": 80}]}, "0 到 1"),
        ({"deciders": ["zhaomin"], "phase": [{**PILOT, "live": {"p95_ms": {}}}]}, "at_least"),
        ({"deciders": ["zhaomin"], "phase": [{**PILOT, "live": {"p95_ms": {"most": 1}}}]}, "most"),
        ({"deciders": ["zhaomin"], "phase": [{"name": "x"}]}, "departments"),
        ({"deciders": ["zhaomin"], "phase": [{**PILOT, "speed": 1}]}, "speed"),
        ({"deciders": ["zhaomin"], "drill_days": "30", "phase": [PILOT]}, "drill_days"),
        ([], "没有上线计划"),
        (["pilot"], "应当是表"),
    ],
)
def test_a_plan_that_says_nothing_is_refused(tmp_path: Path, golive: Any, said: str) -> None:
    with pytest.raises(WrongUse, match=said):
        Company(tmp_path, golive)


def test_a_decision_needs_a_word_and_a_reason(company: Company) -> None:
    with pytest.raises(WrongUse, match="answer"):
        records.decided(company.folder, "pilot", "zhaomin", "maybe", "x")
    with pytest.raises(WrongUse, match="理由"):
        records.decided(company.folder, "pilot", "zhaomin", "hold", "  ")
