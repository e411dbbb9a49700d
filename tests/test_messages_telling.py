"""What people are told of a run: words per department, what is disproven, who must sign; one message per channel."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from greenrun import FINISHED, GreenRun, relabel
from messages_stage import SECRET, Stage
from standins.robots import Clock, group
from standins.serving import Trouble
from typer.testing import CliRunner

from crm_acceptance import cli
from crm_acceptance.gate import judge, verdict_of
from crm_acceptance.messages import channels, gathering, outbox, sending, telling
from crm_acceptance.messages.news import News
from crm_acceptance.profile import Profile
from crm_acceptance.signoff.sayings import Bound, Condition, Signature
from crm_acceptance.signoff.standing import Signed, Standing

NOW = datetime.fromtimestamp(FINISHED / 1000 + 3600, UTC).astimezone()
TEAM = {"kind": "dingtalk", "url_env": "TEAM_URL", "secret_env": "TEAM_SECRET"}
REASON = "AssertionError: 应收少了 13812345678 <@all>"


def laid(workspace: Path, name: str = "run-a", days: int = 0, **failing: str) -> Path:
    """A run below the workspace that ended `days` ago, judged."""
    made = GreenRun()
    shift = days * 86_400_000
    made.run |= {"id": name, "started": made.run["started"] - shift, "finished": made.run["finished"] - shift}
    for result in made.results:
        relabel(result, "run", name)
        result |= {"start": result["start"] - shift, "stop": result["stop"] - shift}
        if result["name"] in failing:
            result |= {"status": "failed", "statusDetails": {"message": failing[result["name"]]}}
    run = made.lay(workspace / "reports" / name)
    judge(run)
    return run


def told(topic: str, workspace: Path, run: Path, now: datetime = NOW, **team: Any) -> News:
    """The news of that run for one channel."""
    profile = Profile(workspace, messages={"team": {**TEAM, **team}})
    return gathering.news(topic, profile, run, channels.channels(profile), now)["team"]


def text(news: News) -> str:
    """All that it says."""
    return "\n".join(channels.shown(news))


def test_a_green_run_is_told_in_words_per_department(tmp_path: Path) -> None:
    said = text(told("run", tmp_path, laid(tmp_path)))
    assert "通过 Go" in said and "销售：通过（已证明 3 / 3）" in said and "被推翻" in said and "run-a" in said


def test_a_red_run_names_what_is_disproven_masked_and_without_mentions(tmp_path: Path) -> None:
    news = told("run", tmp_path, laid(tmp_path, test_pay=REASON), link="https://ci.example/{run}/index.html")
    said = text(news)
    assert news.mood == "bad" and "不通过 No-go" in news.title
    assert "FIN-001 财务·关键：登记回款减少未收" in said and "https://ci.example/run-a/index.html" in said
    assert "13812345678" not in said and "<@all>" not in said


def test_a_channel_of_one_department_hears_of_its_own_only(tmp_path: Path) -> None:
    said = text(told("run", tmp_path, laid(tmp_path, test_pay=REASON), departments=["sales"]))
    assert "销售：通过" in said and "财务：" not in said and "FIN-001" not in said and "不通过" in said


def test_the_same_run_is_the_same_message_until_something_changes(tmp_path: Path) -> None:
    run = laid(tmp_path)
    before = told("run", tmp_path, run)
    assert before.about == told("run", tmp_path, run, NOW + timedelta(hours=5)).about
    shutil.rmtree(run)
    assert before.about != told("run", tmp_path, laid(tmp_path, test_pay=REASON)).about


def test_the_daily_report_is_one_a_day_and_tells_what_changed(tmp_path: Path) -> None:
    laid(tmp_path, "run-old", 2)
    run = laid(tmp_path, "run-new", test_pay=REASON)
    news = told("daily", tmp_path, run)
    assert "日报" in news.title and "新被推翻 newly disproven：FIN-001" in text(news) and "run-old" not in text(news)
    assert news.about == told("daily", tmp_path, run, NOW + timedelta(minutes=1)).about
    assert news.about != told("daily", tmp_path, run, NOW + timedelta(days=1)).about


def test_the_weekly_report_covers_seven_days(tmp_path: Path) -> None:
    laid(tmp_path, "run-older", 9, test_pay=REASON)
    laid(tmp_path, "run-old", 2)
    said = text(told("weekly", tmp_path, laid(tmp_path, "run-new")))
    assert "周报" in said and "运行 2 次" in said and "恢复 proven again：FIN-001" in said and "run-older" not in said


def test_a_week_is_one_week_over_new_year_and_a_day_is_the_day_on_the_wall(tmp_path: Path) -> None:
    run, beijing = laid(tmp_path), timezone(timedelta(hours=8))
    thursday, sunday = (datetime(*day, 23, 50, tzinfo=beijing) for day in ((2026, 12, 31), (2027, 1, 3)))
    weeks = {told("weekly", tmp_path, run, when).about for when in (thursday, sunday)}
    assert weeks == {"refcrm/2026-W53"}
    assert told("weekly", tmp_path, run, sunday + timedelta(minutes=20)).about == "refcrm/2027-W01"
    news = told("weekly", tmp_path, run, thursday + timedelta(minutes=20))
    assert "12-26 至 01-01" in news.title
    days = [told("daily", tmp_path, run, when).about for when in (thursday, thursday + timedelta(minutes=20))]
    assert days == ["refcrm/2026-12-31", "refcrm/2027-01-01"]


def test_a_long_list_is_counted_not_listed(tmp_path: Path) -> None:
    made = GreenRun()
    for n in range(30):
        made.requirements.append({**made.requirements[0], "id": f"SALES-1{n:02}"})
        for result in (made.result("test_lead"), made.item("test_lead")):
            if "labels" in result:
                result["labels"].append({"name": "requirement", "value": f"SALES-1{n:02}"})
            else:
                result["requirements"].append(f"SALES-1{n:02}")
    made.result("test_lead").update(status="failed", statusDetails={"message": "falsch"})
    said = text(told("run", tmp_path, made.lay(tmp_path / "reports" / "run-a")))
    assert "另有 21 条需求" in said


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A workspace on disk with one DingTalk group."""
    with group("dingtalk", Clock(datetime.now().timestamp()), SECRET) as there:
        monkeypatch.setenv("TEAM_URL", there.url)
        monkeypatch.setenv("TEAM_SECRET", SECRET)
        lines = ["[messages.team]", *(f'{name} = "{value}"' for name, value in TEAM.items())]
        (tmp_path / "acceptance.toml").write_text("\n".join(lines), "utf-8")
        monkeypatch.chdir(tmp_path)
        yield Stage(Profile(tmp_path, messages={"team": TEAM}), there.clock, there)


