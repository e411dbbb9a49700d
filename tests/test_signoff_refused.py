"""What cannot be signed is refused in one sentence with an exit code, and nothing is lost of what was signed."""

from __future__ import annotations

import json
import threading
from datetime import date, timedelta
from pathlib import Path

import pytest
import signing_room
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from signing_room import NOW, Room

from crm_acceptance import logbook
from crm_acceptance.errors import AcceptanceError, WrongUse
from crm_acceptance.signoff import exit_code, rules, signing, standing
from crm_acceptance.signoff.named import named
from crm_acceptance.signoff.revising import Hand, delegate, revoke, withdraw
from crm_acceptance.signoff.sayings import Condition

TOMORROW = NOW.date() + timedelta(days=1)
SOON = Condition("补测导出", "李娜", TOMORROW)


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return signing_room.make(tmp_path)


def hand(room: Room, person: str) -> Hand:
    return Hand(room.profile, person, room.keys[person], room.now)


def refused(code: int, words: str, room: Room, person: str, *said: object, **more: object) -> None:
    """Signing is refused with that exit code, and the journal stays as it was."""
    before = room.journal.read_bytes() if room.journal.is_file() else b""
    with pytest.raises(AcceptanceError, match=words) as why:
        room.sign(person, *said, **more)  # type: ignore[arg-type]
    assert why.value.exit_code == code
    assert (room.journal.read_bytes() if room.journal.is_file() else b"") == before


def test_somebody_not_named(room: Room) -> None:
    refused(2, "不是 finance 的签字人", room, "lina", department="finance")
    refused(2, "是不是 sales", room, "lina", department="sale")


def test_another_persons_key(room: Room) -> None:
    room.keys["lina"] = room.keys["wufang"]
    asked = signing.Answer("sales", "chenjing", "yes")
    with pytest.raises(WrongUse, match="不是 陈静 登记的那把"):
        signing.sign(room.desk(), asked, room.keys["wufang"])


def test_a_revoked_key(room: Room) -> None:
    revoke(hand(room, "chenjing"), room.fingerprint("chenjing"), "电脑丢了")
    refused(2, "已吊销", room, "chenjing")
    with pytest.raises(WrongUse, match="已经吊销"):
        revoke(hand(room, "lina"), room.fingerprint("chenjing"), "再来")
    with pytest.raises(WrongUse, match="Only a named signatory"):
        revoke(Hand(room.profile, "hacker", Ed25519PrivateKey.generate(), NOW), room.fingerprint("lina"), "乱来")


def test_a_key_without_its_public_half_in_the_workspace(room: Room) -> None:
    (room.path / "signatories" / "chenjing.pub").unlink()
    refused(2, "keys register", room, "chenjing")


def test_twice_and_again_after_withdrawing(room: Room) -> None:
    first = room.sign("chenjing")
    refused(2, "已经签过", room, "chenjing")
    refused(2, "已经签过", room, "chenjing", "no", reason="改主意了")
    withdraw(hand(room, "chenjing"), first.short, "改主意了")
    room.sign("chenjing", "no", reason="改主意了", now=NOW + timedelta(seconds=1))
    assert room.standing("sales").state == "refused"


@pytest.mark.parametrize("status", ["failed", "skipped"])
def test_nobody_signs_green_over_red_and_everybody_may_say_no(status: str, tmp_path: Path) -> None:
    green = signing_room.told()
    green.result("test_lead")["status"] = status
    green.phase("scenarios")["exit"] = 1 if status == "failed" else 0
    room = signing_room.make(tmp_path, green)
    refused(3, "over red", room, "chenjing")
    refused(3, "over red", room, "chenjing", "conditional", conditions=(SOON,))
    room.sign("chenjing", "no", reason="线索登记不对")
    assert room.standing("sales").state == "refused"


def test_a_conditional_decision_takes_a_conditional_yes_only(tmp_path: Path) -> None:
    green = signing_room.told()
    green.requirement("SALES-001")["criticality"] = "minor"
    green.result("test_lead")["status"] = "skipped"
    green.run["gate"] = {"tolerate": [{"proof": "unproven", "at_most": 1, "criticality": ["minor"]}]}
    room = signing_room.make(tmp_path, green)
    assert room.standing("sales").decision == "conditional"
    refused(3, "有条件同意", room, "chenjing")
    room.sign("chenjing", "conditional", conditions=(SOON,))
    standing = room.standing("sales")
    assert (standing.state, standing.answer) == ("valid", "conditional") and exit_code([standing]) == 5
    assert [rules.allowed("conditional", answer) for answer in ("yes", "conditional", "no")] == [False, True, True]


