"""Locust as master and workers: ties conductor and member to Locust's messages, and says what one process does alone.

Who joins, who does what and when is crm_acceptance.engines.load.{conductor,member}.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import gevent
import locust
from locust import events, runners
from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner

from crm_acceptance.engines.load import byhand, fleet, rolling
from crm_acceptance.engines.load.conductor import Conductor
from crm_acceptance.engines.load.floor import Floor
from crm_acceptance.engines.load.live import Pulse
from crm_acceptance.engines.load.member import Member
from crm_acceptance.engines.load.orders import VARIABLE, Measured, Order, read_order, write_measured
from crm_acceptance.engines.load.parcels import TOKEN, Letterbox, Unsealed, sealed
from crm_acceptance.engines.load.roster import Roster
from crm_acceptance.errors import AcceptanceError

FOLDER = Path(__file__).resolve().parent
MESSAGE = "crm_acceptance"
NEVER = 10**9
"""Workers that Locust itself waits for until ours have all said who they are."""
SILENCE = 10.0
"""Seconds without a heartbeat of the master after which a worker goes home."""
_log = logging.getLogger("crm_acceptance.load")
runners.CONNECT_RETRY_COUNT = 6  # times 5 s; Locust's own worker looks for its master for five minutes


def order_of(environment: Environment) -> Order:
    """The order that the harness wrote; without one, the first peak of the workspace that this file lies in."""
    if VARIABLE in os.environ:
        return read_order(Path(os.environ[VARIABLE]))
    return byhand.order(FOLDER.parent, environment.host or "")


def hello() -> fleet.Hello:
    """Who this process is, with the version of Locust: both sides must speak alike."""
    return fleet.hello(FOLDER, f"Locust {locust.__version__}")


@events.init_command_line_parser.add_listener
def stay_here(parser: Any, **_: Any) -> None:
    """Locust's own page and master listen on every interface unless told otherwise; ours on this machine only."""
    parser.set_defaults(web_host="127.0.0.1", master_bind_host="127.0.0.1")


@events.init.add_listener
def join(environment: Environment, runner: Any, **_: Any) -> None:
    """Before anything starts: a master listens, a worker introduces itself, one process alone does neither."""
    kinds: tuple[tuple[type, Callable[..., Alone]], ...] = ((MasterRunner, Leading), (WorkerRunner, Following))
    environment.part = next((part(environment, runner) for kind, part in kinds if isinstance(runner, kind)), None)
    environment.part = environment.part or Alone(environment, runner)


class Alone:
    """The part of a generator that is one process: it gives itself the order and begins when it is ready."""

    def __init__(self, environment: Environment, runner: Any) -> None:
        self.environment, self.runner, self.headless = environment, runner, environment.parsed_options.headless
        self._pulse: Pulse | None = None
        self._cpu = 0.0

    def order(self) -> Order | None:
        """What to do in this process; None for nothing."""
        order = order_of(self.environment)
        self._cpu, self._pulse = time.process_time(), Pulse(order.live) if order.live else None
        return order

    def gate(self, floor: Floor) -> None:
        """Between preparing and the start."""

    def beat(self, floor: Floor) -> None:
        """Now and then while the run goes."""
        self._tell(floor)

    def _tell(self, floor: Floor, ahead: float = 0.0) -> None:
        """The live file's line, when one is due; `ahead`: seconds to come for which nobody will wait."""
        if floor.measuring and self._pulse is not None:
            self._pulse.beat(
                *(floor.now() + ahead,), begun=floor.begun, busy=floor.busy, samples=floor.samples, lags=floor.lags,
                pulses=floor.pulses, cpu=time.process_time() - self._cpu,
            )  # fmt: skip

    def end(self, floor: Floor, measured: Measured) -> None:
        """Nothing is left to do. With the web page the process stays for another run."""
        self._tell(floor, ahead=1.0)
        self.runner.quit() if self.headless else self.runner.stop()

    def say(self, sentence: str, code: int) -> None:
        """Tells people, and how the process will end."""
        _log.error(sentence)
        self.environment.process_exit_code = code


