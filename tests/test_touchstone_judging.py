"""Caught, missed, unproven: ledgers made by hand, in which every wrong way to a better figure is open."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from greenrun import GreenRun

from crm_acceptance.touchstone import judging
from crm_acceptance.touchstone.judging import CAUGHT, MISSED, UNPROVEN, Outcome, Seen, seen
from crm_acceptance.touchstone.planted import Planted

LEAD = "features/sales/leads.feature::test_lead"
BY_SCREEN = "features/sales/leads.feature::test_lead_by_screen"
DEFECT = Planted("lead_lost", "functional", ("SALES-001",))
ABLE = (LEAD, BY_SCREEN)


def shown(folder: Path, *changes: tuple[str, str], drop: str = "", **run: Any) -> Seen:
    """A boot in which all is green but for `changes`: (end of node id, status)."""
    green = GreenRun()
    for end, status in changes:
        green.result(end).update(status=status, statusDetails={"message": f"{status} for a reason"})
    if drop:
        green.results.remove(green.result(drop))
    failing = any(status != "passed" for _, status in changes)
    green.phase("scenarios")["exit"] = 1 if failing or drop else 0
    green.run.update(run)
    laid = seen(green.lay(folder))
    return Seen(laid.checks, laid.trouble, laid.requests, frozenset(laid.checks), laid.took)


def judged(tmp_path: Path, planted: Seen, *clean: Seen) -> Outcome:
    return judging.outcome(DEFECT, ABLE, clean or (shown(tmp_path / "clean"),), planted, "boot")


def test_a_check_that_fails_with_the_defect_and_passed_without_it_has_caught_it(tmp_path: Path) -> None:
    told = judged(tmp_path, shown(tmp_path / "p", ("test_lead", "failed")))
    assert (told.word, told.by) == (CAUGHT, (LEAD,))


def test_a_check_that_always_fails_catches_nothing(tmp_path: Path) -> None:
    always = shown(tmp_path / "c", ("test_lead", "failed"))
    told = judged(tmp_path, shown(tmp_path / "p", ("test_lead", "failed")), always)
    assert (told.word, told.by) == (MISSED, ())
    assert judging.alarms([always]) == (LEAD,)


def test_when_every_check_of_it_always_fails_that_is_said(tmp_path: Path) -> None:
    both = (("test_lead", "failed"), ("test_lead_by_screen", "failed"))
    told = judged(tmp_path, shown(tmp_path / "p", *both), shown(tmp_path / "c", *both))
    assert (told.word, told.reason) == (MISSED, judging.ALARMING)


def test_a_failure_that_another_clean_boot_also_shows_catches_nothing(tmp_path: Path) -> None:
    well, ill = shown(tmp_path / "a"), shown(tmp_path / "b", ("test_lead", "failed"))
    told = judged(tmp_path, shown(tmp_path / "p", ("test_lead", "failed")), well, ill)
    assert told.word == MISSED


@pytest.mark.parametrize("status", ["broken", "skipped", "unknown"])
def test_a_check_that_could_not_speak_is_neither_a_catch_nor_a_miss(tmp_path: Path, status: str) -> None:
    told = judged(tmp_path, shown(tmp_path / "p", ("test_lead", status)))
    assert told.word == UNPROVEN and LEAD in told.reason


def test_a_check_without_a_result_is_neither_a_catch_nor_a_miss(tmp_path: Path) -> None:
    told = judged(tmp_path, shown(tmp_path / "p", drop="test_lead"))
    assert told.word == UNPROVEN


def test_a_check_that_could_not_speak_on_the_clean_crm_leaves_the_defect_unproven(tmp_path: Path) -> None:
    told = judged(tmp_path, shown(tmp_path / "p"), shown(tmp_path / "c", ("test_lead", "skipped")))
    assert told.word == UNPROVEN and "clean CRM" in told.reason


def test_a_failure_proves_nothing_where_the_clean_crm_was_never_asked(tmp_path: Path) -> None:
    other = Seen(asked=frozenset({"security/x.py::test_other"}))
    assert judged(tmp_path, shown(tmp_path / "p", ("test_lead", "failed")), other).word == UNPROVEN
    gone = Seen(trouble="中断", asked=frozenset(ABLE))
    assert judged(tmp_path, shown(tmp_path / "q", ("test_lead", "failed")), gone).word == UNPROVEN


def test_every_check_passes_means_missed(tmp_path: Path) -> None:
    told = judged(tmp_path, shown(tmp_path / "p"))
    assert (told.word, told.reason) == (MISSED, judging.UNHEARD)


def test_a_failure_elsewhere_is_no_catch(tmp_path: Path) -> None:
    told = judged(tmp_path, shown(tmp_path / "p", ("test_follow", "failed")))
    assert told.word == MISSED


def test_a_boot_that_was_interrupted_catches_nothing_although_a_check_failed(tmp_path: Path) -> None:
    told = judged(tmp_path, shown(tmp_path / "p", ("test_lead", "failed"), finished=None))
    assert (told.word, told.by) == (UNPROVEN, ())


def test_a_boot_that_never_came_up_is_unproven(tmp_path: Path) -> None:
    told = judged(tmp_path, Seen(trouble="没有运行起来 it did not come up", asked=frozenset(ABLE)))
    assert told.word == UNPROVEN and "come up" in told.reason


def test_an_empty_folder_shows_nothing_that_is_believed(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert seen(tmp_path / "empty").trouble
    assert judged(tmp_path, seen(tmp_path / "empty")).word == UNPROVEN


def test_a_defect_that_no_check_could_notice_is_missed(tmp_path: Path) -> None:
    told = judging.outcome(DEFECT, (), [shown(tmp_path / "c")], shown(tmp_path / "p"), "boot")
    assert (told.word, told.reason) == (MISSED, judging.NO_CHECK)


def test_a_failure_of_no_planted_defect_is_a_false_alarm_with_its_requirements(tmp_path: Path) -> None:
    clean, planted = shown(tmp_path / "c"), shown(tmp_path / "p", ("test_lead", "failed"), ("test_pay", "failed"))
    assert judging.beside(planted, [DEFECT], [clean]) == {
        "features/finance/pay.feature::test_pay": ("FIN-001", "SVC-003")
    }


def test_what_fails_on_the_clean_crm_is_counted_there_and_not_once_more_beside(tmp_path: Path) -> None:
    clean, planted = shown(tmp_path / "c", ("test_pay", "failed")), shown(tmp_path / "p", ("test_pay", "failed"))
    assert judging.beside(planted, [DEFECT], [clean]) == {}
    assert len(judging.alarms([clean, clean])) == 1


def test_what_is_silent_on_the_clean_crm_is_named(tmp_path: Path) -> None:
    told = judging.silent([shown(tmp_path / "c", ("test_pay", "skipped"), drop="test_lead")])
    assert len(told) == 2 and all("::test_" in line for line in told)
