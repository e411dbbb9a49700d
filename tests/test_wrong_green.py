"""The table of wrong greens: every way that we know of to look accepted without being so, and that none of them works.

Each way is tried against the gate and against the sign-off together. docs/reference/wrong-greens.md is this table.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import signing_room
import signing_tricks as tricks
from greenrun import FINISHED, STARTED, GreenRun, relabel
from signing_room import NOW, Room
from signing_tricks import hand

from crm_acceptance import chain, contents
from crm_acceptance.errors import AcceptanceError
from crm_acceptance.gate import judge
from crm_acceptance.signoff import exit_code, status
from crm_acceptance.signoff.revising import revoke, withdraw
from crm_acceptance.signoff.sayings import Condition

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "wrong-greens.md"
SIGNERS = ("chenjing", "wufang", "zhaolei", "sunhao")


def every(run: GreenRun, **news: object) -> None:
    for result in run.results:
        result.update(news)


def again(run: GreenRun, first: str, second: str) -> None:
    """One check twice: what it said first, and what it said when asked again."""
    one = run.result("test_follow")
    run.results.append({**one, "uuid": "00000000-0000-4000-8000-000000009999", "status": second})
    one["status"] = first


def left_out(run: GreenRun) -> None:
    run.item("test_follow")["selected"] = False
    run.results.remove(run.result("test_follow"))


def undemanded(run: GreenRun) -> None:
    run.run["gate"] = {"tolerate": [{"proof": "unproven", "criticality": ["critical"], "at_most": 99}]}
    run.result("test_follow")["status"] = "skipped"


BEFORE: dict[str, Callable[[GreenRun], object]] = {
    "一个检查也没有 an empty run": lambda run: run.clear(),
    "没有需求 no requirements": lambda run: run.requirements.clear(),
    "全部跳过 everything skipped": lambda run: every(run, status="skipped"),
    "全部自己出错 everything broken": lambda run: every(run, status="broken"),
    "没有结果 a missing result": lambda run: run.results.remove(run.result("test_follow")),
    "结果没写完 an unfinished result": lambda run: run.result("test_follow").update(stage="running"),
    "先失败后通过 failed, then passed": lambda run: again(run, "failed", "passed"),
    "先通过后失败 passed, then failed": lambda run: again(run, "passed", "failed"),
    "通过两次 passed twice": lambda run: again(run, "passed", "passed"),
    "隔离 quarantined: muted": lambda run: run.result("test_follow").update(statusDetails={"muted": True}),
    "标为不稳定 marked flaky": lambda run: run.result("test_follow").update(statusDetails={"flaky": True}),
    "已知问题 a known issue": lambda run: run.result("test_follow").update(statusDetails={"known": True}),
    "本该失败却通过 xpass": lambda run: run.result("test_follow").update(statusDetails={"message": "XPASS bug"}),
    "用 -k 挑着跑 deselected": left_out,
    "清单里悄悄少一条 a promise taken out": lambda run: run.expected["scenarios"]["items"].pop(2),
    "检查比基线少 fewer checks than before": lambda run: run.run.update(facts={"before": {"SALES-001": 3}}),
    "一条需求没有检查 a requirement without check": lambda run: run.requirements.append(
        {**run.requirements[0], "id": "SALES-777"}
    ),
    "别的运行的结果 a result of another run": lambda run: relabel(run.result("test_follow"), "run", "20200101-000000"),
    "别的系统的结果 a result of another system": lambda run: relabel(run.result("test_follow"), "system", "demo"),
    "旧结果 a stale result": lambda run: run.result("test_follow").update(start=STARTED - 86_400_000),
    "未来的结果 a result from the future": lambda run: run.result("test_follow").update(stop=FINISHED + 86_400_000),
    "时钟回拨 the clock set back": lambda run: run.run.update(finished=STARTED - 1),
    "没有跑完 a run that never ended": lambda run: run.run.update(finished=None),
    "阶段崩溃 a phase that crashed": lambda run: run.phase("load").update(exit=-9),
    "收集出错 a collection error": lambda run: run.expected["load"]["errors"].append("bad"),
    "故障代理在前 a fault proxy in front": lambda run: run.run.update(faults={"drop": 3}),
    "结果换了需求 a check that changed its requirement": lambda run: relabel(
        run.result("test_follow"), "requirement", "FIN-001"
    ),
    "一句没过的场景 a sentence that did not pass": lambda run: run.result("test_follow").update(
        steps=[{"name": "那么 看得到", "status": "skipped"}]
    ),
    "容忍关键需求 tolerating what is critical": undemanded,
    "部门没有需求 a needed department without requirement": lambda run: run.run.update(
        departments=["sales", "finance", "service", "it", "marketing"]
    ),
    "没测过强度 a demanded recall that nobody measured": lambda run: run.run.update(
        gate={"rule": [{"measure": "recall", "at_least": 0.9}]}
    ),
    "没人查过缺陷 open defects that nobody looked for": lambda run: run.run.update(
        gate={"rule": [{"measure": "open_critical_defects", "at_most": 0}]}
    ),
    "规则没有对象 a rule about requirements that nobody has": lambda run: run.run.update(
        gate={"rule": [{"measure": "proven_ratio", "at_least": 1, "criticality": ["minor"]}]}
    ),
    "演练过期 an expired drill": lambda run: run.run.update(
        gate={"rule": [{"measure": "drill_age_days", "at_most": 7}]},
        facts={"drill": {"ended": "2026-01-01T00:00:00Z", "ok": True}},
    ),
    "有关键缺陷 an open critical defect": lambda run: run.run.update(
        gate={"rule": [{"measure": "open_critical_defects", "at_most": 0}]}, facts={"open_critical_defects": ["CRM-9"]}
    ),
    "迁移不守恒 a migration that lost rows": lambda run: run.run.update(
        gate={"rule": [{"measure": "migration_difference", "at_most": 0}]}, facts={"migration": {"difference": -3}}
    ),
}


def edited(path: str, old: str, new: str) -> Callable[[Room], object]:
    def act(room: Room) -> None:
        file = next(room.run.glob(path))
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), "utf-8")

    return act


def rebound(room: Room) -> None:
    """The evidence edited and the chain made again from the beginning: whole, but not what was signed."""
    file = sorted(room.run.glob("allure-results/*"))[0]
    file.write_text(file.read_text("utf-8").replace("test_lead", "test_LEAD", 1), "utf-8")
    (room.run / chain.FILE).unlink()
    chain.append(room.run, "laid")
    chain.seal(room.run)


def journal_line(room: Room, change: Callable[[list[bytes]], list[bytes]]) -> None:
    lines = room.journal.read_bytes().splitlines(keepends=True)
    room.journal.write_bytes(b"".join(change(lines)))


def last_no_removed(room: Room) -> None:
    room.sign("lina", "no", reason="折扣不对")
    journal_line(room, lambda lines: lines[:-1])


AFTER: dict[str, Callable[[Room], object]] = {
    "改需求快照 the requirements edited": edited("requirements.json", "登记线索", "登记商机"),
    "改结果 a result edited": edited("allure-results/0002-result.json", "passed", "passed "),
    "改清单 a promise edited": edited("expected/load.json", "test_peak", "test_peek"),
    "改运行信息 run.json edited": edited("run.json", "http://127.0.0.1:4711", "http://crm.example.com"),
    "删结果 a result deleted": lambda room: next(room.run.glob("allure-results/0003*")).unlink(),
    "添结果 a result added": lambda room: (room.run / "allure-results" / "9999-result.json").write_text("{}"),
    "删证据链 the chain deleted": lambda room: (room.run / chain.FILE).unlink(),
    "截短证据链 the chain cut": lambda room: (room.run / chain.FILE).write_bytes(
        (room.run / chain.FILE).read_bytes()[:-40]
    ),
    "改证据再重做证据链 evidence edited, chain made again": rebound,
    "改签字簿 the journal edited": lambda room: journal_line(
        room, lambda lines: [lines[0].replace(b"signature", b"signatura", 1), *lines[1:]]
    ),
    "签字簿少一行 a line taken out": lambda room: journal_line(room, lambda lines: [lines[0], *lines[2:]]),
    "签字簿截短 the journal cut": lambda room: journal_line(room, lambda lines: [*lines[:-1], lines[-1][:-9]]),
    "撤掉最后的反对 the last no taken out": last_no_removed,
    "签字簿换行序 lines swapped": lambda room: journal_line(room, lambda lines: [lines[1], lines[0], *lines[2:]]),
    "签字簿整个没了 the journal gone": lambda room: room.journal.unlink(),
    "签后改需求 a requirement changed afterwards": tricks.requirement_changed,
    "签后删检查 a check removed afterwards": tricks.check_removed,
    "签字人已不在名单 no longer named": tricks.unnamed,
    "换了钥匙 another key is named": tricks.other_key,
    "钥匙吊销 a revoked key": lambda room: revoke(hand(room, "wufang"), room.fingerprint("wufang"), "丢了"),
    "签字撤回 a withdrawn signature": lambda room: withdraw(
        hand(room, "wufang"), room.standing("finance").signatures[0].digest, "看错了"
    ),
    "人数不够 more hands are needed": tricks.more_hands,
    "有人不同意 somebody says no": lambda room: room.sign("lina", "no", reason="折扣不对"),
    "吊销反对者的钥匙 the key of who said no revoked by another": tricks.no_silenced,
    "签后来了新部门 a new department afterwards": tricks.new_department,
    "条件过期 a condition past its date": tricks.late,
    "旧签字配新运行 old signatures, new run": tricks.newer_run,
    "旧运行换名 an old run under a new name": tricks.copied,
    "委托凑人数 one signatory counted twice: signed, and signed for": tricks.counted_twice,
    "两个部门的钥匙当两个人 one person with two keys": tricks.two_keys,
    "一把钥匙两个名字 one key under two names": tricks.one_key_two_names,
    "拨回时钟用过期的委托 an expired delegation, the clock set back": tricks.delegation_revived,
    "签后出了关键缺陷 a critical defect opened afterwards": tricks.defect_afterwards,
    "签后演练过期 the drill expired afterwards": tricks.drill_expired,
    "签后又迁丢一批 a batch that lost rows, a whole one after it": tricks.batch_lost,
    "拿演示运行来签 a run of another system": tricks.other_system,
    "别的站点的运行 a run of another site": tricks.other_site,
    "时钟回拨后看 looked at before it was signed": lambda room: setattr(room, "now", NOW - timedelta(days=2)),
}


def standing(room: Room) -> int:
    try:
        return exit_code(status(room.profile, room.run, room.now, room.present or contents.of_run(room.run)))
    except AcceptanceError as no:
        return no.exit_code


def all_sign(room: Room) -> set[str]:
    """Everybody tries to say yes; who was refused."""
    refused = set()
    for person in SIGNERS:
        try:
            room.sign(person)
        except AcceptanceError as no:
            assert no.exit_code in (1, 2, 3)
            refused.add(person)
    return refused


def test_the_same_run_unspoilt_is_accepted(tmp_path: Path) -> None:
    room = signing_room.make(tmp_path)
    assert judge(room.run).exit_code == 0 and all_sign(room) == set() and standing(room) == 0


@pytest.mark.parametrize("way", BEFORE)
def test_neither_the_gate_nor_the_signatures_accept(way: str, tmp_path: Path) -> None:
    green = signing_room.told()
    BEFORE[way](green)
    room = signing_room.make(tmp_path, green)
    assert judge(room.run).exit_code in (1, 3)
    refused = all_sign(room)
    assert refused or "marketing" in room.states(), "whose department is not green cannot say yes"
    assert standing(room) != 0


@pytest.mark.parametrize("way", AFTER)
def test_what_happens_after_signing_voids_it(way: str, tmp_path: Path) -> None:
    room = signing_room.make(tmp_path)
    assert all_sign(room) == set() and standing(room) == 0
    AFTER[way](room)
    assert standing(room) in (1, 2, 3, 5)


def test_a_conditional_answer_alone_is_no_green(tmp_path: Path) -> None:
    room = signing_room.make(tmp_path)
    all_sign(room)
    room.sign("lina", "conditional", conditions=(Condition("补测", "李娜", NOW.date() + timedelta(days=3)),))
    assert standing(room) == 5


def test_the_page_names_every_way_and_no_other() -> None:
    told = re.findall(r"^\| (.+?) \|", PAGE.read_text("utf-8"), re.MULTILINE)
    assert [one for one in told if one not in ("way", "---")] == [*BEFORE, *AFTER]


def test_a_verdict_file_that_was_written_by_hand_is_not_believed(tmp_path: Path) -> None:
    """gate.json is made again whenever somebody asks; nobody reads what it says."""
    green = signing_room.told()
    green.result("test_follow")["status"] = "skipped"
    room = signing_room.make(tmp_path, green)
    file = room.run / "gate.json"
    said: dict[str, Any] = json.loads(file.read_text("utf-8"))
    file.write_text(json.dumps({**said, "decision": "go", "exit_code": 0}), "utf-8")
    assert all_sign(room) and standing(room) != 0 and judge(room.run).exit_code == 3
