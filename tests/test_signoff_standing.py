"""A signature counts while everything it is bound to stays as it was, and is kept with the reason when it does not."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import signing_room
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from greenrun import REQUIREMENTS
from signing_room import NEEDED, NOW, PEOPLE, Room

from crm_acceptance import chain, contents, logbook
from crm_acceptance.sealing import envelope
from crm_acceptance.signoff import exit_code, status
from crm_acceptance.signoff.revising import Hand, delegate, revoke, withdraw
from crm_acceptance.signoff.sayings import Condition, Signature

NEXT_MONTH = NOW.date() + timedelta(days=30)
LATE = Condition("补测导出", "李娜", NEXT_MONTH)


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return signing_room.make(tmp_path)


def hand(room: Room, person: str) -> Hand:
    return Hand(room.profile, person, room.keys[person], room.now)


def all_signed(room: Room) -> Room:
    for person in ("chenjing", "wufang", "zhaolei", "sunhao"):
        room.sign(person)
    return room


def test_nobody_signed_is_missing_and_all_signed_is_accepted(room: Room) -> None:
    assert set(room.states().values()) == {"missing"}
    all_signed(room)
    assert room.states() == dict.fromkeys(NEEDED, "valid")
    assert exit_code(status(room.profile, room.run, NOW, contents.of_run(room.run))) == 0


def test_one_condition_makes_the_whole_conditional_and_one_no_refuses_it(room: Room) -> None:
    all_signed(room)
    room.sign("lina", "conditional", conditions=(LATE,))
    found = status(room.profile, room.run, NOW, contents.of_run(room.run))
    assert exit_code(found) == 5 and room.standing("sales").answer == "conditional"


def test_one_no_outweighs_any_quorum_until_it_is_withdrawn(room: Room) -> None:
    room.sign("chenjing")
    said = room.sign("lina", "no", reason="报价的折扣不对")
    refused = room.standing("sales")
    assert (refused.state, refused.answer) == ("refused", "no") and "折扣不对" in refused.reasons[0]
    assert exit_code([refused]) == 1
    withdraw(hand(room, "lina"), said.short, "已改好")
    assert room.standing("sales").state == "valid"


def test_the_quorum_counts_people_not_signatures(room: Room) -> None:
    room.quorum["sales"] = 2
    room.lay().sign("chenjing")
    assert room.standing("sales").state == "missing"
    delegate(hand(room, "lina"), "sales", "chenjing", NEXT_MONTH, "出差")
    room.sign("chenjing", behalf="lina", now=NOW + timedelta(seconds=1))
    still = room.standing("sales", NOW + timedelta(seconds=2))
    assert (still.state, still.hands, [one.counts for one in still.signatures]) == ("missing", 1, [True, True])


def _edit_evidence(room: Room) -> None:
    file = next((room.run / "allure-results").glob("*-result.json"))
    file.write_bytes(file.read_bytes() + b" ")


def _other_run(room: Room) -> None:
    other = signing_room.told()
    other.run["id"] = "20261123-100000"
    for one in other.results:
        one["labels"] = [
            {**label, "value": "20261123-100000"} if label["name"] == "run" else label for label in one["labels"]
        ]
    room.run = other.lay(room.path / "reports" / "20261123-100000")
    chain.seal(_judged(room.run))


def _judged(run: Path) -> Path:
    (run / "gate.json").write_text("{}")
    return run


def _evidence_again(room: Room) -> None:
    """The same run id, other evidence, whole in itself."""
    green = signing_room.told()
    green.result("test_lead")["stop"] += 1
    chain.seal(_judged(green.lay(room.run)))


def _unname(room: Room) -> None:
    room.unnamed.add("chenjing")
    room.lay()


def _revoke_in_profile(room: Room) -> None:
    room.revoked.append(room.fingerprint("chenjing"))
    room.lay()


def _new_key(room: Room) -> None:
    room.keys["chenjing"] = Ed25519PrivateKey.generate()
    room.lay()


def _break_journal(room: Room) -> None:
    lines = room.journal.read_bytes().splitlines(keepends=True)
    room.journal.write_bytes(b"".join([lines[1], lines[0], *lines[2:]]))


def _forge(room: Room) -> None:
    """A line that fits the journal's chain and not the signature: another answer under the same envelope."""
    entries = logbook.read(room.journal).entries
    room.forget()
    for entry in entries:
        body = json.loads(json.dumps(entry.body))
        if entry is entries[0]:
            sig = body["envelope"]["signatures"][0]
            sig["sig"] = ("B" if sig["sig"][0] == "A" else "A") + sig["sig"][1:]
        logbook.append(room.journal, entry.kind, body)


