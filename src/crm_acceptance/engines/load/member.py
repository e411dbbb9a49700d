"""A worker's side of a run by several: joins, prepares, begins when told, hands in; knows no Locust, no socket."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from crm_acceptance.engines.load import merging
from crm_acceptance.engines.load.fleet import Hello
from crm_acceptance.engines.load.floor import Floor
from crm_acceptance.engines.load.orders import Measured, Order, order_from_plain
from crm_acceptance.errors import Unproven

POLL = 0.01
"""Seconds between two looks whether something was said."""
AGAIN = 1.0
"""Seconds after which a hello that nobody answered is said again."""


@dataclass
class Member:
    """One worker; `send` (kind, body) to the master, `judge` says why an order (and the figure of its mapping)
    cannot be carried out here ("": it can), `clock`, `sleep`."""

    hello: Hello
    send: Callable[[str, Any], None]
    judge: Callable[[Order, str], str]
    clock: Callable[[], float]
    sleep: Callable[[float], object]
    welcome: bool = False
    refusal: str = ""
    order: Order | None = None
    _start: float | None = None
    _over: bool = False
    _told: tuple[int, int, int] = (0, 0, 0)
    stopped: str = ""

    def heard(self, kind: str, body: Any) -> None:
        """One parcel of the master."""
        _HEARD[kind](self, body)

    def join(self, gone: Callable[[], bool]) -> None:
        """Says hello until somebody answers or the master is `gone`."""
        while not (self.welcome or self.refusal or gone()):
            self.send("hello", asdict(self.hello))
            until = self.clock() + AGAIN
            while not (self.welcome or self.refusal) and self.clock() < until:
                self.sleep(POLL)

    def gate(self, floor: Floor) -> None:
        """Between preparing and the start: tells the master, waits for its word, sleeps until the moment."""
        self.send("ready", str(floor.problem or ""))
        if floor.problem is not None:
            return
        while self._start is None and not self._over:
            self.sleep(POLL)
        if self._start is None:
            floor.problem = floor.problem or Unproven("主控没有让开始。The master called the run off.")
        elif (early := self._start - self.clock()) > 0:
            self.sleep(early)

    def report(self, floor: Floor, cpu: float) -> None:
        """What has come since the last report."""
        samples, lags, pulses = self._told
        self._told = (len(floor.samples), len(floor.lags), len(floor.pulses))
        told = {
            "samples": merging.rows(floor.samples[samples : self._told[0]]),
            "late": [*floor.lags[lags : self._told[1]], *floor.pulses[pulses : self._told[2]]],
            "begun": floor.begun,
            "busy": floor.busy,
            "cpu": cpu,
        }
        self.send("report", told)

    def obey(self, floor: Floor) -> None:
        """Ends the floor's run when the master said so."""
        if self._over and not floor.over():
            floor.stop(self.stopped or "主控让停下。The master called the run off.")

    def hand_in(self, floor: Floor, measured: Measured) -> None:
        """The rest of the samples, then everything else; the clock of this machine says when its own started."""
        self.report(floor, measured.cpu)
        self.send("done", {
            "measured": merging.plain(measured),
            "histograms": merging.summed(measured.samples),
        })  # fmt: skip

    def _refused(self, sentence: str) -> None:
        self.refusal = sentence

    def _welcomed(self, _: Any) -> None:
        self.welcome = True

    def _ordered(self, body: Any) -> None:
        """A new order is a new run."""
        order = order_from_plain(body["order"])
        self.order, self._start, self._over, self._told, self.stopped = order, None, False, (0, 0, 0), ""
        sentence = self.judge(order, str(body["mapping"]))
        if sentence:
            self.order, self.refusal = None, sentence
            self.send("unable", sentence)

    def _go(self, at: Any) -> None:
        self._start = float(at)

    def _ping(self, asked: Any) -> None:
        self.send("pong", [asked, self.clock()])

    def _stop(self, sentence: Any) -> None:
        self._over, self.stopped = True, str(sentence)


_HEARD: Mapping[str, Callable[[Member, Any], None]] = {
    "refused": Member._refused,
    "welcome": Member._welcomed,
    "order": Member._ordered,
    "go": Member._go,
    "ping": Member._ping,
    "stop": Member._stop,
}
