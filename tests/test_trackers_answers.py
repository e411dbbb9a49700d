"""Whatever a tracker answers: a clear sentence, nothing lost, nothing filed twice; and its limits are kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from standins.serving import Says, Trouble
from trackers_stage import KINDS, REASON, Stage, stage, staged

from crm_acceptance.errors import WrongUse
from crm_acceptance.messages.outcome import Ending
from crm_acceptance.trackers import desk, tapddesk
from crm_acceptance.trackers.trackers import trackers

FAILS = {"test_lead": REASON}
SECRETS = {"jira": "J_TOKEN", "jira-cloud": "J_TOKEN", "trello": "T_TOKEN", "tapd": "TA_SECRET"}


on = staged(*KINDS)


def test_a_wrong_token_is_told_kept_and_tried_again_only_when_somebody_files_again(
    on: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = on.run(**FAILS)
    monkeypatch.setenv(SECRETS[on.kind], "wrong")
    ((_, outcome),) = on.file(run).tried
    assert outcome.ending is Ending.REFUSED and "401" in outcome.said and "令牌" in outcome.said
    assert "wrong" not in outcome.said.replace("wrong key", "") and on.waiting() == 1
    monkeypatch.setenv(SECRETS[on.kind], _right(on.kind))
    assert on.endings(run) == [Ending.SENT] and on.states() == [True]


def _right(kind: str) -> str:
    return {"trello": "trello-toy-token", "tapd": "api-password"}.get(kind, "jira-toy-token")


@pytest.mark.parametrize(
    ("says", "ending", "words"),
    [
        (Says(403, {"errorMessages": ["nein"], "info": "nein"}), Ending.REFUSED, "没有权限"),
        (Says(404, {"errorMessages": ["nicht da"], "info": "nicht da"}), Ending.REFUSED, "没有这个项目"),
        (Says(409, {"errorMessages": ["x"]}), Ending.LATER, "有人同时在改"),
        (Says(422, {"errorMessages": ["x"]}), Ending.REFUSED, "不被接受"),
        (Says(429, {"errorMessages": ["x"]}), Ending.LATER, "太快"),
        (Says(500, "<html>oops</html>"), Ending.LATER, "服务器"),
        (Says(502, "<html>oops</html>"), Ending.LATER, "服务器"),
        (Says(200, "<html>please log in 13912345678</html>"), Ending.LATER, "JSON"),
    ],
    ids=["403", "404", "409", "422", "429", "500", "502", "html"],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_every_answer_is_told_and_nothing_is_filed_twice(
    on: Stage, says: Says, ending: Ending, words: str, method: str
) -> None:
    run = on.run(**FAILS)
    on.trouble.append(Trouble(says=says, on=method))
    ((_, outcome),) = on.file(run).tried
    assert outcome.ending is ending and words in outcome.said, outcome
    assert "13912345678" not in outcome.said and on.states() == [] and on.waiting() == 1
    on.clock.sleep(3700)
    assert on.endings(run) == [Ending.SENT] and on.states() == [True]


@pytest.mark.parametrize("how", ["cut", "early"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_cut_connection_is_told_and_nothing_is_filed_twice(on: Stage, how: str, method: str) -> None:
    run = on.run(**FAILS)
    on.trouble.append(Trouble(how, on=method))
    ((_, outcome),) = on.file(run).tried
    assert outcome.ending is Ending.LATER and "没有应答" in outcome.said
    on.clock.sleep(61)
    assert on.endings(run) == [Ending.SENT] and on.states() == [True]


def test_the_wait_that_a_tracker_asks_for_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in ("jira", "tapd"):
        with stage(kind, tmp_path / kind, monkeypatch) as on:
            on.trouble.append(Trouble(says=Says(429, {"info": "x"}, (("Retry-After", "300"),)), on="POST"))
            run = on.run(**FAILS)
            on.file(run)
            on.clock.sleep(290)
            assert on.endings(run) == []
            on.clock.sleep(11)
            assert on.endings(run) == [Ending.SENT]


def test_a_picture_that_is_not_taken_does_not_undo_the_issue(on: Stage) -> None:
    run = on.run(**FAILS)
    original = type(on.there).__call__

    def pictureless(server: object, asked: object) -> Says:
        path = asked.path  # type: ignore[attr-defined]
        return Says(413, "too big") if "attachment" in path else original(server, asked)

    patch = pytest.MonkeyPatch()
    patch.setattr(type(on.there), "__call__", pictureless)
    ((_, outcome),) = on.file(run).tried
    patch.undo()
    assert outcome.ending is Ending.SENT and "图片没有附上" in outcome.said and on.states() == [True]


def test_tapds_hello_world_with_200_is_a_wrong_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with stage("tapd", tmp_path, monkeypatch) as on:
        on.profile.trackers["bugs"]["url"] = f"{on.there.url}/v1"
        ((_, outcome),) = on.file(on.run(**FAILS)).tried
        assert outcome.ending is Ending.REFUSED and "地址不对" in outcome.said


def test_a_hundred_requests_stay_below_trellos_and_tapds_limits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = {name: REASON for name in ("test_lead", "test_lead_by_screen", "test_follow", "test_pay", "test_orders")}
    with stage("trello", tmp_path / "a", monkeypatch) as on:
        for _ in range(3):
            on.file(on.run(**many))
            on.file(on.run())
        assert on.there.fastest <= 8 and len(on.states()) == 4
    with stage("tapd", tmp_path / "b", monkeypatch) as on:
        for _ in range(4):
            run = on.run(**many)
            while on.file(run) and on.waiting():
                on.clock.sleep(61)
        assert max(len([at for at in on.there.came if at > end - 60]) for end in on.there.came) <= tapddesk.PER_MINUTE


def test_an_issue_is_not_begun_that_could_not_be_ended_within_the_minute() -> None:
    adapter = desk.Paced(most=10, now=lambda: 100.0)
    adapter._used.extend([50.0, 60.0, 70.0])
    with pytest.raises(desk.Failed) as told:
        adapter.room(8)
    assert told.value.outcome.wait == 10.0
    adapter.room(7)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"kind": "jirra"}, "did you mean jira"),
        ({"token_env": "not a name"}, "NAME"),
        ({"project": 'CRM" OR project = "HR'}, "project"),
        ({"url": "http://jira.example.com"}, "https"),
        ({"departments": ["sale"]}, "did you mean sales"),
        ({"projekt": "CRM"}, "did you mean project"),
        ({"project": ""}, "缺少 project"),
    ],
)
def test_a_wrong_tracker_in_the_profile_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: dict[str, object], said: str
) -> None:
    with stage("jira", tmp_path, monkeypatch) as on:
        on.profile.trackers["bugs"].update(changed)
        with pytest.raises(WrongUse) as told:
            trackers(on.profile)
        assert said in str(told.value)


@pytest.mark.parametrize("body", [{}, [], {"issues": [{}]}, {"status": 1, "data": [{}]}, [{"id": 1}], "null", 7])
def test_json_of_another_shape_is_told_and_tried_again(on: Stage, body: object) -> None:
    run = on.run(**FAILS)
    wire = body.encode() if isinstance(body, str) else body
    on.trouble.extend([Trouble(says=Says(200, wire, (("Content-Type", "application/json"),)), on="GET")] * 3)
    ((_, outcome),) = on.file(run).tried
    if outcome.ending is Ending.LATER:
        on.trouble.clear()
        on.clock.sleep(61)
        on.file(run)
    assert len(on.states()) == 1


def test_a_token_that_cannot_be_sent_is_told_before_anything_is_asked(
    on: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = on.run(**FAILS)
    monkeypatch.setenv(SECRETS[on.kind], "密码")
    told = on.file(run)
    assert not told.tried and SECRETS[on.kind] in next(iter(told.waiting.values()))
    monkeypatch.setenv(SECRETS[on.kind], f" {_right(on.kind)}\n")
    assert on.endings(run) == [Ending.SENT], "a line break at the end is nobody's token"
