"""`launch`: starts a CRM that this program can start, and keeps it until Ctrl-C."""

from __future__ import annotations

import os
import secrets
import signal
import threading
from pathlib import Path
from typing import Annotated

import typer

from crm_acceptance.commands import options
from crm_acceptance.errors import WrongUse

HELP = """启动一个 CRM 并保持运行，直到 Ctrl-C。Start a CRM and keep it running until Ctrl-C.

密码取自环境变量 CRM_ACCEPTANCE_PASSWORD；没有则随机生成并显示。
The password comes from that variable, else a random one is shown.

例 examples:

  crm-acceptance launch refcrm --option size=500

  crm-acceptance launch tryton --port 8100
"""


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="launch", help=HELP)(command)


def command(
    system: Annotated[str, typer.Argument(help="系统名 which CRM, e.g. refcrm, tryton")],
    port: Annotated[int, typer.Option("--port", help="端口，0 为自动 port, 0: any", min=0, max=65535)] = 0,
    option: Annotated[list[str] | None, typer.Option("--option", help="KEY=VALUE 启动选项 launch option")] = None,
) -> None:
    """Prints the address, who works there, and where the password comes from."""
    from crm_acceptance.systems import CanLaunch, find

    found = find(system)
    if not isinstance(found, CanLaunch):
        raise WrongUse(f"{found.title} 不能由本工具启动。It cannot be launched from here.")
    told = os.environ.get("CRM_ACCEPTANCE_PASSWORD")
    password = told or secrets.token_urlsafe(9)
    over = _until_asked()
    with found.launch(
        port=port, password=password, options={**_profile_options(system), **options.pairs(option)}
    ) as site:
        print(f"{found.title}: {site.url}")
        _introduce()
        source = "环境变量 CRM_ACCEPTANCE_PASSWORD the environment variable" if told else f"{password}（随机 random）"
        print(f"密码 password: {source}\n按 Ctrl-C 停止 Ctrl-C stops it", flush=True)
        over.wait()
    print("已停止 stopped")


def _profile_options(system: str) -> dict[str, str]:
    from crm_acceptance import profile

    workspace = profile.find_workspace(Path.cwd())
    return dict(profile.load(workspace, system).launch) if workspace else {}


def _until_asked() -> threading.Event:
    over = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: over.set())
    return over


def _introduce() -> None:
    from crm_acceptance import catalogue, profile

    workspace = profile.find_workspace(Path.cwd())
    if workspace is not None:
        people = catalogue.load(profile.load(workspace)).people.values()
        print("人员 people: " + ", ".join(f"{one.name} {one.login} ({one.role})" for one in people))
