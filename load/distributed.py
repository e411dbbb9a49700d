"""Before Locust starts anything: which part this process has in a run, alone or as one of several."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

import gevent
from alone import Alone
from following import Following
from leading import Leading
from locust import events, runners
from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner

runners.CONNECT_RETRY_COUNT = 6  # times 5 s; Locust's own worker looks for its master for five minutes
runners.HEARTBEAT_LIVENESS = 6  # seconds: who is only starved is told so, not called lost


@events.init_command_line_parser.add_listener
def stay_here(parser: Any, **_: Any) -> None:
    """Locust's own page and master listen on every interface unless told otherwise; ours on this machine only."""
    parser.set_defaults(web_host="127.0.0.1", master_bind_host="127.0.0.1")


@events.init.add_listener
def join(environment: Environment, runner: Any, **_: Any) -> None:
    """Before anything starts: a master listens, a worker introduces itself, one process alone does neither."""
    kinds: tuple[tuple[type, Callable[..., Alone]], ...] = ((MasterRunner, Leading), (WorkerRunner, Following))
    environment.floor = None
    environment.part = next((part(environment, runner) for kind, part in kinds if isinstance(runner, kind)), None)
    environment.part = environment.part or Alone(environment, runner)


@events.init.add_listener
def heed_the_keyboard(**_: Any) -> None:
    """Ctrl-C ends Locust whatever it is doing: one that fell into an answer of its web page was lost there."""
    gevent.signal_handler(signal.SIGINT, _called_off)


def _called_off() -> None:
    raise KeyboardInterrupt  # the hub hands it to the main greenlet
