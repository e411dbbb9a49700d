"""What a Locust process does in a run when it is the whole generator; following.py and leading.py: one of several."""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path
from typing import Any

import gevent
import locust
from locust.env import Environment

from crm_acceptance.engines.load import byhand, fleet
from crm_acceptance.engines.load.floor import Floor
from crm_acceptance.engines.load.live import Pulse
from crm_acceptance.engines.load.orders import VARIABLE, Measured, Order, read_order, write_measured
from crm_acceptance.errors import AcceptanceError

FOLDER = Path(__file__).resolve().parent
MESSAGE = "crm_acceptance"
"""The kind of Locust's messages that carry our parcels."""
_log = logging.getLogger("crm_acceptance.load")


def order_of(environment: Environment) -> Order:
    """The order that the harness wrote; without one, the first peak of the workspace that this file lies in."""
    if VARIABLE in os.environ:
        return read_order(Path(os.environ[VARIABLE]))
    return byhand.order(FOLDER.parent, environment.host or "")


def hello() -> fleet.Hello:
    """Who this process is, with the version of Locust: both sides must speak alike."""
    return fleet.hello(FOLDER, f"Locust {locust.__version__}")


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

    def give_up(self, wrong: AcceptanceError) -> None:
        """Nothing can be begun: whoever reads and whoever waits for results is told why."""
        self.say(str(wrong), wrong.exit_code)
        if VARIABLE in os.environ:
            results = read_order(Path(os.environ[VARIABLE])).results
            write_measured(Path(results), Measured(problem=str(wrong), unreachable=wrong.exit_code == 4))
        gevent.spawn(self.runner.quit if self.headless else self.runner.stop)

    def say(self, sentence: str, code: int) -> None:
        """Tells people, and how the process will end."""
        _log.error(sentence)
        self.environment.process_exit_code = code