def test_a_change_that_nobody_approved_cannot_be_signed(room: Room) -> None:
    with (room.path / "acceptance.toml").open("a", encoding="utf-8") as file:
        file.write('[changes]\nrequired = true\napprovers = ["chenjing"]\n')
    (room.path / "fixtures").mkdir()
    people = "key,name,department,role,login\nchenjing,陈静,sales,sales_manager,chenjing\n"
    (room.path / "fixtures" / "people.csv").write_text(people, "utf-8")
    refused(3, "没有约定的基线", room, "chenjing")


@pytest.mark.parametrize(
    ("answer", "more", "words"),
    [
        ("no", {}, "要写原因"),
        ("no", {"reason": "  "}, "要写原因"),
        ("conditional", {}, "至少要写一个条件"),
        ("yes", {"conditions": (SOON,)}, "才写条件"),
        ("conditional", {"conditions": (Condition("补测", " ", TOMORROW),)}, "负责人"),
        ("conditional", {"conditions": (Condition("补测", "李娜", NOW.date()),)}, "在今天之后"),
        ("conditional", {"conditions": (Condition("补测", "李娜", date(2020, 1, 1)),)}, "在今天之后"),
        ("maybe", {}, "没有这个答复"),
        ("no", {"reason": "长" * 2001}, "最多"),
    ],
)
def test_an_answer_that_says_too_little(answer: str, more: dict[str, object], words: str, room: Room) -> None:
    refused(2, words, room, "chenjing", answer, **more)


def test_a_run_that_was_never_sealed(tmp_path: Path) -> None:
    room = signing_room.make(tmp_path, sealed=False)
    refused(3, "没有封存", room, "chenjing")
    assert set(room.states().values()) == {"void"}


def test_edited_evidence_and_an_older_digest(room: Room) -> None:
    early = signing.envelope(room.desk(), signing.Answer("sales", "chenjing", "yes"), room.keys["chenjing"])
    file = next((room.run / "allure-results").glob("*-result.json"))
    whole = file.read_bytes()
    file.write_bytes(whole + b" ")
    refused(3, "was changed", room, "chenjing")
    file.write_bytes(whole)
    green = signing_room.told()
    green.result("test_lead")["stop"] += 1
    again = signing_room.make(room.path, green)
    again.keys = room.keys
    again.lay()
    with pytest.raises(AcceptanceError, match="not what was signed"):
        signing.accept(again.desk(), early)


def test_a_read_only_journal(room: Room) -> None:
    room.journal.parent.parent.joinpath("journal").write_text("no folder")
    with pytest.raises(WrongUse, match="写不进"):
        room.sign("chenjing")


def test_a_broken_journal_takes_nothing_more(room: Room) -> None:
    room.sign("chenjing")
    room.journal.write_bytes(room.journal.read_bytes()[:-5])
    with pytest.raises(AcceptanceError, match="journal was changed"):
        room.sign("wufang")


@pytest.mark.parametrize("round", range(3))
def test_two_at_the_same_moment_are_both_kept(round: int, room: Room) -> None:
    gate, failed = threading.Barrier(4), []

    def one(person: str) -> None:
        gate.wait()
        try:
            room.sign(person)
        except AcceptanceError as why:
            failed.append(why)

    people = [threading.Thread(target=one, args=(who,)) for who in ("chenjing", "wufang", "zhaolei", "sunhao")]
    for person in people:
        person.start()
    for person in people:
        person.join()
    book = logbook.read(room.journal)
    assert (failed, book.problems, len(book.entries)) == ([], (), 4)
    assert set(room.states().values()) == {"valid"}