EVERYBODY: dict[str, tuple[Callable[[Room], None], str]] = {
    "the evidence is edited": (_edit_evidence, "was changed"),
    "another run": (_other_run, "signed for another run"),
    "the same run with other evidence": (_evidence_again, "not what was signed"),
    "the journal is reordered": (_break_journal, "the journal was changed"),
}
ONE: dict[str, tuple[Callable[[Room], None], str]] = {
    "no longer named": (_unname, "不是这个部门的签字人"),
    "revoked in the profile": (_revoke_in_profile, "已吊销"),
    "revoked in the journal": (
        lambda room: _said(revoke(hand(room, "lina"), room.fingerprint("chenjing"), "丢了")),
        "丢了",
    ),
    "another key": (_new_key, "no such public key"),
    "a forged envelope": (_forge, "does not fit"),
}


def _said(_: object) -> None: ...


@pytest.mark.parametrize("what", EVERYBODY)
def test_what_touches_the_evidence_voids_every_signature(what: str, room: Room) -> None:
    all_signed(room)
    change, why = EVERYBODY[what]
    change(room)
    assert not set(room.states().values()) & {"valid"}
    standing = room.standing("sales")
    kept = [*standing.reasons, *(reason for one in standing.signatures for reason in one.reasons)]
    assert any(why in one for one in kept), kept


@pytest.mark.parametrize("what", ONE)
def test_what_touches_one_person_voids_that_signature_alone(what: str, room: Room) -> None:
    all_signed(room)
    change, why = ONE[what]
    change(room)
    assert room.states() == {**dict.fromkeys(NEEDED, "valid"), "sales": "void"}
    [kept] = room.standing("sales").signatures
    assert not kept.counts and any(why in one for one in kept.reasons), kept.reasons


@pytest.mark.parametrize("id", [row[0] for row in REQUIREMENTS])
def test_a_changed_requirement_voids_its_own_department_alone(id: str, room: Room) -> None:
    all_signed(room)
    then = contents.of_run(room.run)
    room.present = replace(then, requirements={**then.requirements, id: "0" * 64})
    own = then.departments[id]
    assert room.states() == {**dict.fromkeys(NEEDED, "valid"), own: "void"}
    assert id in " ".join(room.standing(own).signatures[0].reasons)


def test_a_changed_check_voids_the_departments_of_all_its_requirements(room: Room) -> None:
    all_signed(room)
    then = contents.of_run(room.run)
    nodeid = "features/finance/pay.feature::test_pay"
    checks = {id: {**own, nodeid: "another"} if nodeid in own else own for id, own in then.checks.items()}
    room.present = replace(then, checks=checks)
    assert [key for key, state in room.states().items() if state == "void"] == ["service", "finance"]


def test_a_condition_past_its_date_expires_the_conditional_yes(room: Room) -> None:
    room.sign("wufang", "conditional", conditions=(LATE,))
    on_the_day = NOW.replace(year=NEXT_MONTH.year, month=NEXT_MONTH.month, day=NEXT_MONTH.day)
    assert room.standing("finance", on_the_day).state == "valid"
    over = room.standing("finance", on_the_day + timedelta(days=1))
    assert (over.state, over.answer) == ("expired", None) and "补测导出" in over.reasons[0]
    assert exit_code([over]) == 3