def asked(*words: str) -> tuple[int, str]:
    """Exit code and words of the command."""
    found = CliRunner().invoke(cli.app, ["notify", *words])
    return found.exit_code if found.exit_code or not found.exception else 1, found.output + str(found.exception or "")


def test_the_command_sends_once_and_says_so(room: Stage) -> None:
    laid(room.profile.workspace)
    assert asked()[0] == 0 and len(room.there.shown) == 1
    code, said = asked()
    assert code == 0 and "不再发" in said and len(room.there.shown) == 1
    assert "已送达 sent 1" in asked("outbox")[1]


def test_what_a_killed_sender_left_unknown_is_told_and_is_no_success(room: Stage) -> None:
    laid(room.profile.workspace)
    room.there.trouble.append(Trouble("cut"))
    assert asked()[0] == 3
    code, said = asked()
    assert code == 3 and "不明 unknown" in said and "--drop" in said and len(room.there.shown) == 1


def test_the_command_previews_without_sending(room: Stage) -> None:
    laid(room.profile.workspace)
    code, said = asked("--preview", "--daily")
    assert code == 0 and "日报" in said and not room.there.shown
    assert outbox.of(room.profile.workspace).state().items == {}


def test_the_command_tells_what_waits_what_is_unknown_and_what_is_refused(room: Stage) -> None:
    laid(room.profile.workspace)
    room.there.trouble.append(Trouble())
    assert asked()[0] == 3 and "排队中" in asked("outbox")[1]
    room.there.token = "other"
    key = outbox.of(room.profile.workspace).state().of("queued")[0].key
    assert asked("outbox", "--again", key)[0] == 2 and "被拒" in asked("outbox")[1]
    assert asked("outbox", "--drop", key)[0] == 0 and "作废 dropped 1" in asked("outbox")[1]