def test_the_same_person_at_the_same_moment_signs_once(room: Room) -> None:
    gate, said = threading.Barrier(2), []

    def one() -> None:
        gate.wait()
        try:
            said.append(room.sign("chenjing").short)
        except WrongUse as why:
            said.append(str(why))

    people = [threading.Thread(target=one) for _ in range(2)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sum("已经签过" in one for one in said) == 1 and len(logbook.read(room.journal).entries) == 1


def test_an_envelope_copied_again_counts_once(room: Room) -> None:
    room.quorum["sales"] = 2
    room.lay().sign("chenjing")
    [entry] = logbook.read(room.journal).entries
    with pytest.raises(WrongUse, match="已经签过"):
        signing.accept(room.desk(), entry.body["envelope"])
    logbook.append(room.journal, entry.kind, entry.body)
    assert room.standing("sales").state == "missing"


def test_a_withdrawn_envelope_cannot_be_brought_back(room: Room) -> None:
    said = room.sign("chenjing")
    withdraw(hand(room, "chenjing"), said.short, "看错了")
    with pytest.raises(AcceptanceError, match="已撤回"):
        signing.accept(room.desk(), logbook.read(room.journal).entries[0].body["envelope"])


def test_an_edited_envelope_is_no_signature(room: Room) -> None:
    said = signing.envelope(room.desk(), signing.Answer("sales", "chenjing", "yes"), room.keys["chenjing"])
    for change in ({"payload": said["payload"][:-8] + "AAAA"}, {"payloadType": "text/plain"}, {"signatures": []}, {}):
        with pytest.raises(AcceptanceError):
            signing.accept(room.desk(), json.loads(json.dumps({**said, **change} if change else {"x": 1})))
    assert not room.journal.is_file() or not logbook.read(room.journal).entries


def test_withdrawing_needs_a_reason_the_own_signature_and_a_digest(room: Room) -> None:
    said = room.sign("chenjing")
    for person, digest, reason, words in (
        ("chenjing", said.short, " ", "原因"),
        ("wufang", said.short, "不是我的", "只能由本人撤回"),
        ("chenjing", "0" * 12, "没有", "没有（唯一的）"),
        ("chenjing", said.short[:3], "太短", "至少前 6 位"),
    ):
        with pytest.raises(WrongUse, match=words):
            withdraw(hand(room, person), digest, reason)
    withdraw(hand(room, "chenjing"), said.short, "看错了")
    with pytest.raises(WrongUse, match="已经撤回"):
        withdraw(hand(room, "chenjing"), said.short, "再撤一次")


def test_delegation_to_nobody_to_oneself_over_or_twice_over_is_refused(room: Room) -> None:
    for to, until, words in (
        ("stranger", TOMORROW, "不能委托给 stranger"),
        ("wufang", TOMORROW, "不能委托给 wufang"),
        ("sunhao", NOW.date() - timedelta(days=1), "已过"),
    ):
        with pytest.raises(WrongUse, match=words):
            delegate(hand(room, "wufang"), "finance", to, until, "休假")
    delegate(hand(room, "wufang"), "finance", "sunhao", TOMORROW, "休假")
    with pytest.raises(WrongUse, match="不是 finance 的签字人"):  # what was lent cannot be lent on
        delegate(hand(room, "sunhao"), "finance", "lina", TOMORROW, "我也休假")
    refused(3, "no delegation covers it", room, "lina", department="finance", behalf="wufang")
    late = NOW + timedelta(days=3)
    refused(3, "no delegation covers it", room, "sunhao", department="finance", behalf="wufang", now=late)
    assert standing.status(room.profile, room.run, NOW, room.desk().subject.contents)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("[signatories.saels]\nquorum = 1", "是不是 sales"),
        ("[signatories.sales]\nquorum = 0", "1 或更大"),
        ('[signatories.sales]\nquorum = 2\n[[signatories.sales.people]]\nperson = "a"', "却只有 1 人"),
        ('[[signatories.sales.people]]\nperson = "a"\nkey = "abc"', "公钥指纹"),
        ('[[signatories.sales.people]]\nperson = "a"\n[[signatories.sales.people]]\nperson = "a"', "写了两次"),
        ('[[signatories.sales.people]]\nname = "a"', "没有 person"),
        ('[[signatories.sales.people]]\nperson = "a"\npassphrase = "12345678"', "不写进配置|环境变量"),
        ('[[signatories.sales.people]]\nperson = "a"\nkey = "-----BEGIN PRIVATE KEY-----"', "私钥|private key"),
        ('[signatories]\nrevoked = "abc"', "指纹的列表"),
    ],
)
def test_a_wrong_list_of_signatories_is_refused(lines: str, words: str, room: Room) -> None:
    (room.path / "acceptance.toml").write_text(f'system = "refcrm"\n{lines}\n', "utf-8")
    with pytest.raises(WrongUse, match=words):
        named(room.profile)
