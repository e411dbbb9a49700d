"""`doctor`: says what this machine lacks, and installs it when asked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from crm_acceptance.commands import options
from crm_acceptance.profile import find_workspace

HELP = """检查浏览器、字体、Node、Allure、报告目录；缺什么说什么。Say what this machine lacks, one sentence each.

例 examples:

  crm-acceptance doctor

  crm-acceptance doctor --install
"""


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="doctor", help=HELP)(command)


def command(
    install: Annotated[bool, typer.Option("--install", help="安装缺少的 install what is missing")] = False,
) -> None:
    """Exit code 2 when something needed is missing."""
    from crm_acceptance.tools import doctor

    console = options.console()
    if install:
        doctor.install(lambda line: console.print(escape(line), highlight=False))
    found = doctor.diagnose((find_workspace(Path.cwd()) or Path.cwd()) / "reports")
    for one in found:
        mark = "[green]✓[/]" if one.ok else "[red]✗[/]" if one.needed else "[yellow]![/]"
        fix = f" → {one.fix}" if one.fix and not one.ok else ""
        console.print(f"{mark} {escape(one.sentence + fix)}", highlight=False)
    raise typer.Exit(2 if any(one.needed and not one.ok for one in found) else 0)
