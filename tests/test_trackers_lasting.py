"""What the first tries of a tracker's life do not show: long texts, many cards, duplicates, a shut door, a way back."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
import requests
from standins import trelloserver
from standins.serving import Says, Trouble
from trackers_stage import KINDS, REASON, Stage, stage, staged

from crm_acceptance.messages import outbox
from crm_acceptance.messages.outbox import Item
from crm_acceptance.messages.outcome import Ending
from crm_acceptance.messages.robot import retry_after
from crm_acceptance.profile import Profile
from crm_acceptance.trackers import filing, journal
from crm_acceptance.trackers.jiradesk import plain

FAILS = {"test_lead": REASON}
MANY = {"test_lead": "客户不见了", "test_pay": "应收少了", "test_follow": "跟进丢了", "test_orders": "订单重复"}


on, jira = staged(*KINDS), staged("jira")


TEXTS = {"Chinese": "验" * 32_000, "emoji": "🙂%ODD%" * 8_000, "markup": "[~admin] {code} !x! " * 2_000}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_of_any_length_and_alphabet_is_filed(on: Stage, name: str) -> None:
    run = on.run(test_lead=TEXTS[name])
    steps = ", ".join(f'{{"name": "步骤 {n} 🙂 {"长" * 900}", "status": "passed"}}' for n in range(60))
    for result in (run / "allure-results").glob("*-result.json"):
        text = result.read_text("utf-8").replace('"steps": [', f'"steps": [{steps}, ', 1)
        result.write_text(text.replace("%ODD%", r"\ud800\u0000\u001b[31m"), "utf-8")
    assert on.endings(run) == [Ending.SENT] and on.states() == [True]
    assert "more in the report" in on.texts()[0] and "\\u0000" not in on.texts()[0]


def test_words_of_a_crm_are_no_mention_picture_or_macro_in_jira() -> None:
    assert plain(r"[~admin] {color} !http://x! a\b") == r"\[~admin] \{color} \!http://x\! a\\b"


def test_a_wrong_token_is_tried_once_however_many_defects_wait(on: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    names = {"jira": "J_TOKEN", "jira-cloud": "J_TOKEN", "trello": "T_TOKEN", "tapd": "TA_SECRET"}
    with monkeypatch.context() as wrong:
        wrong.setenv(names[on.kind], "wrong")
        told = on.file(run := on.run(**MANY))
        assert [outcome.ending for _, outcome in told.tried] == [Ending.REFUSED], "a locked account helps nobody"
        assert len(told.waiting) == len(MANY) - 1 and "先改好" in next(iter(told.waiting.values()))
    assert on.endings(run) == [Ending.SENT] * len(MANY) and on.states() == [True] * len(MANY)


def test_what_waits_to_be_opened_is_forgotten_once_a_later_run_proves_it(on: Stage) -> None:
    on.trouble.append(Trouble(says=Says(503, "maintenance")))
    assert on.endings(on.run(**FAILS)) == [Ending.LATER]
    assert on.endings(on.run()) == [] and on.waiting() == 0
    on.clock.sleep(3700)
    assert on.endings(on.run()) == [] and on.states() == [], "nobody hears of what is mended already"


def test_what_still_fails_or_is_not_known_goes_on_waiting(jira: Stage) -> None:
    jira.trouble.append(Trouble(says=Says(503, "maintenance")))
    jira.file(jira.run(**FAILS))
    silent = jira.run()
    for result in (silent / "allure-results").glob("*-result.json"):
        result.write_text(result.read_text("utf-8").replace('"passed"', '"skipped"'), "utf-8")
    jira.file(silent)
    assert jira.waiting() + len(jira.states()) == 1


def test_the_own_issue_is_reopened_not_the_duplicate_that_was_closed(jira: Stage) -> None:
    jira.file(jira.run(**FAILS))
    jira.there.issues["CRM-9"] = {**jira.there.issues["CRM-1"], "status": "Done", "comments": []}
    jira.file(jira.run())
    jira.file(jira.run(**FAILS))
    assert [(key, one["status"]) for key, one in jira.there.issues.items()] == [
        ("CRM-1", "Reopened"),
        ("CRM-9", "Done"),
    ]


def test_what_nobody_allowed_to_change_closes_nothing(jira: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    jira.file(jira.run(**FAILS))
    monkeypatch.setattr("crm_acceptance.changes.unapproved", lambda *_: {"SALES-001": "变更未经批准"})
    jira.file(jira.run())
    assert jira.states() == [True] and jira.moves() == ["opened"]


def test_a_deleted_issue_is_filed_anew_and_a_moved_one_followed(on: Stage) -> None:
    on.file(on.run(**FAILS))
    kept = getattr(on.there, {"trello": "cards", "tapd": "bugs"}.get(on.kind, "issues"))
    [(key, one)] = list(kept.items())
    if on.kind.startswith("jira"):
        one["labels"] = []  # out of the project, or the label taken off: the search does not find it, its key does
        on.file(on.run(**FAILS))
        assert len(kept) == 1
    del kept[key]
    on.file(on.run(**FAILS))
    assert on.states() == [True] and on.moves()[-1] == "opened"


def test_a_picture_that_cannot_be_read_does_not_undo_the_issue(jira: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    run, read = jira.run(**FAILS), Path.read_bytes

    def unreadable(path: Path) -> bytes:
        if path.suffix == ".png":
            raise PermissionError("no")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", unreadable)
    ((_, outcome),) = jira.file(run).tried
    assert outcome.ending is Ending.SENT and "图片没有附上" in outcome.said


def test_a_board_with_more_cards_than_one_page_is_searched_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stage("trello", tmp_path, monkeypatch) as on:
        on.file(on.run(**FAILS))
        journal.file(tmp_path).unlink()
        journal.file(tmp_path).with_name("defects.jsonl.head").unlink()
        for n in range(1, 2_100):
            id = f"{n:024x}"
            on.there.cards[id] = {"id": id, "name": "x", "desc": "", "idList": trelloserver.TODO, "closed": False}
        on.file(on.run(**FAILS))
        assert len(on.there.cards) == 2_100, "the oldest card of all is found"


def test_filing_defects_leaves_waiting_messages_alone(jira: Stage) -> None:
    box = outbox.of(jira.profile.workspace, jira.clock)
    items = [Item(f"k{n}", "dingtalk:URL", "team", "CRM 验收", {"text": "x"}) for n in range(2)]
    box.queue(items)
    box.trying(items[0])
    told = jira.file(jira.run(**FAILS))
    assert [outcome.ending for _, outcome in told.tried] == [Ending.SENT] and told.waiting == {}
    assert [item.state for item in box.state().items.values()][:2] == ["sending", "queued"]


def test_a_killed_program_waits_for_a_search_that_lags_and_files_nothing_twice(jira: Stage) -> None:
    run = jira.run(**FAILS)
    box = outbox.of(jira.profile.workspace, jira.clock)
    [item] = box.queue(filing.plan(jira.profile, run).items)
    box.trying(item)  # as kill -9 leaves it: opened there, written down nowhere
    jira.there._create({"project": {"key": "CRM"}, "issuetype": {"name": "Bug"}, **_fields(item)})
    search = jira.there._search
    jira.there._search = lambda asked: Says(200, {"issues": [], "total": 0})  # type: ignore[method-assign]
    assert jira.endings(run) == [Ending.LATER] and jira.states() == [True]
    jira.there._search = search  # type: ignore[method-assign]
    jira.clock.sleep(31)
    assert jira.endings(run) == [Ending.SENT] and jira.states() == [True] and jira.moves() == ["opened"]
    jira.file(jira.run())
    assert jira.states() == [False], "it is ours"


def _fields(item: Item) -> dict[str, object]:
    draft = item.payload["draft"]
    return {"summary": draft["title"], "description": "", "labels": draft["labels"]}


def test_two_workspaces_that_file_at_once_leave_one_issue_open(jira: Stage, tmp_path: Path) -> None:
    stages = [jira, Stage("jira", jira.there, Profile(tmp_path / "b", trackers=jira.profile.trackers), jira.clock)]
    runs = [one.run(**FAILS) for one in stages]
    hands = [threading.Thread(target=one.file, args=(run,)) for one, run in zip(stages, runs, strict=True)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert jira.states().count(True) == 1


def test_a_line_without_a_list_of_requirements_is_closed_by_its_own_one_only(jira: Stage) -> None:
    jira.file(jira.run(test_pay="应收少了"))
    [filed] = journal.read(jira.profile.workspace).open()
    journal.write(jira.profile.workspace, replace(filed, requirements=()))
    assert filed.requirement == "FIN-001"
    silent = jira.run()
    for result in (silent / "allure-results").glob("*-result.json"):
        text = result.read_text("utf-8")
        if "FIN-001" in text:
            result.unlink()
    assert filing.plan(jira.profile, silent).items == ()
    assert [item.payload["action"] for item in filing.plan(jira.profile, jira.run()).items] == ["close"]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "120"}, 120),
        ({"Retry-After": "²"}, 0),
        ({"Retry-After": "soon"}, 0),
        ({"Retry-After": "-5"}, 0),
        ({"x-ogw-ratelimit-reset": "7"}, 7),
    ],
)
def test_how_long_to_wait_is_read_whatever_stands_there(headers: dict[str, str], seconds: float) -> None:
    answer = requests.Response()
    answer.headers.update(headers)
    assert retry_after(answer) == seconds


def test_a_date_until_which_to_wait_counts_from_the_servers_own_clock() -> None:
    there = datetime(2031, 1, 1, tzinfo=UTC)  # years from here
    answer = requests.Response()
    until = format_datetime(there + timedelta(seconds=90), usegmt=True)
    answer.headers.update({"Date": format_datetime(there, usegmt=True), "Retry-After": until})
    assert retry_after(answer) == 90
