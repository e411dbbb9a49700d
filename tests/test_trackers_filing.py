"""One issue per root cause in each tracker, however often and by however many it is filed; reopened, closed, queued."""

from __future__ import annotations

import threading

import pytest
from standins.serving import Says, Trouble
from trackers_stage import KINDS, PICTURE, REASON, Stage, staged

from crm_acceptance import logbook
from crm_acceptance.circumstances import LOOKED
from crm_acceptance.errors import Unproven
from crm_acceptance.messages.outcome import Ending
from crm_acceptance.profile import Profile
from crm_acceptance.trackers import filing, journal

FAILS = {"test_lead": REASON}


on, jira = staged(*KINDS), staged("jira")


def test_a_failure_is_filed_once_with_department_steps_and_picture(on: Stage) -> None:
    run = on.run(**FAILS)
    assert on.endings(run) == [Ending.SENT]
    assert on.endings(run) == [] and on.endings(on.run(test_lead=REASON.replace("139", "138"))) == [Ending.SENT]
    assert on.states() == [True] and on.moves() == ["opened"]
    (text,) = on.texts()
    for said in ("SALES-001", "销售", "假如 李娜 登记线索", "登记线索各项资料齐全", "系统没有拒绝", "run-1", "crma-"):
        assert said in text
    assert "13900000001" not in text, "personal data must be masked"
    assert len(on.pictures()) == 1 and PICTURE in on.pictures()[0]


def test_one_root_cause_over_many_checks_is_one_issue_that_lists_them(on: Stage) -> None:
    on.file(on.run(test_lead=REASON, test_lead_by_screen=REASON.replace("139", "138")))
    (text,) = on.texts()
    assert "test_lead（scenarios）" in text and "test_lead_by_screen（scenarios）" in text


def test_other_engines_and_requirements_are_other_root_causes(jira: Stage) -> None:
    run = jira.run(
        **{"test_cell[sales_rep-read-customer]": REASON, "test_roles[readCustomer]": REASON, "test_pay": REASON}
    )
    assert len(filing.plan(jira.profile, run).items) == 3


def test_an_issue_is_reopened_when_it_is_back(on: Stage) -> None:
    on.file(on.run(**FAILS))
    on.file(on.run())
    assert on.states() == [False] and on.moves() == ["opened", "closed"]
    on.file(on.run(**FAILS))
    assert on.states() == [True] and on.moves() == ["opened", "closed", "reopened"]
    assert ["run-2" in on.comments()[0], "run-3" in on.comments()[1]] == [True, True]


def test_an_issue_that_somebody_closed_by_hand_is_reopened_while_it_still_fails(on: Stage) -> None:
    on.file(on.run(**FAILS))
    if on.kind == "trello":
        next(iter(on.there.cards.values()))["closed"] = True
    elif on.kind == "tapd":
        next(iter(on.there.bugs.values()))["status"] = "closed"
    else:
        next(iter(on.there.issues.values()))["status"] = "Done"
    on.file(on.run(**FAILS))
    assert on.states() == [True] and on.moves() == ["opened", "reopened"]


def test_silence_closes_nothing(on: Stage) -> None:
    on.file(on.run(**FAILS))
    run = on.run()
    for result in (run / "allure-results").glob("*0000-result.json"):
        result.write_text(result.read_text("utf-8").replace('"passed"', '"skipped"'), "utf-8")
    on.file(run)
    assert on.states() == [True] and on.moves() == ["opened"]


def test_an_older_run_moves_nothing_that_a_later_one_has_spoken_of(on: Stage) -> None:
    old, new = on.run(**FAILS), on.run(**FAILS)
    on.file(new)
    green = on.run()
    on.file(green)
    assert on.endings(old) == [] and on.states() == [False]


def test_what_this_workspace_did_not_open_is_never_closed(on: Stage, tmp_path_factory: pytest.TempPathFactory) -> None:
    on.file(on.run(**FAILS))
    elsewhere = Stage(
        on.kind, on.there, Profile(tmp_path_factory.mktemp("other"), trackers=on.profile.trackers), on.clock
    )
    elsewhere.file(elsewhere.run(**FAILS))
    elsewhere.file(elsewhere.run())
    assert on.states() == [True] and elsewhere.moves() == ["opened", "commented"]
    assert len(on.comments()) == 1
    elsewhere.file(elsewhere.run())
    assert len(on.comments()) == 1, "nobody wants the same remark after every run"