def test_a_test_message_needs_no_run(room: Stage) -> None:
    assert asked("--test")[0] == 0 and "测试消息" in json.dumps(room.there.shown, ensure_ascii=False)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--channel", "teem"], "did you mean team"),
        (["--daily", "--weekly"], "只能选一个"),
        (["--send"], "notify outbox"),
        (["no-such-run"], "no-such-run"),
        (["outbox", "--again", "zz"], "没有唯一的这一条"),
    ],
)
def test_wrong_use_is_told(room: Stage, words: list[str], said: str) -> None:
    laid(room.profile.workspace)
    code, output = asked(*words)
    assert code != 0 and said in output and not room.there.shown


def test_what_may_not_have_arrived_is_mentioned_in_the_next_message(room: Stage) -> None:
    news = told("run", room.profile.workspace, laid(room.profile.workspace))
    room.there.trouble.append(Trouble("early"))
    sending.queue(room.profile, {"team": news})
    assert sending.send(room.profile).exit_code == sending.WAITING
    sending.queue(room.profile, {"team": replace(news, about="another", title="第二条")})
    assert sending.send(room.profile).exit_code == sending.SENT
    assert news.title in json.dumps(room.there.shown, ensure_ascii=False)


def test_an_outbox_that_was_edited_sends_nothing_and_says_so(room: Stage) -> None:
    laid(room.profile.workspace)
    asked()
    file = outbox.of(room.profile.workspace).file
    file.write_bytes(file.read_bytes().replace(b'"sent"', b'"later"', 1))
    laid(room.profile.workspace, "run-b", test_pay=REASON)
    code, said = asked("run-b")
    assert code != 0 and "被改动" in said and len(room.there.shown) == 1


def test_who_must_sign_is_asked_and_conditions_near_their_date_are_warned_of(tmp_path: Path) -> None:
    verdict = verdict_of(laid(tmp_path))
    bound = Bound("run-a", "h", "refcrm", "finance", "go", "c", "p")
    due = Condition("补齐对账单", "吴芳", NOW.date() + timedelta(days=2))
    yes = Signature(bound, "conditional", (due,), "", "wufang", "k", NOW)
    standings = (
        Standing("sales", "go", None, (), 2, "missing", ()),
        Standing("finance", "go", "conditional", (Signed(1, "d", "吴芳", yes, (), ()),), 1, "valid", ()),
        Standing("service", "go", None, (), 1, "void", ("需求改过",)),
    )
    there = telling.Known(verdict, standings, tuple(gathering.due_soon(standings, NOW)))
    said = text(telling.of_run(there, (), ""))
    assert "销售：待签 not signed yet 0/2，请签字" in said and "客服：签字已失效 void 0/1：需求改过" in said
    assert (
        "财务：通过（已证明 1 / 1） · 已签：有条件同意" in said and "补齐对账单（吴芳" in said and "还有 2 天" in said
    )
    assert telling.of_run(there, ("finance",), "").mood == "warn"
    assert "等待签字" not in text(telling.of_run(there, ("finance",), ""))
