"""The master of several workers: who is counted, what a loss is, when all begin; with a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import pytest

from crm_acceptance.engines.load import merging
from crm_acceptance.engines.load.conductor import Conductor
from crm_acceptance.engines.load.fleet import SKEW, Hello
from crm_acceptance.engines.load.member import Member
from crm_acceptance.engines.load.orders import Measured, Order, Sample, Write
from crm_acceptance.engines.load.roster import Roster
from crm_acceptance.engines.load.work import Arrival
from crm_acceptance.errors import Unproven
from crm_acceptance.model import Person, Site

OURS = Hello("1", "w", "master", 1)
LINA = Person("lina", "李娜", "sales", "sales_rep", "lina")
PLAN = tuple(Arrival(n / 10, "lead.list", "lina") for n in range(40))
ORDER = Order(Site("refcrm", "http://127.0.0.1:1"), (LINA,), PLAN, 10, 1.0, 5.0, "")
Told = tuple[str, str, Any]


class Stage:
    """A master and the clock; `each` is done whenever somebody sleeps."""

    def __init__(self, expected: int = 2) -> None:
        self.now, self.sent, self.there = 100.0, list[Told](), set[str]()
        self.each: Callable[[], None] = lambda: None
        self.roster = Roster(OURS, expected, lambda *told: self.sent.append(told), lambda: self.now)
        self.conductor = Conductor(self.roster, self.there.__contains__, self.sleep)

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.each()

    def hello(self, id: str, **given: Any) -> None:
        self.there.add(id)
        self.roster.heard(id, "hello", {"version": "1", "workspace": "w", "host": id, "pid": 9, **given})

    def last(self, to: str) -> tuple[str, Any]:
        return [(kind, body) for whom, kind, body in self.sent if whom == to][-1]


def mustered(expected: int = 2) -> Stage:
    stage = Stage(expected)
    for n in range(expected):
        stage.hello(f"w{n}")
    stage.conductor.muster(5.0)
    stage.conductor.hand_out(ORDER)
    return stage


def samples(index: int, count: int = 20) -> list[Sample]:
    return [Sample("lead.list", "lina", n / 10, n / 10, n / 10 + 0.05 + index / 100) for n in range(count)]


def answering(
    stage: Stage, offset: float = 0.0, late: float = 0.0, silent: str = "", torn: str = "", deaf: int = 0
) -> None:
    """Every worker does what it is told at once, but for the first `deaf` pings; its clock is `offset` ahead and the
    second one begins `late`."""
    read = 0

    def each() -> None:
        nonlocal read, deaf
        while read < len(stage.sent):
            whom, kind, body = stage.sent[read]
            read += 1
            index = int(whom[1:])
            if kind == "ping" and deaf:
                deaf -= 1
            elif kind == "ping":
                stage.roster.heard(whom, "pong", [body, stage.now + offset])
            elif kind == "order":
                stage.roster.heard(whom, "ready", "")
            elif kind == "go" and whom != silent:
                work(whom, index, body + late * index)

    def work(whom: str, index: int, opened: float) -> None:
        done = samples(index)
        told = {"samples": merging.rows(done[: 19 if whom == torn else 20]), "late": [0.001], "begun": 20, "busy": 0}
        stage.roster.heard(whom, "report", told | {"cpu": 0.1})
        measured = Measured(tuple(done), cpu=0.1, wall=2.0, opened=opened, lags=(0.001,))
        stage.roster.heard(whom, "done", {"measured": merging.plain(measured), "histograms": merging.summed(done)})

    stage.each = each


def test_two_workers_make_one_result_whose_clocks_are_compared() -> None:
    stage = mustered()
    answering(stage, offset=1234.5)
    found = stage.conductor.see_through()
    assert (len(found.samples), found.lost, found.problem) == (40, (), "")
    assert [one.count for one in found.workers] == [20, 20]
    assert all(abs(one.skew) + one.within <= SKEW for one in found.workers)
    assert [one.ended for one in found.samples] == sorted(one.ended for one in found.samples)


def test_a_clock_that_started_late_makes_the_run_invalid() -> None:
    stage = mustered()
    answering(stage, late=0.4)
    (lost,) = stage.conductor.see_through().lost
    assert "工人 2" in lost and "一起开始" in lost


def test_workers_that_are_slow_to_tell_the_time_are_asked_again_and_not_waited_for() -> None:
    stage = mustered()
    answering(stage, deaf=20)
    found = stage.conductor.see_through()
    assert (found.lost, len(found.samples)) == ((), 40) and stage.now < 105


def test_samples_that_got_lost_on_their_way_make_the_run_invalid() -> None:
    stage = mustered()
    answering(stage, torn="w1")
    (lost,) = stage.conductor.see_through().lost
    assert "没有完整送达" in lost and "w1" in lost


def test_a_worker_that_is_gone_in_mid_run_is_named_and_everybody_else_stops() -> None:
    stage = mustered()
    answering(stage, silent="w1")
    answer = stage.each

    def each() -> None:
        answer()
        if any(kind == "go" for _, kind, _ in stage.sent):
            stage.there.discard("w1")

    stage.each = each
    found = stage.conductor.see_through()
    assert len(found.lost) == 1 and "w1 pid 9" in found.lost[0] and "失去联系" in found.lost[0]
    assert [one.lost for one in found.workers] == [False, True] and len(found.samples) == 20
    assert stage.last("w0")[0] == "stop"


def test_a_worker_that_is_there_and_hands_nothing_in_does_not_hold_the_run_up_for_ever() -> None:
    stage = mustered()
    answering(stage, silent="w1")
    (lost,) = stage.conductor.see_through().lost
    assert "没有按时交回结果" in lost and "w1" in lost


def test_whoever_cannot_prepare_ends_the_run_before_it_begins() -> None:
    stage = mustered()
    stage.roster.heard("w0", "ready", "")
    stage.roster.heard("w1", "unable", "没有密码")
    stage.each = lambda: stage.roster.heard(
        "w0", "done", {"measured": asdict(Measured(problem="called off")), "histograms": {}}
    )
    found = stage.conductor.see_through()
    assert "没有密码" in found.problem and "工人 2/2" in found.problem
    assert stage.last("w0")[0] == "stop" and not any(kind == "go" for _, kind, _ in stage.sent)


def test_workers_that_never_get_ready_are_named() -> None:
    stage = mustered()
    stage.roster.heard("w0", "ready", "")
    (lost,) = stage.conductor.see_through().lost
    assert "没有准备好" in lost and "w1" in lost and "w0" not in lost


def test_workers_that_never_join_are_unproven_with_what_refused_ones_were_told() -> None:
    stage = Stage(3)
    stage.hello("w0")
    stage.hello("w1", version="0.9")
    with pytest.raises(Unproven, match=r"要 3 个.*版本"):
        stage.conductor.muster(10.0)
    assert 110 <= stage.now < 111


def test_when_all_have_come_and_one_may_not_join_nobody_else_is_waited_for() -> None:
    stage = Stage(2)
    stage.hello("w0")
    stage.hello("w1", workspace="another")
    with pytest.raises(Unproven, match=r"要 2 个.*load/"):
        stage.conductor.muster(1000.0)
    assert stage.now < 101


def test_a_worker_that_says_hello_twice_is_one_worker() -> None:
    stage = Stage(2)
    for _ in range(3):
        stage.hello("w0")
    assert len(stage.roster) == 1


def test_a_worker_too_many_and_one_that_comes_late_go_home() -> None:
    stage = Stage(1)
    stage.hello("w0")
    stage.hello("w1")
    assert stage.last("w1")[0] == "refused" and "多余" in stage.last("w1")[1]
    stage.conductor.hand_out(ORDER)
    stage.hello("w2")
    assert "来晚了" in stage.last("w2")[1] and len(stage.roster) == 1


def test_a_worker_of_another_version_is_refused_with_a_sentence_though_it_says_other_things() -> None:
    stage = Stage(2)
    stage.hello("w0", version="9.0", cores=8)
    stage.roster.heard("w1", "hello", {"release": "0.0"})
    assert [stage.last(one)[0] for one in ("w0", "w1")] == ["refused", "refused"]
    assert "9.0" in stage.last("w0")[1] and len(stage.roster) == 0


def test_whoever_was_not_welcomed_hands_in_nothing() -> None:
    stage = mustered()
    stage.roster.heard("stranger", "done", {"measured": asdict(Measured()), "histograms": {}})
    stage.roster.heard("w0", "nonsense", {})
    assert not any(one.finished for one in stage.roster.all())


def test_whoever_hands_in_twice_is_counted_once() -> None:
    stage = mustered()
    answering(stage)
    stage.conductor.see_through()
    more = replace(Measured(), problem="twice")
    stage.roster.heard("w0", "done", {"measured": asdict(more), "histograms": {}})
    assert stage.roster.all()[0].measured().problem == ""


def test_whoever_leaves_before_the_run_is_simply_not_there() -> None:
    stage = Stage(2)
    stage.hello("w0")
    stage.there.clear()
    stage.each = lambda: (stage.hello("w1"), stage.hello("w2"))  # type: ignore[assignment, func-returns-value]
    stage.conductor.muster(5.0)
    assert [one.id for one in stage.roster.all()] == ["w1", "w2"]


def test_the_plan_of_many_is_not_done_by_those_who_are_left() -> None:
    stage = Stage(2)
    for n in range(2):
        stage.hello(f"w{n}")
    stage.conductor.muster(5.0)
    stage.there.discard("w1")
    with pytest.raises(Unproven, match="1 of 2"):
        stage.conductor.hand_out(ORDER)


def test_a_threshold_that_is_missed_ends_the_run_of_all_with_its_sentence() -> None:
    stage = mustered()
    answering(stage, silent="w1")
    asked: list[float] = []

    def judge(now: float) -> str:
        asked.append(now)
        done = {"measured": asdict(Measured(stopped="x")), "histograms": {}}
        if len(asked) == 3:
            stage.roster.heard("w1", "done", done)
        return "p95 没有达到" if len(asked) == 2 else ""

    found = stage.conductor.see_through(judge)
    assert (found.stopped, found.stopped_at) == ("p95 没有达到", asked[1])
    assert stage.last("w1") == ("stop", "p95 没有达到")


def test_a_second_run_of_the_same_fleet_knows_nothing_of_the_first() -> None:
    stage = mustered()
    answering(stage)
    stage.conductor.see_through()
    stage.conductor.hand_out(ORDER)
    assert len(stage.conductor.see_through().samples) == 40


def test_a_worker_that_nobody_answers_says_hello_again_until_the_master_is_gone() -> None:
    now, said = [0.0], list[str]()
    member = Member(
        OURS, lambda kind, body: said.append(kind), lambda *_: "", lambda: now[0],
        lambda seconds: now.__setitem__(0, now[0] + seconds),
    )  # fmt: skip
    member.join(lambda: now[0] > 3.5)
    assert said == ["hello"] * 4


def test_those_who_are_left_hand_in_what_they_wrote_though_another_was_lost() -> None:
    stage = mustered()
    for one in ("w0", "w1"):
        stage.roster.heard(one, "ready", "")
        stage.roster.heard(one, "pong", [stage.now, stage.now])
    stage.there.discard("w1")
    wrote = Measured(writes=(Write("lina", "lead", "7", {"q": "x"}, True),))

    def each() -> None:
        if stage.last("w0")[0] == "stop":
            stage.roster.heard("w0", "done", {"measured": asdict(wrote), "histograms": {}})

    stage.each = each
    found = stage.conductor.see_through()
    assert len(found.writes) == 1 and [one.lost for one in found.workers] == [False, True] and len(found.lost) == 1
