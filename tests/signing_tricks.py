"""Ways to look signed off that take more than a line: tests/test_wrong_green.py tries them. No test lives here."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import signing_room
from greenrun import FINISHED, relabel
from signing_room import NOW, Room

from crm_acceptance import chain, contents, logbook
from crm_acceptance.circumstances import LOOKED
from crm_acceptance.errors import AcceptanceError
from crm_acceptance.gate import judge
from crm_acceptance.signoff.revising import Hand, delegate, revoke, withdraw
from crm_acceptance.signoff.sayings import Condition
from crm_acceptance.signoff.signing import Answer, sign

BEFORE = datetime.fromtimestamp(FINISHED / 1000 - 60).astimezone().isoformat()


def no_silenced(room: Room) -> None:
    """The no of one signatory, its key revoked by another, and taken back with the revoked key."""
    room.sign("lina", "no", reason="折扣不对")
    revoke(hand(room, "chenjing"), room.fingerprint("lina"), "丢了")
    with pytest.raises(AcceptanceError, match="已吊销"):
        withdraw(hand(room, "lina"), room.standing("sales").signatures[-1].digest, "算了")


def new_department(room: Room) -> None:
    """A requirement of a department that the run knows nothing of, where the profile waits for everybody."""
    then = contents.of_run(room.run)
    id, toml = "MKT-001", room.path / "acceptance.toml"
    room.present = replace(
        then, requirements={**then.requirements, id: "0" * 64}, departments={**then.departments, id: "marketing"}
    )
    kept = [line for line in toml.read_text("utf-8").splitlines() if not line.startswith("departments =")]
    toml.write_text("\n".join(kept) + "\n", "utf-8")


def requirement_changed(room: Room) -> None:
    now = contents.of_run(room.run)
    room.present = replace(now, requirements={**now.requirements, "SALES-001": "0" * 64})


def check_removed(room: Room) -> None:
    now = contents.of_run(room.run)
    kept = dict(list(now.checks["SALES-001"].items())[1:])
    room.present = replace(now, checks={**now.checks, "SALES-001": kept})


def unnamed(room: Room) -> None:
    room.unnamed = {"wufang"}
    room.lay()


def other_key(room: Room) -> None:
    room.keys["wufang"] = signing_room.Ed25519PrivateKey.generate()
    room.lay()


def more_hands(room: Room) -> None:
    room.quorum = {"sales": 2}
    room.lay()


def newer_run(room: Room) -> None:
    """The signatures of yesterday's run beside today's, which nobody signed."""
    newer = room.run.with_name("20261123-100000")
    green = signing_room.told()
    green.run["id"] = newer.name
    for result in green.results:
        relabel(result, "run", newer.name)
    judge(green.lay(newer))
    chain.seal(newer)
    room.run = newer


def copied(room: Room) -> None:
    """Yesterday's folder under a new name."""
    shutil.copytree(room.run, room.run.with_name("20261124-100000"))
    room.run = room.run.with_name("20261124-100000")
    file = room.run / "run.json"
    file.write_text(file.read_text("utf-8").replace("20261122-100000", room.run.name), "utf-8")


def late(room: Room) -> None:
    room.sign("lina", "conditional", conditions=(Condition("补测", "李娜", NOW.date() + timedelta(days=3)),))
    room.now = NOW + timedelta(days=5)


def hand(room: Room, person: str) -> Hand:
    return Hand(room.profile, person, room.keys[person], room.now)


def counted_twice(room: Room) -> None:
    """Two are needed: one signs, and lets somebody of another department sign in the same name."""
    more_hands(room)
    withdraw(hand(room, "chenjing"), room.standing("sales").signatures[0].digest, "我不签")
    delegate(hand(room, "lina"), "sales", "wufang", NOW.date(), "出差")
    room.sign("wufang", department="sales", behalf="lina")
    room.sign("lina")
    assert [one.counts for one in room.standing("sales").signatures] == [False, True, True]


