"""How many workers there are, who may join, and which part of the plan is whose; sends nothing, waits for nobody."""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from crm_acceptance import __version__
from crm_acceptance.engines.load.orders import Order
from crm_acceptance.engines.load.stocking import SELLING
from crm_acceptance.engines.load.work import NEEDS, Arrival
from crm_acceptance.errors import WrongUse
from crm_acceptance.model import Site

PORT = 5557
"""Where the master listens for workers from elsewhere: Locust's own."""
PATIENCE = 120.0
"""Seconds in which all workers have to join."""
SKEW = 0.25
"""Seconds by which the clocks of two workers may have started apart, the uncertainty of that included."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Fleet:
    """`workers` started here and `expect` from elsewhere; none of both: the generator is one process, without a
    master. `bind`, `port`: where the master listens (0: any free port); `patience`: seconds for all to join."""

    workers: int = 0
    expect: int = 0
    bind: str = "127.0.0.1"
    port: int = 0
    patience: float = PATIENCE

    @property
    def total(self) -> int:
        """How many the master waits for."""
        return self.workers + self.expect


@dataclass(frozen=True)
class Hello:
    """Who a worker is: what must be equal on both sides, and where it runs."""

    version: str
    workspace: str
    host: str
    pid: int

    @property
    def name(self) -> str:
        """For people: the machine and the process."""
        return f"{self.host} pid {self.pid}"


def hello(folder: Path, site: Site | None) -> Hello:
    """This process, whose locustfile lies in `folder`."""
    return Hello(__version__, digest(folder, site), socket.gethostname(), os.getpid())


def digest(folder: Path, site: Site | None) -> str:
    """What a peak does, as one figure: all of load/ and the description of the CRM; line endings say nothing."""
    mapping = Path(site.mapping) if site and site.mapping else None
    files = [path for ending in ("py", "toml", "feature") for path in folder.glob(f"*.{ending}")]
    found = hashlib.sha256()
    for file in [*sorted(files, key=lambda path: path.name), *([mapping] if mapping else [])]:
        text = file.read_bytes().replace(b"\r\n", b"\n")
        found.update(f"{file.name} {hashlib.sha256(text).hexdigest()}\n".encode())
    return found.hexdigest()


def refusal(ours: Hello, theirs: Hello) -> str:
    """Why this worker may not join; "" when it may."""
    if theirs.version != ours.version:
        return (
            f"工人 {theirs.name} 的版本是 {theirs.version}，主控是 {ours.version}：请装成一样的版本。"
            "Worker and master have different versions: install the same one."
        )
    if theirs.workspace != ours.workspace:
        return (
            f"工人 {theirs.name} 的 load/ 或映射文件和主控的不一样：请用同一份工作区。"
            "The worker's load/ or mapping file differs from the master's: use the same workspace."
        )
    return ""


def hands(users: int, index: int, workers: int) -> int:
    """How many of the peak's hands are this worker's."""
    return len(range(index, users, workers))


def part(arrivals: Sequence[Arrival], index: int, workers: int) -> tuple[Arrival, ...]:
    """Every so-many-th arrival; in a closed loop whole hands, whose things are done one after another."""
    return tuple(one for n, one in enumerate(arrivals) if (n if one.hand < 0 else one.hand) % workers == index)


def parts(order: Order, workers: int) -> tuple[Order, ...]:
    """The order of each worker: together exactly the plan of one. WrongUse when there is too little to divide."""
    if order.users < workers or len(order.arrivals) < workers:
        raise WrongUse(
            f"{workers} 个工人分不了 {order.users} 个人手、{len(order.arrivals)} 件事：请减少 --workers。"
            f"Too little for {workers} workers: ask for fewer."
        )
    return tuple(_part(order, index, workers) for index in range(workers))


def _part(order: Order, index: int, workers: int) -> Order:
    mine = part(order.arrivals, index, workers)
    verbs, who = {one.verb for one in mine}, {one.person for one in mine}
    if verbs & NEEDS.keys() and not verbs & set(SELLING) - {"lead.create"}:
        raise WrongUse(
            f"分给 {workers} 个工人以后，第 {index + 1} 个没有销售的动作，备不了客户：请减少 --workers。"
            "One part has nobody who sells, so no customer to work on: ask for fewer workers."
        )
    people = tuple(one for one in order.people if one.key in who)
    return replace(
        *(order,), arrivals=mine, people=people, users=hands(order.users, index, workers),
        index=index, workers=workers, results="", live="", stops=(),
    )  # fmt: skip


def missing_passwords(order: Order, known: Sequence[str], variable: str) -> str:
    """The sentence about people whose password this machine does not have; "" when it has all."""
    silent = [f"{variable}_{one.key.upper()}" for one in order.people if one.key not in known]
    if not silent:
        return ""
    return (
        f"这台工人机没有密码：请设置环境变量 {'、'.join(silent[:5])}，或共用的 {variable}。"
        f"This worker has no password: set {silent[0]} or {variable}."
    )
