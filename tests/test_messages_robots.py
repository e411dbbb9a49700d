"""Each robot against a stand-in that enforces its maker's signature, limits and answers: once and nothing lost."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from dingtalkchatbot.chatbot import DingtalkChatbot
from messages_stage import KINDS, SECRET, Stage, news, stage
from standins.robots import Clock, group
from standins.serving import Says, Trouble, closed_port
from wecom_notifier import FeishuNotifier, WeComNotifier

from crm_acceptance.messages import dingtalk, feishu
from crm_acceptance.messages.outcome import Ending


@pytest.fixture(params=KINDS)
def on(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    with stage(request.param, tmp_path, monkeypatch) as made:
        yield made


@pytest.fixture
def ding(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    with stage("dingtalk", tmp_path, monkeypatch) as made:
        yield made


def test_news_arrive_once_however_often_they_are_told(on: Stage) -> None:
    on.queue(news())
    assert on.endings() == [Ending.SENT]
    assert on.queue(news()) == () and on.endings() == []
    assert len(on.there.shown) == 1
    said = json.dumps(on.there.shown, ensure_ascii=False)
    assert "CRM 验收结果" in said and "销售：可以上线" in said and "https://ci.example/run-1/index.html" in said


def test_a_wrong_address_is_told_and_not_tried_again(on: Stage) -> None:
    on.there.token = "another"
    on.queue(news())
    assert on.endings() == [Ending.REFUSED] and on.endings() == []
    assert on.states() == ["refused"] and not on.there.shown
    assert "errcode" in on.box.state().of("refused")[0].why


@pytest.mark.parametrize("kind", ["dingtalk", "feishu"])
def test_a_wrong_signature_is_refused_and_not_tried_again(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stage(kind, tmp_path, monkeypatch) as on:
        monkeypatch.setenv("TEAM_SECRET", "SECwrong")
        on.queue(news())
        assert on.endings() == [Ending.REFUSED] and on.endings() == [] and not on.there.shown


def test_a_wrong_clock_is_refused_with_the_makers_words(ding: Stage) -> None:
    ding.there.clock = Clock(ding.clock.now + 7200)
    ding.queue(news())
    (_, outcome), *_ = ding.send().tried
    assert outcome.ending is Ending.REFUSED and "310000" in outcome.said and "timestamp" in outcome.said


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_busy_robot_gets_it_later_and_once(on: Stage, status: int) -> None:
    on.there.trouble.append(Trouble(says=Says(status, "<html>busy</html>")))
    on.queue(news())
    assert on.endings() == [Ending.LATER] and on.endings() == [], "not before a minute has gone by"
    on.clock.sleep(61)
    assert on.endings() == [Ending.SENT] and len(on.there.shown) == 1


def test_the_wait_that_the_robot_asks_for_is_kept(on: Stage) -> None:
    on.there.trouble.append(Trouble(says=Says(429, "{}", (("Retry-After", "300"),))))
    on.queue(news())
    on.send()
    on.clock.sleep(298)
    waiting = on.send()
    assert not waiting.tried or on.clock.now >= 300, "only a wait below two seconds is waited for"
    on.clock.sleep(3)
    on.send()
    assert len(on.there.shown) == 1


def test_waits_grow_while_nobody_says_how_long(on: Stage) -> None:
    on.there.trouble.extend([Trouble()] * 3)
    on.queue(news())
    for wait in (60, 120, 240):
        assert on.endings() == [Ending.LATER]
        on.clock.sleep(wait - 10)
        assert on.endings() == []
        on.clock.sleep(11)
    assert on.endings() == [Ending.SENT]


def test_a_proxys_page_with_200_is_no_yes(on: Stage) -> None:
    on.there.trouble.append(Trouble(says=Says(200, "<html>please log in</html>")))
    on.queue(news())
    (_, outcome), *_ = on.send().tried
    assert outcome.ending is Ending.LATER and "JSON" in outcome.said


def test_a_robot_that_is_down_loses_nothing(on: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEAM_URL", f"http://127.0.0.1:{closed_port()}/robot")
    on.queue(news())
    assert on.endings() == [Ending.LATER]
    monkeypatch.setenv("TEAM_URL", on.there.url)
    on.clock.sleep(61)
    assert on.endings() == [Ending.SENT] and len(on.there.shown) == 1


def test_a_lost_answer_is_unknown_and_never_sent_twice_by_itself(on: Stage) -> None:
    on.there.trouble.append(Trouble("cut"))
    (item,) = on.queue(news())
    assert on.endings() == [Ending.UNKNOWN]
    on.clock.sleep(86_400)
    assert on.queue(news()) == () and on.endings() == [] and len(on.there.shown) == 1
    assert [one.key for one in on.box.state().of("unknown")] == [item.key]


def test_somebody_may_decide_that_an_unknown_one_is_sent_again(on: Stage) -> None:
    on.there.trouble.append(Trouble("early"))
    (item,) = on.queue(news())
    assert on.endings() == [Ending.UNKNOWN] and not on.there.shown
    on.box.again(item.key[:6])
    assert on.endings() == [Ending.SENT] and len(on.there.shown) == 1


@pytest.mark.parametrize("status", [502, 504])
def test_a_gateway_that_heard_no_answer_leaves_it_unknown(on: Stage, status: int) -> None:
    on.there.trouble.append(Trouble(says=Says(status, "gateway")))
    on.queue(news())
    assert on.endings() == [Ending.UNKNOWN]


def test_two_dozen_messages_stay_within_the_limit_and_all_arrive_in_order(on: Stage) -> None:
    on.queue(*(news(f"run-{n}", (f"第{n}条",)) for n in range(24)))
    for _ in range(4):
        on.send()
        on.clock.sleep(31)
    shown = [json.dumps(one, ensure_ascii=False) for one in on.there.shown]
    assert [f"第{n}条" in said for n, said in enumerate(shown)] == [True] * 24
    assert not on.there.muted_until and on.states() == ["sent"] * 24


def test_a_muted_group_is_left_alone_for_ten_minutes(ding: Stage) -> None:
    ding.there.came += [ding.clock()] * 20  # others have used the same robot
    ding.queue(news("a"), news("b"))
    assert ding.endings() == [Ending.LATER], "the second is not even tried"
    ding.clock.sleep(590)
    assert ding.endings() == []
    ding.clock.sleep(11)
    assert ding.endings() == [Ending.SENT, Ending.SENT] and len(ding.there.shown) == 2


def test_two_channels_of_one_robot_share_its_limit(ding: Stage) -> None:
    twin = {**ding.profile.messages, "again": ding.profile.messages["team"]}
    both = Stage(type(ding.profile)(ding.profile.workspace, messages=twin), ding.clock, ding.there)
    both.queue(*(news(f"run-{n}") for n in range(12)))
    assert len(both.send().tried) == 15


@pytest.mark.parametrize("kind", KINDS)
def test_a_long_report_is_split_between_lines_and_each_piece_fits(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = tuple(f"第{n}条：{'客户资料没有到达财务' * 6}" for n in range(300))
    with stage(kind, tmp_path, monkeypatch) as on:
        parts = on.queue(news(lines=lines))
        assert {one.ending for _, one in on.send().tried} | {one.ending for _, one in _rest(on)} == {Ending.SENT}
        said = json.dumps(on.there.shown, ensure_ascii=False)
        assert len(parts) == len(on.there.shown) > 1 and f"(1/{len(parts)})" in said
        assert all(line in said for line in lines)


def _rest(on: Stage) -> list[tuple[object, object]]:
    found: list[tuple[object, object]] = []
    while on.box.state().of("queued"):
        on.clock.sleep(61)
        found += on.send().tried
    return found


def test_a_line_longer_than_a_message_is_cut_between_characters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with stage("wecom", tmp_path, monkeypatch) as on:
        on.queue(news(lines=("验" * 5000,)))
        assert {one.ending for _, one in on.send().tried} == {Ending.SENT}
        assert sum(one["markdown"]["content"].count("验") for one in on.there.shown) >= 5000


def test_what_a_crm_said_becomes_no_mention_no_link_and_no_leak(on: Stage) -> None:
    on.queue(news(lines=("<@all> [点我](http://evil.example) 13812345678 token=abcdef a@b.example",)))
    on.send()
    said = json.dumps(on.there.shown, ensure_ascii=False)
    assert "<@all>" not in said and "](http://evil" not in said
    assert "13812345678" not in said and "abcdef" not in said and "138＊＊＊＊5678" in said


def test_a_missing_secret_keeps_the_message_and_names_the_variable(on: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    (item,) = on.queue(news())
    monkeypatch.delenv("TEAM_URL")
    told = on.send()
    assert not told.tried and "TEAM_URL" in told.waiting[item.key] and on.states() == ["queued"]


def test_the_signatures_match_what_other_clients_made() -> None:
    # npm dingtalk-robot-sender 1.2.0, DingtalkChatbot 1.5.7 and (Feishu) wecom-notifier 0.3.2 made these
    made = "gMc163DXnM5NhTI6p6g30uk4Bg%2BCxvTzSz5Ieihpq%2FY%3D"
    assert dingtalk.sign(1795335003786, "SECx") == made
    assert dingtalk.sign(1795334434429, "SECxyz") == "XEwoR8iuS7g6tTNy2v1nbS1rKETznIqw0dQzFMdzTEw%3D"
    assert feishu.sign(1795335003, "SECxyz") == "ldgFBGCGUkvYmDFjrAf7aJ9NosAfcny28K7K4NX/b8Q="
    assert feishu.sign(1599360473, "demo") == "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8="


def test_somebody_elses_client_is_welcome_at_the_dingtalk_stand_in_only_with_the_right_secret() -> None:
    with group("dingtalk", Clock(time.time()), SECRET) as there:
        assert DingtalkChatbot(there.url, secret=SECRET).send_markdown("标题", "正文")["errcode"] == 0
        assert DingtalkChatbot(there.url, secret="SECwrong").send_markdown("标题", "正文")["errcode"] == 310000
        assert [one["markdown"]["title"] for one in there.shown] == ["标题"]


def test_the_stand_in_mutes_whoever_sends_more_than_twenty_in_a_minute() -> None:
    with group("dingtalk", Clock(time.time()), SECRET) as there:
        robot = DingtalkChatbot(there.url, secret=SECRET)
        robot.post = lambda data: requests.post(robot.webhook, json=data, timeout=5).json()  # its own waits a minute
        codes = [robot.send_text(f"第{n}条")["errcode"] for n in range(22)]
        assert codes == [0] * 20 + [410100] * 2


def test_somebody_elses_client_is_welcome_at_the_wecom_stand_in_only_with_the_right_key() -> None:
    with group("wecom", Clock(time.time())) as there:
        other = WeComNotifier(max_retries=0)
        assert other.send_markdown(there.url, "# 标题\n正文", async_send=False).is_success()
        assert not other.send_markdown(there.url.replace("toy-token", "bad"), "正文", async_send=False).is_success()
        assert [one["markdown_v2"]["content"] for one in there.shown] == ["# 标题\n正文"]


def test_somebody_elses_client_is_welcome_at_the_feishu_stand_in_only_with_the_right_secret() -> None:
    with group("feishu", Clock(time.time()), SECRET) as there:
        good, bad = (FeishuNotifier(max_retries=0, secret=secret) for secret in (SECRET, "wrong"))
        assert good.send_card(there.url, "正文", title="标题", async_send=False).is_success()
        assert not bad.send_card(there.url, "正文", title="标题", async_send=False).is_success()
        assert [one["card"]["header"]["title"]["content"] for one in there.shown] == ["标题"]


@pytest.mark.parametrize(
    "url", ["http://robot.example/send?key=x", "robot", "https://[", "ftp://robot.example", "https://"]
)
def test_an_address_that_would_not_be_safe_or_is_none_is_not_tried(
    ding: Stage, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    (item,) = ding.queue(news())
    monkeypatch.setenv("TEAM_URL", url)
    told = ding.send()
    assert not told.tried and "TEAM_URL" in told.waiting[item.key]


def test_a_line_break_after_an_address_or_secret_does_not_count(ding: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEAM_URL", f"{ding.there.url}\n")
    monkeypatch.setenv("TEAM_SECRET", f"{SECRET}\n")
    ding.queue(news())
    assert ding.endings() == [Ending.SENT]