def two_keys(room: Room) -> None:
    """One person who is named in two departments, with a key for each, makes two hands of one department."""
    more_hands(room)
    _profile_says(room, 'person = "zhaolei"', 'person = "chenjing"')
    delegate(hand(room, "lina"), "sales", "chenjing", NOW.date(), "出差")
    asked = Answer("sales", "chenjing", "yes", behalf="lina")
    with pytest.raises(AcceptanceError, match="不是 陈静 登记的那把"):
        sign(room.desk(), asked, room.keys["zhaolei"])
    sign(room.desk(), asked, room.keys["chenjing"])


def one_key_two_names(room: Room) -> None:
    """Two names on the list, and one hand."""
    room.keys["lina"] = room.keys["chenjing"]
    more_hands(room)


def delegation_revived(room: Room) -> None:
    """It is over; the clock of the machine is set back to a day on which it was not."""
    withdraw(hand(room, "chenjing"), room.standing("sales").signatures[0].digest, "我不签")
    delegate(hand(room, "chenjing"), "sales", "wufang", NOW.date(), "出差")
    moment = room.now
    room.now = moment + timedelta(days=3)
    withdraw(hand(room, "sunhao"), room.standing("it").signatures[0].digest, "再想想")
    room.sign("sunhao")
    room.now = moment + timedelta(minutes=1)
    with pytest.raises(AcceptanceError, match="no delegation covers it"):
        room.sign("wufang", department="sales", behalf="chenjing")
    room.now = moment + timedelta(days=3)


def defect_afterwards(room: Room) -> None:
    """Nothing critical was open when everybody signed."""
    note(room, "defects", LOOKED, system="refcrm", run=room.run.name)
    demanding(room, {"measure": "open_critical_defects", "at_most": 0}, {"open_critical_defects": []})
    note(
        room, "defects", "opened", system="refcrm", tracker="jira", fingerprint="f", key="CRM-9", criticality="critical"
    )


def drill_expired(room: Room) -> None:
    """It was fresh when everybody signed."""
    drill = {"ended": NOW.isoformat(), "ok": True}
    note(room, "golive", "drill", **drill)
    demanding(room, {"measure": "drill_age_days", "at_most": 30}, {"drill": {**drill, "ended": BEFORE}})
    room.now = NOW + timedelta(days=31)


def batch_lost(room: Room) -> None:
    """The last batch is whole; the one before it is not, and nobody counted it again."""
    note(room, "golive", "migration", batch="客户", difference=0)
    demanding(room, {"measure": "migration_difference", "at_most": 0}, {"migration": {"difference": 0}})
    note(room, "golive", "migration", batch="订单", difference=3)
    note(room, "golive", "migration", batch="回款", difference=0)


def other_system(room: Room) -> None:
    """The profile is about another system by now."""
    _profile_says(room, 'system = "refcrm"', 'system = "tryton"')


def other_site(room: Room) -> None:
    """The site that goes live is not the one that was tried."""
    _profile_says(room, 'system = "refcrm"', 'system = "refcrm"\n[site]\nurl = "https://crm.example.com"')


def demanding(room: Room, rule: dict[str, Any], facts: dict[str, Any]) -> None:
    """The run again with a rule of the company's own, kept, and signed by everybody."""
    green = signing_room.told()
    green.run |= {"gate": {"rule": [rule]}, "facts": facts}
    shutil.rmtree(room.run)
    judge(green.lay(room.run))
    chain.seal(room.run)
    room.forget()
    for person in ("chenjing", "wufang", "zhaolei", "sunhao"):
        room.sign(person)
    assert set(room.states().values()) == {"valid"}


def note(room: Room, journal: str, kind: str, **body: object) -> None:
    """A line of another journal."""
    logbook.append(room.journal.with_name(f"{journal}.jsonl"), kind, body)


def _profile_says(room: Room, old: str, new: str) -> None:
    toml = room.path / "acceptance.toml"
    toml.write_text(toml.read_text("utf-8").replace(old, new, 1), "utf-8")