class Following(Alone):
    """The part of a worker."""

    def __init__(self, environment: Environment, runner: WorkerRunner) -> None:
        super().__init__(environment, runner)
        token = os.environ.get(TOKEN, "")
        self._up, self._box = f"{runner.client_id} up", Letterbox(token, f"{runner.client_id} down")
        self._send = lambda kind, body: [
            runner.send_message(MESSAGE, one) for one in sealed(token, self._up, kind, body)
        ]
        self._site = byhand.own_site(FOLDER.parent, environment.host or "")
        judge = lambda order, mapping: fleet.unfit(order, mapping, self._site, byhand.secret_name(FOLDER.parent))  # noqa: E731
        self.member = Member(hello(), self._send, judge, time.monotonic, gevent.sleep)
        self._heard, self._said, self._gone = time.monotonic(), time.monotonic(), False
        runner.register_message(MESSAGE, self._take)
        environment.events.heartbeat_received.add_listener(self._alive)
        environment.events.quitting.add_listener(self._last_words)
        gevent.spawn(self.member.join, lambda: self._gone)
        gevent.spawn(self._watch)

    def _take(self, environment: Environment, msg: Any, **_: Any) -> None:
        try:
            parcel = self._box.take(msg.data)
        except Unsealed as no:
            self.member.refusal = self.member.refusal or str(no)
            return
        if parcel is not None:
            self.member.heard(*parcel)

    def _alive(self, **_: Any) -> None:
        self._heard = time.monotonic()

    def _watch(self) -> None:
        """Ends the process when it is refused, or when the master is heard no more."""
        while not self.member.refusal and time.monotonic() - self._heard < SILENCE:
            gevent.sleep(0.1)
        self._gone = True
        if not self.member.refusal:
            self.say(f"{SILENCE:.0f} 秒没有听到主控，工人自己结束。The master has gone silent: this worker ends.", 3)
        gevent.sleep(0.5)  # what was sent last must get there
        self.runner.quit()

    def _last_words(self, **_: Any) -> None:
        if self.member.refusal:
            self.say(self.member.refusal, 2)

    def order(self) -> Order | None:
        """What the master gave, at our own idea of the site; without a plan nothing is done."""
        order = self.member.order
        if order is None or self._site is None:
            self.member.refusal = self.member.refusal or (
                "主控没有给计划：它要用同一个 locustfile。The master gave no plan: it must use the same locustfile."
            )
            return None
        self.environment.host = order.site.url  # whatever else the master said: passwords go nowhere else
        self._cpu = time.process_time()
        byhand.divided_pace(order.workers)
        return fleet.at_home(order, self._site)

    def gate(self, floor: Floor) -> None:
        """Ready; waits for the others."""
        self.member.gate(floor)

    def beat(self, floor: Floor) -> None:
        """Once a second, what has come since."""
        self.member.obey(floor)
        if floor.measuring and time.monotonic() - self._said >= 1.0:
            self._said = time.monotonic()
            self.member.report(floor, time.process_time() - self._cpu)

    def end(self, floor: Floor, measured: Measured) -> None:
        """Hands in, and waits for the master to send everybody home."""
        self.member.hand_in(floor, measured)


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
        environment.dispatcher_class = lambda worker_nodes, user_classes: Dealer(self.roster, user_classes)
        runner.register_message(MESSAGE, self._take)
        environment.events.quitting.add_listener(self._last_words)
        if self.headless:
            patience, options.expect_workers_max_wait = options.expect_workers_max_wait or float("inf"), 0
            options.expect_workers = NEVER
            self._running = gevent.spawn(self._muster, patience)

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
        except AcceptanceError as reason:
            self._conclude(Measured(lost=(str(reason),)))
            self.runner.clients._worker_nodes.clear()  # Locust would begin with those that are there
        options.expect_workers = 0  # Locust, too, may begin

    def order(self) -> Order | None:
        """Hands the plan out, before Locust tells the workers to begin; nothing is done here."""
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
        if self._running is not None and self._running is not gevent.getcurrent():
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
