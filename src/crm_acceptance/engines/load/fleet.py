"""How many workers there are, who may join, and which part of the plan is whose; sends nothing, waits for nobody."""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from crm_acceptance import __version__
from crm_acceptance.engines.load.orders import Order
from crm_acceptance.engines.load.schedule import part
from crm_acceptance.engines.load.stocking import helper
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


ALONE = Fleet()


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


def hello(folder: Path, beside: str = "") -> Hello:
    """This process, whose locustfile lies in `folder`; `beside`: what else must have the same version."""
    return Hello(f"{__version__} {beside}".strip(), digest(folder), socket.gethostname(), os.getpid())


def read_hello(told: Mapping[str, Any]) -> Hello:
    """What a worker says of itself, though another version may say more or less."""
    words = {name: str(told.get(name, "?")) for name in ("version", "workspace", "host")}
    return Hello(**words, pid=told["pid"] if isinstance(told.get("pid"), int) else 0)


def digest(folder: Path) -> str:
    """What a peak does, as one figure: all of load/; line endings say nothing."""
    files = [path for ending in ("py", "toml", "feature") for path in folder.glob(f"*.{ending}")]
    told = "".join(f"{file.name} {_file(file)}\n" for file in sorted(files, key=lambda path: path.name))
    return hashlib.sha256(told.encode()).hexdigest()


def mapping(site: Site) -> str:
    """The description of the CRM as one figure, "" where it has none."""
    return _file(Path(site.mapping)) if site.mapping else ""


def _file(path: Path) -> str:
    return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()


def refusal(ours: Hello, theirs: Hello) -> str:
    """Why this worker may not join; "" when it may."""
    if theirs.version != ours.version:
        return (
            f"工人 {theirs.name} 的版本是 {theirs.version}，主控是 {ours.version}：请装成一样的版本。"
            "Worker and master have different versions: install the same one."
        )
    if theirs.workspace != ours.workspace:
        return (
            f"工人 {theirs.name} 的 load/ 和主控的不一样：请用同一份工作区。"
            "The worker's load/ differs from the master's: use the same workspace."
        )
    return ""


def hands(users: int, index: int, workers: int) -> int:
    """How many of the peak's hands are this worker's."""
    return len(range(index, users, workers))


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
    who = {one.person for one in mine}
    own = (one for one in order.people if one.key in who)
    people = tuple(dict.fromkeys((*own, *helper(mine, order.people))))
    return replace(
        *(order,), arrivals=mine, people=people, users=hands(order.users, index, workers),
        index=index, workers=workers, results="", live="", stops=(),
    )  # fmt: skip


def unfit(order: Order, described: str, own: Site | None, variable: str) -> str:
    """Why a worker that may load `own` cannot carry out the order: another site, another description of the CRM
    (`described`: the master's), no password (`variable` names the shared one); "" when it can. Its environment holds
    the passwords, and whoever gives orders must not be able to send them elsewhere."""
    if own is None or own.url != order.site.url:
        allowed = own.url if own else "没有说 nothing"
        return (
            f"主控要压 {order.site.url}，这台工人机只许压 {allowed}：请用 --site（或 --host）说明站点。"
            "The master's site is not the one this worker was told: give --site (by hand: --host)."
        )
    if order.site.system and (order.site.system != own.system or described != mapping(own)):
        return (
            f"主控压的是 {order.site.system}，这台工人机是 {own.system}，或者映射文件不一样：请用同一份工作区。"
            "Another system or another mapping file than the master's: use the same workspace."
        )
    silent = [one.key.upper() for one in order.people if one.key and not password(one.key)]
    if silent:
        return (
            f"这台工人机没有密码：请设置环境变量 {'、'.join(f'{variable}_{one}' for one in silent[:5])}，"
            f"或共用的 {variable}。This worker has no password: set {variable}_{silent[0]} or {variable}."
        )
    return ""


def at_home(order: Order, own: Site) -> Order:
    """The order with this machine's own files."""
    return replace(order, site=replace(own, system=order.site.system, mapping=own.mapping if order.site.system else ""))


def password(key: str) -> str:
    """Passwords come from the environment only."""
    shared = os.environ.get("CRM_ACCEPTANCE_PASSWORD", "")
    return os.environ.get(f"CRM_ACCEPTANCE_PASSWORD_{key.upper()}", shared)
