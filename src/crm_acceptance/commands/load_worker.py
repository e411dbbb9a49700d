"""`load worker`: one worker of a peak whose master is elsewhere; what it does is in the workspace's locustfile."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_acceptance.commands import options
from crm_acceptance.errors import Unproven, WrongUse

if TYPE_CHECKING:
    from crm_acceptance.model import Site
    from crm_acceptance.profile import Profile

HELP = """在这台机器上当一个工人，听主控的。Be one worker of a peak; its master is elsewhere.

主控：crm-acceptance load --peak … --expect N --bind 地址。密码用这台机器自己的环境变量。
Passwords come from this machine's own environment; the peak comes from the master.

退出码 exit codes: 0 做完了 done · 2 用法错误、被主控拒绝 wrong use, refused · 3 找不到或失去主控 no master

例 examples:

  crm-acceptance load worker --master 10.0.0.5 --site https://crm-test.example.com

  crm-acceptance load worker --master load-master --port 5557 --patience 300
"""
POLL = 0.5


def register(group: typer.Typer) -> None:
    """Adds the command to the group `load`."""
    group.command(name="worker", help=HELP)(command)


def command(
    master: Annotated[str, typer.Option("--master", help="主控的主机名或地址 the master's host")],
    port: Annotated[int, typer.Option("--port", help="主控的端口 its port", min=1, max=65535)] = 5557,
    site: Annotated[str, typer.Option("--site", help="只许压这个站点 the only site [默认 profile's]")] = "",
    system: Annotated[str, typer.Option("--system", help="哪个系统 which CRM [默认 profile's]")] = "",
    out: Annotated[Path, typer.Option("--out", help="写下创建了什么 journal of what it creates")] = Path(
        "reports/load-worker"
    ),
    patience: Annotated[float, typer.Option("--patience", help="等主控几秒 seconds to wait for it", min=1)] = 120.0,
) -> None:
    """Joins, works, hands in, ends."""
    from crm_acceptance import profile as profiles
    from crm_acceptance import sites
    from crm_acceptance.manners.guest import guest
    from crm_acceptance.model import Site

    profile = profiles.load(options.workspace(), system or None)
    profile = profiles.at_site(profile, site) if site else profile
    _refuse_recklessness(profile, master)
    sites.guard(profile)
    own = sites.described(Site(profile.system, profile.url, profile.kind), profile)
    _found(master, port, patience)
    with guest(profile, own, out):
        code = _worked(profile, own, master, port)
    raise typer.Exit(code)


def _refuse_recklessness(profile: Profile, master: str) -> None:
    """Passwords go to no site that only the master has named, nor at the word of a master who may be anybody."""
    from crm_acceptance.engines.load.fleet import LOOPBACK
    from crm_acceptance.engines.load.parcels import TOKEN

    if not profile.url:
        raise WrongUse(
            "工人要知道站点，不能只听主控的：请用 --site 或 [site] url。"
            "A worker must know the site itself: give --site or [site] url."
        )
    if master not in LOOPBACK and not os.environ.get(TOKEN):
        raise WrongUse(
            f"主控在 {master}，谁都能冒充：请在两边设置环境变量 {TOKEN}（同一个随机口令）。"
            f"Anybody could pretend to be the master: set {TOKEN} to the same random words on both sides."
        )


def _found(master: str, port: int, patience: float) -> None:
    """Waits until somebody listens there."""
    until, said = time.monotonic() + patience, ""
    while True:
        try:
            socket.create_connection((master, port), timeout=5).close()
            return
        except OSError as no:
            said = no.strerror or str(no)
        if time.monotonic() > until:
            raise Unproven(
                f"{patience:g} 秒内没有找到主控 {master}:{port}（{said}）。No master there: is it running, "
                "with --expect and --bind, and may this machine reach it?"
            )
        time.sleep(POLL)


def _worked(profile: Profile, own: Site, master: str, port: int) -> int:
    """The exit code of Locust's worker, which ends with this process."""
    from crm_acceptance.engines.load import starting

    locustfile = profile.workspace / "load" / "locustfile.py"
    if not locustfile.is_file():
        raise WrongUse(f"工作区里没有 {locustfile}。The workspace holds no load/locustfile.py: `crm-acceptance init`.")
    worker = subprocess.Popen(starting.worker_command(locustfile, master, port), env=_environment(profile, own))
    try:
        with _told_to_end():
            code = worker.wait()
    finally:
        starting.end(worker)
    return code if code in (0, 2, 3) else Unproven.exit_code


def _environment(profile: Profile, own: Site) -> Mapping[str, str]:
    """Everybody's password that this machine has, the site, and that requests are counted here alone."""
    import json
    from dataclasses import asdict

    from crm_acceptance import catalogue, vault
    from crm_acceptance.engines.load import starting
    from crm_acceptance.engines.load.byhand import APART
    from crm_acceptance.sites import SITE_ENV

    found = {
        f"CRM_ACCEPTANCE_PASSWORD_{key.upper()}": vault.find(f"{profile.password}_{key.upper()}")
        or vault.find(profile.password)
        for key in catalogue.load(profile).people
    }
    secrets = {name: secret for name, secret in found.items() if secret}
    return {**starting.surroundings(), **secrets, SITE_ENV: json.dumps(asdict(own)), APART: "1"}


@contextmanager
def _told_to_end() -> Iterator[None]:
    """SIGTERM is what Kubernetes says: it ends the worker, too."""

    def leave(*_: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
