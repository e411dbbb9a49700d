"""Change requests: who may ask, who may decide, what is refused; the journal is the only memory."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, tzinfo
from pathlib import Path

import pytest

from crm_acceptance import changes, contents, logbook, profile
from crm_acceptance.changes import book, telling
from crm_acceptance.changes.asking import ask, baseline
from crm_acceptance.changes.book import APPROVED, OPEN, REFUSED
from crm_acceptance.changes.deciding import decide
from crm_acceptance.changes.impact import impact
from crm_acceptance.changes.terms import terms
from crm_acceptance.contents import Contents
from crm_acceptance.errors import WrongUse
from crm_acceptance.model import Expected, Requirement
from crm_acceptance.profile import Profile

PEOPLE = """key,name,department,role,login
lina,李娜,sales,sales_rep,lina
chenjing,陈静,sales,manager,chen.jing
wufang,吴芳,finance,accountant,wufang
sunhao,孙浩,it,admin,sunhao
"""
TERMS = '[changes]\nrequired = true\nunsigned = true\napprovers = ["陈静", "sunhao"]\n'
ROWS = (
    Requirement("SALES-001", "sales", "critical", "functional", "登记线索"),
    Requirement("FIN-001", "finance", "critical", "functional", "登记回款"),
)
CHECKS = (
    Expected("f::one", "登记", ("SALES-001",), "scenarios", True, "c1"),
    Expected("f::two", "回款", ("FIN-001",), "scenarios", True, "c2"),
)
AGREED = contents.of(ROWS, CHECKS)
REWORDED = contents.of((replace(ROWS[0], text="新建线索"), ROWS[1]), CHECKS)
BOTH = contents.of((replace(ROWS[0], text="新建线索"), replace(ROWS[1], text="新建回款")), CHECKS)


def workspace(folder: Path, said: str = TERMS) -> Profile:
    (folder / "fixtures").mkdir(exist_ok=True)
    (folder / "fixtures" / "people.csv").write_text(PEOPLE, "utf-8")
    (folder / "acceptance.toml").write_text(f'system = "refcrm"\n{said}', "utf-8")
    return profile.load(folder)


@pytest.fixture
def ours(tmp_path: Path) -> Profile:
    made = workspace(tmp_path)
    baseline(made, "陈静", AGREED)
    return made


def agreed(ours: Profile) -> Contents:
    return book.read(ours.workspace, ours.system).agreed


def refused(work: Callable[[], object], *words: str) -> None:
    with pytest.raises(WrongUse) as told:
        work()
    for word in words:
        assert word in str(told.value)
    assert "\n" not in str(told.value)


def test_an_approved_change_becomes_what_is_agreed_and_nothing_else_does(ours: Profile) -> None:
    assert contents.changed(agreed(ours), AGREED) == {}
    asked = ask(ours, "李娜", "统一用语", ["SALES-001"], now=BOTH)
    assert (asked.id, asked.state, asked.by) == ("CR-1", OPEN, "lina")
    assert "“登记线索” → “新建线索”" in asked.what["SALES-001"]
    assert list(contents.changed(agreed(ours), BOTH)) == ["SALES-001", "FIN-001"]
    assert decide(ours, "cr-1", "chen.jing", True, now=BOTH).state == APPROVED
    assert list(contents.changed(agreed(ours), BOTH)) == ["FIN-001"]
    assert contents.changed(agreed(ours), REWORDED) == {}


def test_a_refused_change_stays_a_difference_and_may_be_asked_again(ours: Profile) -> None:
    ask(ours, "lina", "统一用语", now=REWORDED)
    assert decide(ours, "CR-1", "孙浩", False, "下一期").state == REFUSED
    assert list(contents.changed(agreed(ours), REWORDED)) == ["SALES-001"]
    assert ask(ours, "lina", "已谈妥", now=REWORDED).id == "CR-2"


def test_a_requirement_may_go_and_a_new_one_may_come(ours: Profile) -> None:
    less = contents.of(ROWS[1:], CHECKS[1:])
    assert ask(ours, "lina", "不做了", now=less).departments == ("sales",)
    decide(ours, "CR-1", "陈静", True, now=less)
    assert contents.changed(agreed(ours), less) == {}
    assert changes.counts(ours.workspace, "refcrm") == {"FIN-001": 1}
    ask(ours, "lina", "还是要做", now=AGREED)
    decide(ours, "CR-2", "陈静", True, now=AGREED)
    assert contents.changed(agreed(ours), AGREED) == {}


def test_whoever_asked_cannot_approve_under_any_name_but_may_take_it_back(ours: Profile) -> None:
    ask(ours, "陈静", "统一用语", now=REWORDED)
    for name in ("陈静", "chenjing", "chen.jing"):
        refused(lambda name=name: decide(ours, "CR-1", name, True, now=REWORDED), "不能自己批准")
    assert decide(ours, "CR-1", "陈静", False, "撤回").state == REFUSED


def test_each_touched_department_with_approvers_of_its_own_has_a_say(tmp_path: Path) -> None:
    own = '[changes.departments]\nsales = ["陈静"]\nfinance = ["wufang", "sunhao"]\n'
    ours = workspace(tmp_path, TERMS + own)
    baseline(ours, "陈静", AGREED)
    asked = ask(ours, "李娜", "统一用语", now=BOTH)
    assert telling.row(book.read(tmp_path, "refcrm"), terms(ours), BOTH, "FIN-001", "")["approvers"] == ["吴芳、孙浩"]
    assert asked.departments == ("sales", "finance")
    assert decide(ours, "CR-1", "吴芳", True, now=BOTH).state == OPEN
    refused(lambda: decide(ours, "CR-1", "wufang", True, now=BOTH), "已经审过")
    assert decide(ours, "CR-1", "陈静", True, now=BOTH).state == APPROVED
    ask(ours, "李娜", "改回来", ["SALES-001"], now=AGREED)
    refused(lambda: decide(ours, "CR-2", "吴芳", True, now=AGREED), "由他们审批", "陈静")


BAD: dict[str, tuple[Callable[[Profile], object], str]] = {
    "an unknown person asks": (lambda ours: ask(ours, "张三", "x", now=REWORDED), "没有这个人"),
    "an unknown requirement": (lambda ours: ask(ours, "李娜", "x", ["SALES-999"], now=REWORDED), "SALES-999"),
    "nothing is changed there": (lambda ours: ask(ours, "李娜", "x", ["FIN-001"], now=REWORDED), "没有变更可申请"),
    "nothing is changed at all": (lambda ours: ask(ours, "李娜", "x", now=AGREED), "没有变更可申请"),
    "no reason": (lambda ours: ask(ours, "李娜", "  ", now=REWORDED), "请写明变更原因"),
    "no reason to refuse": (lambda ours: decide(ours, "CR-1", "陈静", False, " "), "驳回请写明原因"),
    "no such request": (lambda ours: decide(ours, "CR-7", "陈静", True, now=REWORDED), "CR-7"),
    "somebody who is not named": (lambda ours: decide(ours, "CR-1", "吴芳", True, now=REWORDED), "不是变更审批人"),
    "asked for twice": (lambda ours: ask(ours, "吴芳", "x", ["SALES-001"], now=REWORDED), "已在 CR-1 里申请"),
    "everything was asked for": (lambda ours: ask(ours, "吴芳", "x", now=REWORDED), "全部变更都已申请"),
    "changed again since": (lambda ours: decide(ours, "CR-1", "陈静", True, now=AGREED), "又改过了"),
    "a second baseline": (lambda ours: baseline(ours, "陈静", REWORDED), "已有基线"),
    "a baseline by anybody": (lambda ours: baseline(ours, "李娜", REWORDED), "不是变更审批人"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_sentence_and_writes_nothing(name: str, ours: Profile) -> None:
    ask(ours, "李娜", "统一用语", now=REWORDED)
    before = book.path(ours.workspace).read_bytes()
    work, word = BAD[name]
    refused(lambda: work(ours), word)
    assert book.path(ours.workspace).read_bytes() == before


def test_a_request_is_decided_once(ours: Profile) -> None:
    ask(ours, "李娜", "统一用语", now=REWORDED)
    decide(ours, "CR-1", "陈静", True, now=REWORDED)
    refused(lambda: decide(ours, "CR-1", "孙浩", False, "不行"), "已批准", "不能再审")


def test_two_who_decide_at_once_leave_one_decision(ours: Profile) -> None:
    ask(ours, "李娜", "统一用语", now=REWORDED)
    told: list[str] = []

    def one(who: str, yes: bool) -> None:
        try:
            told.append(decide(ours, "CR-1", who, yes, "理由", now=REWORDED).state)
        except WrongUse as no:
            told.append(str(no))

    hands = [threading.Thread(target=one, args=pair) for pair in (("陈静", True), ("孙浩", False))]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    assert sum("不能再审" in one for one in told) == 1
    assert len(book.read(ours.workspace, "refcrm").requests[0].decisions) == 1


def test_nobody_but_the_requester_means_nobody(tmp_path: Path) -> None:
    ours = workspace(tmp_path, '[changes]\napprovers = ["chenjing"]\n')
    baseline(ours, "陈静", AGREED)
    refused(lambda: ask(ours, "陈静", "统一用语", now=REWORDED), "除申请人外没有人能审批")


def test_before_a_baseline_nothing_can_be_asked_for(tmp_path: Path) -> None:
    refused(lambda: ask(workspace(tmp_path), "李娜", "x", now=REWORDED), "还没有基线", "changes baseline")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ('[changes]\napprover = ["陈静"]\n', ("approver", "approvers")),
        ('[changes]\napprovers = "陈静"\n', ("人名的列表",)),
        ('[changes]\nrequired = "yes"\n', ("true", "false")),
        ('[changes.departments]\nsale = ["陈静"]\n', ("sale", "sales")),
        ("[changes.departments]\nsales = [7]\n", ("人名的列表",)),
    ],
)
def test_a_wrong_profile_is_told_with_what_is_known(said: str, words: tuple[str, ...], tmp_path: Path) -> None:
    ours = workspace(tmp_path, said)
    refused(lambda: terms(ours), *words)


def test_a_journal_that_was_edited_is_never_written_again(ours: Profile) -> None:
    ask(ours, "李娜", "统一用语", now=REWORDED)
    decide(ours, "CR-1", "孙浩", False, "下一期")
    ask(ours, "李娜", "再申请", now=REWORDED)
    path = book.path(ours.workspace)
    path.write_bytes(path.read_bytes().replace("统一用语".encode(), "统一口径".encode()))
    assert book.read(ours.workspace, "refcrm").problems
    refused(lambda: ask(ours, "吴芳", "x", now=BOTH), "已被改动")
    refused(lambda: decide(ours, "CR-2", "陈静", True, now=REWORDED), "已被改动")


def test_two_systems_have_agreements_of_their_own(tmp_path: Path) -> None:
    ours = workspace(tmp_path)
    other = replace(ours, system="tryton")
    baseline(ours, "陈静", AGREED)
    baseline(other, "陈静", REWORDED)
    assert contents.changed(book.read(tmp_path, "tryton").agreed, REWORDED) == {}
    assert [entry.body["system"] for entry in logbook.read(book.path(tmp_path)).entries] == ["refcrm", "tryton"]


def test_without_a_run_the_impact_is_the_checks_and_the_departments() -> None:
    spoken = contents.of(ROWS, (replace(CHECKS[0], content="c9"), CHECKS[1]))
    found = impact(AGREED, spoken, ["SALES-001"], None)
    assert (found.scenarios, found.departments, found.proofs) == (("登记",), ("sales",), ())


def test_a_reworded_requirement_asks_all_of_its_checks_anew() -> None:
    found = impact(AGREED, REWORDED, ["SALES-001"], None)
    assert found.scenarios == ("登记",) and "检查 checks: 登记" in "".join(found.lines())


def test_what_was_approved_last_counts_though_the_clock_was_set_back(
    ours: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    hours = iter(range(24, 0, -1))

    class Backwards(datetime):
        """Every look at it is an hour earlier than the one before."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Backwards:
            return cls(2026, 11, 22, next(hours) - 1, tzinfo=tz)

    monkeypatch.setattr(logbook, "datetime", Backwards)
    for number, now in (("CR-1", REWORDED), ("CR-2", AGREED)):
        ask(ours, "李娜", "改口径", ["SALES-001"], now=now)
        decide(ours, number, "陈静", True, now=now)
    assert contents.changed(agreed(ours), AGREED) == {}
