"""A master of Locust: ties engines/load/conductor.py to Locust's messages, and deals the hands out once for all."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gevent
from alone import MESSAGE, Alone, hello, order_of
from locust.env import Environment
from locust.runners import MasterRunner

from crm_acceptance.engines.load import fleet, rolling
from crm_acceptance.engines.load.conductor import Conductor
from crm_acceptance.engines.load.live import Pulse
from crm_acceptance.engines.load.orders import VARIABLE, Measured, Order, write_measured
from crm_acceptance.engines.load.parcels import TOKEN, Letterbox, Unsealed, sealed
from crm_acceptance.engines.load.roster import Roster
from crm_acceptance.errors import AcceptanceError

NEVER = 10**9
"""Workers that Locust itself waits for until ours have all said who they are."""


class Leading(Alone):
    """The part of the master: it works on no floor of its own."""

    def __init__(self, environment: Environment, runner: MasterRunner) -> None:
        super().__init__(environment, runner)
        self._token, self._boxes = os.environ.get(TOKEN, ""), dict[str, Letterbox]()
        options = environment.parsed_options
        expected = options.expect_workers if self.headless else 0
        self.roster = Roster(hello(), expected, self._send, time.monotonic)
        self.conductor = Conductor(self.roster, self._alive, gevent.sleep)
        self._stopping: rolling.Stopping
        self._running: Any = None
        self._waiting = self.headless and bool(options.expect_workers_max_wait)
        self._end_locust, self._given_up = runner.quit, False
        runner.quit = self._quit
        environment.dispatcher_class = lambda worker_nodes, user_classes: Dealer(self.roster, user_classes)
        runner.register_message(MESSAGE, self._take)
        environment.events.quitting.add_listener(self._last_words)
        if self.headless:
            patience, options.expect_workers_max_wait = options.expect_workers_max_wait or float("inf"), 0
            options.expect_workers = NEVER
            self._running = gevent.spawn(self._muster, patience)

    def _quit(self) -> None:
        """Locust's master ends when the only worker that came has gone again, a refused one, say: one that waits for
        so long and no longer waits on."""
        if not self._waiting:
            self._heard_out()
            self.environment.parsed_options.expect_workers = 0  # its own loop would wait for ever
            if self.headless and self.conductor.order is None and not self.environment.process_exit_code:
                self.say("一件事也没有开始。Nothing was begun.", 3)
            self._end_locust()

    def _send(self, to: str, kind: str, body: Any) -> None:
        for one in sealed(self._token, f"{to} down", kind, body):
            self.runner.send_message(MESSAGE, one, to)

    def _alive(self, id: str) -> bool:
        return id in self.runner.clients and self.runner.clients[id].state != "missing"

    def _take(self, environment: Environment, msg: Any, **_: Any) -> None:
        sender = msg.node_id
        try:
            parcel = self._boxes.setdefault(sender, Letterbox(self._token, f"{sender} up")).take(msg.data)
        except Unsealed as no:
            self.roster.refused.append(str(no))
            self._send(sender, "refused", str(no))
            return
        if parcel is not None:
            self.roster.heard(sender, *parcel)

    def _muster(self, patience: float) -> None:
        options = self.environment.parsed_options
        try:
            self.conductor.muster(patience)
            self._waiting = False
        except AcceptanceError as reason:
            self._waiting, self._given_up = False, True
            self._conclude(Measured(lost=(str(reason),)))
            self.runner.clients._worker_nodes.clear()  # Locust would begin with those that are there
        options.expect_workers = 0  # Locust, too, may begin

    def order(self) -> Order | None:
        """Hands the plan out, before Locust tells the workers to begin; nothing is done here."""
        if self._given_up:
            return None  # Locust begins with whoever is there: why not has been told
        order = order_of(self.environment)
        try:
            self.conductor.hand_out(order)
        except AcceptanceError as reason:
            gevent.spawn(self._conclude, Measured(lost=(str(reason),)), order)
            return None
        self._pulse, self._stopping = Pulse(order.live) if order.live else None, rolling.stopping(order)
        self._running = gevent.spawn(self._see_through, order)
        return None

    def _see_through(self, order: Order) -> None:
        measured = self.conductor.see_through(self._every_second)
        self._every_second(measured.ended + 1.0)
        self._conclude(measured, order)

    def _every_second(self, now: float) -> str:
        there, all = self.roster, self.roster.all()
        begun, busy, cpu = (sum(getattr(one, name) for one in all) for name in ("begun", "busy", "cpu"))
        if self._pulse is not None:
            self._pulse.beat(now, begun=begun, busy=busy, samples=there.arrived, lags=there.late, cpu=cpu)
        return self._stopping.look(now, *(one.samples for one in all))

    def _conclude(self, measured: Measured, order: Order | None = None) -> None:
        results = (order or order_of(self.environment)).results if order or VARIABLE in os.environ else ""
        for sentence in (*measured.lost, measured.problem):
            if sentence:
                self.say(sentence, 3)
        if results:
            write_measured(Path(results), measured)
        self.roster.closed = False
        self.runner.quit() if self.headless else self.runner.stop()

    def _last_words(self, **_: Any) -> None:
        """Ctrl-C, or Locust ends by itself since the last worker went: what there is must be written before."""
        self._waiting = False
        self._quit()

    def _heard_out(self) -> None:
        """While Locust still listens: what the workers have."""
        if self.conductor.order is not None and self._running not in (None, gevent.getcurrent()):
            self.conductor.call_off("被中断 interrupted")
            self._running.join(timeout=5.0)


class Dealer:
    """Locust's dispatcher of users: every member has its part of the hands from the beginning to the end. Locust's own
    would deal anew, in mid-run, whenever somebody comes or goes."""

    dispatch_in_progress = False

    def __init__(self, roster: Roster, user_classes: list[type]) -> None:
        self._roster, self._name, self._target = roster, user_classes[0].__name__, 0

    def new_dispatch(self, target_user_count: int, spawn_rate: float, user_classes: Any = None) -> None:
        """How many hands there are in all."""
        self._target = target_user_count

    def __iter__(self) -> Iterator[dict[str, dict[str, int]]]:
        shares = [(one.id, fleet.hands(self._target, one.index, len(self._roster))) for one in self._roster.all()]
        yield {id: {self._name: max(1, share)} for id, share in shares} or {"nobody": {self._name: 0}}

    def add_worker(self, worker_node: Any) -> None:
        """Who comes late is refused."""

    def remove_worker(self, worker_node: Any) -> None:
        """Who is lost is not replaced: the run is invalid."""