def test_a_cut_after_opening_files_nothing_twice(on: Stage) -> None:
    run = on.run(**FAILS)
    on.trouble.append(Trouble("cut", on="POST"))
    assert on.endings(run) == [Ending.LATER] and on.states() == [True]
    on.clock.sleep(61)
    assert on.endings(run) == [Ending.SENT] and on.states() == [True] and on.moves() == ["opened"]
    on.file(on.run())
    assert on.states() == [False], "it is ours: an attempt of ours opened it"


def test_two_runs_at_once_file_once(on: Stage) -> None:
    runs = [on.run(**FAILS), on.run(**FAILS)]
    threads = [threading.Thread(target=on.file, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert on.states() == [True] and set(on.moves()) == {"opened"}


def test_another_machine_that_files_in_the_same_moment_leaves_one_open(jira: Stage) -> None:
    run = jira.run(**FAILS)
    (item,) = filing.plan(jira.profile, run).items
    other = {"summary": "x", "description": "", "labels": item.payload["draft"]["labels"], "comments": [], "files": {}}
    jira.there.issues["CRM-0"] = {**other, "status": "Open", "created": "2026-11-22T09:59:59.000+0000"}
    hidden = jira.there.issues.pop("CRM-0")
    create = jira.there._create
    jira.there._create = lambda fields: (jira.there.issues.update({"CRM-0": hidden}), create(fields))[1]
    assert jira.endings(run) == [Ending.SENT]
    assert [(key, one["status"]) for key, one in jira.there.issues.items()] == [("CRM-0", "Open"), ("CRM-2", "Done")]
    assert journal.read(jira.profile.workspace).open()[0].key == "CRM-0"


def test_a_tracker_that_is_down_loses_nothing(on: Stage) -> None:
    on.trouble.extend([Trouble(says=Says(503, "maintenance"))])
    run = on.run(**FAILS)
    assert on.endings(run) == [Ending.LATER] and on.waiting() == 1
    on.clock.sleep(61)
    assert on.endings(run) == [Ending.SENT] and on.states() == [True] and on.waiting() == 0


def test_whole_runs_that_were_compared_are_written_down_so_that_no_defect_is_news(jira: Stage) -> None:
    def looked() -> int:
        return len(logbook.read(journal.file(jira.profile.workspace)).of(LOOKED))

    jira.trouble.append(Trouble(says=Says(503, "maintenance")))
    waits = jira.run(**FAILS)
    jira.file(waits)
    assert looked() == 0, "what is queued was not compared"
    unfinished = jira.run()
    (unfinished / "chain.jsonl").unlink()
    jira.file(unfinished)
    assert looked() == 0, "nor was a run that is not whole"
    jira.file(jira.run())
    assert looked() == 1


def test_what_waits_to_be_opened_gives_way_to_what_a_later_run_says(on: Stage) -> None:
    on.trouble.append(Trouble(says=Says(503, "maintenance")))
    on.file(on.run(**FAILS))
    on.file(on.run(**FAILS))
    assert on.waiting() == 1, "one run's wish replaces the other's"


def test_a_broken_journal_stops_everything_loudly(on: Stage) -> None:
    run = on.run(**FAILS)
    on.file(run)
    on.file(on.run())
    file = journal.file(on.profile.workspace)
    file.write_bytes(file.read_bytes().replace(b"SALES-001", b"SALES-002"))
    with pytest.raises(Unproven, match="缺陷簿"):
        on.file(run)


def test_a_run_behind_a_fault_proxy_files_nothing(jira: Stage) -> None:
    run = jira.run(**FAILS)
    file = run / "run.json"
    file.write_text(file.read_text("utf-8").replace('"seed": 1', '"faults": {"reset": 3}'), "utf-8")
    with pytest.raises(Unproven, match="故障代理"):
        jira.file(run)


def test_a_workflow_without_a_way_to_close_gets_a_remark_once(jira: Stage) -> None:
    jira.there.workflow = dict.fromkeys(jira.there.workflow, ())
    jira.file(jira.run(**FAILS))
    jira.file(jira.run())
    jira.file(jira.run())
    assert jira.states() == [True] and jira.moves() == ["opened", "commented"] and len(jira.comments()) == 1
    assert "手工" in jira.comments()[0]
    jira.there.issues["CRM-1"]["status"] = "Done"
    jira.file(jira.run())
    assert jira.moves() == ["opened", "commented", "closed"], "somebody closed it by hand"


def test_departments_choose_their_tracker(jira: Stage) -> None:
    told = {**jira.profile.trackers["bugs"], "departments": ["finance"]}
    only = Profile(jira.profile.workspace, trackers={"bugs": told})
    made = filing.plan(only, jira.run(**FAILS))
    assert made.items == () and "sales" in made.told[0]
    assert len(filing.plan(only, jira.run(test_pay="wrong sum")).items) == 1
