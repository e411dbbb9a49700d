"""People at the peak as Locust's users: `locust -f load/locustfile.py --host http://...` works too.

The schedule, the verbs, the hands and the figures are crm_acceptance.engines.load; only this file knows Locust.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import distributed  # beside this file, where Locust looks, too
import gevent
from locust import User, constant, events, task
from locust.env import Environment
from locust.exception import StopUser
from locust.stats import bucket_response_time

from crm_acceptance.engines.load import rolling, safety
from crm_acceptance.engines.load.board import Board
from crm_acceptance.engines.load.crew import Crew
from crm_acceptance.engines.load.expecting import Answers
from crm_acceptance.engines.load.fleet import password
from crm_acceptance.engines.load.floor import Floor
from crm_acceptance.engines.load.hands import Hands
from crm_acceptance.engines.load.orders import VARIABLE, Measured, Order, write_measured
from crm_acceptance.engines.load.pages import door_of
from crm_acceptance.engines.load.wire import Wire
from crm_acceptance.errors import AcceptanceError
from crm_acceptance.sites import SITE_ENV
from crm_acceptance.systems import find

INTERRUPTED = "被中断 interrupted"
HARNESSED = not {VARIABLE, SITE_ENV}.isdisjoint(os.environ)
"""Whether crm-acceptance started this process; by hand, a shell may be left while the run goes on."""


@events.test_start.add_listener
def open_floor(environment: Environment, **_: Any) -> None:
    """One floor per run; everybody works on it. The master of several processes has none."""
    part: distributed.Alone = environment.part
    environment.floor = None
    try:
        order = part.order()
        floor = _floor(order, part.gate) if order is not None else None
    except AcceptanceError as wrong:
        part.give_up(wrong)
        return
    if floor is not None:
        staff(environment, floor)
        environment.began = (time.monotonic(), time.process_time())
        gevent.spawn(_go_home, environment)


def _floor(order: Order, gate: Callable[[Floor], None]) -> Floor:
    mapping = Path(order.site.mapping) if order.site.mapping else None
    system = find(order.site.system, mapping) if order.site.system else None
    quotes = system is not None and system.supports("order", "quote")
    answers = Answers(order.expected)
    door = door_of(system, order.site, answers)
    return Floor(order, door, password, time.monotonic, gevent.sleep, quotes, answers=answers, gate=gate)


def staff(environment: Environment, floor: Floor) -> None:
    """Hands, what they send with, and the board on which Locust shows what they sent."""
    order, board = floor.order, Board(environment.stats, bucket_response_time)
    wire = Wire(order.site.url, order.site.ca, order.timeout, board.tell)
    limits = safety.limits_of(order.site.system, order.site.url)
    hands = Hands(wire, gevent.sleep, lambda: floor.measuring, floor.spoilt, limits, floor.answers)
    floor.glance = hands.glance
    environment.floor, environment.board, environment.wire = floor, board, wire
    environment.hands, environment.crew, environment.started = hands, Crew(floor, hands.send), False


def _go_home(environment: Environment) -> None:
    """Ends the run when the last piece of work is done; asked now and then, because nobody knows who will be last."""
    try:
        _watch(environment, environment.floor)
    except Exception:  # a generator whose heart has stopped would never end
        environment.runner.quit()
        raise


def _watch(environment: Environment, floor: Floor) -> None:
    stop, started_by = rolling.stopping(floor.order), os.getppid()
    while not floor.finished():
        floor.beat()
        if HARNESSED and os.getppid() != started_by:  # killed: nobody wants the results
            floor.stop(INTERRUPTED)
        if floor.measuring and (sentence := stop.look(floor.now(), floor.samples)):
            floor.stop(sentence)
        environment.part.beat(floor)
        environment.board.show()
        if environment.floor is not floor:  # stopped by hand, and perhaps begun anew
            return
    environment.part.end(floor, _measured(environment))


def _measured(environment: Environment) -> Measured:
    clock, cpu = environment.began
    measured: Measured = environment.floor.measured(time.process_time() - cpu, time.monotonic() - clock)
    return measured


@events.test_stop.add_listener
def close_floor(environment: Environment, **_: Any) -> None:
    """Leaves the results where the order wants them."""
    floor: Floor | None = environment.floor
    if floor is None:
        return
    if not floor.finished():
        floor.stop(INTERRUPTED)
    environment.crew.close()
    measured = _measured(environment)
    environment.floor = None
    environment.board.show()
    if floor.order.results:
        write_measured(Path(floor.order.results), measured)


class Employee(User):
    """A pair of hands among others. What they do and when is the crew's; how they send, the wire's."""

    wait_time = constant(0)

    def on_start(self) -> None:
        """The first one opens the floor, the others wait; then the plan begins."""
        environment = self.environment
        if environment.floor is None:
            return
        environment.floor.open(environment.hands.send)
        if not environment.started:
            environment.started = True
            environment.crew.start()

    @task
    def serve(self) -> None:
        """One arrival after another; when nothing is left to begin, these hands go home."""
        if self.environment.floor is not None:
            self.environment.crew.serve()
        raise StopUser
