"""The hands of the generator: nobody waits for another's answer, what nobody is free for waits in order."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise

import gevent

from crm_acceptance.engines.load.crew import Crew
from crm_acceptance.engines.load.floor import BROKEN_OFF, Floor
from crm_acceptance.engines.load.orders import Measured, Order
from crm_acceptance.engines.load.pages import OPEN
from crm_acceptance.engines.load.work import Arrival
from crm_acceptance.errors import SiteOutOfReach, Unproven
from crm_acceptance.model import Site
from crm_acceptance.systems.flow import Answer, Call

PAGE = "GET /page"
Plan = tuple[Arrival, ...]


def unused(call: Call) -> Answer:
    raise AssertionError("a page that needs no login takes the short way")


def floor_of(plan: Plan, glance: Callable[[str], str], users: int = 50, think: float = 0.0) -> tuple[Floor, Crew]:
    order = Order(Site("", "http://127.0.0.1:9"), (), plan, users, 10.0, 20.0, "", think=think)
    floor = Floor(order, OPEN, str, time.monotonic, gevent.sleep, glance=glance)
    floor.open(unused)
    return floor, Crew(floor, unused)


def run(plan: Plan, glance: Callable[[str], str], users: int = 50, think: float = 0.0) -> Measured:
    floor, crew = floor_of(plan, glance, users, think)
    crew.start()
    while not floor.finished():
        floor.beat()
    crew.close()
    return floor.measured(0.0, 1.0)


def test_a_stall_holds_up_nobody_who_comes_meanwhile() -> None:
    free = gevent.event.Event()
    began: list[float] = []

    def stalling(verb: str) -> str:
        began.append(time.monotonic())
        if len(began) == 40:
            free.set()  # only when the last one has come: had anybody waited for the others, none would ever end
        free.wait()
        return ""

    measured = run(tuple(Arrival(n / 200, PAGE, "") for n in range(40)), stalling)
    assert len(measured.samples) == 40 and not any(one.error for one in measured.samples)
    assert len(measured.lags) == 40


def test_what_nobody_is_free_for_waits_in_order_and_its_time_counts_from_when_it_was_due() -> None:
    done: list[str] = []

    def slow(verb: str) -> str:
        gevent.sleep(0.02)
        done.append(verb)
        return ""

    plan = tuple(Arrival(0.0, f"GET /{n}", "") for n in range(12))
    measured = run(plan, slow, users=1)
    assert done == [one.verb for one in plan]
    assert [one.intended for one in measured.samples] == [0.0] * 12
    waits = [one.ended - one.intended for one in measured.samples]
    assert waits == sorted(waits) and waits[-1] >= 12 * 0.02
    assert all(one.started >= before.ended for before, one in pairwise(measured.samples))
    assert len(measured.lags) == 1  # only the first began when somebody was free: the rest is the site's slowness


def test_no_more_hands_work_at_once_than_the_order_says() -> None:
    busy = [0]
    most = [0]

    def counted(verb: str) -> str:
        busy[0] += 1
        most[0] = max(most[0], busy[0])
        gevent.sleep(0.01)
        busy[0] -= 1
        return ""

    run(tuple(Arrival(0.0, PAGE, "") for _ in range(30)), counted, users=7)
    assert most == [7]


def test_in_a_closed_loop_each_person_does_one_thing_after_another() -> None:
    def slow(verb: str) -> str:
        gevent.sleep(0.05)
        return ""

    plan = tuple(
        Arrival(n * 0.02, f"GET /{who}", "", hand=who, pause=0.02, until=9.0) for n in range(4) for who in (0, 1)
    )
    measured = run(plan, slow, users=2, think=0.02)
    for who in (0, 1):
        own = [one for one in measured.samples if one.verb == f"GET /{who}"]
        assert len(own) == 4
        assert all(one.started >= one.intended >= before.ended + 0.02 for before, one in pairwise(own))


def test_in_a_closed_loop_what_would_begin_after_its_stage_is_left_out() -> None:
    def slow(verb: str) -> str:
        gevent.sleep(0.1)
        return ""

    plan = tuple(Arrival(n * 0.01, PAGE, "", hand=0, pause=0.01, until=0.15) for n in range(10))
    assert 1 <= len(run(plan, slow, users=1, think=0.01).samples) <= 2


def test_what_is_under_way_when_the_run_is_broken_off_is_told_as_that() -> None:
    floor, crew = floor_of((Arrival(0.0, PAGE, ""),), lambda verb: str(gevent.sleep(60)))
    crew.start()
    while not floor.busy:
        gevent.sleep(0.001)
    crew.close()
    assert [one.error for one in floor.samples] == [BROKEN_OFF]


def test_trouble_of_the_site_goes_on_and_trouble_of_our_own_ends_the_run() -> None:
    def refusing(verb: str) -> str:
        if verb.endswith("3"):
            raise Unproven("no sockets left")
        raise SiteOutOfReach("连不上")

    measured = run(tuple(Arrival(n / 100, f"GET /{n}", "") for n in range(9)), refusing, users=1)
    assert [bool(one.error) for one in measured.samples] == [True] * 4 and len(measured.left) == 5
    assert measured.problem == "no sockets left" and not measured.unreachable


def test_a_mistake_in_the_generator_ends_the_run_instead_of_passing_as_an_answer() -> None:
    def wrong(verb: str) -> str:
        raise KeyError("x")

    measured = run((Arrival(0.0, PAGE, ""), Arrival(5.0, PAGE, "")), wrong)
    assert "KeyError" in measured.problem and measured.samples[0].error


def test_a_mistake_while_preparing_ends_the_run_and_nobody_tries_again() -> None:
    class Wrong:
        def login(self, *_: object) -> None:
            raise RecursionError("too deep an answer")

    order = Order(Site("", "http://127.0.0.1:9"), (), (Arrival(0.0, PAGE, ""),), 1, 10.0, 20.0, "")
    floor = Floor(order, Wrong(), str, time.monotonic, gevent.sleep)  # type: ignore[arg-type]
    floor.open(unused)
    assert floor.finished() and "too deep" in floor.measured(0.0, 1.0).problem


def test_a_run_is_not_over_between_handing_the_last_arrival_out_and_beginning_it() -> None:
    floor, crew = floor_of((Arrival(0.0, PAGE, ""),), lambda verb: "")
    crew._hand(floor.queue.popleft())
    assert floor.over() and not floor.busy and not floor.finished()
    while not floor.samples:
        gevent.sleep(0)
    assert floor.finished()
    crew.close()
