"""Starts a generator, or a master and its workers, as processes, and ends every one of them; imports no Locust."""

from __future__ import annotations

import json
import math
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from crm_acceptance.engines.load.fleet import LOOPBACK, Fleet, parts
from crm_acceptance.engines.load.orders import VARIABLE, Order
from crm_acceptance.engines.load.parcels import TOKEN
from crm_acceptance.errors import Unproven, WrongUse
from crm_acceptance.manners import pace
from crm_acceptance.sites import SITE_ENV

GRACE = 20.0
"""Seconds after a worker has failed in which its master ends by itself, with what it knows."""
LOOK = 0.5
"""Seconds between two looks at a generator's process."""
HANDING_IN = 20.0
"""Seconds that a generator has to write down what it measured when it is called off."""
ANYWHERE = ("0.0.0.0", "::", "*")

Environment = Mapping[str, str]


@dataclass(frozen=True)
class Crowd:
    """A master's command and environment, and its workers' processes with the files that hold their words."""

    command: tuple[str, ...]
    environment: Environment
    workers: tuple[tuple[subprocess.Popen[bytes], Path], ...]

    def failed(self) -> str:
        """What a worker that ended badly said last; "" while none has."""
        for process, said in self.workers:
            if process.poll():
                return (
                    f"{process.pid}{_killed(process.returncode)}: {said.read_text('utf-8', 'replace').strip()[-300:]}"
                )
        return ""


@contextmanager
def crowd(
    fleet: Fleet, order: Order, command: Sequence[str], environment: Environment, folder: Path
) -> Iterator[Crowd]:
    """Within, the workers run and wait for the master that `command` becomes. WrongUse when the peak is too small for
    them, when the port is taken, or when others could join unasked."""
    parts(order, fleet.total)
    port, token = _port(fleet), _token(fleet, environment)
    where = ("--master-bind-host", fleet.bind, "--master-bind-port", str(port))
    waiting = ("--expect-workers", str(fleet.total), "--expect-workers-max-wait", str(math.ceil(fleet.patience)))
    worker = worker_command(
        command[command.index("-f") + 1], "127.0.0.1" if fleet.bind in ANYWHERE else fleet.bind, port
    )
    env = {key: value for key, value in environment.items() if key != VARIABLE}
    env |= {TOKEN: token, SITE_ENV: json.dumps(asdict(order.site)), **_pace(fleet)}
    with ExitStack() as ending:
        workers = []
        for n in range(fleet.workers):
            said = folder / f"worker-{n + 1}.log"
            with said.open("wb") as out:
                process = subprocess.Popen(worker, env=env, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
            ending.callback(end, process)
            workers.append((process, said))
        yield Crowd((*command, "--master", *where, *waiting), {**environment, TOKEN: token}, tuple(workers))
        _let_go([process for process, _ in workers])


def worker_command(locustfile: str | Path, host: str, port: int) -> list[str]:
    """One worker of Locust."""
    return [
        *(sys.executable, "-m", "locust", "-f", str(locustfile), "--worker", "--headless", "--only-summary"),
        *("--master-host", host, "--master-port", str(port), "--exit-code-on-error", "0", "--loglevel", "WARNING"),
    ]


def surroundings() -> dict[str, str]:
    """This process's environment without Locust's own variables: a LOCUST_RUN_TIME of somebody's shell ends a peak
    early, a LOCUST_TAGS leaves nobody to work in it."""
    return {name: value for name, value in os.environ.items() if not name.startswith("LOCUST_")}


_called_off = threading.Event()


@contextmanager
def interruptible() -> Iterator[None]:
    """Within, Ctrl-C and SIGTERM end the generator in order: what was measured until then is handed in, as a run that
    was broken off. Once called off, nothing more is begun."""
    names = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(name, lambda *_: _called_off.set()) for name in names]
    try:
        yield
    finally:
        for name, handler in zip(names, before, strict=True):
            signal.signal(name, handler)
        _called_off.clear()


def called_off() -> bool:
    """Whether Ctrl-C or SIGTERM came since `interruptible` was entered."""
    return _called_off.is_set()


def heard(
    command: Sequence[str], environment: Environment, limit: float, failed: Callable[[], str] = lambda: ""
) -> str:
    """Everything that the process said until it ended. Unproven when it does not end in time, when a worker has
    failed and the master has not noticed, or when the run was called off before."""
    if _called_off.is_set():
        raise Unproven("被中断，没有开始。Interrupted before it began.")
    process = subprocess.Popen(
        *(list(command),), env=dict(environment), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, errors="replace",
    )  # fmt: skip
    until, asked = time.monotonic() + limit, False
    try:
        while True:
            try:
                return process.communicate(timeout=LOOK)[0] + ("" if asked else _killed(process.returncode))
            except subprocess.TimeoutExpired:
                if _called_off.is_set() and not asked:
                    asked, until = True, min(until, time.monotonic() + HANDING_IN)
                    process.terminate()
                words = failed()
                until = min(until, time.monotonic() + GRACE) if words else until
                if time.monotonic() > until:
                    raise _unended(words, limit) from None
    finally:
        end(process)


def _killed(code: int) -> str:
    """Out of memory is told by nobody else."""
    return f"（被信号 {-code} 结束 killed by signal {-code}）" if code < 0 else ""


def _unended(words: str, limit: float) -> Unproven:
    if words:
        return Unproven(f"一个工人没有活下来。A worker did not survive. 它最后说 it said last: {words}")
    return Unproven(f"压测进程在 {limit:.0f} 秒内没有结束，已停止。The generator did not end in time.")


def end(process: subprocess.Popen[bytes] | subprocess.Popen[str]) -> None:
    """Asks it to end, then makes it."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _let_go(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """They were told to go home; whoever does not is ended by who started it."""
    until = time.monotonic() + 3.0
    for process in processes:
        try:
            process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            return


def _port(fleet: Fleet) -> int:
    """The port asked for, if it is free; any free one for 0."""
    host = "" if fleet.bind in ANYWHERE else fleet.bind
    try:
        family, _, _, _, address = socket.getaddrinfo(host or None, fleet.port, flags=socket.AI_PASSIVE)[0]
        with socket.socket(family, socket.SOCK_STREAM) as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind(address)
            return int(one.getsockname()[1])
    except OSError as taken:
        raise WrongUse(
            f"主控不能在 {fleet.bind}:{fleet.port} 上等工人：{taken.strerror or taken}。请换 --bind 或 --port。"
            "The master cannot listen there: choose another --bind or --port."
        ) from None


def _token(fleet: Fleet, environment: Environment) -> str:
    """What all members share. Beyond this machine it must be told; for workers that we start it is drawn."""
    told = environment.get(TOKEN, "")
    if not told and fleet.bind not in LOOPBACK:
        raise WrongUse(
            f"主控在 {fleet.bind} 上等工人，谁都能连：请在两边设置环境变量 {TOKEN}（同一个随机口令）。"
            f"Others could join: set {TOKEN} to the same random words on both sides."
        )
    return told or ("" if fleet.expect else secrets.token_urlsafe(16))


def _pace(fleet: Fleet) -> dict[str, str]:
    """Workers here share one count; those elsewhere have their own part of the allowance."""
    allowed = pace.told()
    if allowed is None or not fleet.expect:
        return {}
    share = fleet.workers / fleet.total
    part = replace(allowed, rate=allowed.rate * share, budget=int(allowed.budget * share))
    return {pace.PACE_ENV: json.dumps({**asdict(part), "file": str(part.file)})}