def test_a_signature_for_somebody_counts_within_the_delegation_only(room: Room) -> None:
    given = delegate(hand(room, "wufang"), "finance", "sunhao", NEXT_MONTH, "休假")
    room.sign("sunhao", department="finance", behalf="wufang")
    assert room.standing("finance").state == "valid" and given.until == NEXT_MONTH
    revoke(hand(room, "wufang"), room.fingerprint("wufang"), "电脑丢了")
    assert room.standing("finance").state == "void"


def test_the_person_who_delegated_may_withdraw_what_was_signed_for_them(room: Room) -> None:
    delegate(hand(room, "wufang"), "finance", "sunhao", NEXT_MONTH, "休假")
    signed = room.sign("sunhao", department="finance", behalf="wufang")
    withdraw(hand(room, "wufang"), signed.short, "我自己来签")
    assert room.standing("finance").state == "void"
    room.sign("wufang")
    assert room.standing("finance").state == "valid"


def test_what_the_profile_needs_by_now_counts_although_the_run_did_not_know_it(room: Room) -> None:
    all_signed(room)
    text = (room.path / "acceptance.toml").read_text("utf-8").replace('"sales",', '"sales", "management",', 1)
    (room.path / "acceptance.toml").write_text(text, "utf-8")
    assert (room.standing("management").state, room.standing("management").counted) == ("missing", True)


def test_a_workspace_that_cannot_be_collected_lets_no_signature_stand(room: Room) -> None:
    all_signed(room)
    (room.path / "features").mkdir()
    found = status(room.profile, room.run, NOW)  # no requirements.csv there: nobody knows what changed
    assert {one.state for one in found} == {"void"}
    assert any("收集不起来" in why for why in found[0].reasons)


def by_hand(room: Room, person: str, at: datetime, answer: str = "yes") -> None:
    """A signature made with the right key, past everything that the program would have refused."""
    department = PEOPLE[person][1]
    bound = room.desk().subject.bound(department)
    said = Signature(bound, answer, (), "", person, room.fingerprint(person), at)
    sealed = envelope.seal(envelope.SIGNATURE, said.as_json(), room.keys[person])
    logbook.append(room.journal, envelope.SIGNATURE, {"envelope": sealed})


@pytest.mark.parametrize(
    ("at", "why"), [(NOW + timedelta(days=1), "future"), (NOW - timedelta(days=1), "before the run")]
)
def test_a_signature_at_an_impossible_time_does_not_count(at: datetime, why: str, room: Room) -> None:
    by_hand(room, "chenjing", at)
    [kept] = room.standing("sales").signatures
    assert why in kept.reasons[0] and room.standing("sales").state == "void"


def test_a_yes_over_red_and_conditions_without_a_condition_made_by_hand_do_not_count(tmp_path: Path) -> None:
    green = signing_room.told()
    green.result("test_lead")["status"] = "skipped"
    room = signing_room.make(tmp_path, green)
    by_hand(room, "chenjing", NOW)
    by_hand(room, "wufang", NOW, "conditional")
    assert "over red" in room.standing("sales").signatures[0].reasons[0]
    assert "without a condition" in room.standing("finance").signatures[0].reasons[0]
    assert (room.standing("sales").state, room.standing("finance").state) == ("void", "void")


def test_a_copied_line_and_a_journal_that_broke_are_told_with_every_signature(room: Room) -> None:
    all_signed(room)
    entry = logbook.read(room.journal).entries[0]
    logbook.append(room.journal, entry.kind, entry.body)
    assert [one.counts for one in room.standing("sales").signatures] == [True, False]
    room.journal.write_bytes(room.journal.read_bytes() + b"{}\n")
    assert "journal was changed" in room.standing("sales").signatures[0].reasons[0]
    _edit_evidence(room)
    assert any("was changed" in why for why in room.standing("finance").signatures[0].reasons[1:])
