"""`gate` and `report`: judge a finished run again, build its pages again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from crm_acceptance.commands import options
from crm_acceptance.errors import WrongUse
from crm_acceptance.profile import find_workspace

GATE_HELP = """只读运行目录，重新给出结论。Judge a run again from its folder alone.

例 examples:

  crm-acceptance gate                              最近一次 the latest run

  crm-acceptance gate reports/20261122-101500-refcrm
"""
REPORT_HELP = """重做网页和 Allure 报告。Build the page and the Allure report of a run again.

例 example:

  crm-acceptance report reports/20261122-101500-refcrm
"""
Run = Annotated[Path | None, typer.Argument(metavar="[RUN]", help="运行目录 run folder [默认最近一次 the latest]")]


def register(app: typer.Typer) -> None:
    """Adds both commands."""
    app.command(name="gate", help=GATE_HELP)(gate)
    app.command(name="report", help=REPORT_HELP)(report)


def gate(run: Run = None) -> None:
    """gate.json, index.html and the table; exit code of the decision."""
    from crm_acceptance.running.ending import conclude

    raise typer.Exit(conclude(folder_of(run), options.console(), allure=False))


def report(run: Run = None) -> None:
    """The same with the Allure report."""
    from crm_acceptance.running.ending import conclude

    raise typer.Exit(conclude(folder_of(run), options.console(), allure=True))


def folder_of(asked: Path | None) -> Path:
    """The run folder asked for, by path or by name, or the latest. WrongUse says what there is."""
    from crm_acceptance.running.folder import newest

    reports = (find_workspace(Path.cwd()) or Path.cwd()) / "reports"
    if asked is None:
        return newest(reports)
    for folder in (asked, reports / asked):
        if (folder / "run.json").is_file() or (folder / "expected").is_dir():
            return folder.resolve()
    known = ", ".join(sorted(path.parent.name for path in reports.glob("*/run.json"))[-10:]) or "(none)"
    raise WrongUse(f"没有这个运行目录 no such run: {asked}。已知 known: {known}。")
