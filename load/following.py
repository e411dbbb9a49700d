"""A worker of Locust: ties engines/load/member.py to Locust's messages; goes home when it is refused or alone."""

from __future__ import annotations

import os
import time
from typing import Any

import gevent
from alone import FOLDER, MESSAGE, Alone, hello
from locust.env import Environment
from locust.runners import WorkerRunner

from crm_acceptance.engines.load import byhand, fleet
from crm_acceptance.engines.load.floor import Floor
from crm_acceptance.engines.load.member import Member
from crm_acceptance.engines.load.orders import Measured, Order
from crm_acceptance.engines.load.parcels import TOKEN, Letterbox, Unsealed, sealed
from crm_acceptance.errors import AcceptanceError
from crm_acceptance.model import Site

REPORTING = 0.5
"""Seconds between two reports to the master, which tells and judges every second."""
SILENCE = 10.0
"""Seconds without a heartbeat of the master after which a worker goes home."""


class Following(Alone):
    """The part of a worker."""

    def __init__(self, environment: Environment, runner: WorkerRunner) -> None:
        super().__init__(environment, runner)
        token = os.environ.get(TOKEN, "")
        self._up, self._box = f"{runner.client_id} up", Letterbox(token, f"{runner.client_id} down")
        self._send = lambda kind, body: [
            runner.send_message(MESSAGE, one) for one in sealed(token, self._up, kind, body)
        ]
        self._site, wrong = self._own(environment.host or "")
        judge = lambda order, mapping: fleet.unfit(order, mapping, self._site, byhand.secret_name(FOLDER.parent))  # noqa: E731
        self.member = Member(hello(), self._send, judge, time.monotonic, gevent.sleep, refusal=wrong)
        self._heard, self._said, self._gone = time.monotonic(), time.monotonic(), False
        runner.register_message(MESSAGE, self._take)
        environment.events.heartbeat_received.add_listener(self._alive)
        environment.events.quitting.add_listener(self._last_words)
        gevent.spawn(self.member.join, lambda: self._gone)
        gevent.spawn(self._watch)

    def _own(self, host: str) -> tuple[Site | None, str]:
        """The site that this machine may put under load, or why it may not."""
        try:
            return byhand.own_site(FOLDER.parent, host), ""
        except AcceptanceError as wrong:
            return None, str(wrong)

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

    def give_up(self, wrong: AcceptanceError) -> None:
        """Tells the master, and goes home."""
        self._send("unable", str(wrong))
        self.member.refusal = str(wrong)

    def gate(self, floor: Floor) -> None:
        """Ready; waits for the others."""
        self.member.gate(floor)

    def beat(self, floor: Floor) -> None:
        """Now and then, what has come since."""
        self.member.obey(floor)
        if floor.measuring and time.monotonic() - self._said >= REPORTING:
            self._said = time.monotonic()
            self.member.report(floor, time.process_time() - self._cpu)

    def end(self, floor: Floor, measured: Measured) -> None:
        """Hands in, and waits for the master to send everybody home. Locust's own figures go first: what comes after
        half a second, when everybody is sent home, it does not count."""
        self.environment.board.show()
        self.runner._send_stats()
        self.member.hand_in(floor, measured)
